"""moto's CloudWatch, emptied, with credentials in the environment; and a clock."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emulator.clock import Clock
from tests.backends.s3 import aws_environment
from tests.engines.s3 import Moto

from .cloudwatch import create_group


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
