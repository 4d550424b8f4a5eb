"""The clock as the control operations have it: shown, stopped, moved and released."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import fields
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from emulator.control.clock import ClockControl
from emulator.control.operations import BY_NAME
from emulator.control.parts import Control
from emulator.core.clock import LAST_SECOND, MICROSECONDS, Clock
from emulator.core.errors import BadRequestError
from tests.suites import examples

INSTANT = 1_770_000_000

Document = dict[str, Any]


class Asked:
    """Asks for the operations on a clock with the bodies of requests."""

    def __init__(self, clock: Clock) -> None:
        nothing: Any = None
        others = dict.fromkeys([each.name for each in fields(Control)], nothing)
        del others["clock"]
        self._control = Control(clock=ClockControl(clock), **others)

    def describe(self) -> Document:
        return self._do("clock.show")

    def freeze(self, document: object) -> Document:
        return self._do("clock.freeze", document)

    def advance(self, document: object) -> Document:
        return self._do("clock.advance", document)

    def set(self, document: object) -> Document:
        return self._do("clock.set", document)

    def release(self, document: object) -> Document:
        return self._do("clock.release", document)

    def _do(self, name: str, document: object = None) -> Document:
        operation = BY_NAME[name]
        given = operation.read_target((), {}, str)
        if operation.reads_body:
            operation.read_body(document, given)
        answer: Any = operation.do(self._control, given)
        return dict(answer)


def frozen(at: float = INSTANT) -> Asked:
    control = Asked(Clock())
    control.freeze({"at": at})
    return control


def test_a_clock_that_is_left_alone_tells_the_time_of_the_system() -> None:
    before = time.time()
    told = Asked(Clock()).describe()
    assert set(told) == {"now", "epoch_seconds", "frozen"}
    assert before - 0.001 <= told["epoch_seconds"] <= time.time() + 0.001
    assert told["frozen"] is False


def test_a_clock_tells_the_instant_in_words_and_in_seconds() -> None:
    assert frozen(INSTANT).describe() == {
        "now": "2026-02-02T02:40:00.000000Z",
        "epoch_seconds": INSTANT,
        "frozen": True,
    }
    assert frozen(INSTANT + 0.25).describe()["now"] == "2026-02-02T02:40:00.250000Z"


@settings(max_examples=examples(200))
@given(st.integers(0, LAST_SECOND * MICROSECONDS))
@example(0)
@example(LAST_SECOND * MICROSECONDS)
@example(LAST_SECOND * MICROSECONDS - 1)
def test_the_words_and_seconds_of_a_clock_are_one_instant(microseconds: int) -> None:
    clock = Clock()
    clock.freeze(at=microseconds)
    told = Asked(clock).describe()
    said = datetime.strptime(told["now"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
    assert abs(said.timestamp() - told["epoch_seconds"]) < 0.001
    assert told["epoch_seconds"] == microseconds / MICROSECONDS


@pytest.mark.parametrize("nothing", [{}, {"at": None}])
def test_a_clock_frozen_without_an_instant_stands_still_where_it_is(
    nothing: dict[str, Any],
) -> None:
    control = Asked(Clock())
    before = time.time()
    told = control.freeze(nothing)
    assert before - 0.001 <= told["epoch_seconds"] <= time.time() + 0.001
    assert told["frozen"] is True
    assert control.describe() == told
    assert control.freeze(nothing) == told


@pytest.mark.parametrize("at", [0, 1, INSTANT, INSTANT + 0.5, 0.000001, LAST_SECOND])
def test_a_clock_can_be_frozen_at_an_instant(at: float) -> None:
    control = Asked(Clock())
    assert control.freeze({"at": at}) == control.describe()
    assert control.describe()["epoch_seconds"] == at


def test_a_frozen_clock_moves_exactly_as_far_as_it_is_told() -> None:
    control = frozen()
    assert control.advance({"seconds": 90})["epoch_seconds"] == INSTANT + 90
    assert control.advance({"seconds": 0.5})["now"] == "2026-02-02T02:41:30.500000Z"
    assert control.advance({"seconds": 0})["frozen"] is True
    assert control.describe()["epoch_seconds"] == INSTANT + 90.5


def test_a_running_clock_that_is_advanced_runs_on_from_there() -> None:
    control = Asked(Clock())
    before = time.time()
    told = control.advance({"seconds": 3600})
    assert told["frozen"] is False
    assert before + 3599.999 <= told["epoch_seconds"] <= time.time() + 3600.001


def test_a_clock_that_is_let_go_follows_the_system_again() -> None:
    control = frozen(5)
    control.advance({"seconds": 3600})
    before = time.time()
    told = control.release({})
    assert before - 0.001 <= told["epoch_seconds"] <= time.time() + 0.001
    assert told["frozen"] is False


@pytest.mark.parametrize("at", [0, INSTANT, INSTANT + 0.5, LAST_SECOND])
def test_a_frozen_clock_can_be_set_to_any_instant(at: float) -> None:
    control = frozen()
    told = control.set({"at": at})
    assert (told["epoch_seconds"], told["frozen"]) == (at, True)
    assert control.describe() == told


def test_a_running_clock_that_is_set_goes_on_from_there() -> None:
    control = Asked(Clock())
    told = control.set({"at": INSTANT})
    assert INSTANT <= told["epoch_seconds"] <= INSTANT + 1
    assert told["frozen"] is False
    assert control.describe()["epoch_seconds"] >= told["epoch_seconds"]


def test_the_clock_that_is_moved_is_the_one_that_was_given() -> None:
    clock = Clock()
    control = Asked(clock)
    control.freeze({"at": 17})
    control.advance({"seconds": 3})
    assert clock.now() == 20 * MICROSECONDS
    clock.advance(1)
    assert control.describe()["epoch_seconds"] == 21


NO_SECONDS: list[Any] = [
    "5",
    "",
    True,
    False,
    [],
    {},
    -1,
    -0.000001,
    LAST_SECOND + 1,
    10**400,
    float("nan"),
    float("inf"),
    float("-inf"),
]

Change = Callable[[Asked, object], object]

REFUSED: list[tuple[Change, object, str]] = [
    *((Asked.freeze, {"at": value}, "Invalid at: ") for value in NO_SECONDS),
    *((Asked.advance, {"seconds": value}, "Invalid seconds: ") for value in NO_SECONDS),
    *((Asked.set, {"at": value}, "Invalid at: ") for value in NO_SECONDS),
    (Asked.set, {}, "Missing at"),
    (Asked.set, {"seconds": 5}, "Unknown seconds: "),
    (Asked.advance, {"seconds": None}, "Invalid seconds: "),
    (Asked.advance, {}, "Missing seconds"),
    (Asked.advance, {"at": 5}, "Unknown at: "),
    (Asked.advance, {"seconds": 5, "At": 5}, "Unknown At: "),
    (Asked.freeze, {"seconds": 5}, "Unknown seconds: "),
    (Asked.release, {"at": 5}, "Unknown at: "),
    (Asked.advance, {"seconds": LAST_SECOND}, "Invalid seconds: "),
    (Asked.advance, {"seconds": LAST_SECOND - INSTANT + 1}, "Invalid seconds: "),
    *(
        (change, document, "Invalid request body: ")
        for change in (Asked.freeze, Asked.advance, Asked.release)
        for document in (None, [], "5", 5, True, [{"seconds": 5}])
    ),
]


@pytest.mark.parametrize(("change", "document", "message"), REFUSED)
def test_what_is_no_document_for_a_clock_is_refused_and_moves_nothing(
    change: Change, document: object, message: str
) -> None:
    control = frozen()
    before = control.describe()
    with pytest.raises(BadRequestError) as refused:
        change(control, document)
    assert refused.value.message.startswith(message)
    assert control.describe() == before


def test_a_clock_can_be_moved_to_the_last_instant_and_not_beyond() -> None:
    control = frozen()
    last = control.advance({"seconds": LAST_SECOND - INSTANT})
    assert last["now"] == "9999-12-31T23:59:59.000000Z"
    with pytest.raises(BadRequestError, match="9999"):
        control.advance({"seconds": 0.5})
    assert control.describe() == last


@pytest.mark.parametrize("beyond", [0, 999_999, 1_000_000, 10**12])
def test_a_clock_that_has_run_past_the_last_instant_still_tells_the_time(beyond: int) -> None:
    clock = Clock()
    clock.freeze(at=LAST_SECOND * MICROSECONDS + beyond)
    told = Asked(clock).describe()
    assert told["epoch_seconds"] == clock.now() / MICROSECONDS
