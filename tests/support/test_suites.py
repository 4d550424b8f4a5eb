"""Each suite has the tests it should have, and no worker is left with the long ones at the end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.suites import FULL, LEFT_OUT, QUICK, dealt, examples

pytest_plugins = ["pytester"]

Collect = Callable[[str], list[str]]

TESTS = Path(__file__).parents[1]
OF_REAL_THINGS = {TESTS / "fleet", TESTS / "shared", TESTS / "valkey"}
"""Folders of which the quick suite may have nothing."""

OF_THE_FULL_SUITE = {
    # A real Valkey, and processes that share it.
    *("D65", "D66", "D67", "D68", "D69"),
    # A real S3 and its roles.
    *("D71", "D73", "D74", "Delete Object", "Put Object, mo-persistence"),
    # Disks that are full or refuse.
    *("D90", "D91"),
    # Momento's SDKs.
    "credentials: environment variables",
    "credentials: legacy token",
    "credentials: migration",
    "credentials: revocation",
    # The whole contract once more, against the later revision.
    "Everything in 000 still holds except as stated here",
}
"""What only real things show. What else the documents state, the quick suite proves too."""

CASES = """
import pytest
from tests.suites import one_in_full, over

@pytest.fixture(params=one_in_full("memory", "file", "fakeredis", sample=3))
def sampled(request):
    return request.param

@pytest.fixture(params=over("memory", "moto"))
def engine(request):
    return request.param

@pytest.mark.parametrize("number", range(6))
def test_sampled(sampled, number): ...

def test_of_an_engine(engine): ...

@pytest.mark.slow
def test_slow(): ...

@pytest.mark.slow(seconds=9)
def test_long(): ...

def test_plain(): ...
"""


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    """Run pytest in this process, and leave the profile of this session's properties alone."""
    profile = settings.get_current_profile_name()
    try:
        others = [
            word for name in ("aiohttp", "asyncio", "randomly") for word in ("-p", f"no:{name}")
        ]
        return pytester.runpytest_inprocess(*options, *others)
    finally:
        settings.load_profile(profile)


@pytest.fixture
def collected(pytester: pytest.Pytester) -> Collect:
    """What a suite has of ``CASES``, in its order."""
    pytester.makeconftest('pytest_plugins = ["tests.suites"]')
    pytester.makepyfile(CASES)

    def collect(suite: str) -> list[str]:
        result = run(pytester, "--collect-only", "-q", "--suite", suite)
        return [line.partition("::")[2] for line in result.outlines if "::" in line]

    return collect


def test_the_quick_suite_leaves_out_what_is_slow_or_real_and_samples_one_case_a_test(
    collected: Collect,
) -> None:
    names = collected(QUICK)
    assert [name for name in names if not name.startswith("test_sampled")] == [
        "test_of_an_engine[memory]",
        "test_plain",
    ]
    over_others = [name for name in names if "file" in name or "fakeredis" in name]
    assert len([name for name in names if name.startswith("test_sampled[memory-")]) == 6
    assert len(over_others) == 1


def test_the_quick_suite_proves_every_statement_that_needs_no_real_thing(
    request: pytest.FixtureRequest,
) -> None:
    collected = {item.path.parent for item in request.session.items}
    is_whole = {path.parent for path in TESTS.glob("*/test_*.py")} <= collected | OF_REAL_THINGS
    left_out = request.config.stash[LEFT_OUT]
    assert left_out <= OF_THE_FULL_SUITE or not is_whole


def test_the_full_suite_has_all_but_what_a_sample_leaves_out(collected: Collect) -> None:
    names = collected(FULL)
    for engine, cases in {"memory": 6, "file": 2, "fakeredis": 2}.items():
        assert len([name for name in names if name.startswith(f"test_sampled[{engine}-")]) == cases
    assert {"test_of_an_engine[moto]", "test_slow", "test_plain"} <= set(names)


def test_the_full_suite_begins_with_what_takes_long(collected: Collect) -> None:
    assert collected(FULL)[0] == "test_long"


def test_a_quick_test_asks_for_a_real_engine_at_run_time_in_vain(
    pytester: pytest.Pytester,
) -> None:
    pytester.makeconftest('pytest_plugins = ["tests.suites", "tests.engines.fixtures"]')
    pytester.makepyfile(
        """
        def test_names_it(valkey_server): ...
        def test_asks_for_it(request): request.getfixturevalue("valkey_server")
        """
    )
    result = run(pytester, "--suite", QUICK)
    result.assert_outcomes(failed=1, deselected=1)
    result.stdout.fnmatch_lines(["*mark the test with engines('valkey')*"])


@settings(max_examples=examples(200))
@given(st.lists(st.integers(1, 9), max_size=6), st.integers(0, 40), st.integers(1, 5))
def test_every_item_is_dealt_once_and_each_block_begins_with_its_long_ones(
    long: list[int], others: int, workers: int
) -> None:
    items = [*[0] * others, *long]
    order = dealt(items, workers, float)
    assert sorted(order) == sorted(items)
    start = 0
    for worker in range(workers):
        size = (len(items) - start) // (workers - worker)
        block = order[start : start + size]
        if others >= workers * len(long):
            assert block == sorted(block, reverse=True)
            assert abs(len([item for item in block if item]) - len(long) / workers) < 1
        start += size
