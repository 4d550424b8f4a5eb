"""The real engines, each started when a test first asks for it: see `tests/suites.py`."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol, TypeVar

import pytest

from tests.suites import require_full

from . import s3, valkey
from .bad_s3 import BadS3


class _Engine(Protocol):
    def start(self) -> None: ...
    def stop(self) -> None: ...


E = TypeVar("E", bound=_Engine)


@contextmanager
def _running(engine: E) -> Iterator[E]:
    try:
        engine.start()
        yield engine
    finally:
        engine.stop()


@pytest.fixture(scope="session")
def valkey_program(pytestconfig: pytest.Config) -> str:
    """The server's program, for tests with servers of their own."""
    require_full(pytestconfig, "valkey")
    found = valkey.find_server()
    if found is None:
        pytest.skip(valkey.HINT)
    return found


@pytest.fixture(scope="session")
def valkey_server(
    valkey_program: str,  # noqa: ARG001
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[valkey.ValkeyServer]:
    """A Valkey that all tests share, and none may stop: each empties it before it begins."""
    with _running(valkey.ValkeyServer(tmp_path_factory.mktemp("valkey"))) as server:
        yield server


@pytest.fixture(scope="session")
def valkey_cluster(
    valkey_program: str,  # noqa: ARG001
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[valkey.ValkeyCluster]:
    """A cluster of three that all tests share, and none may stop."""
    with _running(valkey.ValkeyCluster(tmp_path_factory.mktemp("valkey-cluster"))) as cluster:
        yield cluster


@pytest.fixture
def start_valkey(
    tmp_path: Path,
    valkey_program: str,  # noqa: ARG001
) -> Iterator[valkey.StartValkey]:
    """Starts servers of the test's own, with options, which it may do to what it likes."""
    numbers = itertools.count()
    with ExitStack() as stack:

        def start(*options: str) -> valkey.ValkeyServer:
            server = valkey.ValkeyServer(tmp_path / f"valkey-{next(numbers)}", *options)
            return stack.enter_context(_running(server))

        yield start


@pytest.fixture
def start_valkey_cluster(
    tmp_path: Path,
    valkey_program: str,  # noqa: ARG001
) -> Iterator[valkey.StartValkeyCluster]:
    """Starts a cluster of the test's own, with options, which it may do to what it likes."""
    with ExitStack() as stack:

        def start(*options: str) -> valkey.ValkeyCluster:
            cluster = valkey.ValkeyCluster(tmp_path / "valkey-cluster", *options)
            return stack.enter_context(_running(cluster))

        yield start


@pytest.fixture(scope="session")
def moto(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[s3.Moto]:
    """A moto server that all tests share, and none may stop: each empties it before it begins."""
    require_full(pytestconfig, "moto")
    with _running(s3.Moto(tmp_path_factory.mktemp("moto"))) as server:
        yield server


@pytest.fixture(scope="session")
def s3rver(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[s3.S3rver]:
    """An s3rver that all tests share, and none may stop: each empties it before it begins."""
    require_full(pytestconfig, "s3rver")
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
