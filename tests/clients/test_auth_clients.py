"""The auth clients of Momento's SDKs, as they are, through the proxy."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from tests.support.client import Client
from tests.support.emulators import status_with
from tests.support.launch import run

from .node_sdk import PROJECT, NodeSdk
from .python_sdk import PythonSdk

HERE = Path(__file__).parent


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Emulator]:
    with Emulator(cache="memory", proxy=True, ca_dir=tmp_path / "ca", stop_timeout=2) as emulator:
        yield emulator


def made_by(emulator: Emulator, *command: str) -> Any:
    """The document that a client prints, with nothing but the environment set."""
    result = run(*command, env=emulator.environment)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout.splitlines()[-1])  # Some log to it too.


def puts_and_gets(emulator: Emulator, api_key: str) -> bool:
    """Whether a Put and a Get succeed with a key."""
    Client(emulator.endpoint, emulator.api_key()).create_store("store")
    client = Client(emulator.endpoint, api_key)
    is_stored = client.put("store", "key", b"body").status == 204
    return is_stored and client.get("store", "key").body == b"body"


def test_the_sdk_for_node_makes_and_refreshes_keys_that_put_and_get(
    node_sdk: NodeSdk, proxy: Emulator
) -> None:
    del node_sdk  # It is installed.

    made = made_by(proxy, "node", str(PROJECT / "make-credentials.js"))

    assert {each["endpoint"] for each in made.values()} == {"emulator.test"}
    assert puts_and_gets(proxy, made["key"]["credential"])
    assert puts_and_gets(proxy, made["refreshed"]["credential"])
    assert made["refreshed"]["expires"]
    assert not made["limited"]["expires"]
    assert 0 <= made["refreshed"]["expires_at"] - made["key"]["expires_at"] < 60
    # What is for caches and topics gives no right to a store.
    assert status_with(proxy, made["limited"]["credential"], "/objectstore/store/key") == 403
    assert status_with(proxy, made["token"]["credential"], "/objectstore/store/key") == 403
    assert [call.target for call in proxy.journal.calls(target="/*.*/*", method="POST")] == [
        "/auth.Auth/GenerateApiToken",
        "/auth.Auth/RefreshApiToken",
        "/auth.Auth/GenerateApiToken",
        "/token.Token/GenerateDisposableToken",
    ]


def test_the_sdk_for_python_makes_a_token(python_sdk: PythonSdk, proxy: Emulator) -> None:
    del python_sdk  # It is installed.

    made = made_by(proxy, sys.executable, str(HERE / "make_credentials.py"))

    assert made["endpoint"] == "emulator.test"
    assert status_with(proxy, made["token"]) == 403
    proxy.clock.advance(300)
    assert status_with(proxy, made["token"]) == 401
