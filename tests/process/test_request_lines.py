"""A line for each request: on a terminal, or where it is asked for."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from tests.support.client import Client
from tests.support.launch import Launcher, Running
from tests.support.terminals import at_terminal
from tests.support.waiting import wait_until

MISS = "GET /objectstore/media/none"


def ask(client: Client) -> None:
    """Send a Put, a Get that finds nothing, and one of no store."""
    client.create_store("media")
    client.put("media", "a", b"body")
    client.call("GET", "/objectstore/media/none?x=1")
    client.call("GET", "/objectstore/none/a")


def lines(log: str) -> list[str]:
    """The lines about requests, without their times."""
    found = [line for line in log.splitlines() if " ms" in line]
    return [re.sub(r"[0-9.]+ ms", "N ms", line) for line in found]


EXPECTED = [
    "PUT /objectstore/media  201 ok  N ms",
    "PUT /objectstore/media/a  204 ok  N ms",
    "GET /objectstore/media/none?x=1  404 miss (Object not found.)  N ms",
    "GET /objectstore/none/a  404 bad_request (Store Not Found)  N ms",
]


def test_a_pipe_has_no_lines(running: Running) -> None:
    ask(running.client())
    assert lines(running.stop()) == []


def test_a_pipe_has_lines_where_they_are_asked_for(emulators: Launcher) -> None:
    running = emulators.start("--no-quiet")
    ask(running.client())
    wait_until(lambda: len(lines(running.stderr)) == len(EXPECTED), "the lines")
    assert lines(running.stop()) == EXPECTED


def test_lines_of_a_log_in_json_are_json(emulators: Launcher) -> None:
    running = emulators.start("--no-quiet", "--log-format", "json")
    ask(running.client())
    documents = [json.loads(line) for line in running.stop().splitlines()]
    requests = [each for each in documents if each["message"] == "request"]
    assert [(each["method"], each["status"], each["outcome"]) for each in requests] == [
        ("PUT", 201, "ok"),
        ("PUT", 204, "ok"),
        ("GET", 404, "miss"),
        ("GET", 404, "bad_request"),
    ]


def test_what_nobody_could_read_is_counted(emulators: Launcher) -> None:
    running = emulators.start("--no-quiet", "--journal-size", "3")
    ask(running.client())
    log = running.stop()
    shown, counts = lines(log), re.findall(r"^\.\.\. (\d+) more$", log, re.MULTILINE)
    assert len(shown) + sum(map(int, counts)) == len(EXPECTED)


def test_a_terminal_that_another_program_has_made_non_blocking_has_all_lines(
    tmp_path: Path,
) -> None:
    """As Node.js does; the others on that terminal have the same open file."""
    ready = tmp_path / "ready.json"
    words = ["--port", "0", "--cache", "memory", "--ready-file", str(ready)]
    start = "import os, sys; os.set_blocking(2, False); os.execv(sys.executable, sys.argv[1:])"
    command = [sys.executable, "-c", start, sys.executable, "-m", "emulator", *words]
    with at_terminal(*command) as terminal:
        terminal.wait_for("Ctrl-C stops it.")
        facts = json.loads(ready.read_text())
        client = Client(facts["endpoint"], facts["api_keys"]["owner"])
        for number in range(100):
            client.call("GET", f"/objectstore/media/{'k' * 900}{number}")
        client.call("GET", "/objectstore/media/last")
        terminal.wait_for("/objectstore/media/last")
        terminal.type("\x03")
        terminal.read_to_end()


@pytest.mark.parametrize(
    ("options", "env", "is_quiet", "is_colored"),
    [
        ([], {}, False, True),
        ([], {"NO_COLOR": "1"}, False, False),
        (["--quiet"], {}, True, False),
        ([], {"MOMENTO_EMULATOR_QUIET": "true"}, True, False),
    ],
)
def test_a_terminal_has_lines_unless_it_is_to_be_quiet(
    tmp_path: Path, options: list[str], env: dict[str, str], is_quiet: bool, is_colored: bool
) -> None:
    ready = tmp_path / "ready.json"
    words = ["--port", "0", "--cache", "memory", "--ready-file", str(ready), *options]
    with at_terminal(sys.executable, "-m", "emulator", *words, env=env) as terminal:
        terminal.wait_for("Ctrl-C stops it.")
        facts = json.loads(ready.read_text())
        client = Client(facts["endpoint"], facts["api_keys"]["owner"])
        client.call("GET", "/objectstore/media/none")
        if not is_quiet:
            terminal.wait_for(MISS)
        terminal.type("\x03")
        seen = terminal.read_to_end()
    assert (MISS in seen) is not is_quiet
    colored = "\x1b[33m404 bad_request (Store Not Found)\x1b[0m"
    assert (colored in seen) is is_colored
