"""What every test may use: the real engines, and a last word on what was skipped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import pytest

from .engines import s3, valkey
from .engines.bad_s3 import BadS3
from .engines.process import EngineProcess

E = TypeVar("E", bound=EngineProcess)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fail-on-skip",
        action="store_true",
        help="fail when a test is skipped: for a machine that has what every test needs",
    )


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


@contextmanager
def _running(engine: E) -> Iterator[E]:
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()


@pytest.fixture(scope="session")
def valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[valkey.ValkeyServer]:
    """A Valkey that all tests share, and none may stop: each empties it before it begins."""
    if valkey.find_server() is None:
        pytest.skip(valkey.HINT)
    with _running(valkey.ValkeyServer(tmp_path_factory.mktemp("valkey"))) as server:
        yield server


@pytest.fixture(scope="session")
def valkey_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[valkey.ValkeyCluster]:
    """A cluster of three that all tests share, and none may stop."""
    if valkey.find_server() is None:
        pytest.skip(valkey.HINT)
    cluster = valkey.ValkeyCluster(tmp_path_factory.mktemp("valkey-cluster"))
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[s3.Moto]:
    """A moto server that all tests share, and none may stop: each empties it before it begins."""
    with _running(s3.Moto(tmp_path_factory.mktemp("moto"))) as server:
        yield server


@pytest.fixture(scope="session")
def s3rver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[s3.S3rver]:
    """An s3rver that all tests share, and none may stop: each empties it before it begins."""
    if not s3.has_s3rver():
        pytest.skip(s3.S3RVER_HINT)
    with _running(s3.S3rver(tmp_path_factory.mktemp("s3rver"))) as server:
        yield server


@pytest.fixture
def bad_s3(moto: s3.Moto) -> Iterator[BadS3]:
    """moto's server behind one that can be told to misbehave."""
    server = BadS3(moto.url)
    server.start()
    yield server
    server.stop()
