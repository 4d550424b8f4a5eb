"""Where the control token may come from, and that nobody can read it in the process list."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.client import Answer
from tests.support.launch import Launcher, Running

TOKEN = "a-secret-control-token"
HEADER = "Momento-Emulator-Control-Token"

pytestmark = pytest.mark.proves("D126")


def clock(running: Running, token: str) -> Answer:
    return running.anonymous().call("GET", "/_emulator/clock", None, {HEADER: token})


def arguments_of(running: Running) -> bytes:
    """What the process list of Linux shows."""
    return Path(f"/proc/{running.process.pid}/cmdline").read_bytes()


def test_the_token_may_come_from_a_file(emulators: Launcher, tmp_path: Path) -> None:
    file = tmp_path / "token.txt"
    file.write_text(f"{TOKEN}\n")
    running = emulators.start("--control-token-file", file)
    assert clock(running, TOKEN).status == 200
    assert clock(running, "another-token").status == 401


def test_the_token_may_come_from_the_environment(emulators: Launcher) -> None:
    running = emulators.start(env={"MOMENTO_EMULATOR_CONTROL_TOKEN": TOKEN})
    assert clock(running, TOKEN).status == 200
    assert clock(running, "another-token").status == 401


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is a warning instead")
@pytest.mark.parametrize("words", [["--control-token", TOKEN], [f"--control-token={TOKEN}"]])
def test_a_token_of_the_command_line_is_not_in_the_process_list(
    from_scratch: Launcher, words: list[str]
) -> None:
    running = from_scratch.start(*words)
    assert clock(running, TOKEN).status == 200
    shown = arguments_of(running)
    assert TOKEN.encode() not in shown
    assert b"--control-token" in shown
    assert b"*" * len(TOKEN) in shown
    assert "--control-token" not in running.stderr


def test_a_token_that_cannot_be_hidden_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    from emulator import cli
    from emulator.startup import process_list

    monkeypatch.setattr(process_list, "hide", lambda _: False)
    (warning,) = cli._hide_token(TOKEN)
    assert "--control-token-file" in warning
    assert TOKEN not in warning


def test_what_is_not_in_the_command_line_is_not_hidden() -> None:
    from emulator.startup.process_list import hide

    assert hide("a text that is nowhere in the arguments of these tests") is False


def test_a_token_and_its_file_are_one_too_many(emulators: Launcher, tmp_path: Path) -> None:
    refusal = emulators.refuse(
        "--port", "0", "--control-token", TOKEN, "--control-token-file", tmp_path / "token"
    )
    refusal.says("--control-token-file", "--control-token", "give one")
    assert TOKEN not in refusal.stderr


@pytest.mark.parametrize("content", ["", "short", "with a space", "ü" * 20, "x" * 1025])
def test_a_file_without_a_valid_token_is_refused_and_not_quoted(
    emulators: Launcher, tmp_path: Path, content: str
) -> None:
    file = tmp_path / "token.txt"
    file.write_text(content, encoding="utf-8")
    refusal = emulators.refuse("--port", "0", "--control-token-file", file)
    refusal.says("--control-token-file", str(file), "8 to 1024")
    assert not content or content not in refusal.stderr


def test_a_file_that_cannot_be_read_is_refused(emulators: Launcher, tmp_path: Path) -> None:
    refusal = emulators.refuse("--port", "0", "--control-token-file", tmp_path / "nothing")
    refusal.says("--control-token-file", str(tmp_path / "nothing"), "No such file")
