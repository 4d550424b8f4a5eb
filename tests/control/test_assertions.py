"""Assertions on the journal, and what they say where they fail."""

from __future__ import annotations

from typing import Any

import pytest

from emulator import Emulator
from tests.support.emulators import Start, client, control


def complaint(emulator: Emulator, times: int | None = None, **conditions: Any) -> str:
    """What a failing assertion says, in the process and over HTTP."""
    with pytest.raises(AssertionError) as error:
        emulator.journal.assert_called(times=times, **conditions)
    document = dict(conditions) if times is None else {**conditions, "times": times}
    answer = control(emulator, "POST", "/journal/assert", document)
    assert answer.status == 412
    assert answer.json()["message"] == str(error.value)
    return str(error.value)


def test_an_assertion_without_a_number_wants_one_call_or_more(calls_made: Emulator) -> None:
    calls_made.journal.assert_called()
    calls_made.journal.assert_called(operation="GetObject")
    calls_made.journal.assert_called(status=201)
    answer = control(calls_made, "POST", "/journal/assert", {"operation": "GetObject"})
    assert (answer.status, answer.json()) == (200, {"count": 3})
    assert "Expected at least one call" in complaint(calls_made, operation="ListRoles")


@pytest.mark.parametrize(("key", "count"), [("absent", 0), ("cut", 1), ("a", 2)])
def test_an_assertion_with_a_number_wants_exactly_so_many_calls(
    calls_made: Emulator, key: str, count: int
) -> None:
    for times in (0, 1, 2, 3):
        if times == count:
            calls_made.journal.assert_called(times=times, key=key)
            answer = control(calls_made, "POST", "/journal/assert", {"key": key, "times": times})
            assert (answer.status, answer.json()) == (200, {"count": count})
        else:
            message = complaint(calls_made, times, key=key)
            assert f"Expected {times} call{'' if times == 1 else 's'}" in message
            assert f"key={key!r}" in message


def test_that_nothing_was_called_is_an_assertion_of_its_own(calls_made: Emulator) -> None:
    calls_made.journal.assert_not_called(operation="ListRoles")
    calls_made.journal.assert_not_called(key="a", status="5xx")
    with pytest.raises(AssertionError) as error:
        calls_made.journal.assert_not_called(key="a")
    lines = str(error.value).splitlines()
    assert lines[0] == "Expected 0 calls with key='a'; there were 2."
    assert [line.split()[0] for line in lines[2:]] == ["#2", "#6"]


def test_too_many_calls_are_listed(calls_made: Emulator) -> None:
    message = complaint(calls_made, 1, operation="GetObject")
    assert message.splitlines()[0] == "Expected 1 call with operation='GetObject'; there were 3."
    for number in (3, 6, 8):
        assert f"#{number} GetObject" in message
    assert "nearest" not in message


def test_of_too_few_calls_those_are_listed_and_the_nearest_others(calls_made: Emulator) -> None:
    message = complaint(calls_made, 3, key="a")
    found, _, nearest = message.partition("The nearest")
    assert "#2 PutObject" in found
    assert "#6 GetObject" in found
    assert "7 other requests" in nearest
    assert "#2" not in nearest
    assert "#6" not in nearest


def test_the_nearest_come_first_and_each_says_what_differs(calls_made: Emulator) -> None:
    message = complaint(
        calls_made, operation="GetObject", key="a", role="viewer", status=404, min_object_age_ms=1
    )
    lines = message.splitlines()
    assert "there were none" in lines[0]
    nearest = lines.index(next(line for line in lines if "The nearest" in line))
    assert lines[nearest + 1].strip().startswith("#6 GetObject")
    assert lines[nearest + 2].strip() == "status is 200"
    reasons = {
        lines[index].split()[0]: lines[index + 1].strip()
        for index in range(nearest + 1, len(lines), 2)
    }
    assert len(reasons) == 9
    assert "key is 'none', role is 'owner'" in reasons["#3"]
    assert "operation is 'PutObject'" in reasons["#4"]
    assert "operation is None" in reasons["#5"]
    assert "object_age_ms is None" in reasons["#7"] or "min_object_age_ms is None" in reasons["#7"]
    counts = [reason.count(" is ") for reason in reasons.values()]
    assert counts == sorted(counts)


DIFFERENCES: list[tuple[dict[str, Any], str, str]] = [
    ({"fault": "none"}, "#8", "fault is cutter"),
    ({"fault": "none"}, "#1", "fault is none"),
    ({"complete": True, "running": True}, "#9", "complete is False"),
    ({"response_header": "x-none"}, "#6", "response_header is other headers"),
    ({"since": "2040-01-01T00:00:00Z"}, "#1", "since is 2033-05-18T03:33:20.000000Z"),
    ({"until": 1}, "#6", "until is 2033-05-18T03:33:30.000000Z"),
    ({"max_status": 100}, "#6", "status is 200"),
    ({"min_request_size": 10**9}, "#2", "request_size is 5"),
    ({"outcome": "bad_request"}, "#6", "outcome is 'cache_hit'"),
]


@pytest.mark.parametrize(("conditions", "number", "difference"), DIFFERENCES)
def test_whatever_differs_is_said(
    calls_made: Emulator, conditions: dict[str, Any], number: str, difference: str
) -> None:
    lines = complaint(calls_made, **conditions).splitlines()
    index = next(index for index, line in enumerate(lines) if line.strip().startswith(number))
    assert difference in lines[index + 1]


def test_among_equally_near_calls_the_newest_come_first_and_ten_are_enough(
    emulator: Emulator,
) -> None:
    for number in range(30):
        client(emulator).get("store", f"{number}")
    lines = complaint(emulator, key="absent").splitlines()
    assert "The nearest of 30 other requests:" in lines
    assert [line.split()[0] for line in lines if line.strip().startswith("#")] == [
        f"#{number}" for number in range(30, 20, -1)
    ]


def test_an_empty_journal_says_that_there_was_nothing(emulator: Emulator) -> None:
    assert complaint(emulator).splitlines() == [
        "Expected at least one call with any request; there were none.",
        "There was no other request.",
    ]
    emulator.journal.assert_not_called()


def test_that_calls_have_been_dropped_is_said(start: Start) -> None:
    emulator = start(journal_size=2)
    for number in range(5):
        client(emulator).get("store", f"{number}")
    message = complaint(emulator, key="0")
    assert message.splitlines()[-1] == "3 older requests dropped."
    emulator.journal.assert_not_called(key="0")
    assert "dropped" in complaint(emulator, 7)


def test_that_one_call_has_been_dropped_is_said(start: Start) -> None:
    emulator = start(journal_size=0)
    client(emulator).list_stores()
    assert "1 older request dropped." in complaint(emulator)


def test_that_none_has_been_dropped_is_not_said(calls_made: Emulator) -> None:
    assert "dropped" not in complaint(calls_made, key="absent")


def test_a_count_that_is_none_is_refused_over_http(calls_made: Emulator) -> None:
    for times in ("2", 1.5, True, [1]):
        answer = control(calls_made, "POST", "/journal/assert", {"times": times})
        assert answer.status == 400
        assert "times" in answer.json()["message"]


def test_a_body_that_is_no_object_is_refused(calls_made: Emulator) -> None:
    documents: list[object] = [[], "GetObject", 5]
    for document in documents:
        assert control(calls_made, "POST", "/journal/assert", document).status == 400


def test_an_assertion_without_a_body_asks_for_any_call(calls_made: Emulator) -> None:
    answer = control(calls_made, "POST", "/journal/assert")
    assert (answer.status, answer.json()) == (200, {"count": 9})


def test_asking_leaves_no_call(calls_made: Emulator) -> None:
    before = calls_made.journal.calls()
    complaint(calls_made, key="absent")
    assert calls_made.journal.calls() == before
