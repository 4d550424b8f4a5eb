"""Which rounds of the benchmark count, told by figures and without a measurement."""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench.calm import Round, Verdict, judge, until_calm

CALM = Round(others=0.02, yardstick=100.0)
BUSY = Round(others=0.43, yardstick=100.0)
SLOW = Round(others=0.0, yardstick=60.0)


def run(rounds: Sequence[Round], wanted: int) -> Verdict:
    """The verdict on a run that meets these rounds, one after the other."""
    return until_calm(wanted, lambda number: rounds[number - 1], "bare aiohttp")


def test_calm_rounds_are_not_repeated() -> None:
    verdict = run([CALM] * 3, wanted=3)

    assert verdict.calm() == [0, 1, 2]
    assert not verdict.refused
    assert verdict.line() == ""


def test_a_round_with_other_work_is_repeated_and_does_not_count() -> None:
    verdict = run([CALM, BUSY, CALM, CALM], wanted=3)

    assert verdict.calm() == [0, 2, 3]
    assert verdict.line() == (
        "Repeated because the machine was disturbed:"
        " other work took up to 43% of a processor (round 2)."
    )


def test_a_round_whose_yardstick_is_far_from_its_median_is_repeated() -> None:
    verdict = run([CALM, CALM, SLOW, CALM], wanted=3)

    assert verdict.calm() == [0, 1, 3]
    assert "bare aiohttp was up to -40% from its median (round 3)" in verdict.line()


def test_the_median_of_the_yardstick_is_that_of_the_rounds_without_other_work() -> None:
    slowed = Round(others=0.5, yardstick=50.0)
    verdict = judge([slowed, slowed, slowed, CALM, CALM], wanted=2)

    assert verdict.calm() == [3, 4]


def test_there_is_no_table_when_twice_as_many_rounds_do_not_suffice() -> None:
    verdict = run([BUSY, CALM, BUSY, BUSY, CALM, BUSY, *[CALM] * 9], wanted=3)

    assert verdict.rounds == 6
    assert verdict.refused
    assert verdict.line() == (
        "**No table: the machine was disturbed** in 4 of 6 rounds, and 2 were calm, of 3 wanted:"
        " other work took up to 43% of a processor (rounds 1, 3, 4, 6)."
    )


def test_a_yardstick_that_never_comes_back_to_a_figure_gives_no_table() -> None:
    verdict = run([Round(0.0, figure) for figure in (60, 80, 100, 125, 155, 190)], wanted=3)

    assert verdict.refused


def test_without_figures_of_the_system_and_a_yardstick_every_round_counts() -> None:
    verdict = run([Round(others=None)] * 2, wanted=2)

    assert verdict.calm() == [0, 1]
