"""The emulator under test, and what every test needs of it.

What these tests show beyond the documents are decisions of the emulator (D01, ...). What the
documents say, `python -m emulator conformance` shows at any endpoint.

The emulator of this repository is started once for every pair of tiers: all tests run over the
first pair, a sample of them over the others. `tests/revisions/test_first_contract.py` has them run
against an emulator of a later revision, by these variables, and names those that fail there:

    MOMENTO_CONTRACT_ENDPOINT
    MOMENTO_CONTRACT_OWNER_KEY, MOMENTO_CONTRACT_OPERATOR_KEY, MOMENTO_CONTRACT_VIEWER_KEY
    MOMENTO_CONTRACT_REVISION       e.g. 2026-08-12
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import pytest

from tests.suites import one_in_full
from tests.support.as_described import answers_as_described
from tests.support.raw_client import Client

from .service import EXTERNAL, Service, emulator, external_service
from .stores import Store, Stores

TIERS = ["memory-memory", "memory-fakeredis", "filesystem-memory", "filesystem-fakeredis"]
"""The storage tier, then the cache tier."""
IS_EXTERNAL = bool(os.environ.get(EXTERNAL))
TARGETS = ["external"] if IS_EXTERNAL else one_in_full(*TIERS, sample=8)


@pytest.fixture(scope="session", params=TARGETS)
def service(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """The service under test."""
    if request.param == "external":
        yield external_service()
        return
    with emulator(request.param, tmp_path_factory.mktemp(request.param)) as started:
        yield started


@pytest.fixture(scope="package", autouse=True)
def described(pytestconfig: pytest.Config) -> Iterator[None]:
    """Every request and answer is as the OpenAPI document describes it."""
    with contextlib.nullcontext() if IS_EXTERNAL else answers_as_described(pytestconfig):
        yield


@pytest.fixture
def owner(service: Service) -> Client:
    return service.client("owner")


@pytest.fixture
def viewer(service: Service) -> Client:
    return service.client("viewer")


@pytest.fixture
def stores(owner: Client) -> Iterator[Stores]:
    """Makes stores for this test and deletes them after it."""
    made = Stores(owner)
    yield made
    made.delete_all()


@pytest.fixture
def store(stores: Stores) -> Store:
    """An empty store, through the eyes of an Owner."""
    return stores.create()
