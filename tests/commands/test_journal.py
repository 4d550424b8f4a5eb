"""``journal``: the requests that have come, from the shell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emulator import Emulator
from tests.support.client import Client
from tests.support.command_line import Run

STORE = "/objectstore/media"
INSTANT = 1_893_456_000
"""2030-01-01T00:00:00Z, in seconds since the Unix epoch."""

MICROSECONDS = 1_000_000


@pytest.fixture(autouse=True)
def requests(emulator: Emulator, client: Client) -> None:
    """There have been four requests, at one instant."""
    emulator.clock.freeze(INSTANT * MICROSECONDS)
    emulator.journal.clear()
    client.call("PUT", f"{STORE}/live/1.ts", b"body")
    client.call("GET", f"{STORE}/live/1.ts")
    client.call("GET", f"{STORE}/live/2.ts")
    Client(emulator.endpoint).call("GET", "/nowhere")


def requests_of(lines: list[str]) -> list[str]:
    """The last column of a table: what was asked for."""
    return [" ".join(line.split()[-2:]) for line in lines[1:]]


def test_every_request_is_a_line(anybody: Run) -> None:
    header, *lines = anybody("journal", "show").lines
    assert header.split() == [
        *("#", "TIME", "OPERATION", "STATUS", "OUTCOME", "MS", "BY", "FAULTS", "HINTS", "REQUEST")
    ]
    columns = [line.split() for line in lines]
    assert all(float(each.pop(5)) >= 0 for each in columns)
    time = "2030-01-01T00:00:00.000000Z"
    found = f"{STORE}/live/1.ts"
    assert columns == [
        ["1", time, "PutObject", "204", "ok", "owner", "-", "-", "PUT", found],
        ["2", time, "GetObject", "200", "cache_hit", "owner", "-", "-", "GET", found],
        ["3", time, "GetObject", "404", "miss", "owner", "-", "-", "GET", f"{STORE}/live/2.ts"],
        ["4", time, "-", "404", "-", "-", "-", "-", "GET", "/nowhere"],
    ]


def test_what_a_request_leans_on_is_seen(anybody: Run, client: Client) -> None:
    client.call("GET", f"{STORE}/live/1.ts", headers={"Range": "bytes=0-", "If-None-Match": "*"})
    (line,) = anybody("journal", "show", "--last", "1").lines[1:]
    assert line.split()[-3] == "range-ignored,if-none-match-ignored"


def test_what_a_fault_did_is_seen(anybody: Run, emulator: Emulator, client: Client) -> None:
    emulator.faults.add({"type": "close"}, id="lost", times=1)
    emulator.faults.add(
        {"type": "close", "where": "answer_body", "after_bytes": 2}, id="cut", nth=1
    )
    for _ in range(2):
        with pytest.raises(Exception):  # noqa: B017, PT011  in whatever way the client notices
            client.call("GET", f"{STORE}/live/1.ts")
    lines = anybody("journal", "show", "--last", "2").lines[1:]
    assert "no answer" in lines[0]
    assert "200 cut off" in lines[1]
    assert [line.split()[-4] for line in lines] == ["lost", "cut"]


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("", [1, 2, 3, 4]),
        ("--where operation=GetObject", [2, 3]),
        ("--where operation=GetObject --where status=4xx", [3]),
        ("--where key=live/*", [1, 2, 3]),
        ("--where complete=true --where min_status=300", [3, 4]),
        ("--where since=2030-01-01T00:00:00Z --last 1", [4]),
        ("--last 2", [3, 4]),
        ("--last 9", [1, 2, 3, 4]),
    ],
)
def test_filters_leave_what_fulfils_all_of_them(
    anybody: Run, words: str, numbers: list[int]
) -> None:
    lines = anybody("journal", "show", *words.split()).lines[1:]
    assert [int(line.split()[0]) for line in lines] == numbers
    document = anybody("journal", "show", *words.split(), "--json").json()
    assert document["count"] == len(numbers)
    assert document["dropped"] == 0
    assert [call["number"] for call in document["calls"]] == numbers


def test_a_value_may_hold_what_urls_and_shells_do_not_like(anybody: Run, client: Client) -> None:
    client.call("GET", f"{STORE}/a%26b%3D%C3%A9%20%2B")
    (line,) = anybody("journal", "show", "--where", "key=a&b=é +").lines[1:]
    assert line.endswith(f"GET {STORE}/a%26b%3D%C3%A9%20%2B")


def test_a_list_of_no_requests_says_so(anybody: Run, emulator: Emulator) -> None:
    assert anybody("journal", "show", "--where", "key=x").lines == ["No request matches."]
    emulator.journal.clear()
    assert anybody("journal", "show").lines == ["There are no requests."]


def test_how_many_requests_were_dropped_is_told(run: Run) -> None:
    with Emulator(cache="memory", journal_size=1) as small:
        client = Client(small.endpoint, small.api_key("owner"))
        for _ in range(3):
            client.call("GET", "/objectstore")
        lines = run("journal", "show", "--endpoint", small.endpoint).lines
        assert requests_of(lines[:-1]) == ["GET /objectstore"]
        assert lines[-1] == "2 older requests dropped."


@pytest.mark.parametrize("command", ["show", "export", "assert"])
@pytest.mark.parametrize(
    ("condition", "fragments"),
    [
        ("operatoin=GetObject", ["'operatoin'", "did you mean operation?", "status"]),
        ("operation=GetObjects", ["'GetObjects'", "did you mean GetObject?"]),
        ("status=many", ["status", "4xx"]),
        ("complete=maybe", ["complete", "true or false"]),
        ("key=", ["key", "empty"]),
    ],
)
def test_a_filter_that_there_is_not_is_refused_with_those_that_are(
    anybody: Run, command: str, condition: str, fragments: list[str]
) -> None:
    anybody("journal", command, "--where", condition).refused("400", *fragments)


@pytest.mark.parametrize("command", ["show", "export", "assert"])
@pytest.mark.parametrize(
    ("words", "fragments"),
    [
        ("--where", ["--where: it needs a value"]),
        ("--where operation", ["--where", "'operation'", "operation=GetObject"]),
        ("--where =x", ["--where", "'=x'"]),
        ("--where status=4xx --where status=5xx", ["--where", "status", "more than once"]),
        ("--where format=har", ["--where", "format is not a filter", "--format"]),
        ("--where times=2", ["--where", "times is not a filter", "--times"]),
        ("GetObject", ["'GetObject'"]),
    ],
)
def test_a_filter_is_a_name_and_a_value(
    anybody: Run, command: str, words: str, fragments: list[str]
) -> None:
    anybody("journal", command, *words.split()).misused(*fragments)


@pytest.mark.parametrize("command", ["export", "assert"])
def test_a_word_is_no_filter(anybody: Run, command: str) -> None:
    anybody("journal", command, "GetObject").misused("'GetObject'", "too many")


def test_a_word_that_is_no_number_of_a_request_is_told_filters(anybody: Run) -> None:
    anybody("journal", "show", "GetObject").misused("--where operation=GetObject")


@pytest.mark.parametrize("number", ["0", "-1", "x", "1.5"])
def test_the_number_of_last_requests_is_at_least_one(anybody: Run, number: str) -> None:
    anybody("journal", "show", "--last", number).misused("--last", repr(number), "at least 1")


def test_an_export_is_json_lines_or_an_http_archive(anybody: Run, emulator: Emulator) -> None:
    exported = anybody("journal", "export").stdout
    assert exported == emulator.journal.to_json_lines()
    assert anybody("journal", "export", "--format", "jsonl", "--json").stdout == exported
    archive = anybody("journal", "export", "--format", "har").json()
    assert archive == emulator.journal.to_har()
    words = ["--format", "har", "--where", "key=live/1.ts"]
    some = anybody("journal", "export", *words).json()
    assert some == emulator.journal.to_har(key="live/1.ts")


def test_an_export_goes_to_a_file(anybody: Run, emulator: Emulator, tmp_path: Path) -> None:
    words = ["journal", "export", "--format", "har", "--output", "requests.har"]
    assert anybody(*words).lines == ["Wrote the journal to requests.har."]
    assert json.loads((tmp_path / "requests.har").read_bytes()) == emulator.journal.to_har()
    assert anybody(*words, "--json").lines == []


def test_an_export_of_nothing_is_empty(anybody: Run) -> None:
    assert anybody("journal", "export", "--where", "key=x").stdout == ""


def test_an_export_that_cannot_be_written_is_named(anybody: Run) -> None:
    ended = anybody("journal", "export", "--output", "no/requests.har")
    ended.misused("--output", "'no/requests.har'", "No such file")
    anybody("journal", "export", "--format", "xml").misused("--format", "'xml'", "jsonl, har")


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("--where operation=GetObject", 2),
        ("--where operation=GetObject --times 2", 2),
        ("--where status=404 --where key=live/2.ts", 1),
        ("--where status=5xx --times 0", 0),
        ("--times 4", 4),
    ],
)
def test_a_check_that_holds_tells_how_many_there_were(anybody: Run, words: str, count: int) -> None:
    noun = "request" if count == 1 else "requests"
    assert anybody("journal", "assert", *words.split()).lines == [f"{count} {noun}."]
    assert anybody("journal", "assert", *words.split(), "--json").json() == {"count": count}


def test_a_check_that_does_not_hold_lists_what_comes_nearest(anybody: Run) -> None:
    ended = anybody("journal", "assert", "--where", "key=live/2.ts", "--where", "status=2xx")
    line = ended.fails(1, "Expected at least one call with key='live/2.ts', status='2xx'")
    assert line.endswith("there were none.")
    assert "\\n" not in ended.stdout
    first, second, reason, *_ = ended.stdout.splitlines()
    assert first == "The nearest of 4 other requests:"
    assert second.startswith(
        f"  #3 GetObject (GET {STORE}/live/2.ts): 404 miss (Object not found.), "
    )
    assert reason == "      status is 404"


def test_a_check_of_too_many_lists_them(anybody: Run) -> None:
    ended = anybody("journal", "assert", "--where", "operation=GetObject", "--times", "0")
    ended.fails(1, "Expected 0 calls with operation='GetObject'; there were 2.")
    lines = ended.stdout.splitlines()
    assert lines[0] == "Those were:"
    assert [line.split()[0] for line in lines[1:]] == ["#2", "#3"]


def test_a_check_that_does_not_hold_as_json_is_the_document_of_the_api(anybody: Run) -> None:
    ended = anybody("journal", "assert", "--where", "key=x", "--json")
    ended.fails(1, "Expected at least one call with key='x'")
    document = json.loads(ended.stdout)
    assert document.keys() == {"message"}
    assert document["message"].splitlines()[1] == "The nearest of 4 other requests:"


def test_a_key_in_a_filter_is_not_repeated(anybody: Run, emulator: Emulator) -> None:
    key = emulator.api_key("viewer")
    for more in ([], ["--json"]):
        ended = anybody("journal", "assert", "--where", f"key_id={key}", *more)
        ended.fails(1, "[redacted]")
        assert key not in ended.stdout + ended.stderr


def test_a_cleared_journal_is_empty(anybody: Run, emulator: Emulator) -> None:
    assert anybody("journal", "clear").lines == ["The journal is empty."]
    assert len(emulator.journal) == 0
    assert anybody("journal", "clear", "--json").json() == {}
