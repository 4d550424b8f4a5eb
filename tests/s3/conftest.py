"""Emulators over HTTP whose objects are in S3: moto's server behind one that can misbehave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from emulator import Emulator
from tests.engines.aws import opened_bucket
from tests.engines.bad_s3 import BadS3
from tests.engines.s3 import Moto
from tests.support.client import Client, create_store
from tests.support.emulators import Start, client
from tests.support.loop_time import LoopTime

TIMEOUT = 30.0
"""How long these emulators let a call to S3 take, in seconds. Nobody waits for it: see `time_out`.
It is more than the clients here wait for any answer."""


@pytest.fixture
def boto3(moto: Moto) -> Iterator[Any]:
    """Another tool, and the bucket `bucket`."""
    with opened_bucket(moto) as client:
        yield client


@pytest.fixture
def loops() -> list[LoopTime]:
    """The clocks by which the emulators of this test wait."""
    return []


@pytest.fixture
def time_out(loops: list[LoopTime]) -> Callable[[], None]:
    """Has the time be over that a call to S3 may take."""

    def time_out() -> None:
        for loop in loops:
            loop.advance(TIMEOUT)

    return time_out


@pytest.fixture
def emulator_options(bad_s3: BadS3, boto3: Any) -> dict[str, Any]:  # noqa: ARG001
    """Over the S3 that can misbehave."""
    ours = {"storage": "s3", "s3_endpoint_url": bad_s3.url, "s3_timeout": TIMEOUT}
    return {"cache": "memory", **ours}


@pytest.fixture
def start(
    start: Start,
    emulator_options: dict[str, Any],  # noqa: ARG001
    loops: list[LoopTime],
    time_out: Callable[[], None],
) -> Iterator[Start]:
    """Starts emulators whose time can be moved on.

    It names what the fixture behind it asks for: pytest before 9.1 does not tell the suites, which
    ask what needs an S3.
    """

    def start_one(**options: Any) -> Emulator:
        emulator = start(**options)
        loops.append(LoopTime.of(emulator))
        return emulator

    yield start_one
    time_out()  # A stop waits for what is removed behind an answer.


@pytest.fixture
def emulator(start: Start) -> Emulator:
    """A running emulator."""
    return start()


@pytest.fixture
def owner(emulator: Emulator) -> Client:
    """A client, and the store `store` over the bucket."""
    owner = client(emulator)
    create_store(owner, "store")
    return owner
