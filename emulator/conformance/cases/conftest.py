"""What cases share: API keys that open nothing, a Valkey cluster, a free name, and tidiness."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emulator.conformance.target import Store, Target

from .clusters import Cluster, create
from .expecting import expect_success

LIFETIME_SECONDS = 4


@pytest.fixture(scope="session")
def expired_key(target: Target) -> str:
    """An Owner's API key that was accepted before it expired."""
    expiry = int(target.now()) + LIFETIME_SECONDS
    key = str(target.new_key(target.role_id("owner"), expiry)["api_key"])
    expect_success(target.request("GET", "/objectstore", key=key))
    target.wait(LIFETIME_SECONDS + 1)
    return key


@pytest.fixture(params=["unknown", "altered"])
def invalid_key(request: pytest.FixtureRequest, target: Target) -> str:
    """A text that is no API key, or the Owner's API key with one character altered."""
    if request.param == "unknown":
        return "no-api-key"
    at = len(target.owner) // 2
    other = "A" if target.owner[at] != "A" else "B"
    return target.owner[:at] + other + target.owner[at + 1 :]


@pytest.fixture(scope="session")
def powerless_key(target: Target) -> str:
    """A valid API key whose role permits topics, and nothing of object stores."""
    rule = {"type": "topic", "permissions": ["read"], "caches": "*", "topics": "*"}
    role = {"role_name": target.fresh_name(), "permissions": {"rules": [rule]}}
    answer = target.send_json("POST", "/roles", role)
    expect_success(answer)
    return str(target.new_key(answer.json()["role_id"])["api_key"])


@pytest.fixture(scope="session")
def cluster(target: Target) -> Cluster:
    """A cluster of the run, for cases that need ``--create-clusters``."""
    return create(target)


@pytest.fixture(scope="session")
def viewer_id(target: Target) -> str:
    """The id of the role Viewer."""
    return target.role_id("viewer")


@pytest.fixture
def unmade(target: Target) -> Store:
    """A store that does not exist yet."""
    return Store(target, target.fresh_name())


@pytest.fixture
def tidy(target: Target) -> Iterator[None]:
    """Deletes the roles and keys of a case at its end: an account may have only so many."""
    for name in ("operator", "viewer"):
        target.role(name)  # These stay, for other cases.
    before = set(target.ledger.entries)
    yield
    for made in target.ledger.entries:
        if made not in before and made.kind in ("key", "role"):
            target.request("DELETE", made.path)
