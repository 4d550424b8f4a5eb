"""The fault rules, and the gate at which they fire."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from emulator.auth.system_roles import SYSTEM_ROLES
from emulator.control.fault_effects import Occasion
from emulator.control.fault_rule import ArmedRule, Rule, parse_rule
from emulator.control.tiers import Tiers
from emulator.core.clock import Clock
from emulator.core.documents import unknown
from emulator.core.errors import AlreadyExistsError, NotFoundError
from emulator.core.operation import OPERATIONS, Gate, Operation
from emulator.core.patterns import is_pattern
from emulator.core.response_fault import CutOffError
from emulator.service.account.roles import Roles


class Faults:
    """Rules by their ids, in the order in which they were added.

    Every operation that a caller may do passes the rules in that order, and each that fires acts on
    it, until one answers it or closes its connection (D59).

    Args:
        gates: where the rules' own gate stands while there are any.
        arm: puts the wrappers around the tiers that inject faults; called before the first rule.
        operations: those that there are.
    """

    def __init__(
        self,
        gates: list[Gate],
        tiers: Tiers,
        roles: Roles,
        clock: Clock,
        operations: Sequence[str] = OPERATIONS,
        *,
        arm: Callable[[], None] = lambda: None,
    ) -> None:
        self._arm = arm
        self._is_armed = False
        self._operations = operations
        self._gates = gates
        self._tiers = tiers
        self._roles = roles
        self._clock = clock
        self._rules: dict[str, ArmedRule] = {}
        self._added = 0
        self._interruption = asyncio.Event()

    async def add(self, document: object) -> dict[str, Any]:
        """Add the rule that a document describes, behind the others; its description.

        Raises:
            BadRequestError: it describes none, names a role that does not exist, or would do what
                cannot be done to a tier.
            AlreadyExistsError: another rule has the id.
        """
        rule = parse_rule(document, self._next_id(), self._operations)
        if rule.rule_id in self._rules:
            raise AlreadyExistsError(f"There is a fault rule {rule.rule_id!r} already")
        for effect in rule.effects:
            effect.check(self._tiers)
        rule = await self._with_role_id(rule)
        self._added += 1
        armed = self._rules[rule.rule_id] = ArmedRule(rule)
        self._stand()
        return armed.describe()

    def all(self) -> list[dict[str, Any]]:
        """Every rule, with how often it has fired."""
        return [armed.describe() for armed in self._rules.values()]

    def describe(self, rule_id: str) -> dict[str, Any]:
        """One rule, with how often it has fired.

        Raises:
            NotFoundError: there is none of that id.
        """
        return self._require(rule_id).describe()

    def remove(self, rule_id: str) -> dict[str, Any]:
        """Remove a rule; how often it had fired.

        Raises:
            NotFoundError: there is none of that id.
        """
        removed = self._require(rule_id)
        del self._rules[rule_id]
        self._stand()
        return removed.describe()

    def clear(self) -> None:
        """Remove every rule. Requests that wait for one go on waiting."""
        self._rules.clear()
        self._stand()

    def restart(self) -> None:
        """Remove every rule, and begin to count them anew."""
        self.clear()
        self._added = 0

    def interrupt(self) -> None:
        """Close the connections of the requests that a rule lets wait, and until ``resume`` of
        those that would come to wait."""
        self._interruption.set()

    def resume(self) -> None:
        """Let requests wait again that begin from here on."""
        self._interruption = asyncio.Event()

    def save(self) -> tuple[list[ArmedRule], int]:
        """The rules as they are now, with what they have counted."""
        return [armed.copy() for armed in self._rules.values()], self._added

    def load(self, saved: tuple[list[ArmedRule], int]) -> None:
        """Have those rules, as far as they had come, and no others."""
        rules, added = saved
        self._added = max(added, self._added)  # An id is not given twice: somebody may hold it.
        self._rules = {armed.rule.rule_id: armed.copy() for armed in rules}
        self._stand()

    async def _gate(self, operation: Operation) -> None:
        # An operation that an interruption has met does not begin to wait after it.
        wait = partial(_wait, self._interruption)
        for armed in list(self._rules.values()):
            if armed.fires(operation, self._clock.now()):
                operation.faults += (armed.rule.rule_id,)
                occasion = Occasion(operation, armed.draws, wait, self._tiers)
                for effect in armed.rule.effects:
                    if operation.name in effect.operations:
                        await effect.act(occasion)

    def _stand(self) -> None:
        """Stand among the gates while there are rules: without any, requests pay nothing."""
        if self._rules and not self._is_armed:
            self._is_armed = True  # For good: what a rule has begun goes on when it is removed.
            self._arm()
        if self._rules and self._gate not in self._gates:
            self._gates.append(self._gate)
        elif not self._rules and self._gate in self._gates:
            self._gates.remove(self._gate)

    def _next_id(self) -> str:
        count = self._added + 1
        while f"fault-{count}" in self._rules:
            count += 1
        return f"fault-{count}"

    def _require(self, rule_id: str) -> ArmedRule:
        if rule_id not in self._rules:
            there_are = ", ".join(self._rules) or "none"
            raise NotFoundError(f"There is no fault rule {rule_id!r}; there are {there_are}")
        return self._rules[rule_id]

    async def _with_role_id(self, rule: Rule) -> Rule:
        """The rule with its role by id, by which it stays the same whatever it is called.

        Raises:
            BadRequestError: there is no such role: whoever misspells one should hear of it.
        """
        role = rule.patterns.get("role")
        if role is None:
            return rule
        try:
            found = await self._roles.find(role)
        except NotFoundError:
            if is_pattern(role):
                return rule
            custom = [entry.record.role_name for entry in await self._roles.custom()]
            raise unknown("role", role, (*SYSTEM_ROLES, *custom)) from None
        return replace(rule, patterns={**rule.patterns, "role": found.role_id})


async def _wait(interruption: asyncio.Event, seconds: float) -> None:
    """Let that much real time go by.

    Raises:
        CutOffError: it is, or has been, interrupted.
    """
    if interruption.is_set():
        raise CutOffError
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(interruption.wait(), seconds)
        raise CutOffError
