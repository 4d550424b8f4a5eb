"""The journal's handle."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator.core.errors import FailedPreconditionError
from emulator.handles.run import Handle, Run, written

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from emulator.control.call import Call
    from emulator.control.conditions import CallConditions
    from emulator.control.journal import Journal


class JournalHandle(Handle):
    """The requests that have come to the service, with what became of them.

    Conditions are named as the fields of ``Call`` are: ``operation``, ``method``, ``target``,
    ``store``, ``key``, ``key_id``, ``role``, ``address`` and ``outcome`` take a pattern with ``*``
    and ``?``; ``status`` a number or a class as in ``"4xx"``; ``request_size``, ``response_size``,
    ``object_age_ms``, ``first_byte_ms`` and ``duration_ms`` a number, also with ``min_`` or
    ``max_`` in front; ``fault`` a pattern; ``complete`` and ``running`` a boolean;
    ``request_header`` and ``response_header`` a name, or ``"name: pattern"``; ``since`` and
    ``until`` an instant on the emulator's clock, in seconds since the Unix epoch or in ISO 8601.
    """

    def __init__(self, run: Run, endpoint: Callable[[], str]) -> None:
        super().__init__(run)
        self._endpoint = endpoint

    def calls(self, **conditions: Unpack[CallConditions]) -> list[Call]:
        """The calls that fulfil the conditions, the oldest first.

        Raises:
            ValueError: there is no such condition.
        """
        return self._ask(lambda control: control.journal.calls(conditions))

    def last(self, **conditions: Unpack[CallConditions]) -> Call:
        """The last call that fulfils the conditions.

        Raises:
            ValueError: there is no such condition.
            LookupError: there is no such call.
        """
        calls = self.calls(**conditions)
        if not calls:
            raise LookupError("no such call is in the journal")
        return calls[-1]

    def assert_called(
        self, *, times: int | None = None, **conditions: Unpack[CallConditions]
    ) -> None:
        """Check that there were so many calls that fulfil the conditions or, without ``times``,
        at least one.

        Raises:
            AssertionError: there were not. It lists those that come nearest.
            ValueError: there is no such condition.
        """
        __tracebackhide__ = True
        complaint = self._ask(lambda control: _complaint(control.journal, conditions, times))
        if complaint is not None:
            raise AssertionError(complaint)

    def assert_not_called(self, **conditions: Unpack[CallConditions]) -> None:
        """Check that no call fulfils the conditions.

        Raises:
            AssertionError: one does. It lists them.
            ValueError: there is no such condition.
        """
        __tracebackhide__ = True
        self.assert_called(times=0, **conditions)

    @property
    def count(self) -> int:
        """How many calls have come since the journal was cleared, dropped ones included."""
        return self._ask(lambda control: control.journal.count)

    @property
    def dropped(self) -> int:
        """How many calls have been dropped, the oldest ones, since the journal was cleared."""
        return self._ask(lambda control: control.journal.dropped)

    def clear(self) -> None:
        """Forget every call."""
        self._ask(lambda control: control.journal.clear())

    def to_json_lines(
        self, path: str | Path | None = None, **conditions: Unpack[CallConditions]
    ) -> str:
        """The calls as JSON, one a line; written to ``path`` too if that is given.

        Raises:
            ValueError: there is no such condition.
            OSError: the file cannot be written.
        """
        return written(self._ask(lambda control: control.journal.json_lines(conditions)), path)

    def to_har(
        self, path: str | Path | None = None, **conditions: Unpack[CallConditions]
    ) -> dict[str, Any]:
        """The calls as an HTTP archive (HAR 1.2); written to ``path`` too if that is given.

        Raises:
            ValueError: there is no such condition.
            OSError: the file cannot be written.
        """
        endpoint = self._endpoint()
        archive = self._ask(lambda control: control.journal.har(conditions, endpoint))
        written(json.dumps(archive, ensure_ascii=False, indent=1) + "\n", path)
        return archive

    def __iter__(self) -> Iterator[Call]:
        return iter(self.calls())

    def __len__(self) -> int:
        return self._ask(lambda control: control.journal.count - control.journal.dropped)

    def __bool__(self) -> bool:
        return True


def _complaint(journal: Journal, conditions: CallConditions, times: int | None) -> str | None:
    """What is wrong where the calls are not as many as they have to be."""
    try:
        journal.require(conditions, times)
    except FailedPreconditionError as error:
        return error.message
    return None
