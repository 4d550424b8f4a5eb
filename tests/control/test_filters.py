"""Which calls a filter means, in the process and over HTTP."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import pytest

from emulator import Emulator
from emulator.control.call_filter import FIELDS
from emulator.core.operation import OPERATIONS
from emulator.core.outcome import Outcome
from tests.support.emulators import client, control

from .traffic import START

ALL = {1, 2, 3, 4, 5, 6, 7, 8, 9}


class Case(NamedTuple):
    field: str
    value: Any
    numbers: set[int]


CASES = [
    Case("operation", "GetObject", {3, 6, 8}),
    Case("operation", "*Object", {2, 3, 4, 6, 8, 9}),
    Case("operation", "?etObject", {3, 6, 8}),
    Case("operation", "*", ALL - {5}),
    Case("operation", "nothing like*", set()),
    Case("operation", "ListRoles", set()),
    Case("method", "GET", {3, 5, 6, 7, 8}),
    Case("method", "P*", {1, 2, 4, 9}),
    Case("method", "get", {3, 5, 6, 7, 8}),
    Case("target", "/nowhere?x=1", {5}),
    Case("target", "/objectstore/store*", {1, 2, 3, 4, 6, 7, 8}),
    Case("target", "/objectstore/store", {1, 7}),
    Case("store", "store", {1, 2, 3, 4, 6, 7, 8}),
    Case("store", "o*", {9}),
    Case("store", "?tore", {1, 2, 3, 4, 6, 7, 8}),
    Case("store", "*", ALL),
    Case("key", "a", {2, 6}),
    Case("key", "?", {2, 4, 6}),
    Case("key", "*o*", {3, 9}),
    Case("key", "[a]", set()),
    Case("key", "A", set()),
    Case("key_id", "*", ALL - {5}),
    Case("role", "owner", {1, 2, 3, 7, 8, 9}),
    Case("role", "viewer", {4, 6}),
    Case("role_name", "Viewer", {4, 6}),
    Case("role", "*e*r", ALL - {5}),
    Case("address", "127.0.0.1", ALL),
    Case("address", "127.*", ALL),
    Case("address", "10.*", set()),
    Case("outcome", "cache_hit", {6}),
    Case("outcome", "*_hit", {6, 8}),
    Case("outcome", "ok", {1, 2}),
    Case("outcome", "miss", {3}),
    Case("outcome", "authz_error", {4}),
    Case("number", 3, {3}),
    Case("number", 10, set()),
    Case("min_number", 3, ALL - {1, 2}),
    Case("max_number", 2, {1, 2}),
    Case("status", 404, {3, 5}),
    Case("status", "404", {3, 5}),
    Case("status", "4xx", {3, 4, 5}),
    Case("status", "5XX", {7}),
    Case("status", "2xx", {1, 2, 6, 8}),
    Case("status", "1xx", set()),
    Case("min_status", 404, {3, 5, 7}),
    Case("max_status", 204, {1, 2, 6, 8}),
    Case("request_size", 5, {2}),
    Case("request_size", 5.5, set()),
    Case("min_request_size", 6, {1}),
    Case("max_request_size", 5, ALL - {1}),
    Case("response_size", 2, {8}),
    Case("response_size", 5, {6}),
    Case("min_response_size", 3, {1, 3, 4, 5, 6, 7}),
    Case("max_response_size", 5, {2, 6, 8, 9}),
    Case("object_age_ms", 10_000, {6}),
    Case("object_age_ms", 0, {8}),
    Case("min_object_age_ms", 0, {6, 8}),
    Case("min_object_age_ms", 10_000.5, set()),
    Case("max_object_age_ms", 9_999, {8}),
    Case("min_first_byte_ms", 0, ALL - {9}),
    Case("max_first_byte_ms", -1, set()),
    Case("first_byte_ms", -1, set()),
    Case("min_duration_ms", 0, ALL - {9}),
    Case("max_duration_ms", 3_600_000, ALL - {9}),
    Case("duration_ms", -1, set()),
    Case("fault", "broken", {7}),
    Case("fault", "*", {7, 8}),
    Case("fault", "cut???", {8}),
    Case("fault", "other", set()),
    Case("hint", "range-ignored", {6}),
    Case("hint", "*", {6}),
    Case("hint", "if-*", set()),
    Case("complete", True, {1, 2, 3, 4, 5, 6, 7}),
    Case("complete", False, {8, 9}),
    Case("complete", "true", {1, 2, 3, 4, 5, 6, 7}),
    Case("running", True, {9}),
    Case("running", "false", ALL - {9}),
    Case("request_header", "mo-meta-colour", {2}),
    Case("request_header", "MO-META-COLOUR", {2}),
    Case("request_header", "mo-meta-colour: red", {2}),
    Case("request_header", "mo-meta-colour:r*", {2}),
    Case("request_header", "mo-meta-colour: RED", set()),
    Case("request_header", "mo-meta-colour: re", set()),
    Case("request_header", "authorization", ALL - {5}),
    Case("request_header", "expect: 100-*", {9}),
    Case("response_header", "colour", {6}),
    Case("response_header", "Content-Type: application/json*", {1, 3, 4, 5, 7}),
    Case("response_header", "no-such", set()),
    Case("since", START, ALL),
    Case("since", START + 10, {6, 7, 8, 9}),
    Case("since", START + 10.000001, set()),
    Case("since", START + 9.999999, {6, 7, 8, 9}),
    Case("since", "2033-05-18T03:33:30Z", {6, 7, 8, 9}),
    Case("since", "2033-05-18T05:33:30+02:00", {6, 7, 8, 9}),
    Case("since", str(START + 10), {6, 7, 8, 9}),
    Case("until", START, set()),
    Case("until", START + 10, {1, 2, 3, 4, 5}),
    Case("until", START + 10.000001, ALL),
    Case("until", "2033-05-18T03:33:30Z", {1, 2, 3, 4, 5}),
]
NAMES = [f"{case.field}={case.value}" for case in CASES]


def over_http(emulator: Emulator, conditions: dict[str, Any]) -> set[int]:
    texts = {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in conditions.items()
    }
    answer = control(emulator, "GET", f"/journal?{urlencode(texts)}")
    assert answer.status == 200, answer
    document = answer.json()
    assert document["count"] == len(document["calls"])
    return {call["number"] for call in document["calls"]}


def in_the_process(emulator: Emulator, conditions: dict[str, Any]) -> set[int]:
    return {call.number for call in emulator.journal.calls(**conditions)}


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_filter_means_the_calls_that_fulfil_it(calls_made: Emulator, case: Case) -> None:
    conditions = {case.field: case.value}
    assert in_the_process(calls_made, conditions) == case.numbers
    assert over_http(calls_made, conditions) == case.numbers


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_an_assertion_counts_the_same_calls(calls_made: Emulator, case: Case) -> None:
    conditions = {case.field: case.value}
    calls_made.journal.assert_called(times=len(case.numbers), **conditions)
    document = {**conditions, "times": len(case.numbers)}
    answer = control(calls_made, "POST", "/journal/assert", document)
    assert (answer.status, answer.json()) == (200, {"count": len(case.numbers)})


def test_there_is_a_case_for_every_field() -> None:
    assert {case.field for case in CASES} == set(FIELDS)


@pytest.mark.parametrize("field", ["first_byte_ms", "duration_ms", "object_age_ms"])
def test_a_time_that_a_call_took_finds_it(calls_made: Emulator, field: str) -> None:
    for call in calls_made.journal:
        took = call.document()[field]
        if took is not None:
            assert call.number in in_the_process(calls_made, {field: took})
            assert call.number in over_http(calls_made, {f"min_{field}": took})
            assert call.number in over_http(calls_made, {f"max_{field}": took})
            assert call.number not in in_the_process(calls_made, {f"min_{field}": took + 0.001})


def test_an_instant_that_the_journal_shows_finds_the_call(calls_made: Emulator) -> None:
    for call in calls_made.journal:
        time = call.document()["time"]
        assert call.number in in_the_process(calls_made, {"since": time})
        assert call.number not in over_http(calls_made, {"until": time})


def test_many_conditions_have_to_be_fulfilled_together(calls_made: Emulator) -> None:
    for one in CASES:
        for other in CASES[::3]:
            if one.field != other.field:
                conditions = {one.field: one.value, other.field: other.value}
                assert in_the_process(calls_made, conditions) == one.numbers & other.numbers


def test_many_conditions_have_to_be_fulfilled_together_over_http_too(calls_made: Emulator) -> None:
    conditions = {"operation": "GetObject", "status": "2xx", "complete": True, "role": "viewer"}
    assert over_http(calls_made, conditions) == {6}
    assert over_http(calls_made, {**conditions, "role": "owner"}) == set()


def test_no_condition_means_every_call(calls_made: Emulator) -> None:
    assert in_the_process(calls_made, {}) == over_http(calls_made, {}) == ALL
    assert in_the_process(calls_made, {"status": None, "key": None}) == ALL


@pytest.mark.parametrize(
    ("last", "numbers"), [(1, [8]), (2, [6, 8]), (3, [3, 6, 8]), (100, [3, 6, 8])]
)
def test_the_last_calls_are_the_newest_of_those_that_are_meant(
    calls_made: Emulator, last: int, numbers: list[int]
) -> None:
    found = control(calls_made, "GET", f"/journal?operation=GetObject&last={last}").json()
    assert [call["number"] for call in found["calls"]] == numbers
    assert found["count"] == len(numbers)


@pytest.mark.parametrize("last", ["0", "-1", "x", ""])
def test_a_number_of_last_calls_that_is_none_is_refused(calls_made: Emulator, last: str) -> None:
    answer = control(calls_made, "GET", f"/journal?last={last}")
    assert (answer.status, "last" in answer.json()["message"]) == (400, True)


def test_the_last_call_is_the_newest_of_those_that_are_meant(calls_made: Emulator) -> None:
    assert calls_made.journal.last().number == 9
    assert calls_made.journal.last(running=False).number == 8
    assert calls_made.journal.last(operation="PutObject", complete=True).number == 4
    with pytest.raises(LookupError, match="no call in the journal matches"):
        calls_made.journal.last(operation="ListRoles")


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a field that is none": ({"colour": "red"}, "colour"),
    "a field in other case": ({"Status": 200}, "did you mean status"),
    "a bound of what has none": ({"min_fault": 2}, "min_fault"),
    "an operation that is none": ({"operation": "GetObjct"}, "did you mean GetObject"),
    "an operation of another revision": (
        {"operation": "DeleteObject"},
        "exists from revision 2026-08-12 on",
    ),
    "an outcome that is none": ({"outcome": "hit"}, "cache_hit"),
    "an empty text": ({"key": ""}, "key"),
    "an empty header": ({"request_header": ""}, "request_header"),
    "a status in words": ({"status": "ok"}, "4xx"),
    "a class of none": ({"status": "6xx"}, "4xx"),
    "a class as a bound": ({"min_status": "4xx"}, "min_status"),
    "no number": ({"duration_ms": "fast"}, "duration_ms"),
    "an empty number": ({"min_response_size": ""}, "min_response_size"),
    "not a number": ({"max_duration_ms": "nan"}, "max_duration_ms"),
    "a flag in words": ({"running": "yes"}, "running"),
    "an empty flag": ({"complete": ""}, "complete"),
    "no instant": ({"since": "yesterday"}, "since"),
    "an instant without its offset": ({"until": "2030-01-01T00:00:00"}, "until"),
    "an instant before 1970": ({"since": -1}, "since"),
    "an instant after 9999": ({"until": 1e12}, "until"),
    "an instant that never comes": ({"until": "inf"}, "until"),
}


@pytest.mark.parametrize(("conditions", "named"), WRONG.values(), ids=WRONG)
def test_what_is_no_filter_is_refused_by_name(
    calls_made: Emulator, conditions: dict[str, Any], named: str
) -> None:
    journal = calls_made.journal
    for ask in (journal.calls, journal.last, journal.assert_called, journal.assert_not_called):
        with pytest.raises(ValueError, match=named):
            ask(**conditions)
    for form in ("json", "jsonl", "har"):
        answer = control(calls_made, "GET", f"/journal?format={form}&{urlencode(conditions)}")
        assert answer.status == 400
        assert named in answer.json()["message"]
    answer = control(calls_made, "POST", "/journal/assert", conditions)
    assert answer.status == 400
    assert named in answer.json()["message"]


@pytest.mark.parametrize(
    ("field", "known"),
    [("operation", OPERATIONS), ("outcome", [str(each) for each in Outcome]), ("fields", FIELDS)],
)
def test_a_refusal_lists_all_that_there_is(
    calls_made: Emulator, field: str, known: list[str]
) -> None:
    with pytest.raises(ValueError, match="xyz" if field != "fields" else "fields") as refusal:
        calls_made.journal.calls(**{field: "xyz"})
    assert [name for name in known if name not in str(refusal.value)] == []


TYPES: list[tuple[str, object]] = [
    ("key", 5),
    ("operation", ["GetObject"]),
    ("status", True),
    ("status", [200]),
    ("min_status", {}),
    ("running", 2),
    ("running", []),
    ("since", True),
    ("until", [5]),
    ("request_header", {"a": "b"}),
    ("fault", 1),
]


@pytest.mark.parametrize(("field", "value"), TYPES)
def test_a_value_of_another_type_is_refused(calls_made: Emulator, field: str, value: Any) -> None:
    with pytest.raises(ValueError, match=field):
        calls_made.journal.calls(**{field: value})
    answer = control(calls_made, "POST", "/journal/assert", {field: value})
    assert answer.status == 400
    assert field in answer.json()["message"]


def test_a_condition_that_is_given_twice_is_refused(calls_made: Emulator) -> None:
    answer = control(calls_made, "GET", "/journal?status=200&status=404")
    assert answer.status == 400
    assert "status" in answer.json()["message"]


def test_a_format_that_there_is_not_is_refused_with_those_that_there_are(
    calls_made: Emulator,
) -> None:
    answer = control(calls_made, "GET", "/journal?format=xml")
    assert answer.status == 400
    for form in ("json", "jsonl", "har"):
        assert form in answer.json()["message"]


def test_a_key_of_any_text_is_found_by_itself(emulator: Emulator) -> None:
    owner = client(emulator)
    owner.create_store("store")
    for key in ("a b", "100%", "a+b", "é/ü", "a&b=c", "a\nb", "[x]", "a.c", "\u2028"):
        owner.put("store", key, b"")
        assert [call.key for call in emulator.journal.calls(key=key)] == [key]
        answer = control(emulator, "GET", f"/journal?key={quote(key, safe='')}")
        assert [call["key"] for call in answer.json()["calls"]] == [key]
