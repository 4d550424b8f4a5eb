"""Handles of the fault rules, and of a single rule."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from emulator.core.instants import as_json
from emulator.handles.run import Handle, Run

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

    from emulator.control.conditions import RuleConditions


__tracebackhide__ = True  # pytest shows the line of the test that called.


class FaultHandle(Handle):
    """A fault rule. As a context manager, it removes the rule at the end of the block; its last
    counts stay readable."""

    def __init__(self, run: Run, rule_id: str) -> None:
        super().__init__(run)
        self.id = rule_id
        self._last: dict[str, Any] | None = None

    def __repr__(self) -> str:
        return f"<FaultHandle {self.id}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with contextlib.suppress(LookupError, RuntimeError):
            self.remove()

    @property
    def fired(self) -> int:
        """The number of times the rule has fired.

        Raises:
            LookupError: the rule was removed without this handle.
        """
        return int(self.describe()["fired"])

    @property
    def matched(self) -> int:
        """The number of operations that have matched its conditions.

        Raises:
            LookupError: the rule was removed without this handle.
        """
        return int(self.describe()["matched"])

    def describe(self) -> dict[str, Any]:
        """Return the rule as the control API describes it, or its last state once removed.

        Raises:
            LookupError: the rule was removed without this handle.
        """
        if self._last is not None:
            return self._last
        return self._ask(lambda control: control.faults.describe(self.id))

    @property
    def enabled(self) -> bool:
        """Whether the rule matches anything.

        Raises:
            LookupError: the rule was removed without this handle.
        """
        return bool(self.describe()["enabled"])

    def disable(self) -> None:
        """Let the rule match nothing; its counts stay.

        Raises:
            LookupError: the rule is removed.
        """
        self._ask(lambda control: control.faults.switch(self.id, enabled=False))

    def enable(self) -> None:
        """Let the rule match again.

        Raises:
            LookupError: the rule is removed.
        """
        self._ask(lambda control: control.faults.switch(self.id, enabled=True))

    def remove(self) -> None:
        """Remove the rule.

        Raises:
            LookupError: it is already removed.
        """
        self._last = self._ask(lambda control: control.faults.remove(self.id))


class FaultsHandle(Handle):
    """The fault rules: their effects, and the operations that they act on."""

    def add(
        self, *effects: str | Mapping[str, Any], **conditions: Unpack[RuleConditions]
    ) -> FaultHandle:
        """Add a rule after the others.

        ``effects`` are types of effects, or documents with a ``type`` and its values, as in
        ``{"type": "status", "status": 429}``. ``conditions`` are ``operation``, ``store``,
        ``key``, ``role`` and ``key_id`` (patterns), ``nth``, ``times``, ``probability`` with
        ``seed``, ``since`` and ``until``, ``id`` and ``enabled``; docs/testing.md explains each. An
        instant may
        be a ``datetime`` with a UTC offset, and a number of seconds a ``timedelta``, or text as
        ``"250ms"``.

        Raises:
            ValueError: an effect or a condition is not valid, or another rule has the id.
        """
        document = as_json({**conditions, "effects": effects})
        added = self._run(lambda control: control.faults.add(document))
        return FaultHandle(self._run, added["id"])

    def get(self, rule_id: str) -> FaultHandle:
        """Return the rule with this id, also one that was added over HTTP.

        Raises:
            LookupError: there is no such rule.
        """
        handle = FaultHandle(self._run, rule_id)
        handle.describe()
        return handle

    def all(self) -> list[dict[str, Any]]:
        """Return every rule in order, with the number of times it has ``matched`` and ``fired``."""
        return self._ask(lambda control: control.faults.all())

    def clear(self) -> None:
        """Remove every rule."""
        self._ask(lambda control: control.faults.clear())
