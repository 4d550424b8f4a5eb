"""An overview of a running emulator: where it is, how it does, and what it has been asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from emulator.auth.system_roles import SYSTEM_ROLES
from emulator.control.call import milliseconds
from emulator.control.clock import ClockControl
from emulator.control.journal import Journal
from emulator.control.tier_counters import TierCounters
from emulator.core.clock import Clock
from emulator.core.exchange import Exchange
from emulator.core.private import monotonic
from emulator.core.revisions import Feature, Revision
from emulator.core.version import __version__

RECENT_SECONDS = 10
"""For how much real time requests count as recent."""

_NANOSECONDS = 1_000_000_000

_NAMED: Mapping[str, Feature] = {
    "access_logs": Feature.ACCESS_LOGS,
    "metrics": Feature.METRICS,
    "immutable_store_fields": Feature.IMMUTABLE_STORE_FIELDS,
    "tags": Feature.TAGS,
    "limits": Feature.LIMITS,
    "delete": Feature.DELETE_OBJECT,
    "ephemeral": Feature.EPHEMERAL_OBJECTS,
    "read_concern": Feature.READ_CONCERN,
    "request_ids": Feature.REQUEST_ID,
    "cors": Feature.CORS,
    "endpoints": Feature.ENDPOINTS,
}
"""Features that only some revisions have, by their names in the overview."""

_OF_EVERY_REVISION = ("clusters",)

_TIERS = ("cache", "storage", "account")


class Reached(NamedTuple):
    """How clients reach the emulator: its URLs, the variables that lead them there, and the first
    keys, by role; None where only a key's digest is stored."""

    endpoint: str
    tls_endpoint: str | None
    environment: Mapping[str, str]
    api_keys: Mapping[str, str | None]


class Overview:
    """Describes a running emulator.

    Args:
        reached: returns how clients reach it.
        health: returns the body of the health.
        started: the real time of its start, in seconds.
        has_limits: whether the limits of stores are enforced.
    """

    def __init__(
        self,
        reached: Callable[[], Reached],
        health: Callable[[], Awaitable[Mapping[str, Any]]],
        clock: Clock,
        journal: Journal,
        counters: TierCounters,
        *,
        revision: Revision,
        started: float,
        has_limits: bool,
    ) -> None:
        self._reached = reached
        self._health = health
        self._clock = clock
        self._journal = journal
        self._counters = counters
        self._revision = revision
        self._started = started
        self._has_limits = has_limits

    async def describe(self) -> dict[str, Any]:
        """Return the overview as a JSON object."""
        reached, health = self._reached(), await self._health()
        tls = {} if reached.tls_endpoint is None else {"tls_endpoint": reached.tls_endpoint}
        return {
            "endpoint": reached.endpoint,
            **tls,
            "version": __version__,
            "revision": self._revision.date,
            "uptime_seconds": monotonic() - self._started,
            "clock": ClockControl(self._clock).describe(),
            "tiers": {name: health[name] for name in _TIERS},
            "limits": self._has_limits,
            "requests": self._journal.count,
            "dropped": self._journal.dropped,
            "recent": self._recent(),
            "counts": self._counters.counts(),
            "keys": [
                {"role": SYSTEM_ROLES[role].role_name, "name": role, "api_key": key}
                for role, key in reached.api_keys.items()
            ],
            "environment": dict(reached.environment),
            "features": [
                *(name for name, feature in _NAMED.items() if self._revision.has(feature)),
                *_OF_EVERY_REVISION,
            ],
        }

    def _recent(self) -> dict[str, Any]:
        """Count the requests that have begun in the last seconds, and have ended."""
        begun = self._clock.ticks() - RECENT_SECONDS * _NANOSECONDS
        ended = [each for each in self._journal.since(begun) if each.ended]
        by_status = Counter(f"{each.status // 100}xx" for each in ended if each.status)
        spent = sorted((each.ended - each.begun) // 1000 for each in ended)
        return {
            "seconds": RECENT_SECONDS,
            "requests": len(ended),
            "errors": sum(map(_is_error, ended)),
            "by_status": dict(sorted(by_status.items())),
            "p50_ms": milliseconds(_percentile(spent, 50)),
            "p99_ms": milliseconds(_percentile(spent, 99)),
        }


def _is_error(exchange: Exchange) -> bool:
    """Whether a request has met a failure, a limit, or the end of its connection."""
    status = exchange.status
    return status is None or status >= 500 or status == 429 or not exchange.whole


def _percentile(ordered: Sequence[int], percent: int) -> int | None:
    """Return the least value that so many percent do not exceed; None without values."""
    if not ordered:
        return None
    return ordered[-(-len(ordered) * percent // 100) - 1]
