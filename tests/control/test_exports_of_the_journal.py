"""The journal as JSON lines and as an HTTP archive."""

from __future__ import annotations

import json
from http.client import RemoteDisconnected
from pathlib import Path

import pytest

from emulator import Emulator, __version__
from tests.support.emulators import client, control

from . import har


def test_every_json_line_is_the_document_of_a_call(calls_made: Emulator) -> None:
    text = calls_made.journal.to_json_lines()
    assert text.endswith("\n")
    lines = text.split("\n")[:-1]
    assert [json.loads(line) for line in lines] == [call.document() for call in calls_made.journal]
    assert len(lines) == 9


def test_a_door_gives_the_same_json_lines(calls_made: Emulator) -> None:
    answer = control(calls_made, "GET", "/journal?format=jsonl")
    assert answer.status == 200
    assert answer.headers.get_content_type() == "application/x-ndjson"
    assert answer.body.decode() == calls_made.journal.to_json_lines()


def test_json_lines_take_filters(calls_made: Emulator) -> None:
    wanted = calls_made.journal.to_json_lines(operation="GetObject")
    assert [json.loads(line)["number"] for line in wanted.splitlines()] == [3, 6, 8]
    answer = control(calls_made, "GET", "/journal?format=jsonl&operation=GetObject")
    assert answer.body.decode() == wanted
    assert calls_made.journal.to_json_lines(operation="ListRoles") == ""
    with pytest.raises(ValueError, match="colour"):
        calls_made.journal.to_json_lines(colour="red")  # type: ignore[call-arg]


@pytest.mark.parametrize("key", ["a\nb", "a\r\nb", "\u2028", "\x85", "é日", '"', "\\", "\t"])
def test_a_key_of_any_text_stays_on_one_line(emulator: Emulator, key: str, tmp_path: Path) -> None:
    client(emulator).get("store", key)
    client(emulator).create_store("store")
    client(emulator).get("store", key)
    file = tmp_path / "journal.jsonl"
    emulator.journal.to_json_lines(file)
    with file.open(encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    assert [call["number"] for call in found] == [1, 2, 3]
    assert found[-1]["key"] == key


def test_json_lines_are_written_to_a_file(calls_made: Emulator, tmp_path: Path) -> None:
    for path in (tmp_path / "as path.jsonl", str(tmp_path / "as text.jsonl")):
        text = calls_made.journal.to_json_lines(path, store="store")
        assert Path(path).read_bytes().decode() == text
        assert text
    with pytest.raises(OSError, match="nowhere"):
        calls_made.journal.to_json_lines(tmp_path / "nowhere" / "journal.jsonl")


def test_the_archive_is_one_of_har(calls_made: Emulator) -> None:
    entries = har.check(calls_made.journal.to_har())
    assert len(entries) == 9
    assert calls_made.journal.to_har()["log"]["creator"]["version"] == __version__


def test_the_archive_has_each_call_as_it_was(calls_made: Emulator) -> None:
    calls = calls_made.journal.calls()
    entries = har.check(calls_made.journal.to_har())
    for call, entry in zip(calls, entries, strict=True):
        request, response = entry["request"], entry["response"]
        assert entry["startedDateTime"] == call.document()["time"]
        assert request["method"] == call.method
        assert request["url"] == calls_made.endpoint + call.target
        assert request["bodySize"] == call.request_size
        assert [(pair["name"], pair["value"]) for pair in request["headers"]] == [
            *call.request_headers
        ]
        assert response["status"] == (call.status or 0)
        assert response["content"]["size"] == call.response_size
        assert [(pair["name"], pair["value"]) for pair in response["headers"]] == [
            *call.response_headers
        ]
        if call.duration is not None:
            assert entry["time"] == call.duration / 1000
        if call.first_byte_time is not None:
            assert entry["timings"]["wait"] == call.first_byte_time / 1000


def test_the_archive_has_what_the_format_has_no_place_for_in_comments(
    calls_made: Emulator,
) -> None:
    entries = har.check(calls_made.journal.to_har())
    assert entries[5]["comment"] == "operation GetObject, outcome cache_hit"
    assert "fault cutter" in entries[7]["comment"]
    assert entries[4].get("comment", "") == ""


def test_an_answer_that_came_has_a_phrase_a_type_and_its_size(calls_made: Emulator) -> None:
    response = har.check(calls_made.journal.to_har())[5]["response"]
    assert (response["status"], response["statusText"]) == (200, "OK")
    assert response["content"] == {"size": 5, "mimeType": "application/octet-stream"}
    assert response["bodySize"] == 5


def test_an_answer_that_was_cut_short_has_no_known_size(calls_made: Emulator) -> None:
    response = har.check(calls_made.journal.to_har())[7]["response"]
    assert (response["status"], response["bodySize"]) == (200, -1)
    assert response["content"]["size"] == 2


def test_an_answer_that_did_not_come_has_a_status_of_0(emulator: Emulator) -> None:
    emulator.faults.add("close")
    with pytest.raises(RemoteDisconnected):
        client(emulator).list_stores()
    (entry,) = har.check(emulator.journal.to_har())
    assert entry["response"]["status"] == 0
    assert entry["response"]["statusText"] == ""
    assert entry["response"]["headers"] == []
    assert entry["response"]["bodySize"] == -1


def test_a_query_is_taken_apart(emulator: Emulator) -> None:
    client(emulator).call("GET", "/nowhere?a=b%20c&a=d&e=&f")
    (entry,) = har.check(emulator.journal.to_har())
    assert entry["request"]["queryString"] == [
        {"name": "a", "value": "b c"},
        {"name": "a", "value": "d"},
        {"name": "e", "value": ""},
        {"name": "f", "value": ""},
    ]


def test_an_archive_of_nothing_is_one_too(emulator: Emulator) -> None:
    assert har.check(emulator.journal.to_har()) == []


def test_archives_take_filters(calls_made: Emulator) -> None:
    assert len(har.check(calls_made.journal.to_har(status="4xx"))) == 3
    answer = control(calls_made, "GET", "/journal?format=har&status=4xx")
    assert len(har.check(answer.json())) == 3


def test_a_door_gives_the_same_archive(calls_made: Emulator) -> None:
    answer = control(calls_made, "GET", "/journal?format=har")
    assert answer.headers.get_content_type() == "application/json"
    assert answer.json() == calls_made.journal.to_har()


def test_an_archive_is_written_to_a_file(calls_made: Emulator, tmp_path: Path) -> None:
    for path in (tmp_path / "as path.har", str(tmp_path / "as text.har")):
        archive = calls_made.journal.to_har(path)
        assert json.loads(Path(path).read_text(encoding="utf-8")) == archive
    with pytest.raises(OSError, match="nowhere"):
        calls_made.journal.to_har(tmp_path / "nowhere" / "journal.har")
