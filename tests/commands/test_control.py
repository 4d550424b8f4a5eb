"""Who may use the commands for the control API, and where: what all of them have in common."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler

import pytest

from emulator import Emulator
from tests.support.command_line import Run

from .servers import another_server

TOKEN = "a-control-token"
VARIABLE = "MOMENTO_EMULATOR_CONTROL_TOKEN"

COMMANDS = [
    "clock freeze",
    "faults list",
    "faults add storage_down",
    "faults remove fault-1",
    "faults clear",
    "journal show",
    "journal export",
    "journal export --format har",
    "journal assert",
    "journal clear",
    "state reset",
    "state checkpoint one",
    "state restore one",
    "state checkpoints",
    "state drop one",
    "state export",
    "state import -",
    "tiers list media",
    "tiers put media a -",
    "tiers drop media a",
    "tiers flush media",
    "tiers counts",
]


@pytest.fixture(scope="module")
def guarded() -> Iterator[Emulator]:
    with Emulator(cache="memory", control_token=TOKEN) as emulator:
        yield emulator


@pytest.mark.parametrize("words", COMMANDS)
def test_an_emulator_with_a_control_token_wants_to_be_shown_it(
    run: Run, guarded: Emulator, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    command = [*words.split(), "--endpoint", guarded.endpoint]
    run(*command, stdin="[]").refused("401", VARIABLE, "--control-token")
    monkeypatch.setenv(VARIABLE, "another-token")
    line = run(*command, stdin="[]").refused("401", VARIABLE)
    assert "another-token" not in line
    monkeypatch.setenv(VARIABLE, TOKEN)
    assert "401" not in run(*command, stdin="[]").stderr


@pytest.mark.parametrize("words", COMMANDS)
def test_an_emulator_that_does_not_run_is_told_how_to_start_one(run: Run, words: str) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        endpoint = f"http://127.0.0.1:{server.getsockname()[1]}"
    ended = run(*words.split(), "--endpoint", endpoint, stdin="[]")
    ended.refused(endpoint, "Connection refused", "start one", "--endpoint")


@pytest.mark.parametrize(
    "words",
    [
        "faults add storage_down --key {}",
        "faults add cache_lost key={}",
        "faults remove {}",
        "journal show --where key={}",
        "journal export --where key={}",
        "journal assert --where key={}",
        "state checkpoint {}",
        "state restore {}",
        "tiers list {}",
        "tiers put media {} -",
        "tiers drop media {}",
        "tiers flush {}",
        "tiers counts --store {}",
    ],
)
def test_what_is_no_text_at_all_breaks_nothing(anybody: Run, words: str) -> None:
    ended = anybody(*words.format("a\udcff").split())
    assert ended.status in (0, 1)
    assert len(ended.stderr.splitlines()) == ended.status


@pytest.mark.parametrize(
    "words", ["faults list", "journal show", "journal export", "state export", "tiers list media"]
)
def test_another_server_is_not_taken_for_an_emulator(run: Run, words: str) -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "text/html")
        request.end_headers()
        request.wfile.write(b"<html>")

    with another_server(answer) as endpoint:
        ended = run(*words.split(), "--endpoint", endpoint)
    ended.refused(endpoint, "status 200", "does not come from this emulator")
