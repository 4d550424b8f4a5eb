"""Filter the calls of the journal by conditions on their fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from emulator.control.call import Call, Headers, milliseconds
from emulator.control.conditions import CallConditions
from emulator.core.documents import invalid, unknown
from emulator.core.instants import parse_instant, to_text
from emulator.core.operation import operations_of
from emulator.core.outcome import Outcome
from emulator.core.patterns import is_pattern, matches
from emulator.core.revisions import FIRST, Revision, since_when

Condition = Callable[[Call], bool]

_TEXTS: Mapping[str, Callable[[Call], str | None]] = {
    "operation": lambda call: call.operation,
    "method": lambda call: call.method,
    "target": lambda call: call.target,
    "store": lambda call: call.store,
    "key": lambda call: call.key,
    "key_id": lambda call: call.key_id,
    "role": lambda call: call.role,
    "role_name": lambda call: call.role_name,
    "address": lambda call: call.address,
    "outcome": lambda call: call.outcome,
}
"""Fields that match a pattern."""

_NUMBERS: Mapping[str, Callable[[Call], float | None]] = {
    "number": lambda call: call.number,
    "status": lambda call: call.status,
    "request_size": lambda call: call.request_size,
    "response_size": lambda call: call.response_size,
    "object_age_ms": lambda call: milliseconds(call.object_age),
    "first_byte_ms": lambda call: milliseconds(call.first_byte_time),
    "duration_ms": lambda call: milliseconds(call.duration),
}
"""Fields that match a number. With the prefix ``min_`` or ``max_`` the number is a bound."""

_FLAGS: Mapping[str, Callable[[Call], bool]] = {
    "complete": lambda call: call.complete,
    "running": lambda call: call.running,
}

_NAMES: Mapping[str, Callable[[Call], Iterable[str]]] = {
    "fault": lambda call: call.faults,
    "hint": lambda call: (hint.id for hint in call.hints),
}
"""Fields with several names, one of which matches a pattern."""

_HEADERS: Mapping[str, Callable[[Call], Headers]] = {
    "request_header": lambda call: call.request_headers,
    "response_header": lambda call: call.response_headers,
}
"""Fields that match a header's name, or ``name: pattern``."""

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]{1,3})?")
_CLASS = re.compile(r"([1-5])xx", re.IGNORECASE)

FIELDS = tuple(CallConditions.__annotations__)
"""The name of every condition."""


class CallFilter:
    """Matches the calls that fulfil every condition.

    Args:
        conditions: the conditions by the names of ``FIELDS``. A text field takes a pattern with
            ``*`` and ``?``; ``status`` also takes a class such as ``"4xx"``; ``since`` and
            ``until`` take an instant.
        revision: the revision that defines the operations.

    Raises:
        BadRequestError: a name or a value is unknown. The message lists the known ones.
    """

    def __init__(self, conditions: Mapping[str, object], revision: Revision = FIRST) -> None:
        for name in conditions:
            if name not in FIELDS:
                raise unknown("filter", name, FIELDS)
        self._given = {name: value for name, value in conditions.items() if value is not None}
        choices = {
            "operation": operations_of(revision),
            "outcome": tuple(map(str, Outcome)),
        }
        self._conditions = {
            name: _condition(name, value, choices.get(name)) for name, value in self._given.items()
        }

    def matches(self, call: Call) -> bool:
        """Whether the call fulfils every condition."""
        return all(condition(call) for condition in self._conditions.values())

    def missed(self, call: Call) -> list[str]:
        """Return the names of the conditions that the call does not fulfil."""
        return [name for name, condition in self._conditions.items() if not condition(call)]

    def __str__(self) -> str:
        """Return the conditions as text."""
        if not self._given:
            return "any request"
        return ", ".join(f"{name}={value!r}" for name, value in self._given.items())


def actual(name: str, call: Call) -> str:
    """Return the call's value of the field that the condition ``name`` applies to."""
    field = name.removeprefix("min_").removeprefix("max_")
    if field in _TEXTS:
        return repr(_TEXTS[field](call))
    if field in _NUMBERS:
        return repr(_NUMBERS[field](call))
    if field in _FLAGS:
        return repr(_FLAGS[field](call))
    if field in _NAMES:
        return ", ".join(_NAMES[field](call)) or "none"
    if field in ("since", "until"):
        return to_text(call.time)
    return "other headers"


def _condition(name: str, value: object, choices: Sequence[str] | None) -> Condition:
    if name in _TEXTS:
        return _text_condition(name, value, choices)
    if name in _FLAGS:
        wanted = _flag(value, name)
        flag = _FLAGS[name]
        return lambda call: flag(call) is wanted
    if name in _HEADERS:
        return _header_condition(name, value)
    if name in _NAMES:
        return _names_condition(name, value)
    if name == "since":
        since = parse_instant(value, name)
        return lambda call: call.time >= since
    if name == "until":
        until = parse_instant(value, name)
        return lambda call: call.time < until
    return _number_condition(name, value)


def _text_condition(name: str, value: object, choices: Sequence[str] | None) -> Condition:
    pattern, field = _text(value, name), _TEXTS[name]
    if choices is not None and not is_pattern(pattern) and pattern not in choices:
        raise unknown(name, pattern, choices, since_when(pattern))
    if name == "method":  # In any case: else `method="put"` would pass for "not called".
        return lambda call: matches(pattern.upper(), call.method.upper())

    def condition(call: Call) -> bool:
        text = field(call)
        return text is not None and matches(pattern, text)

    return condition


def _names_condition(name: str, value: object) -> Condition:
    pattern, names = _text(value, name), _NAMES[name]
    if name == "hint" and not is_pattern(pattern):
        from emulator.control.hints.table import IDS

        if pattern not in IDS:
            raise unknown(name, pattern, IDS)
    return lambda call: any(matches(pattern, each) for each in names(call))


def _number_condition(name: str, value: object) -> Condition:
    bound, _, rest = name.partition("_")
    field = _NUMBERS[name if name in _NUMBERS else rest]
    of_class = _CLASS.fullmatch(value) if name == "status" and isinstance(value, str) else None
    if of_class is not None:
        hundreds = int(of_class[1])
        return lambda call: call.status is not None and call.status // 100 == hundreds
    wanted = _number(value, name)

    def condition(call: Call) -> bool:
        number = field(call)
        if number is None:
            return False
        if name in _NUMBERS:
            return number == wanted
        return number >= wanted if bound == "min" else number <= wanted

    return condition


def _header_condition(name: str, value: object) -> Condition:
    wanted, colon, pattern = _text(value, name).partition(":")
    wanted, pattern = wanted.strip().lower(), pattern.strip() if colon else "*"
    headers = _HEADERS[name]
    return lambda call: any(
        header.lower() == wanted and matches(pattern, text) for header, text in headers(call)
    )


def _text(value: object, name: str) -> str:
    if not isinstance(value, str) or not value:
        invalid(name, "it must be a text that is not empty")
    return value


def _number(value: object, name: str) -> float:
    written = str(value) if isinstance(value, (str, int, float)) else ""
    if not _NUMBER.fullmatch(written):
        also = ", or a class as in 4xx" if name == "status" else ""
        invalid(name, f"it must be a number{also}")
    return float(written)


def _flag(value: object, name: str) -> bool:
    if value not in (True, False, "true", "false"):
        invalid(name, "it must be true or false")
    return value in (True, "true")
