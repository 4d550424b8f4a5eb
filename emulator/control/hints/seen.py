"""What the rules of hints look at: one exchange, what came before it, and how the emulator is set.

Everything is read from the recorded exchange when the journal is read: requests pay nothing.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from emulator.auth.keys import inner_key
from emulator.control.hints.history import Past
from emulator.core.errors import BadRequestError
from emulator.core.exchange import Exchange
from emulator.core.routes import parameter
from emulator.service.ttl import parse_ttl

_KEYS_REMEMBERED = 64


class Setting(NamedTuple):
    """What hints depend on beside the revision: whether the limits of stores are enforced, and the
    size in bytes from which on an object is not cached."""

    enforces_limits: bool
    cache_max_object_bytes: int


class Seen:
    """A request that was answered, or still runs. Names of headers are in lower case."""

    def __init__(self, exchange: Exchange, past: Past, setting: Setting) -> None:
        self.exchange = exchange
        self.operation = exchange.operation
        self.status = exchange.status
        self.past = past
        self.setting = setting
        self.headers: dict[bytes, list[bytes]] = {}
        for name, value in exchange.request_headers:
            self.headers.setdefault(name.lower(), []).append(value)

    @property
    def is_success(self) -> bool:
        """Whether it was answered as asked."""
        return self.status is not None and 200 <= self.status < 300

    def values(self, name: bytes) -> Sequence[bytes]:
        """Return the values of a header of the request."""
        return self.headers.get(name, ())

    def text(self, name: bytes) -> str:
        """Return the last value of a header of the request in lower case, or nothing."""
        values = self.values(name)
        return values[-1].decode("latin-1").lower() if values else ""

    def answered(self, name: str) -> str | None:
        """Return a header of the answer."""
        headers = self.exchange.response_headers
        for each in headers or ():
            if each.lower() == name:
                return None if headers is None else headers[each]
        return None

    @property
    def ttl_seconds(self) -> int | None:
        """The TTL that a Put asked for; None without one."""
        query = self.exchange.target.partition("?")[2]
        try:
            return parse_ttl(parameter(query, "ttl_seconds"))
        except BadRequestError:  # The target was changed, as it showed a credential.
            return None

    @property
    def authorization(self) -> str:
        """The first ``Authorization`` header, or nothing."""
        shown = self.operation.credentials.authorization
        return shown[0] if shown else ""

    @property
    def seconds_to_expiry(self) -> float | None:
        """For how long the API key was still valid when the request came. None for a key without
        an end, for a disposable token, which is meant to be short-lived, and for what is no key."""
        expires_at = key_expiry(self.authorization)
        return None if expires_at is None else expires_at - self.operation.started_at / 1_000_000


@lru_cache(maxsize=_KEYS_REMEMBERED)
def key_expiry(presented: str) -> int | None:
    """Return when an API key expires by what it says itself, in seconds since the Unix epoch."""
    key = inner_key(presented)
    if key is None:
        return None
    payload = key.split(".")[1]
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    if not isinstance(claims, dict) or "permissions" in claims:
        return None
    expires_at = claims.get("exp")
    return expires_at if isinstance(expires_at, int) else None
