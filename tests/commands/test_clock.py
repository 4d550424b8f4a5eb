"""``clock``: the emulator's time from the shell."""

from __future__ import annotations

import pytest

from emulator import Emulator
from emulator.commands import COMMANDS
from tests.support.command_line import Run

MICROSECONDS = 1_000_000
INSTANT = 1_893_456_000
"""2030-01-01T00:00:00Z, in seconds since the Unix epoch."""


@pytest.mark.parametrize(
    "written", ["2030-01-01T00:00:00Z", "2030-01-01T02:00:00+02:00", "1893456000"]
)
def test_the_clock_stops_at_an_instant_without_an_api_key(
    anybody: Run, emulator: Emulator, written: str
) -> None:
    assert anybody("clock", "freeze", "--at", written).lines == [
        "2030-01-01T00:00:00.000000Z (frozen)"
    ]
    assert (emulator.clock.frozen, emulator.clock.now()) == (True, INSTANT * MICROSECONDS)


def test_the_clock_stops_where_it_is(anybody: Run, emulator: Emulator) -> None:
    (line,) = anybody("clock", "freeze").lines
    assert line.endswith("Z (frozen)")
    assert emulator.clock.frozen
    assert anybody("clock", "show").lines == [line]


@pytest.mark.parametrize(("duration", "seconds"), [("90", 90), ("15m", 900), ("1h", 3600)])
def test_the_clock_moves_on(anybody: Run, emulator: Emulator, duration: str, seconds: int) -> None:
    emulator.clock.freeze(INSTANT * MICROSECONDS)
    anybody("clock", "advance", duration).lines  # noqa: B018  checks that it was done
    assert emulator.clock.now() == (INSTANT + seconds) * MICROSECONDS


def test_the_clock_can_be_set_back_and_runs_on(anybody: Run, emulator: Emulator) -> None:
    (line,) = anybody("clock", "set", "2000-01-01T00:00:00Z").lines
    assert line.startswith("2000-01-01T00:00:0")
    assert not emulator.clock.frozen
    assert emulator.clock.now() < 946_684_800 * MICROSECONDS + 60 * MICROSECONDS


def test_the_clock_can_be_let_go(anybody: Run, emulator: Emulator) -> None:
    emulator.clock.freeze(5)
    (line,) = anybody("clock", "release").lines
    assert "frozen" not in line
    assert not emulator.clock.frozen


@pytest.mark.parametrize("name", COMMANDS["clock"])
def test_every_command_of_the_clock_gives_the_document_of_the_api(
    anybody: Run, emulator: Emulator, name: str
) -> None:
    words = {"advance": ["1s"], "set": ["5"], "freeze": ["--at", "5"]}.get(name, [])
    emulator.clock.freeze(INSTANT * MICROSECONDS)
    told = anybody("clock", name, *words, "--json").json()
    assert told.keys() == {"now", "epoch_seconds", "frozen"}


@pytest.mark.parametrize(
    ("words", "fragments"),
    [
        (["advance", "-5"], ["-5"]),
        (["advance", "2weeks"], ["DURATION", "'2weeks'", "1h"]),
        (["advance"], ["DURATION is missing"]),
        (["set", "tomorrow"], ["INSTANT", "'tomorrow'", "2030-01-01T00:00:00Z"]),
        (["set", "2030-01-01T00:00:00"], ["INSTANT", "'2030-01-01T00:00:00'"]),
        (["set", "nan"], ["INSTANT", "'nan'"]),
        (["freeze", "--at", "1.2.3"], ["--at", "'1.2.3'"]),
        (["stop"], ["clock stop", "clock --help"]),
    ],
)
def test_what_is_no_time_is_a_mistake_and_moves_nothing(
    anybody: Run, emulator: Emulator, words: list[str], fragments: list[str]
) -> None:
    emulator.clock.freeze(INSTANT * MICROSECONDS)
    anybody("clock", *words).misused(*fragments)
    assert emulator.clock.now() == INSTANT * MICROSECONDS


def test_what_the_service_refuses_is_said(anybody: Run) -> None:
    anybody("clock", "set", "253402300800").refused("400", "at", "9999")


@pytest.mark.parametrize("duration", ["-1h", "-90", "-0.5s"])
def test_a_negative_duration_is_called_negative_and_moves_nothing(
    anybody: Run, emulator: Emulator, duration: str
) -> None:
    emulator.clock.freeze(INSTANT * MICROSECONDS)
    anybody("clock", "advance", duration).misused("DURATION", repr(duration), "negative")
    assert emulator.clock.now() == INSTANT * MICROSECONDS
