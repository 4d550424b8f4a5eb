"""The suites, the real engines, what a test has to prove, and a last word on what was skipped."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

pytest_plugins = ["tests.suites", "tests.support.fixtures", "tests.engines.fixtures"]

FROM_THE_REFERENCE = {
    Path(__file__).parent / name for name in ("auth_api", "contract", "revisions")
}
"""Where every test says by the mark `proves` which statement of the reference it shows."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fail-on-skip",
        action="store_true",
        help="fail when a test is skipped: for a machine that has what every test needs",
    )


def pytest_configure() -> None:
    # Else pytest-asyncio has Python make a loop, up to 3.13, which nobody closes: the warning about
    # that fails whichever test runs when the loop is collected.
    asyncio.set_event_loop(None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent in FROM_THE_REFERENCE and not item.get_closest_marker("proves"):
            raise pytest.UsageError(f"{item.nodeid} has no mark `proves`")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    if exitstatus == 0 and session.config.getoption("--fail-on-skip") and _skipped(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    counts: dict[str, int] = {}
    for reason in _skipped(terminalreporter.config):
        counts[reason] = counts.get(reason, 0) + 1
    if not counts:
        return
    terminalreporter.section("skipped here, and how to have it run", yellow=True)
    for reason, count in sorted(counts.items()):
        terminalreporter.line(f"{count} tests: {reason}")


def _skipped(config: pytest.Config) -> list[str]:
    """The reason of each test that was skipped."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return []
    reports = reporter.stats.get("skipped", [])
    return [str(report.longrepr[2]).removeprefix("Skipped: ") for report in reports]
