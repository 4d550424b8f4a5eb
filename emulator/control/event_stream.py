"""The stream of events: calls of the journal as they end, and entries of access logs (D158).

It reads the journal and the logs some times a second while somebody listens, and costs requests
nothing. A listener holds numbers, not calls: what the journal has dropped is told as a number.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping

from emulator.control.answer import EventStream
from emulator.control.call_filter import CallFilter
from emulator.control.journal import Journal
from emulator.control.journal_follower import JournalFollower
from emulator.control.telemetry import Telemetry
from emulator.core.documents import invalid
from emulator.core.event_loop import wait_for
from emulator.core.one_line import json_in_one_line
from emulator.core.private import monotonic
from emulator.core.revisions import Revision
from emulator.core.slices import Pace
from emulator.telemetry.log_follower import LogFollower

LOOK_SECONDS = 0.2
"""How long after its end a call is told at the latest, in real time."""

HEARTBEAT_SECONDS = 10.0
"""After how much real time without an event there is a comment."""

_RETRY = "retry: 1000\n\n"
"""When a browser is to connect again, in milliseconds."""

_EVENT_ID = re.compile(r"[0-9]{1,18}")


class Events:
    """Tells any number of listeners what happens.

    Args:
        state_changes: returns how often the whole state was replaced.
    """

    def __init__(
        self,
        journal: Journal,
        telemetry: Telemetry,
        state_changes: Callable[[], int],
        *,
        revision: Revision,
    ) -> None:
        self._journal = journal
        self._telemetry = telemetry
        self._state_changes = state_changes
        self._revision = revision
        self._over = asyncio.Event()

    def stop(self) -> None:
        """End every stream: the emulator stops."""
        self._over.set()

    async def follow(
        self,
        conditions: Mapping[str, object],
        *,
        since: int | None = None,
        last_id: str | None = None,
        logs: str | None = None,
        calls: object = None,
    ) -> EventStream:
        """Begin a stream of the calls that fulfil the conditions.

        It begins behind the call of the number ``last_id``, which a client that was here before has
        had, or ``since``; without them, now. ``logs`` is a log group, or ``*`` for all. With
        ``calls="false"`` there are only log entries.

        Raises:
            BadRequestError: a condition or a value is not valid.
            NotFoundError: the revision has no access logs, or there is no such log group.
        """
        wanted = CallFilter(conditions, self._revision)
        if calls not in (None, "true", "false"):
            invalid("calls", "it must be true or false")
        if last_id is not None:
            since = int(last_id) if _EVENT_ID.fullmatch(last_id) else None
        log_follower = None if logs is None else await self._log_follower(logs)
        follower = None if calls == "false" else JournalFollower(self._journal, since)
        return EventStream(self._pieces(wanted, follower, log_follower))

    async def _log_follower(self, logs: str) -> LogFollower:
        if logs == "*":
            await self._telemetry.log_groups()
            return self._telemetry.follow(None)
        await self._telemetry.log(logs)
        return self._telemetry.follow(logs)

    async def _pieces(
        self, wanted: CallFilter, calls: JournalFollower | None, logs: LogFollower | None
    ) -> AsyncIterator[str]:
        yield _RETRY
        told_at, changes = monotonic(), self._state_changes()
        while True:
            if self._state_changes() != changes:
                changes = self._state_changes()
                yield _event("cleared", {"journal": False})
                told_at = monotonic()
            if calls is not None:
                async for piece in self._calls(wanted, calls):
                    yield piece
                    told_at = monotonic()
            if logs is not None:
                async for piece in _entries(logs):
                    yield piece
                    told_at = monotonic()
            if monotonic() - told_at >= HEARTBEAT_SECONDS:
                yield ":\n\n"
                told_at = monotonic()
            else:
                yield ""
            if await self._is_over(LOOK_SECONDS):
                return

    async def _calls(self, wanted: CallFilter, follower: JournalFollower) -> AsyncIterator[str]:
        """Yield what the journal has that was not told."""
        news, pace = follower.look(), Pace()
        if news.is_cleared:
            yield _event("cleared", {"journal": True})
        await self._journal.prepare()
        lost = news.lost
        for number in news.ended:
            exchange = follower.exchange(number)
            if exchange is None:
                lost += 1
                continue
            call = self._journal.call_of(number, exchange)
            del exchange  # It is not held while a client does not read.
            if wanted.matches(call):
                yield _event("call", call.document(), number)
            await pace.step()
        if lost:
            yield _event("dropped", {"count": lost})

    async def _is_over(self, seconds: float) -> bool:
        """Wait; return whether the emulator stops."""
        try:
            await wait_for(self._over.wait(), seconds)
        except asyncio.TimeoutError:
            return False
        return True


async def _entries(follower: LogFollower) -> AsyncIterator[str]:
    """Yield the entries of access logs that were not told."""
    pace = Pace()
    for log_group, lost in follower.lost():
        yield _event("dropped", {"count": lost, "log_group": log_group})
    for log_group, entry in follower.entries():
        yield _event("log", {"log_group": log_group, "entry": entry})
        await pace.step()


def _event(name: str, data: Mapping[str, object], number: int | None = None) -> str:
    numbered = "" if number is None else f"id: {number}\n"
    document = json_in_one_line(json.dumps(data, ensure_ascii=False))
    return f"{numbered}event: {name}\ndata: {document}\n\n"
