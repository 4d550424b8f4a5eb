"""``logs``: the access logs of stores, from the shell."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from tests.support.client import Client
from tests.support.command_line import Ended, Run
from tests.support.emulators import ANY_NAMES
from tests.telemetry.stores import GROUP, INSTANT, MICROSECONDS, REVISION, configure, observed

STORE = "/objectstore/media"


@pytest.fixture(scope="module")
def logging() -> Iterator[Emulator]:
    options: dict[str, Any] = {"access_log_size": 6, "log_groups": "another"}
    with Emulator(cache="memory", api_revision=REVISION, **{**ANY_NAMES, **options}) as emulator:
        yield emulator


@pytest.fixture
def emulator(logging: Emulator) -> Emulator:
    """An emulator of the revision that has access logs; it has just begun, its clock stands
    still."""
    logging.reset()
    logging.clock.freeze(INSTANT * MICROSECONDS)
    return logging


@pytest.fixture
def owner_client(emulator: Emulator) -> Client:
    owner = Client(emulator.endpoint, emulator.api_key())
    configure(owner, "media", **observed())
    return owner


@pytest.fixture(autouse=True)
def requests(emulator: Emulator, owner_client: Client) -> None:
    """There have been four operations, each a second after the one before."""
    for method, key, headers in (
        ("PUT", "live/1.ts", {}),
        ("PUT", "now.json", {"mo-persistence": "ephemeral"}),
        ("GET", "live/1.ts", {}),
        ("GET", "h%C3%A9%0A", {}),
    ):
        owner_client.call(method, f"{STORE}/{key}", b"body" if method == "PUT" else None, headers)
        emulator.clock.advance(1)


def test_the_groups_are_a_table(anybody: Run) -> None:
    assert anybody("logs", "list").lines == [
        "LOG GROUP               ENTRIES  DROPPED",
        f"{GROUP}  4        0",
        "another                 0        0",
    ]


def test_every_entry_is_a_line(anybody: Run) -> None:
    assert anybody("logs", "show", GROUP).lines == [
        "TIME                      OPERATION               HTTP  STATUS     SIZE  AGE S  MS   "
        "STORE  KEY",
        "2030-01-01T00:00:00.000Z  put_object              204   ok         4     -      0.0  "
        "media  live/1.ts",
        "2030-01-01T00:00:01.000Z  put_object (ephemeral)  204   ok         4     -      0.0  "
        "media  now.json",
        "2030-01-01T00:00:02.000Z  get_object              200   cache_hit  4     2.0    0.0  "
        "media  live/1.ts",
        "2030-01-01T00:00:03.000Z  get_object              404   miss       -     -      0.0  "
        "media  hé\\n",
    ]


@pytest.mark.parametrize(("last", "keys"), [("1", ["hé\n"]), ("2", ["live/1.ts", "hé\n"])])
def test_the_last_entries_are_shown_alone(anybody: Run, last: str, keys: list[str]) -> None:
    assert len(anybody("logs", "show", GROUP, "--last", last).lines) == 1 + len(keys)
    document = anybody("logs", "show", GROUP, "--last", last, "--json").json()
    assert [entry["key"] for entry in document["entries"]] == keys
    assert document["count"] == len(keys)
    assert len(anybody("logs", "show", GROUP, "--last", "99").lines) == 5


def test_entries_as_json_are_the_documents_of_the_api(anybody: Run, emulator: Emulator) -> None:
    assert anybody("logs", "list", "--json").json() == {"log_groups": emulator.access_logs.groups()}
    assert anybody("logs", "show", GROUP, "--json").json() == {
        "log_group": GROUP,
        "entries": emulator.access_logs.entries(GROUP),
        "count": 4,
        "dropped": 0,
    }


def test_how_many_entries_were_dropped_is_told(anybody: Run, owner_client: Client) -> None:
    for _ in range(5):
        owner_client.call("GET", f"{STORE}/x")
    assert anybody("logs", "show", GROUP).lines[-1] == "Older entries dropped: 3."
    assert anybody("logs", "list").lines[1].split() == [GROUP, "6", "3"]


def test_a_group_without_entries_says_so(anybody: Run) -> None:
    assert anybody("logs", "show", "another").lines == ["There are no entries."]


def test_an_export_is_json_lines(anybody: Run, emulator: Emulator, tmp_path: Path) -> None:
    exported = anybody("logs", "export", GROUP).stdout
    assert exported == emulator.access_logs.to_json_lines(GROUP)
    assert anybody("logs", "export", GROUP, "--json").stdout == exported
    words = ["logs", "export", GROUP, "--output", "log.jsonl"]
    assert anybody(*words).lines == ["Wrote the access log to log.jsonl."]
    assert (tmp_path / "log.jsonl").read_bytes().decode() == exported
    assert [json.loads(line) for line in exported.splitlines()] == emulator.access_logs.entries(
        GROUP
    )
    assert anybody(*words, "--json").lines == []
    assert anybody("logs", "export", "another").stdout == ""


def test_cleared_logs_are_empty(anybody: Run, emulator: Emulator) -> None:
    assert anybody("logs", "clear").lines == ["The access logs are empty."]
    assert emulator.access_logs.entries(GROUP) == []
    assert anybody("logs", "clear", "--json").json() == {}


def test_an_emulator_without_log_groups_says_so(run: Run) -> None:
    with Emulator(cache="memory", api_revision=REVISION, **ANY_NAMES) as other:
        lines = run("logs", "list", "--endpoint", other.endpoint).lines
    assert lines == ["There are no log groups: no store has access_logging_config."]


@pytest.mark.parametrize("command", ["show", "export"])
def test_a_group_that_is_not_there_is_refused_with_those_that_are(
    anybody: Run, command: str
) -> None:
    ended: Ended = anybody("logs", command, "nope")
    ended.refused("404", "'nope'", f"the log groups are: {GROUP}, another")


@pytest.mark.parametrize(
    ("words", "fragments"),
    [
        ("show", ["GROUP is missing", "logs list"]),
        ("export", ["GROUP is missing"]),
        ("show g --last 0", ["--last", "'0'", "at least 1"]),
        ("show g h", ["'h'", "too many"]),
        ("list g", ["'g'", "too many"]),
        ("export another --output no/log.jsonl", ["--output", "'no/log.jsonl'", "No such file"]),
    ],
)
def test_what_is_not_quite_right_is_told_what_would_be(
    anybody: Run, words: str, fragments: list[str]
) -> None:
    anybody("logs", *words.split()).misused(*fragments)
