"""Fault rules: the operations that each fires on, how often, and its effects."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from emulator.control.conditions import RuleConditions
from emulator.control.fault_effects import EFFECTS, Effect, parse_effect
from emulator.control.fault_members import number, pattern
from emulator.core.documents import (
    as_object,
    invalid,
    items,
    member,
    no_credential,
    text,
    unknown,
    whole_number,
)
from emulator.core.instants import parse_instant
from emulator.core.operation import OPERATIONS, Operation
from emulator.core.patterns import matches
from emulator.core.private import Random
from emulator.core.revisions import since_when

MEMBERS = (*RuleConditions.__annotations__, "effect", "effects")
"""The members of a rule's document."""

_CONDITIONS: Mapping[str, Callable[[Operation], tuple[str, ...]]] = {
    "operation": lambda operation: (operation.name,),
    "store": lambda operation: (operation.store,),
    "key": lambda operation: (operation.key,),
    "role": lambda operation: (operation.role_id or "", operation.role_name or ""),
    "key_id": lambda operation: (operation.key_id or "",),
}
"""The texts of an operation that a pattern can match; one matching text is enough."""

_LONGEST_ID = 64

_SYNONYMS = {"count": "times", "limit": "times", "max_times": "times", "path": "key"}

_OWN = ("id", "enabled")
"""Members that a rule's document has beside what was given."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A parsed rule.

    Attributes:
        rule_id: the rule's name.
        document: the rule as it was given, without its id and ``enabled``.
        patterns: conditions on an operation, by the names of its fields.
        nth: the number of the first matching operation on which the rule fires, from 1.
        times: fire at most this number of times; None for no limit.
        probability: from 0 to 1.
        seed: the random seed.
        since: fire from this instant on, in microseconds since the Unix epoch on the emulator's
            clock; None for no limit.
        until: stop at this instant, likewise.
        effects: act in this order.
        enabled: whether the rule matches anything, to begin with.
    """

    rule_id: str
    document: Mapping[str, Any]
    patterns: Mapping[str, str]
    nth: int
    times: int | None
    probability: float
    seed: int
    since: int | None
    until: int | None
    effects: tuple[Effect, ...]
    enabled: bool = True

    @property
    def possible(self) -> frozenset[str]:
        """The operations that at least one effect can act on."""
        return frozenset().union(*(effect.operations for effect in self.effects))

    @property
    def operations(self) -> frozenset[str]:
        """The possible operations that match the rule's pattern."""
        wanted = self.patterns.get("operation", "*")
        return frozenset(name for name in self.possible if matches(wanted, name))


class ArmedRule:
    """An active rule, with its counts and its random numbers.

    It draws one random number for each match from the rule's seed, so a run can be repeated.
    """

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self._operations = rule.operations
        self.enabled = rule.enabled
        """Whether it matches anything."""
        self.matched = 0
        self.fired = 0
        self.chance = Random(rule.seed)
        self.draws = Random(rule.seed)  # Separate: effects do not change when it fires.

    def fires(self, operation: Operation, now: int) -> bool:
        """Count the operation if it matches, and return whether the rule fires on it."""
        rule = self.rule
        if not self.enabled:
            return False
        if (rule.since is not None and now < rule.since) or (
            rule.until is not None and now >= rule.until
        ):
            return False
        if operation.name not in self._operations or not all(
            any(matches(wanted, text) for text in _CONDITIONS[name](operation))
            for name, wanted in rule.patterns.items()
        ):
            return False
        self.matched += 1
        lucky = rule.probability >= 1 or self.chance.random() < rule.probability
        if not lucky or self.matched < rule.nth or self.fired == rule.times:
            return False
        self.fired += 1
        return True

    def copy(self) -> ArmedRule:
        """Copy the rule with its counts and random state; the copy is independent."""
        copied = ArmedRule(self.rule)
        copied.enabled = self.enabled
        copied.matched, copied.fired = self.matched, self.fired
        copied.chance.setstate(self.chance.getstate())
        copied.draws.setstate(self.draws.getstate())
        return copied

    def describe(self) -> dict[str, Any]:
        """Return the rule's document, with how often it has matched and fired."""
        return {
            "id": self.rule.rule_id,
            **deepcopy(dict(self.rule.document)),
            "enabled": self.enabled,
            "matched": self.matched,
            "fired": self.fired,
        }


def parse_rule(document: object, default_id: str, operations: Sequence[str] = OPERATIONS) -> Rule:
    """Parse a rule. ``operations`` are the operations that exist.

    Raises:
        BadRequestError: a member, an operation or an effect is unknown, or a value is not valid.
            The message lists the known names.
    """
    body = as_object(document, "request body")
    for name in body:
        if name not in MEMBERS:
            raise unknown("member of a fault rule", name, MEMBERS, _meant(name))
    no_credential(document, "fault rule")
    body = {name: value for name, value in body.items() if value is not None}
    nth = _positive(body, "nth", 1)
    times = _positive(body, "times", 1 if "nth" in body else None)
    assert nth is not None
    rule_id = text(body.get("id", default_id), "id", longest=_LONGEST_ID)
    rule = Rule(
        rule_id=rule_id,
        document=deepcopy({name: value for name, value in body.items() if name not in _OWN}),
        patterns=_patterns(body, operations),
        nth=nth,
        times=times,
        probability=number(body, "probability", at_most=1.0) if "probability" in body else 1.0,
        seed=whole_number(body.get("seed", zlib.crc32(rule_id.encode())), "seed"),
        since=parse_instant(body["since"], "since") if "since" in body else None,
        until=parse_instant(body["until"], "until") if "until" in body else None,
        effects=_effects(body),
        enabled=_enabled(body),
    )
    if not rule.operations.intersection(operations):
        known = [name for name in operations if name in rule.possible]
        raise unknown("operation for this effect", rule.patterns["operation"], known)
    return rule


def _meant(name: str) -> str:
    """Say what may be meant by a member that no rule has; nothing if that is not known."""
    if name in _SYNONYMS:
        return f"did you mean {_SYNONYMS[name]}?"
    if name == "type":
        return 'it belongs into an effect, as in {"effect": {"type": "close"}}.'
    for kind, effect in EFFECTS.items():
        if name in effect.members:
            return f'it belongs into an effect, as in {{"type": "{kind}", "{name}": ...}}.'
    return ""


def _patterns(body: Mapping[str, object], operations: Sequence[str]) -> dict[str, str]:
    patterns = {name: pattern(body, name) for name in _CONDITIONS}
    operation = patterns["operation"]
    if operation is not None and not any(matches(operation, known) for known in operations):
        raise unknown("operation", operation, operations, since_when(operation))
    return {name: wanted for name, wanted in patterns.items() if wanted is not None}


def _effects(body: Mapping[str, object]) -> tuple[Effect, ...]:
    if "effects" not in body:
        return (parse_effect(body.get("effect"), "effect"),)
    if "effect" in body:
        invalid("effects", "effect is given too")
    effects = items(member(body, "effects"), "effects")
    if not effects:
        invalid("effects", "it is empty")
    return tuple(parse_effect(value, f"effects[{index}]") for index, value in enumerate(effects))


def _enabled(body: Mapping[str, object]) -> bool:
    enabled = body.get("enabled", True)
    if not isinstance(enabled, bool):
        invalid("enabled", "it must be true or false")
    return enabled


def _positive(body: Mapping[str, object], name: str, default: int | None) -> int | None:
    if body.get(name) is None:
        return default
    count = whole_number(body[name], name)
    if count < 1:
        invalid(name, "it must be at least 1")
    return count
