"""Requests to an endpoint keep to its rate, after the burst that it allows."""

from __future__ import annotations

import pytest

from emulator.conformance.pacing import Pace


class Clock:
    """A time that passes only in pauses."""

    def __init__(self) -> None:
        self.moment = 0.0

    def now(self) -> float:
        return self.moment

    def pause(self, seconds: float) -> None:
        self.moment += seconds


def test_a_burst_passes_at_once_and_the_rest_at_the_rate() -> None:
    clock = Clock()
    pace = Pace(4, burst=2, now=clock.now, pause=clock.pause)
    assert [pace.take() for _ in range(5)] == [0, 0, 0.25, 0.25, 0.25]


def test_a_long_rest_saves_no_more_than_one_burst() -> None:
    clock = Clock()
    pace = Pace(4, burst=2, now=clock.now, pause=clock.pause)
    clock.moment = 1000.0
    assert [pace.take() for _ in range(3)] == [0, 0, 0.25]


@pytest.mark.parametrize(("rate", "burst"), [(0, 1), (-1, 1), (1, 0)])
def test_a_pace_that_lets_nothing_pass_is_refused(rate: float, burst: int) -> None:
    with pytest.raises(ValueError, match="rate above 0"):
        Pace(rate, burst)
