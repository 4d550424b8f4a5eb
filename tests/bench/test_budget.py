"""The budget of instructions: which counts break it, and where it holds."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from tests.bench.budget import FILE, REWRITE, Budget, here
from tests.bench.instructions import SUBJECTS, Count, measure, missing

PLACE = {"python": "CPython 3.11", "aiohttp": "3.14"}
BUDGET = Budget(
    PLACE,
    {
        "bare": Count(get=200_000, put=250_000),
        "memory": Count(get=200_000, put=300_000),
        "fakeredis": Count(get=220_000, put=330_000),
    },
)


def counted(name: str, **changed: int) -> dict[str, Count]:
    """The counts of the budget, one of them changed."""
    counts = dict(BUDGET.counts)
    return {**counts, name: dataclasses.replace(counts[name], **changed)}


@pytest.mark.parametrize("put", [286_000, 300_000, 314_000])
def test_a_count_within_five_percent_is_within_the_budget(put: int) -> None:
    assert BUDGET.broken(counted("memory", put=put)) == []


def test_a_count_above_the_budget_breaks_it() -> None:
    (line,) = BUDGET.broken(counted("memory", put=318_000))

    assert line.startswith("Put, memory cache: 318000 instructions, budget 300000: 6.0% above it.")


def test_a_count_below_the_budget_asks_for_a_lower_one() -> None:
    (line,) = BUDGET.broken(counted("fakeredis", get=200_000))

    assert line.startswith("Get, fakeredis cache: 200000 instructions, budget 220000: 9.1% below")
    assert REWRITE in line


def test_the_bare_handler_has_no_budget() -> None:
    assert BUDGET.broken(counted("bare", get=100_000)) == []


def test_the_budget_does_not_hold_for_another_version() -> None:
    assert BUDGET.elsewhere(PLACE) == ""
    assert BUDGET.elsewhere({**PLACE, "python": "CPython 3.12"}) == (
        "the budget is for python CPython 3.11, and here is CPython 3.12"
    )


def test_the_budget_does_not_hold_for_a_python_that_is_built_otherwise() -> None:
    assert BUDGET.another_build(counted("bare", put=252_000)) == ""
    assert "this one needs 300000" in BUDGET.another_build(counted("bare", put=300_000))


def test_a_budget_is_read_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "budget.json"
    BUDGET.write(file)

    assert Budget.read(file) == BUDGET


def test_the_budget_has_both_caches_and_the_bare_handler() -> None:
    assert set(Budget.read(FILE).counts) == {subject.name for subject in SUBJECTS}


@pytest.mark.slow(seconds=60)
def test_a_get_and_a_put_keep_to_their_budget_of_instructions() -> None:
    budget = Budget.read(FILE)
    if why := missing() or budget.elsewhere(here()):
        pytest.skip(why)
    found = measure(lambda _: None)
    assert found.failures == {}
    if why := budget.another_build(found.counts):
        pytest.skip(f"{why}: {REWRITE}")
    assert budget.broken(found.counts) == []
