"""Filters against a plain reading of what they are said to mean."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from emulator import Emulator
from emulator.control.call import Call
from emulator.control.call_filter import CallFilter
from emulator.core.operation import OPERATIONS
from emulator.core.outcome import Outcome
from tests.suites import examples

from .traffic import START

TEXTS = ("method", "target", "store", "key", "key_id", "role", "address", "operation", "outcome")
IN_MILLISECONDS = {
    "object_age_ms": "object_age",
    "first_byte_ms": "first_byte_time",
    "duration_ms": "duration",
}

few_letters = st.text("ab*?.\n", max_size=4)
patterns = st.text("ab*?.\n", min_size=1, max_size=4)
headers = st.lists(st.tuples(st.sampled_from(["A", "a", "B"]), few_letters), max_size=3).map(tuple)
sizes = st.integers(0, 3)
times = st.none() | st.integers(0, 3).map(lambda count: count * 500)


@st.composite
def calls(draw: st.DrawFn) -> Call:
    return Call(
        number=draw(st.integers(1, 4)),
        time=draw(st.integers(0, 4)) * 500_000,
        operation=draw(st.none() | st.sampled_from(OPERATIONS[:3])),
        method=draw(few_letters),
        target=draw(few_letters),
        store=draw(few_letters),
        key=draw(few_letters),
        key_id=draw(st.none() | few_letters),
        role=draw(st.none() | few_letters),
        role_name=draw(st.none() | few_letters),
        address=draw(st.none() | few_letters),
        status=draw(st.none() | st.sampled_from([200, 204, 404, 499, 500])),
        outcome=draw(st.none() | st.sampled_from([str(each) for each in Outcome])),
        complete=draw(st.booleans()),
        running=draw(st.booleans()),
        request_size=draw(sizes),
        response_size=draw(sizes),
        object_age=draw(times),
        first_byte_time=draw(times),
        duration=draw(times),
        faults=tuple(draw(st.lists(few_letters, max_size=2))),
        request_headers=draw(headers),
        response_headers=draw(headers),
    )


def numbers_of(name: str) -> st.SearchStrategy[Any]:
    if name.endswith("_ms"):
        return st.sampled_from([0, 0.5, 1, 1.5, "0.5"])
    if name.endswith("status"):
        return st.sampled_from([200, 204, 404, "404", 500])
    return st.integers(0, 4)


CONDITIONS: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(TEXTS[:7], patterns),
    "operation": st.sampled_from([*OPERATIONS[:3], "*Object", "Put*"]),
    "outcome": st.sampled_from([*[str(each) for each in Outcome], "*hit*", "m?ss"]),
    "number": st.integers(1, 4),
    **{
        f"{bound}{name}": numbers_of(name)
        for bound in ("", "min_", "max_")
        for name in ("status", "request_size", "response_size", *IN_MILLISECONDS)
    },
    "status": numbers_of("status") | st.sampled_from(["2xx", "4XX", "5xx", "1xx"]),
    "fault": patterns,
    "complete": st.booleans() | st.sampled_from(["true", "false"]),
    "running": st.booleans(),
    "request_header": st.sampled_from(["a", "B", "a:", "c", "A: *", "a:a", "b: a*", " a : ?"]),
    "response_header": st.sampled_from(["a", "B", "c", "A: *", "a:a", "b: a*"]),
    "since": st.sampled_from([0, 0.5, 1, "1970-01-01T00:00:01Z", "1.5"]),
    "until": st.sampled_from([0, 0.5, 1, "1970-01-01T01:00:01+01:00", "1.5"]),
}
INSTANTS = {"1970-01-01T00:00:01Z": 1.0, "1970-01-01T01:00:01+01:00": 1.0}

conditions_of_any_kind = st.fixed_dictionaries({}, optional=CONDITIONS)
few_conditions = st.lists(st.sampled_from(sorted(CONDITIONS)), min_size=1, max_size=3).flatmap(
    lambda names: st.fixed_dictionaries({name: CONDITIONS[name] for name in names})
)


def stands_for(pattern: str, text: str) -> bool:
    """Whether the pattern stands for the text, letter by letter."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(stands_for(pattern[1:], text[start:]) for start in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and stands_for(pattern[1:], text[1:])


def has_header(wanted: str, found: tuple[tuple[str, str], ...]) -> bool:
    name, colon, pattern = wanted.partition(":")
    return any(
        header.lower() == name.strip().lower() and (not colon or stands_for(pattern.strip(), value))
        for header, value in found
    )


def is_meant(name: str, value: Any, call: Call) -> bool:
    """Whether a call fulfils one condition."""
    if name in TEXTS:
        text = getattr(call, name)
        return text is not None and stands_for(value, text)
    if name == "fault":
        return any(stands_for(value, fault) for fault in call.faults)
    if name in ("complete", "running"):
        return bool(getattr(call, name) == (value in (True, "true")))
    if name in ("request_header", "response_header"):
        return has_header(value, getattr(call, f"{name}s"))
    if name in ("since", "until"):
        is_later = (
            call.time / 1e6 >= INSTANTS.get(value, 0.0)
            if value in INSTANTS
            else (call.time / 1e6 >= float(value))
        )
        return is_later == (name == "since")
    if name == "status" and str(value).lower().endswith("xx"):
        return call.status is not None and str(call.status)[0] == value[0]
    bare = name.removeprefix("min_").removeprefix("max_")
    number = getattr(call, IN_MILLISECONDS.get(bare, bare))
    if number is None:
        return False
    has, wanted = (number / 1000 if bare in IN_MILLISECONDS else number), float(value)
    if name.startswith("min_"):
        return bool(has >= wanted)
    return bool(has <= wanted if name.startswith("max_") else has == wanted)


@given(calls(), few_conditions | conditions_of_any_kind)
@settings(max_examples=examples(600))
def test_a_filter_means_what_a_plain_reading_of_it_means(
    call: Call, conditions: dict[str, Any]
) -> None:
    wanted = CallFilter(conditions)
    missed = [name for name, value in conditions.items() if not is_meant(name, value, call)]
    assert wanted.missed(call) == missed
    assert wanted.matches(call) is (not missed)


real_conditions = st.fixed_dictionaries(
    {},
    optional={
        "operation": st.sampled_from(["*", "GetObject", "Put*", "*Object*"]),
        "store": st.sampled_from(["store", "*", "o*"]),
        "role": st.sampled_from(["owner", "viewer", "*"]),
        "status": st.sampled_from([200, 404, "2xx", "4xx", "5xx"]),
        "complete": st.booleans(),
        "fault": st.just("*"),
        "min_response_size": st.integers(0, 200),
        "request_header": st.sampled_from(["authorization", "mo-meta-colour: r*"]),
        "since": st.sampled_from([START, START + 10]),
    },
)


@given(real_conditions)
@settings(max_examples=examples(100))
def test_a_filter_of_real_calls_means_what_a_plain_reading_of_it_means(
    calls_made: Emulator, conditions: dict[str, Any]
) -> None:
    assert calls_made.journal.calls(**conditions) == [
        call
        for call in calls_made.journal
        if all(is_meant(name, value, call) for name, value in conditions.items())
    ]


@given(st.text("ab*?\n\\[](.+", max_size=6), st.text("ab\n\\[](.+", max_size=6))
@settings(max_examples=examples(400))
def test_nothing_but_an_asterisk_and_a_question_mark_is_special(pattern: str, text: str) -> None:
    if pattern:
        key = CallFilter({"key": pattern})
        assert key.matches(_with_key(text)) is stands_for(pattern, text)


def _with_key(key: str) -> Call:
    return Call(
        1, 0, None, "GET", "/", "", key, None, None, None, None, None, None, True, False, 0, 0,
        None, None, None, (), (), (),
    )  # fmt: skip
