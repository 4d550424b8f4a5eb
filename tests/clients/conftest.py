"""Momento's SDKs as their registries have them, and an emulator with keys for them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emulator import Emulator

from .keys import SEED_FILE, V1_KEYS, V2_KEYS
from .node_sdk import NodeSdk, start_node, why_not
from .python_sdk import PythonSdk
from .sdk import OLDER_ENTRY_POINTS, V2_ENTRY_POINTS, Sdk


@pytest.fixture(scope="session")
def python_sdk() -> PythonSdk:
    return PythonSdk()


@pytest.fixture(scope="package")
def node_sdk() -> Iterator[NodeSdk]:
    reason = why_not()
    if reason is not None:
        pytest.skip(reason)
    with start_node() as sdk:
        yield sdk


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.slow) for name in ("python", "node")])
def sdk(request: pytest.FixtureRequest) -> Sdk:
    """Each SDK."""
    found: Sdk = request.getfixturevalue(f"{request.param}_sdk")
    return found


@pytest.fixture(params=V2_ENTRY_POINTS)
def v2_entry_point(request: pytest.FixtureRequest) -> str:
    """The name of each entry point that takes a v2 key and an endpoint."""
    return str(request.param)


@pytest.fixture(params=OLDER_ENTRY_POINTS)
def older_entry_point(request: pytest.FixtureRequest) -> str:
    """The name of each entry point that takes a credential with the endpoint in it."""
    return str(request.param)


@pytest.fixture(scope="package")
def running() -> Iterator[Emulator]:
    with Emulator(cache="memory", seed=SEED_FILE) as emulator:
        yield emulator


@pytest.fixture
def emulator(running: Emulator) -> Emulator:
    """An emulator as it was started, with the seed file."""
    running.reset()
    return running


@pytest.fixture(params=V2_KEYS)
def v2_key(request: pytest.FixtureRequest, emulator: Emulator) -> str:
    """A v2 key of each origin and role."""
    return V2_KEYS[request.param](emulator)


@pytest.fixture(params=V1_KEYS)
def v1_key(request: pytest.FixtureRequest, emulator: Emulator) -> str:
    """A v1 key of each origin and role."""
    return V1_KEYS[request.param](emulator)
