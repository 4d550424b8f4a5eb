"""The commands as processes: end to end, with readers that go, with Ctrl-C, and what they load."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from emulator import Emulator
from tests.support.client import Client
from tests.support.environment import environment
from tests.support.launch import START_SECONDS
from tests.support.launch import run as run_process

from .conftest import UPLOADS

HEAVY = {"aiohttp", "asyncio", "fakeredis", "jwt", "yaml"}


@pytest.fixture
def variables(emulator: Emulator) -> dict[str, str]:
    """What the shell of an Owner has set."""
    return {"MOMENTO_ENDPOINT": emulator.endpoint, "MOMENTO_API_KEY": emulator.api_key()}


def test_a_key_is_made_used_and_revoked(emulator: Emulator, variables: dict[str, str]) -> None:
    def command(*words: str) -> subprocess.CompletedProcess[str]:
        return run_process(sys.executable, "-m", "emulator", *words, env=variables)

    created = command("keys", "create", "--role", "viewer", "--expires-in", "1h", "--json")
    document = json.loads(created.stdout)
    holder = Client(emulator.endpoint, document["api_key"])
    before = holder.call("GET", "/objectstore").status
    revoked = command("keys", "revoke", document["key_info"]["key_id"])
    after = holder.call("GET", "/objectstore").status

    assert (created.returncode, created.stderr) == (0, "")
    assert (revoked.returncode, revoked.stderr) == (0, "")
    assert (before, after) == (200, 401)


def test_a_permission_set_is_piped_in(variables: dict[str, str]) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "emulator", "roles", "create", "--name", "x", "--permissions", "-"],
        input=json.dumps(UPLOADS),
        env=environment(variables),
        check=False,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.splitlines()[1] == "  name  x"


def test_a_refusal_is_one_line_and_a_status(variables: dict[str, str]) -> None:
    refused = run_process(sys.executable, "-m", "emulator", "keys", "revoke", "nope", env=variables)
    misused = run_process(sys.executable, "-m", "emulator", "keys", "create", env=variables)

    assert (refused.returncode, misused.returncode) == (1, 2)
    for ended in (refused, misused):
        assert ended.stdout == ""
        assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    "words", ["keys list", "keys list --json", "state export", "--help", "keys --help"]
)
def test_a_command_whose_reader_goes_ends_without_a_word(
    variables: dict[str, str], words: str, unbuffered: str
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "emulator", *words.split()],
            stdout=writing,
            stderr=subprocess.PIPE,
            env=environment({**variables, "PYTHONUNBUFFERED": unbuffered}),
            check=False,
            timeout=START_SECONDS,
        )
    finally:
        os.close(writing)

    assert ended.stderr == b""
    # argparse does not tell whether anybody has read its help.
    assert ended.returncode in ((0, 141) if "--help" in words else (141,))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_command_that_finds_the_disk_full_says_so(variables: dict[str, str]) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "emulator", "keys", "list"],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(variables),
            check=False,
            text=True,
            timeout=START_SECONDS,
        )

    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert "cannot write to stdout: No space left" in line


@pytest.fixture
def heeding_ctrl_c() -> Iterator[None]:
    """What is started then is as at a terminal: in the background shells have it ignored, and what
    is started from there inherits that."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeding_ctrl_c")
def test_ctrl_c_ends_a_command_without_a_word(variables: dict[str, str]) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        silent.settimeout(START_SECONDS)
        endpoint = f"127.0.0.1:{silent.getsockname()[1]}"
        with subprocess.Popen(
            [sys.executable, "-m", "emulator", "keys", "list", "--endpoint", endpoint],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(variables),
        ) as process:
            try:
                connection, _ = silent.accept()
                with connection:
                    connection.recv(1)
                    process.send_signal(signal.SIGINT)
                    said = process.communicate(timeout=START_SECONDS)
            finally:
                process.kill()

    assert (process.returncode, *said) == (130, b"", b"")


def test_a_terminal_without_unicode_is_no_obstacle(
    emulator: Emulator, variables: dict[str, str]
) -> None:
    emulator.create_api_key("viewer", description="日本")

    ended = run_process(
        sys.executable,
        "-m",
        "emulator",
        "keys",
        "list",
        env={**variables, "PYTHONIOENCODING": "ascii"},
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.splitlines()[-1].endswith(r"\u65e5\u672c")


def test_an_export_is_utf_8_whatever_the_terminal_has(
    emulator: Emulator, variables: dict[str, str]
) -> None:
    holder = Client(emulator.endpoint, emulator.api_key())
    holder.create_store("media")
    holder.put("media", "日本", "😀".encode())

    ended = subprocess.run(
        [sys.executable, "-m", "emulator", "state", "export"],
        env=environment({**variables, "PYTHONIOENCODING": "ascii"}),
        check=False,
        capture_output=True,
        timeout=START_SECONDS,
    )

    assert (ended.returncode, ended.stderr) == (0, b"")
    assert json.loads(ended.stdout.decode()) == emulator.export_state()
    assert "日本".encode() in ended.stdout


COMMANDS = [
    "keys create --role viewer",
    "keys list",
    "keys revoke nope",
    "roles list",
    "roles delete nope",
    "tokens create --expires-in 1h --store * --allow read",
    "faults add storage_down",
    "journal show",
    "state export",
    "tiers list nope",
    "keys --help",
]

LOADS = """
import contextlib, io, json, os, sys
bare = set(sys.modules)
from emulator.cli import main
for words in json.loads(sys.argv[1]):
    if os.fork():
        os.wait()
        continue
    with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
        main(words.split())
    print(json.dumps([words, sorted(set(sys.modules) - bare)]), flush=True)
    break
"""
"""Runs each command in a process of its own, in which nothing but the command line is loaded."""


def test_commands_start_without_what_only_a_server_needs(variables: dict[str, str]) -> None:
    ended = run_process(sys.executable, "-c", LOADS, json.dumps(COMMANDS), env=variables)

    loaded = dict(map(json.loads, ended.stdout.splitlines()))
    assert list(loaded) == COMMANDS
    for words, modules in loaded.items():
        assert "emulator.commands.client" in modules, words
        assert HEAVY & set(modules) == set(), words
