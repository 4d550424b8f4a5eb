"""``wait``: it returns with the first answer of an emulator, or with the failure of its start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from emulator import Emulator
from emulator.core.processes import pid_scope
from emulator.startup.ready_file import ReadyFile
from tests.support.command_line import Run
from tests.support.ports import reserved_port

from .servers import another_server

pytestmark = pytest.mark.proves("D170")


class Pauses:
    """The time of ``wait``: it goes on with each pause, in which something may happen."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.number = 0
        self.happens: Callable[[int], object] = lambda _: None

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.number += 1
        self.happens(self.number)


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> Pauses:
    made = Pauses()
    monkeypatch.setattr("emulator.commands.wait.monotonic", made.monotonic)
    monkeypatch.setattr("emulator.commands.wait.sleep", made.sleep)
    return made


@pytest.fixture
def ready(tmp_path: Path) -> Path:
    return tmp_path / "ready.json"


@pytest.fixture
def nowhere() -> Iterator[str]:
    """An endpoint at which nobody listens."""
    with reserved_port() as port:
        yield f"http://127.0.0.1:{port}"


def note_of(ready: Path) -> Path:
    return ready.with_name("ready.json.start")


def dead_pid() -> int:
    """The id of a process that has ended."""
    ended = subprocess.Popen([sys.executable, "-c", "pass"])
    ended.wait()
    return ended.pid


def write_note(ready: Path, pid: int, error: str | None, scope: Mapping[str, str]) -> None:
    note_of(ready).write_text(json.dumps({"pid": pid, "error": error, **scope}), encoding="utf-8")


def test_it_prints_the_endpoint_of_the_ready_file(
    run: Run, emulator: Emulator, ready: Path, pauses: Pauses
) -> None:
    ready.write_text(json.dumps({"endpoint": emulator.endpoint}), encoding="utf-8")

    assert run("wait", "--ready-file", ready).lines == [emulator.endpoint]
    assert run("wait", env={"MOMENTO_EMULATOR_READY_FILE": str(ready)}).lines == [emulator.endpoint]
    assert pauses.number == 0


def test_it_waits_for_the_file(run: Run, emulator: Emulator, ready: Path, pauses: Pauses) -> None:
    def happens(number: int) -> None:
        if number == 1:
            ReadyFile(ready).begin()
        if number == 3:
            ReadyFile(ready).write({"endpoint": emulator.endpoint})

    pauses.happens = happens

    assert run("wait", "--ready-file", ready).lines == [emulator.endpoint]
    assert pauses.number == 3
    assert not note_of(ready).exists()


def test_a_file_that_a_killed_emulator_left_is_not_enough(
    run: Run, emulator: Emulator, ready: Path, pauses: Pauses, nowhere: str
) -> None:
    ready.write_text(json.dumps({"endpoint": nowhere}), encoding="utf-8")
    run("wait", "--ready-file", ready, "--timeout", "5").refused(nowhere, "not ready after 5 s")

    pauses.happens = lambda _: ReadyFile(ready).write({"endpoint": emulator.endpoint})
    assert run("wait", "--ready-file", ready).lines == [emulator.endpoint]


def test_without_a_file_the_endpoint_is_asked(
    run: Run, emulator: Emulator, nowhere: str, ready: Path
) -> None:
    env = {"MOMENTO_ENDPOINT": emulator.endpoint, "MOMENTO_EMULATOR_READY_FILE": str(ready)}

    assert run("wait", env={"MOMENTO_ENDPOINT": emulator.endpoint}).lines == [emulator.endpoint]
    assert run("wait", "--endpoint", emulator.endpoint, env=env).lines == [emulator.endpoint]
    run("wait", "--endpoint", nowhere, env=env).refused(nowhere, "not ready after 30 s", "refused")


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_a_start_that_fails_ends_it_at_once_with_its_error(
    run: Run, ready: Path, pauses: Pauses, when: str
) -> None:
    def fail(_: int = 0) -> None:
        ReadyFile(ready).begin()
        ReadyFile(ready).fail("--port: 8080 on 127.0.0.1 is in use")

    if when == "before":
        fail()
    else:
        pauses.happens = fail
    ended = run("wait", "--ready-file", ready, "--timeout", "1h")

    ended.refused("the emulator could not start: --port: 8080 on 127.0.0.1 is in use")
    assert pauses.now < 1003


def test_an_older_failure_is_forgotten_when_the_next_start_begins(
    run: Run, emulator: Emulator, ready: Path, pauses: Pauses
) -> None:
    ReadyFile(ready).begin()
    ReadyFile(ready).fail("an older one")
    os.utime(note_of(ready), (1, 1))

    def happens(number: int) -> None:
        if number == 5:
            ReadyFile(ready).begin()
        if number == 1000:
            ReadyFile(ready).write({"endpoint": emulator.endpoint})

    pauses.happens = happens

    assert run("wait", "--ready-file", ready, "--timeout", "1h").lines == [emulator.endpoint]


def test_a_starting_process_that_was_killed_ends_it(run: Run, ready: Path) -> None:
    pid = dead_pid()
    write_note(ready, pid, None, pid_scope())

    run("wait", "--ready-file", ready, "--timeout", "1h").refused(f"process {pid} has ended")


def test_of_a_process_in_another_container_nobody_says_that_it_has_ended(
    run: Run, ready: Path
) -> None:
    write_note(ready, dead_pid(), None, {**pid_scope(), "host": "another"})

    run("wait", "--ready-file", ready).refused("not ready after 30 s", "there is no file")


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"pid": 1}'])
def test_what_is_no_note_says_nothing(run: Run, ready: Path, content: str) -> None:
    note_of(ready).write_text(content, encoding="utf-8")

    run("wait", "--ready-file", ready).refused("not ready after 30 s")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"endpoint": 1}'])
def test_what_is_no_ready_file_is_said(run: Run, ready: Path, content: str) -> None:
    ready.write_text(content, encoding="utf-8")

    run("wait", "--ready-file", ready).refused("is not the ready file of an emulator")


def test_a_wrong_command_line_ends_it_too(run: Run, ready: Path, tmp_path: Path) -> None:
    file = tmp_path / "emulator.toml"
    file.write_text(f"ready_file = {json.dumps(str(ready))}\n", encoding="utf-8")
    variable = {"MOMENTO_EMULATOR_READY_FILE": str(ready)}
    for words, env, said in (
        (("--ready-file", ready, "--port", "x"), {}, "--port: 'x' is not a port"),
        (("serve", f"--ready-file={ready}", "--prot", "1"), {}, "unknown option --prot"),
        (("--storage", "filesystem"), variable, "--storage filesystem: requires"),
        (("--config", file, "--journal-size", "y"), {}, "--journal-size: 'y'"),
    ):
        note_of(ready).unlink(missing_ok=True)
        run(*words, env=env).misused(said)
        run("wait", "--ready-file", ready, "--timeout", "1h").refused("could not start", said)


def test_another_server_at_the_endpoint_ends_it(run: Run) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_error(404)

    with another_server(answer) as endpoint:
        ended = run("wait", "--endpoint", endpoint, "--timeout", "1h")

    ended.refused(endpoint, "with status 404, does not come from this emulator")


def test_a_gateway_without_an_emulator_behind_it_is_asked_again(run: Run, pauses: Pauses) -> None:
    statuses = [502, 503, 504]

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if statuses:
            handler.send_error(statuses.pop())
            return
        body = b'{"status": "ok", "api_revision": "2026-02-05"}'
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    with another_server(answer) as endpoint:
        assert run("wait", "--endpoint", endpoint).lines == [endpoint]
    assert pauses.number == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--ready-file", "a", "--endpoint", "http://b:1"], "give one"),
        (["--timeout", "0"], "'0' is not a time"),
        (["--timeout", "soon"], "'soon' is not a time"),
        (["--endpoint", "ftp://a"], "'ftp://a' is not an endpoint"),
        (["ready.json"], "one word too many"),
        (["--file", "a"], "unknown option --file"),
    ],
)
def test_what_is_wrong_with_the_command_is_said(run: Run, words: list[str], said: str) -> None:
    run("wait", *words).misused(said)
