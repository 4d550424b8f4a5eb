"""Emulators over HTTP whose objects are in S3: moto's server behind one that can misbehave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from emulator import Emulator
from tests.backends.s3 import aws_environment, boto3_client
from tests.engines.bad_s3 import BadS3
from tests.engines.s3 import Moto
from tests.process.launch import Launcher, launcher

Start = Callable[..., Emulator]

TIMEOUT = 2.0
"""How long these emulators let a call to S3 take, in seconds."""


@pytest.fixture
def boto3(moto: Moto) -> Iterator[Any]:
    """Another tool, and the bucket `bucket`."""
    with aws_environment(moto):
        client = boto3_client(moto)
        client.create_bucket(Bucket="bucket")
        yield client


@pytest.fixture
def start(bad_s3: BadS3, boto3: Any) -> Iterator[Start]:  # noqa: ARG001
    """Starts emulators over the S3 that can misbehave; they end with the test."""
    with ExitStack() as stack:

        def start_one(**options: Any) -> Emulator:
            ours = {"storage": "s3", "s3_endpoint_url": bad_s3.url, "s3_timeout": TIMEOUT}
            return stack.enter_context(Emulator(**{"cache": "memory", **ours, **options}))

        yield start_one


@pytest.fixture
def emulator(start: Start) -> Emulator:
    """A running emulator."""
    return start()


@pytest.fixture
def emulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    """Starts emulators as processes that end with the test."""
    with launcher(tmp_path_factory.mktemp("emulators")) as launching:
        yield launching
