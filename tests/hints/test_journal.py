"""Where hints are shown: in every form of the journal, in its filters and its checks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator import Emulator
from emulator.control.hints.hint import PAGE
from emulator.control.hints.table import IDS
from tests.control import har
from tests.support.command_line import Run
from tests.support.emulators import client, control

from .cases import OBJECT

pytestmark = pytest.mark.proves("D165")

RANGE = {
    "id": "range-ignored",
    "text": "Range has no effect: the answer is the whole object with 200, never a part with 206.",
    "link": f"{PAGE}#range-ignored",
}


@pytest.fixture
def emulator(stocked: Emulator) -> Emulator:
    """An emulator with three calls: one has no hint, one has one, one has two."""
    owner = client(stocked)
    owner.get("media", "key")
    owner.call("GET", OBJECT, None, {"Range": "bytes=0-1"})
    owner.call("GET", OBJECT, None, {"Range": "bytes=0-1", "If-None-Match": "*"})
    return stocked


def ids(documents: list[dict[str, Any]]) -> list[list[str]]:
    return [[hint["id"] for hint in each["hints"]] for each in documents]


EXPECTED = [[], ["range-ignored"], ["range-ignored", "if-none-match-ignored"]]


def test_the_document_of_a_call_has_its_hints(emulator: Emulator) -> None:
    assert control(emulator, "GET", "/journal/2").json()["hints"] == [RANGE]
    assert ids(control(emulator, "GET", "/journal").json()["calls"]) == EXPECTED


def test_each_json_line_has_its_hints(emulator: Emulator) -> None:
    lines = emulator.journal.to_json_lines().splitlines()
    assert ids([json.loads(line) for line in lines]) == EXPECTED


def test_an_archive_has_hints_in_a_member_of_its_own(emulator: Emulator) -> None:
    without, one, two = har.check(emulator.journal.to_har())
    assert "_hints" not in without
    assert one["_hints"] == [RANGE]
    assert [hint["id"] for hint in two["_hints"]] == EXPECTED[2]


def test_the_line_of_a_call_names_its_hints(emulator: Emulator) -> None:
    without, _, two = map(str, emulator.journal)
    assert "hints" not in without
    assert two.endswith(", hints: range-ignored, if-none-match-ignored")


def test_a_filter_takes_the_id_of_a_hint_or_a_pattern(emulator: Emulator) -> None:
    def found(hint: str) -> list[int]:
        return [call.number for call in emulator.journal.calls(hint=hint)]

    assert found("range-ignored") == [2, 3]
    assert found("if-*") == [3]
    assert found("*") == [2, 3]
    assert found("store-created-again") == []
    answer = control(emulator, "GET", "/journal?hint=if-none-match-ignored")
    assert answer.json()["count"] == 1


def test_an_unknown_hint_is_refused_with_those_that_there_are(emulator: Emulator) -> None:
    with pytest.raises(ValueError, match="'range-ignore': did you mean range-ignored"):
        emulator.journal.calls(hint="range-ignore")
    assert control(emulator, "GET", "/journal?hint=ranges").status == 400


def test_a_failed_check_names_the_hints_of_the_nearest_calls(emulator: Emulator) -> None:
    emulator.journal.assert_called(hint="range-ignored", times=2)
    with pytest.raises(AssertionError, match="hint is range-ignored, if-none-match-ignored"):
        emulator.journal.assert_called(hint="bearer-refused")


def test_hints_are_listed_each_with_its_calls(emulator: Emulator) -> None:
    found = emulator.journal.hints()
    assert {hint.id: [call.number for call in calls] for hint, calls in found.items()} == {
        "range-ignored": [2, 3],
        "if-none-match-ignored": [3],
    }
    assert [hint.id for hint in emulator.journal.hints(max_number=2)] == ["range-ignored"]
    assert [hint.id for hint in emulator.journal.hints(hint="if-*")] == ["if-none-match-ignored"]


def test_a_check_for_no_hints_lists_them_with_their_calls(emulator: Emulator) -> None:
    with pytest.raises(AssertionError) as raised:
        emulator.journal.assert_no_hints()
    lines = str(raised.value).splitlines()
    assert lines[0] == "Requests lean on what nobody promised:"
    assert lines[1] == f"  range-ignored (2 requests): {RANGE['text']} See {RANGE['link']}"
    assert lines[2].startswith("    #2 GetObject")
    assert lines[4].startswith("  if-none-match-ignored (1 request): ")


def test_a_check_lists_the_first_calls_of_many(emulator: Emulator) -> None:
    for _ in range(3):
        client(emulator).call("GET", OBJECT, None, {"Range": "bytes=0-1"})
    with pytest.raises(AssertionError) as raised:
        emulator.journal.assert_no_hints()
    lines = str(raised.value).splitlines()
    assert [line[:6] for line in lines[2:6]] == ["    #2", "    #3", "    #4", "    .."]


@pytest.mark.parametrize(
    "allow", [("range-ignored", "if-none-match-ignored"), ["range-*", "if-*"], "*-ignored"]
)
def test_allowed_hints_do_not_count(emulator: Emulator, allow: list[str]) -> None:
    emulator.journal.assert_no_hints(allow)


def test_a_hint_that_is_not_allowed_counts(emulator: Emulator) -> None:
    with pytest.raises(AssertionError, match="if-none-match-ignored") as raised:
        emulator.journal.assert_no_hints(allow="range-ignored")
    assert "  range-ignored" not in str(raised.value)
    emulator.journal.assert_no_hints(allow="range-ignored", max_number=2)


def test_an_unknown_hint_cannot_be_allowed(emulator: Emulator) -> None:
    with pytest.raises(ValueError, match="'ranges'"):
        emulator.journal.assert_no_hints(allow=["ranges"])


def test_requests_without_hints_pass(stocked: Emulator) -> None:
    client(stocked).get("media", "key")
    stocked.journal.assert_no_hints()
    assert stocked.journal.hints() == {}


@pytest.fixture
def command(run: Run, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("MOMENTO_ENDPOINT", emulator.endpoint)
    return run


def test_a_request_in_words_has_its_hints(command: Run) -> None:
    assert "hints:" not in command("journal", "show", "1").stdout
    lines = command("journal", "show", "2").lines
    at = lines.index("  hints:")
    assert lines[at + 1] == f"    range-ignored: {RANGE['text']} See {RANGE['link']}"


def test_requests_with_a_hint_are_found_on_the_command_line(command: Run) -> None:
    words = ("journal", "show", "--where", "hint=if-none-match-ignored", "--quiet")
    assert command(*words).lines == ["3"]
    command("journal", "show", "--where", "hint=nothing").refused("400", "'nothing'", IDS[0])


def test_the_stream_of_events_tells_hints(emulator: Emulator) -> None:
    connection = client(emulator).connect()
    connection.request("GET", "/_emulator/events?since=1&hint=range-*")
    answer = connection.getresponse()
    while not (line := answer.readline()).startswith(b"data: "):
        assert line
    answer.close()
    connection.close()
    document = json.loads(line.removeprefix(b"data: "))
    assert (document["number"], document["hints"]) == (2, [RANGE])
