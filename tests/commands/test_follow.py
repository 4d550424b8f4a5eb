"""``--follow``: what happens is printed as it happens, and one request is told in words."""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
import threading
from collections.abc import Callable, Iterator

import pytest

from emulator import Emulator
from emulator.cli import main
from emulator.commands import events
from emulator.commands.client import Streamed
from tests.support.client import Client, put_configuration, store_configuration
from tests.support.command_line import Run
from tests.support.emulators import ANY_NAMES, Start
from tests.support.waiting import wait_until

Followed = Callable[..., "Follower"]


class Follower:
    """A command that runs until its emulator stops; ``lines`` is what it has printed."""

    def __init__(self, stream: io.StringIO, thread: threading.Thread) -> None:
        self._stream = stream
        self._thread = thread

    @property
    def lines(self) -> list[str]:
        return self._stream.getvalue().splitlines()

    def wait_for(self, text: str) -> None:
        wait_until(lambda: any(text in line for line in self.lines), f"{text} is printed")

    def end(self) -> list[str]:
        """Wait until the command has ended, and return what it has printed."""
        self._thread.join(30)
        assert not self._thread.is_alive()
        return self.lines


@pytest.fixture
def follow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Followed]:
    """Runs a command against an emulator in a thread."""
    monkeypatch.delenv("MOMENTO_EMULATOR_CONTROL_TOKEN", raising=False)
    read = events._events
    with contextlib.ExitStack() as stack:

        def run(emulator: Emulator, *words: str) -> Follower:
            stream = stack.enter_context(io.StringIO())
            begun = threading.Event()

            def noted(answer: Streamed) -> Iterator[events.Event]:
                begun.set()
                yield from read(answer)

            monkeypatch.setattr(sys, "stdout", stream)
            monkeypatch.setattr(events, "_events", noted)
            given = [*words, "--endpoint", emulator.endpoint]
            thread = threading.Thread(target=main, args=(given,), daemon=True)
            thread.start()
            assert begun.wait(30)
            return Follower(stream, thread)

        yield run


def ask(emulator: Emulator) -> None:
    """Send a request that finds no store."""
    Client(emulator.endpoint, emulator.api_key()).call("GET", "/objectstore/none/a")


LINE = "GET /objectstore/none/a  404 bad_request (Store Not Found)  N ms"


def times_apart(lines: list[str]) -> list[str]:
    return [re.sub(r"[0-9.]+ ms", "N ms", line) for line in lines]


@pytest.mark.parametrize("words", ["journal --follow", "journal show -f", "journal follow"])
def test_requests_are_printed_as_they_end(start: Start, follow: Followed, words: str) -> None:
    emulator = start()
    follower = follow(emulator, *words.split())
    ask(emulator)
    follower.wait_for("Store Not Found")
    emulator.journal.clear()
    follower.wait_for("cleared")
    ask(emulator)
    wait_until(lambda: len(follower.lines) == 3, "the second request")
    emulator.stop()
    assert times_apart(follower.end()) == [f"#1  {LINE}", "The journal was cleared.", f"#1  {LINE}"]


def test_only_requests_that_match_are_printed(start: Start, follow: Followed) -> None:
    emulator = start()
    follower = follow(emulator, "journal", "--follow", "--where", "status=2xx", "-q")
    ask(emulator)
    Client(emulator.endpoint, emulator.api_key()).create_store("media")
    follower.wait_for("2")
    emulator.stop()
    assert follower.end() == ["2"]


def test_requests_since_another_one_are_printed_too(start: Start, follow: Followed) -> None:
    emulator = start()
    for _ in range(3):
        ask(emulator)
    follower = follow(emulator, "journal", "--follow", "--since", "1", "--json")
    follower.wait_for('"number": 3')
    emulator.stop()
    documents = [json.loads(line) for line in follower.end()]
    assert [(each["event"], each["number"]) for each in documents] == [("call", 2), ("call", 3)]


def test_entries_of_access_logs_are_printed_as_they_come(start: Start, follow: Followed) -> None:
    emulator = start(api_revision="latest", **ANY_NAMES)
    client = Client(emulator.endpoint, emulator.api_key())
    configuration = store_configuration("media")
    configuration["access_logging_config"] = {
        "cloudwatch": {
            "log_group_name": "/logs",
            "iam_role_arn": "arn:aws:iam::123456789012:role/Role",
            "region": "us-east-1",
        }
    }
    assert put_configuration(client, "media", configuration).status == 201
    follower = follow(emulator, "logs", "--follow")
    client.put("media", "a", b"body")
    follower.wait_for("put_object")
    emulator.stop()
    (line,) = follower.end()
    assert re.fullmatch(r"\S+  put_object  204  ok  4  -  \S+  media  a  /logs", line)


def test_one_request_is_told_in_words(anybody: Run, emulator: Emulator) -> None:
    emulator.clock.freeze("2030-01-01T00:00:00Z")
    emulator.faults.add({"type": "latency", "seconds": 0}, id="slow")
    client = Client(emulator.endpoint, emulator.api_key())
    client.create_store("media")
    client.call("GET", "/objectstore/media/a?x=1", headers={"X-Mine": "yes"})

    lines = anybody("journal", "show", "2").lines

    assert lines[0] == "Request 2: GET /objectstore/media/a?x=1"
    text = "\n".join(lines)
    for words in (
        "operation  GetObject, media/a",
        "time       2030-01-01T00:00:00.000000Z",
        "by         Owner (key first-owner) from 127.0.0.1",
        "answer     404",
        "message    Object not found.",
        "outcome    miss: neither tier had the object",
        "bodies     0 B in, ",
        "faults     slow",
        "    X-Mine: yes",
        "    Authorization: [redacted]",
        "    Content-Type: application/json",
    ):
        assert words in text
    assert anybody("journal", "show", "2", "--json").json()["number"] == 2


def test_a_request_that_there_is_not_is_refused(anybody: Run, emulator: Emulator) -> None:
    ask(emulator)
    anybody("journal", "show", "2").refused("404", "the last one is 1")
    anybody("journal", "show", "x").misused("ID", "'x'")
    anybody("journal", "show", "1", "--last", "2").misused("give an ID, or --where and --last")
    assert anybody("journal", "show", "--last", "1", "-q").lines == ["1"]


def test_every_outcome_has_a_meaning() -> None:
    from emulator.commands.call_in_words import _MEANINGS
    from emulator.core.outcome import Outcome

    assert {*_MEANINGS} == {str(outcome) for outcome in Outcome}
