"""The two suites: the quick one, which everybody runs, and the full one.

A test says itself where it belongs, with marks:

- ``slow``: only the full suite runs it, since it kills processes, fills disks, starts several
  sessions of pytest, or needs a package that the extra ``test`` does not install. A test that takes
  more than a few seconds says how many, ``slow(seconds=30)``: it starts early, and may take five
  times as long.
- ``engines(...)``: the engines under this case. A case with a real one (a Valkey, an S3) belongs to
  the full suite; a test that names the fixture of one needs no mark. With ``sample=N``, the case
  repeats what the first engines show: the quick suite runs one of these cases for each test, the
  full suite every Nth.

Fixtures get these marks from `over` and `one_in_full`, properties their number of examples from
`examples`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Generator, Sequence
from itertools import islice
from typing import Any, TypeVar
from zlib import crc32

import pytest
from hypothesis import settings

T = TypeVar("T")

QUICK, FULL = "quick", "full"

LEFT_OUT = pytest.StashKey[frozenset[str]]()
"""The statements (of the mark ``proves``) that tests prove, but none of this suite."""

REAL_ENGINES = frozenset({"valkey", "valkey-cluster", "moto", "s3rver"})
"""Those that are servers of their own."""

FULL_FIXTURES = frozenset({"valkey_program", "moto", "s3rver", "python_sdk", "node_sdk", "browser"})
"""What starts one of them, or a package that the extra ``test`` does not install."""

QUICK_EXAMPLES = 10
"""The most examples that the quick suite tries of a property."""

PATIENCE = 5
"""How many times as long as it says a slow test may take on a loaded machine."""

# What a property shows must not depend on how fast the machine is. Newcomers all try the same.
settings.register_profile(QUICK, max_examples=QUICK_EXAMPLES, deadline=None, derandomize=True)
settings.register_profile(FULL, deadline=None, print_blob=True)


def examples(number: int) -> int:
    """How many examples of a property to try, where the full suite tries ``number``."""
    is_quick = settings.get_current_profile_name() == QUICK
    return min(number, QUICK_EXAMPLES) if is_quick else number


def over(*names: str) -> list[Any]:
    """Parameters of a fixture that is an engine of each name: "valkey", "account valkey"."""
    return [pytest.param(name, marks=pytest.mark.engines(*name.split())) for name in names]


def one_in_full(first: str, *others: str, sample: int = 1) -> list[Any]:
    """Parameters of a fixture: each case runs over the first engines, a sample over the others."""
    mark = pytest.mark.engines
    return [
        *over(first),
        *(pytest.param(name, marks=mark(name, sample=sample)) for name in others),
    ]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--suite",
        choices=(QUICK, FULL),
        default=QUICK,
        help="which tests run: quick (the default) leaves out what is slow or needs real engines",
    )


def pytest_configure(config: pytest.Config) -> None:
    for mark in (
        "slow(seconds=None): belongs to the full suite; how long it takes, if more than a little",
        "engines(*names, sample=None): the engines under this case; N if every Nth case is enough",
    ):
        config.addinivalue_line("markers", mark)
    settings.load_profile(config.getoption("--suite"))


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config
) -> None:
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and not is_full(config):
        terminalreporter.line("The quick suite has none of these; --suite full may have some.")


def is_full(config: pytest.Config) -> bool:
    return bool(config.getoption("--suite") == FULL)


def require_full(config: pytest.Config, engine: str) -> None:
    """Fail a test of the quick suite that asks for the real engine."""
    if not is_full(config):
        pytest.fail(f"the quick suite has no {engine}: mark the test with engines({engine!r})")


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None, None, None]:
    """Choose the suite's items, and have each worker begin with those that take long."""
    chosen = _of_suite(items, is_quick=not is_full(config))
    left_out = [item for item in items if item not in chosen]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item in chosen]
    config.stash[LEFT_OUT] = _statements(left_out) - _statements(items)
    for item in items:
        most = PATIENCE * _seconds(item)
        if most > float(config.getini("timeout") or 0):
            item.add_marker(pytest.mark.timeout(most))
    yield
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    items[:] = dealt(items, workers, _seconds)


def _of_suite(items: Sequence[pytest.Item], *, is_quick: bool) -> set[pytest.Item]:
    chosen: set[pytest.Item] = set()
    samples: dict[str, dict[tuple[str, int], list[pytest.Item]]]
    samples = defaultdict(lambda: defaultdict(list))
    for item in items:
        marks = list(item.iter_markers("engines"))
        names = [name for mark in marks for name in mark.args]
        if is_quick and (item.get_closest_marker("slow") or _needs_full(item, names)):
            continue
        steps = [mark.kwargs["sample"] for mark in marks if "sample" in mark.kwargs]
        if steps:
            test = item.nodeid.partition("[")[0]
            samples[test][" ".join(names), max(steps)].append(item)
        else:
            chosen.add(item)
    for test, by_engines in samples.items():
        # The same for every worker and every run, and not the first case of each test.
        turn = crc32(test.encode())
        if is_quick:
            cases = list(by_engines.values())[turn % len(by_engines)]
            chosen.add(cases[turn % len(cases)])
        else:
            for (_, step), cases in by_engines.items():
                chosen.update(cases[turn % min(step, len(cases)) :: step])
    return chosen


def _needs_full(item: pytest.Item, names: Sequence[str]) -> bool:
    fixtures: Sequence[str] = getattr(item, "fixturenames", ())
    return not (REAL_ENGINES.isdisjoint(names) and FULL_FIXTURES.isdisjoint(fixtures))


def _statements(items: Sequence[pytest.Item]) -> frozenset[str]:
    return frozenset(
        statement
        for item in items
        for mark in item.iter_markers("proves")
        for statement in mark.args
    )


def _seconds(item: pytest.Item) -> float:
    mark = item.get_closest_marker("slow")
    return float(mark.kwargs.get("seconds", 0)) if mark else 0.0


def dealt(items: Sequence[T], workers: int, seconds: Callable[[T], float]) -> list[T]:
    """The items in an order in which each of the workers begins with some of those that take long.

    A worker of ``--dist worksteal`` begins with one block of items, and the blocks are equal.
    """
    long = sorted((item for item in items if seconds(item)), key=seconds, reverse=True)
    others = iter([item for item in items if not seconds(item)])
    order: list[T] = []
    for worker in range(workers):
        size = (len(items) - len(order)) // (workers - worker)
        block = long[worker::workers]
        order += block
        order += islice(others, max(0, size - len(block)))
    return [*order, *others]
