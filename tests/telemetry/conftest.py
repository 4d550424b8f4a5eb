"""An emulator of the revision that has telemetry, in its first state and at a frozen instant; and
moto's CloudWatch, emptied, with credentials in the environment.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from emulator import Emulator
from emulator.core.clock import Clock
from tests.engines.aws import aws_environment
from tests.engines.s3 import Moto
from tests.support.client import Client
from tests.support.emulators import ANY_NAMES

from .cloudwatch import create_group
from .stores import INSTANT, MICROSECONDS, REVISION, configure, observed


@pytest.fixture(scope="package")
def running() -> Iterator[Emulator]:
    with Emulator(cache="memory", api_revision=REVISION, **ANY_NAMES) as emulator:
        yield emulator


@pytest.fixture
def emulator(running: Emulator) -> Emulator:
    """Its clock stands still at ``INSTANT``, and there is no store."""
    running.faults.clear()
    running.reset()
    running.clock.freeze(INSTANT * MICROSECONDS)
    return running


@pytest.fixture
def owner(emulator: Emulator) -> Client:
    return Client(emulator.endpoint, emulator.api_key())


@pytest.fixture
def media(owner: Client) -> Client:
    """An Owner's client; there is a store ``media`` with an access log and metrics."""
    configure(owner, "media", **observed())
    return owner


@pytest.fixture
def emulator_options() -> dict[str, Any]:
    return {"cache": "memory", "api_revision": REVISION}


@pytest.fixture
def cloudwatch_server(moto: Moto) -> Iterator[Moto]:
    """It has nothing but the log group ``group``."""
    with aws_environment(moto):
        create_group(moto)
        yield moto


@pytest.fixture
def clock() -> Clock:
    """It stands still, in the middle of a minute of this day."""
    clock = Clock()
    clock.freeze(clock.now() // 60_000_000 * 60_000_000 + 30_000_000)
    return clock
