"""An emulator of each revision: clusters belong to all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.core.revisions import REVISIONS
from tests.contract.service import Service
from tests.contract.service import emulator as service_over
from tests.support.as_described import answers_as_described
from tests.support.raw_client import Client


@pytest.fixture(scope="package", autouse=True)
def described(pytestconfig: pytest.Config) -> Iterator[None]:
    """Every request and answer is as the OpenAPI document describes it."""
    with answers_as_described(pytestconfig):
        yield


@pytest.fixture(scope="session", params=list(REVISIONS))
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    """An emulator of the revision."""
    with service_over("memory-memory", Path(), api_revision=request.param) as started:
        yield started


@pytest.fixture
def owner(service: Service) -> Client:
    return service.client("owner")


@pytest.fixture
def viewer(service: Service) -> Client:
    return service.client("viewer")
