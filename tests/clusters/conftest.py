"""An emulator of each revision: clusters belong to all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.core.revisions import REVISIONS
from tests.contract.service import Service
from tests.contract.service import emulator as service_over
from tests.support.as_described import described as described
from tests.support.raw_client import Client


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
