"""Handle of the journal."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from emulator.core.errors import FailedPreconditionError
from emulator.core.instants import as_json
from emulator.handles.run import Handle, Run, save_text

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from emulator.control.call import Call
    from emulator.control.conditions import CallConditions
    from emulator.control.hints.hint import Hint
    from emulator.control.journal import Journal
    from emulator.control.parts import Control
    from emulator.handles.following_hints import FollowingHints


__tracebackhide__ = True  # pytest shows the line of the test that called.


class JournalHandle(Handle):
    """The requests that the service has received, and their answers.

    Conditions have the names of the fields of ``Call``: ``operation``, ``method``, ``target``,
    ``store``, ``key``, ``key_id``, ``role``, ``address`` and ``outcome`` take a pattern with ``*``
    and ``?``; ``status`` a number or a class as in ``"4xx"``; ``request_size``, ``response_size``,
    ``object_age_ms``, ``first_byte_ms`` and ``duration_ms`` a number, also with ``min_`` or
    ``max_`` in front; ``fault`` and ``hint`` a pattern; ``complete`` and ``running`` a boolean;
    ``request_header`` and ``response_header`` a name, or ``"name: pattern"``; ``since`` and
    ``until`` an instant on the emulator's clock, in seconds since the Unix epoch, in ISO 8601, or
    as a ``datetime`` with a UTC offset.
    """

    def __init__(self, run: Run, endpoint: Callable[[], str]) -> None:
        super().__init__(run)
        self._endpoint = endpoint

    def calls(self, **conditions: Unpack[CallConditions]) -> list[Call]:
        """Return the calls that match the conditions, the oldest first.

        Raises:
            ValueError: a condition is not valid.
        """
        plain = _plain(conditions)
        return self._run(lambda control: control.journal.calls(plain))

    def last(self, **conditions: Unpack[CallConditions]) -> Call:
        """Return the last call that matches the conditions.

        Raises:
            ValueError: a condition is not valid.
            LookupError: no call matches.
        """
        calls = self.calls(**conditions)
        if not calls:
            raise LookupError("no call in the journal matches")
        return calls[-1]

    def assert_called(
        self, *, times: int | None = None, **conditions: Unpack[CallConditions]
    ) -> None:
        """Check that exactly ``times`` calls match the conditions, or without it at least one.

        Raises:
            AssertionError: another number of calls matches. The message lists the nearest calls.
            ValueError: a condition is not valid.
        """
        complaint = self._run(
            lambda control: _complaint(control.journal, _plain(conditions), times)
        )
        if complaint is not None:
            raise AssertionError(complaint)

    def assert_not_called(self, **conditions: Unpack[CallConditions]) -> None:
        """Check that no call matches the conditions.

        Raises:
            AssertionError: a call matches. The message lists the matching calls.
            ValueError: a condition is not valid.
        """
        self.assert_called(times=0, **conditions)

    @property
    def count(self) -> int:
        """The number of calls since the journal was cleared, dropped ones included."""
        return self._ask(lambda control: control.journal.count)

    @property
    def dropped(self) -> int:
        """The number of calls dropped since the journal was cleared: the oldest ones."""
        return self._ask(lambda control: control.journal.dropped)

    def clear(self) -> None:
        """Forget every call."""
        self._ask(lambda control: control.journal.clear())

    def to_json_lines(
        self, path: str | Path | None = None, **conditions: Unpack[CallConditions]
    ) -> str:
        """Return the calls as JSON Lines, and write them to ``path`` if it is given.

        Raises:
            ValueError: a condition is not valid.
            OSError: the file cannot be written.
        """
        return save_text(
            self._run(lambda control: control.journal.json_lines(_plain(conditions))), path
        )

    def to_har(
        self, path: str | Path | None = None, **conditions: Unpack[CallConditions]
    ) -> dict[str, Any]:
        """Return the calls as an HTTP archive (HAR 1.2), and write it to ``path`` if it is given.

        Raises:
            ValueError: a condition is not valid.
            OSError: the file cannot be written.
        """
        plain, endpoint = _plain(conditions), self._endpoint()
        archive = self._run(lambda control: control.journal.har(plain, endpoint))
        save_text(json.dumps(archive, ensure_ascii=False, indent=1) + "\n", path)
        return archive

    def follow(self, *, since: int | None = None) -> Following:
        """Return what tells the calls that end from now on; with ``since`` also those behind the
        call of this number that have ended already."""
        return self._ask(lambda control: Following(control.journal, self._run, since))

    def hints(self, **conditions: Unpack[CallConditions]) -> dict[Hint, list[Call]]:
        """Return what calls lean on that nobody promised, each hint with its calls.

        The conditions are those of ``calls``; ``hint`` is the id of a hint, or a pattern.

        Raises:
            ValueError: a condition is not valid.
        """
        from emulator.core.patterns import matches

        pattern = conditions["hint"] = conditions.get("hint") or "*"
        found: dict[Hint, list[Call]] = {}
        for call in self.calls(**conditions):
            for hint in call.hints:
                if matches(pattern, hint.id):
                    found.setdefault(hint, []).append(call)
        return found

    def assert_no_hints(
        self, allow: Iterable[str] = (), **conditions: Unpack[CallConditions]
    ) -> None:
        """Check that no call has a hint, except those that ``allow`` names: ids, or patterns.

        Raises:
            AssertionError: a call has another hint. The message lists the hints, with their first
                calls.
            ValueError: a condition is not valid, or there is no hint of an id in ``allow``.
        """
        complaint = self._hint_complaint(allow, conditions)
        if complaint is not None:
            raise AssertionError(complaint)

    def _hint_complaint(self, allow: Iterable[str], conditions: CallConditions) -> str | None:
        from emulator.control.hint_complaint import allowing, complaint

        is_allowed = self._ask(lambda _: allowing(allow))
        found = self.hints(**conditions)
        return complaint({hint: calls for hint, calls in found.items() if not is_allowed(hint)})

    def follow_hints(self) -> FollowingHints:
        """Return what tells each kind of hint once, of all calls that the journal has and gets."""
        from emulator.handles.following_hints import FollowingHints

        return self._ask(lambda control: FollowingHints(control.journal, self._run))

    def __iter__(self) -> Iterator[Call]:
        return iter(self.calls())

    def __len__(self) -> int:
        return self._ask(lambda control: control.journal.count - control.journal.dropped)

    def __bool__(self) -> bool:
        return True


class Following:
    """Tells the calls of a journal that have ended since it was asked last.

    Args:
        journal: the journal.
        run: runs work in the thread of the emulator.
        since: the number of the last call that is known already; None for those of now.
    """

    def __init__(self, journal: Journal, run: Run, since: int | None) -> None:
        from emulator.control.journal_follower import JournalFollower

        self._run = run
        self._follower = JournalFollower(journal, since)

    @property
    def is_quiet(self) -> bool:
        """Whether there was no request since then, and none is running. This costs the emulator
        nothing."""
        return self._follower.is_up_to_date

    def ended(self, most: int) -> tuple[list[Call], int]:
        """Return the last calls that have ended, ``most`` at most, and the number of the others.
        They are without hints, which would cost as much again."""

        async def look(_: Control) -> tuple[list[Call], int]:
            return self._ended(most)

        return self._run(look)

    def _ended(self, most: int) -> tuple[list[Call], int]:
        from emulator.control.call import as_call

        news = self._follower.look()
        kept = news.ended[-most:]
        found = ((number, self._follower.exchange(number)) for number in kept)
        calls = [as_call(number, exchange) for number, exchange in found if exchange is not None]
        return calls, len(news.ended) - len(calls) + news.lost


def _plain(conditions: CallConditions) -> CallConditions:
    """Return the conditions with instants as the control API takes them."""
    return cast("CallConditions", as_json(conditions))


async def _complaint(journal: Journal, conditions: CallConditions, times: int | None) -> str | None:
    """Return the message of a failed check; None if the number of calls is right."""
    try:
        await journal.require(conditions, times)
    except FailedPreconditionError as error:
        return error.message
    return None
