"""``--quiet`` and colours: what scripts read, and what people see on a terminal."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from emulator import Emulator
from tests.support.client import Client
from tests.support.command_line import Run
from tests.support.terminals import at_terminal

KEY_ENV = "MOMENTO_API_KEY"


def test_a_new_key_is_printed_alone(owner: Run, emulator: Emulator) -> None:
    (key,) = owner("keys", "create", "--role", "viewer", "--quiet").lines
    assert Client(emulator.endpoint, key).call("GET", "/objectstore").status == 200


def test_a_new_token_is_printed_alone(owner: Run, emulator: Emulator, client: Client) -> None:
    client.put("media", "a", b"body")
    words = ["--expires-in", "1h", "--store", "media", "--allow", "read", "-q"]
    (token,) = owner("tokens", "create", *words).lines
    assert Client(emulator.endpoint, token).get("media", "a").body == b"body"


def test_lists_are_ids_and_names_one_per_line(
    owner: Run, emulator: Emulator, client: Client, uploads_file: str
) -> None:
    emulator.faults.add("storage_down", id="outage")
    emulator.checkpoint("two words")
    emulator.faults.clear()
    emulator.faults.add("cache_down", id="cold")
    client.put("media", "a", b"")
    emulator.clusters.create("one")
    role = owner("roles", "create", "--name", "x", "--permissions", uploads_file, "-q").lines[0]
    assert owner("keys", "list", "-q").lines == ["first-owner", "first-operator", "first-viewer"]
    assert owner("roles", "list", "--type", "custom", "-q").lines == [role]
    assert owner("faults", "list", "-q").lines == ["cold"]
    assert owner("faults", "add", "cache_down", "--id", "more", "-q").lines == ["more"]
    assert owner("state", "checkpoints", "-q").lines == ["two words"]
    assert "one" in owner("clusters", "list", "-q").lines
    assert owner("clusters", "show", "one", "-q").lines == ["Active"]
    emulator.clock.freeze("2030-01-01T00:00:00Z")
    assert owner("clock", "show", "-q").lines == ["2030-01-01T00:00:00.000000Z"]
    assert owner("roles", "delete", role, "-q").lines == []


@pytest.mark.parametrize(
    "words",
    [
        "clock advance 1s",
        "faults clear",
        "journal clear",
        "journal assert",
        "metrics show",
        "state checkpoint one",
        "state export state.json",
        "state reset",
        "tiers counts",
        "tiers put media a -",
    ],
)
def test_what_has_no_name_prints_nothing(
    anybody: Run, emulator: Emulator, client: Client, words: str
) -> None:
    client.put("media", "a", b"")
    ended = anybody(*words.split(), "--quiet")
    if words == "metrics show":
        ended.refused("revision")
    else:
        assert ended.lines == []
    assert emulator.endpoint


def test_a_refusal_is_told_all_the_same(anybody: Run) -> None:
    anybody("faults", "remove", "none", "--quiet").refused("404")


def seen(emulator: Emulator, *words: str | Path, env: dict[str, str] | None = None) -> str:
    """What a command shows on a terminal."""
    variables = {"MOMENTO_ENDPOINT": emulator.endpoint, KEY_ENV: emulator.api_key(), **(env or {})}
    command = [sys.executable, "-m", "emulator", *map(str, words)]
    with at_terminal(*command, env=variables) as terminal:
        return terminal.read_to_end()


def test_a_terminal_has_colours_unless_they_are_not_wanted(emulator: Emulator) -> None:
    assert seen(emulator, "keys", "list").startswith("\x1b[1mID ")
    assert "\x1b[31mmomento" in seen(emulator, "keys", "revoke", "none")
    for variables in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert "\x1b" not in seen(emulator, "keys", "list", env=variables)
        assert "\x1b" not in seen(emulator, "keys", "revoke", "none", env=variables)


def test_a_pipe_has_no_colours(owner: Run) -> None:
    assert "\x1b" not in owner("keys", "list").stdout


def test_a_terminal_shows_how_far_a_transfer_is(
    emulator: Emulator, client: Client, tmp_path: Path
) -> None:
    file = tmp_path / "large"
    file.write_bytes(bytes(3_000_000))
    emulator.faults.add({"type": "trickle", "bytes_per_second": 6_000_000})
    words: list[str | Path] = ["objects", "put", "media/a", file]
    assert (
        seen(emulator, *words)
        .splitlines()[-1]
        .endswith("Put media/a: 2.9 MiB, application/octet-stream.")
    )
    shown = seen(emulator, "objects", "get", "media/a", tmp_path / "copy")
    assert "% [#" in shown
    assert " of 2.9 MiB " in shown
    assert "%" not in seen(emulator, "objects", "get", "media/a", tmp_path / "copy", "--quiet")
    assert (tmp_path / "copy").read_bytes() == bytes(3_000_000)
    assert client.get("media", "a").status == 200
