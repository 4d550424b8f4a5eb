"""``state``: the emulator taken back, and its state kept, written and read, from the shell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emulator import Emulator
from tests.support.client import Client
from tests.support.command_line import Run

INSTANT = 1_893_456_000
"""2030-01-01T00:00:00Z, in seconds since the Unix epoch."""

MICROSECONDS = 1_000_000

OBJECT = "/objectstore/media/a.txt"


def test_a_reset_goes_back_to_the_start(anybody: Run, emulator: Emulator, client: Client) -> None:
    assert anybody("state", "reset").lines == [
        f"Reset the emulator at {emulator.endpoint} to its initial state."
    ]
    assert client.call("GET", "/objectstore").json() == {"object_stores": []}
    assert anybody("state", "reset", "--json").json() == {}


def test_a_checkpoint_can_be_gone_back_to_again_and_again(
    anybody: Run, emulator: Emulator, client: Client
) -> None:
    emulator.clock.freeze(INSTANT * MICROSECONDS)
    client.call("PUT", OBJECT, b"first")
    assert anybody("state", "checkpoint", "one").lines == [
        "Saved the checkpoint one at 2030-01-01T00:00:00.000000Z."
    ]
    for _ in range(2):
        client.call("PUT", OBJECT, b"second")
        assert anybody("state", "restore", "one").lines == [
            "Restored the checkpoint one of 2030-01-01T00:00:00.000000Z."
        ]
        assert client.call("GET", OBJECT).body == b"first"


def test_the_checkpoints_are_a_table(anybody: Run, emulator: Emulator) -> None:
    assert anybody("state", "checkpoints").lines == ["There are no checkpoints."]
    emulator.clock.freeze(INSTANT * MICROSECONDS)
    emulator.checkpoint("two stores")
    emulator.checkpoint("b")
    assert anybody("state", "checkpoints").lines == [
        "NAME        MADE",
        "two stores  2030-01-01T00:00:00.000000Z",
        "b           2030-01-01T00:00:00.000000Z",
    ]


@pytest.mark.parametrize("name", ["two stores", "a/b", "é", "..", "?", "100%"])
def test_a_checkpoint_may_have_any_name(anybody: Run, emulator: Emulator, name: str) -> None:
    made = anybody("state", "checkpoint", name, "--json").json()
    assert made.keys() == {"name", "made_at"}
    assert emulator.checkpoints == [name]
    assert anybody("state", "checkpoints", "--json").json() == {"checkpoints": [made]}
    assert anybody("state", "restore", name, "--json").json() == made
    assert anybody("state", "drop", name, "--json").json() == made
    assert emulator.checkpoints == []


def test_a_dropped_checkpoint_is_gone(anybody: Run, emulator: Emulator) -> None:
    emulator.clock.freeze(INSTANT * MICROSECONDS)
    emulator.checkpoint("one")
    assert anybody("state", "drop", "one").lines == [
        "Deleted the checkpoint one of 2030-01-01T00:00:00.000000Z."
    ]
    assert emulator.checkpoints == []


@pytest.mark.parametrize("command", ["restore", "drop"])
def test_a_checkpoint_that_is_not_there_is_refused_with_those_that_are(
    anybody: Run, emulator: Emulator, command: str
) -> None:
    anybody("state", command, "two").refused("404", "'two'", "none")
    emulator.checkpoint("one")
    anybody("state", command, "two").refused("404", "'two'", "'one'")


@pytest.mark.parametrize("command", ["checkpoint", "restore", "drop"])
def test_a_checkpoint_has_a_name(anybody: Run, command: str) -> None:
    anybody("state", command).misused("NAME is missing")
    anybody("state", command, "").misused("NAME", "empty")


def test_a_name_that_is_too_long_is_refused(anybody: Run) -> None:
    anybody("state", "checkpoint", "x" * 256).refused("400", "name", "255")


def test_a_state_is_written_and_had_again(
    anybody: Run, emulator: Emulator, client: Client, tmp_path: Path
) -> None:
    client.call("PUT", OBJECT, "größer\n".encode())
    assert anybody("state", "export", "state.json").lines == ["Wrote the state to state.json."]
    exported = emulator.export_state()
    assert json.loads((tmp_path / "state.json").read_bytes()) == exported
    emulator.reset()
    assert anybody("state", "import", "state.json").lines == [
        f"Imported the state from state.json into {emulator.endpoint}."
    ]
    assert emulator.export_state() == exported
    assert client.call("GET", OBJECT).body == "größer\n".encode()


def test_a_state_goes_from_stdout_to_stdin(
    anybody: Run, emulator: Emulator, client: Client
) -> None:
    client.call("PUT", OBJECT, b"first")
    exported = anybody("state", "export")
    assert anybody("state", "export", "-", "--json").stdout == exported.stdout
    assert exported.stdout.startswith('{\n "kind": "momento-objectstore-emulator state"')
    assert exported.stdout.endswith("}\n")
    emulator.reset()
    assert anybody("state", "import", "-", stdin="\n".join(exported.lines)).lines == [
        f"Imported the state from stdin into {emulator.endpoint}."
    ]
    assert client.call("GET", OBJECT).body == b"first"


def test_for_scripts_nothing_is_said_beside_the_document(anybody: Run) -> None:
    assert anybody("state", "export", "state.json", "--json").lines == []
    assert anybody("state", "import", "state.json", "--json").json() == {}


def test_a_file_that_cannot_be_written_is_named(anybody: Run, tmp_path: Path) -> None:
    anybody("state", "export", "no/state.json").misused("FILE", "'no/state.json'", "No such file")
    anybody("state", "export", str(tmp_path)).misused("FILE", str(tmp_path), "directory")


@pytest.mark.parametrize(
    ("words", "fragments"),
    [
        ("", ["FILE|- is missing", "state export"]),
        ("nope.json", ["FILE", "'nope.json'", "No such file", "stdin"]),
        ("yaml.json", ["FILE", "'yaml.json'", "not JSON", "line 1, column 1"]),
        ("empty.json", ["FILE", "'empty.json'", "empty", "exported state"]),
        ('{"kind":1}', ["FILE takes a file", "with -"]),
        ("a.json b.json", ["'b.json'", "too many"]),
    ],
)
def test_what_is_no_file_of_json_is_not_sent(
    anybody: Run, emulator: Emulator, tmp_path: Path, words: str, fragments: list[str]
) -> None:
    (tmp_path / "yaml.json").write_text("kind: state")
    (tmp_path / "empty.json").write_text("")
    before = emulator.export_state()
    anybody("state", "import", *words.split()).misused(*fragments)
    assert emulator.export_state() == before


def test_a_file_that_is_no_state_changes_nothing(anybody: Run, client: Client) -> None:
    client.call("PUT", OBJECT, b"first")
    anybody("state", "import", "-", stdin="[]").refused("400", "state", "JSON object")
    anybody("state", "import", "-", stdin='{"rules": []}').refused("400", "not the exported state")
    assert client.call("GET", OBJECT).body == b"first"


def test_a_state_of_a_newer_format_is_refused(anybody: Run, emulator: Emulator) -> None:
    newer = {**emulator.export_state(), "format": 99}
    ended = anybody("state", "import", "-", stdin=json.dumps(newer))
    ended.refused("400", "format 99", "newer version")
