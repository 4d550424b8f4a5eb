"""The handles of the fault rules, and of one of them."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from emulator.handles.run import Handle, Run

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

    from emulator.control.conditions import RuleConditions


class FaultHandle(Handle):
    """A fault rule. As a context manager it is removed at the end; what it has counted until then
    can still be asked for."""

    def __init__(self, run: Run, rule_id: str) -> None:
        super().__init__(run)
        self.id = rule_id
        self._last: dict[str, Any] | None = None

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
        """How often the rule has fired.

        Raises:
            LookupError: somebody else has removed it.
        """
        return int(self.describe()["fired"])

    @property
    def matched(self) -> int:
        """How many operations have matched its conditions.

        Raises:
            LookupError: somebody else has removed it.
        """
        return int(self.describe()["matched"])

    def describe(self) -> dict[str, Any]:
        """The rule as the control API describes it, or as it was when it was removed.

        Raises:
            LookupError: somebody else has removed it.
        """
        if self._last is not None:
            return self._last
        return self._ask(lambda control: control.faults.describe(self.id))

    def remove(self) -> None:
        """Remove the rule.

        Raises:
            LookupError: it has been removed already.
        """
        self._last = self._ask(lambda control: control.faults.remove(self.id))


class FaultsHandle(Handle):
    """The fault rules: what is to go wrong, and on which operations."""

    def add(
        self, *effects: str | Mapping[str, Any], **conditions: Unpack[RuleConditions]
    ) -> FaultHandle:
        """Add a rule behind the others.

        ``effects`` are types of effects, or documents with a ``type`` and what it takes, as in
        ``{"type": "status", "status": 429}``. ``conditions`` are ``operation``, ``store``,
        ``key``, ``role`` and ``key_id`` (patterns), ``nth``, ``times``, ``probability`` with
        ``seed``, ``since`` and ``until``, and ``id``; docs/testing.md explains each.

        Raises:
            ValueError: there is no such effect or condition, or another rule has the id.
        """
        described = [each if isinstance(each, str) else dict(each) for each in effects]
        document = {**conditions, "effects": described}
        added = self._run(lambda control: control.faults.add(document))
        return FaultHandle(self._run, added["id"])

    def get(self, rule_id: str) -> FaultHandle:
        """The rule of that id, whoever has added it.

        Raises:
            LookupError: there is none.
        """
        handle = FaultHandle(self._run, rule_id)
        handle.describe()
        return handle

    def all(self) -> list[dict[str, Any]]:
        """Every rule in its order, with how often it has ``matched`` and ``fired``."""
        return self._ask(lambda control: control.faults.all())

    def clear(self) -> None:
        """Remove every rule."""
        self._ask(lambda control: control.faults.clear())
