"""Fault rules, and the gate where they fire."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from emulator.auth.system_roles import SYSTEM_ROLES
from emulator.core.clock import Clock
from emulator.core.documents import unknown
from emulator.core.errors import AlreadyExistsError, NotFoundError
from emulator.core.event_loop import wait_for
from emulator.core.operation import OPERATIONS, Gate, Operation
from emulator.core.patterns import is_pattern
from emulator.core.response_fault import CutOffError
from emulator.service.account.roles import Roles

if TYPE_CHECKING:
    from emulator.control.fault_rule import ArmedRule, Rule
    from emulator.control.tiers import Tiers

FaultRules = tuple[list["ArmedRule"], int]
"""Rules with their counts, and how many have been added in all."""


class Faults:
    """Rules by id, in the order in which they were added.

    Every permitted operation passes the rules in that order. Each rule that fires acts, until one
    answers the operation or closes its connection (D59).

    Args:
        gates: the gates of admission. The rules' gate is among them while a rule is enabled.
        tiers: what effects on a tier act on.
        roles: the roles that rules may name.
        clock: the clock of the rules' time windows.
        operations: the operations that exist.
        arm: wraps the tiers with what injects faults; called before the first rule applies.
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
        self._adding = asyncio.Lock()

    async def add(self, document: object) -> dict[str, Any]:
        """Add a rule after the others; return its description.

        Raises:
            BadRequestError: the document is not a valid rule, names an unknown role, or has an
                effect that is not possible on the tier.
            AlreadyExistsError: another rule has the id.
        """
        # Most emulators have no rule, and would spend a twentieth of their start on this import.
        from emulator.control.fault_rule import ArmedRule, parse_rule

        async with self._adding:  # Nobody takes the id while a role is looked up.
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
        """Describe every rule, with how often it has fired."""
        return [armed.describe() for armed in self._rules.values()]

    def describe(self, rule_id: str) -> dict[str, Any]:
        """Describe a rule, with how often it has fired.

        Raises:
            NotFoundError: there is no rule with that id.
        """
        return self._require(rule_id).describe()

    def remove(self, rule_id: str) -> dict[str, Any]:
        """Remove a rule; return its last description.

        Raises:
            NotFoundError: there is no rule with that id.
        """
        removed = self._require(rule_id)
        del self._rules[rule_id]
        self._stand()
        return removed.describe()

    def switch(self, rule_id: str, *, enabled: bool) -> dict[str, Any]:
        """Let a rule match nothing any more, or again; return its description. Its counts stay.

        Raises:
            NotFoundError: there is no rule with that id.
        """
        switched = self._require(rule_id)
        switched.enabled = enabled
        self._stand()
        return switched.describe()

    def clear(self) -> None:
        """Remove every rule. Requests that a rule delays still wait."""
        self._rules.clear()
        self._stand()

    def restart(self) -> None:
        """Remove every rule, and start their numbers again."""
        self.clear()
        self._added = 0

    def interrupt(self) -> None:
        """Close the connections of requests that a rule delays and, until ``resume``, of requests
        that a rule would delay."""
        self._interruption.set()

    def resume(self) -> None:
        """Let rules delay the requests that start from now on."""
        self._interruption = asyncio.Event()

    def save(self) -> FaultRules:
        """Return a copy of the rules with their counts."""
        return [armed.copy() for armed in self._rules.values()], self._added

    def load(self, saved: FaultRules) -> None:
        """Replace the rules with saved ones, with their counts."""
        rules, added = saved
        self._added = max(added, self._added)  # Never reuse an id: somebody may still hold it.
        self._rules = {armed.rule.rule_id: armed.copy() for armed in rules}
        self._stand()

    async def _gate(self, operation: Operation) -> None:
        from emulator.control.fault_effects import Occasion

        # Take the event now: an operation that was interrupted does not wait after ``resume``.
        wait = partial(_wait, self._interruption)
        for armed in list(self._rules.values()):
            if armed.fires(operation, self._clock.now()):
                operation.faults += (armed.rule.rule_id,)
                occasion = Occasion(operation, armed.draws, wait, self._tiers)
                for effect in armed.rule.effects:
                    if operation.name in effect.operations:
                        await effect.act(occasion)

    def _stand(self) -> None:
        """Add or remove the gate, so that requests pay nothing while no rule is enabled."""
        is_needed = any(armed.enabled for armed in self._rules.values())
        if is_needed and not self._is_armed:
            self._is_armed = True  # For good: a rule's effect goes on after the rule is removed.
            self._arm()
        if is_needed and self._gate not in self._gates:
            self._gates.append(self._gate)
        elif not is_needed and self._gate in self._gates:
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
        """Return the rule with its role as an id, which stays the same if the role is renamed.

        Raises:
            BadRequestError: there is no such role; otherwise nobody would notice a misspelt name.
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
    """Wait this number of seconds, in real time.

    Raises:
        CutOffError: the wait is, or was already, interrupted.
    """
    if interruption.is_set():
        raise CutOffError
    with contextlib.suppress(asyncio.TimeoutError):
        await wait_for(interruption.wait(), seconds)
        raise CutOffError
