"""A test replaces functions of the standard library in the process of an emulator (D127)."""

from __future__ import annotations

import os
import random
import secrets
import sys
import time
import uuid
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from emulator import Emulator
from tests.support.client import Client, create_store
from tests.support.doubles import Watch, replacements
from tests.support.emulators import client
from tests.support.launch import run

MIB = 1024**2

READER: dict[str, Any] = {
    "rules": [{"type": "store", "permissions": ["read"], "stores": "*", "items": "*"}]
}


def live_through(emulator: Emulator) -> None:
    """Do once all that draws ids or random numbers, or reads a clock."""
    owner = client(emulator)
    for store in ("one", "other"):
        create_store(owner, store, bucket=f"bucket-of-{store}")
        body = store.encode() * MIB
        assert owner.put(store, "large", body).status == 204
        assert owner.put(store, "small", store.encode(), ttl_seconds=60).status == 204
    for store in ("one", "other"):
        assert owner.get(store, "small").body == store.encode()
        assert owner.get(store, "large").body == store.encode() * MIB
    create_credentials(emulator)
    emulator.checkpoint("here")
    with emulator.faults.add({"type": "latency", "seconds": 0.001}, probability=1.0):
        assert owner.get("one", "small").status == 200
    emulator.clock.advance(3600)
    assert owner.get("one", "small").status == 404
    emulator.restore("here")
    assert owner.get("other", "small").body == b"other"
    emulator.reset()


def create_credentials(emulator: Emulator) -> None:
    """Create two of each kind, and check that they are different."""
    roles = [emulator.create_role(name, READER) for name in ("Readers", "Listeners")]
    keys = [emulator.create_api_key(role) for role in roles]
    tokens = [emulator.create_token(READER) for _ in range(2)]
    assert len({*roles, *keys, *tokens}) == 6
    emulator.revoke_api_key(keys[0])
    statuses = [Client(emulator.endpoint, key).list_stores().status for key in keys]
    assert statuses == [401, 403]


ALWAYS_THE_SAME = {
    "uuid.uuid4": uuid.UUID(int=1),
    "uuid.uuid1": uuid.UUID(int=1),
    "os.urandom": bytes(16),
    "secrets.token_bytes": bytes(16),
    "secrets.token_hex": "00",
    "random.random": 0.5,
    "random.getrandbits": 1,
    "time.time": 1_000_000_000.0,
    "time.time_ns": 1_000_000_000_000_000_000,
    "time.monotonic": 5.0,
    "time.monotonic_ns": 5,
    "time.perf_counter": 5.0,
    "time.perf_counter_ns": 5,
    "time.sleep": None,
    "asyncio.sleep": None,
}


@pytest.fixture
def the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every function that gives something new each time gives the same."""
    for name, value in ALWAYS_THE_SAME.items():
        replacement = mock.AsyncMock if name == "asyncio.sleep" else mock.Mock
        monkeypatch.setattr(name, replacement(return_value=value))


@pytest.fixture
def data(tmp_path: Path) -> dict[str, Any]:
    """Options of an emulator over files and fakeredis, which use most of the system."""
    return {"data_dir": tmp_path / "data", "fsync": False}


@pytest.mark.proves("D127")
@pytest.mark.usefixtures("the_same")
def test_an_emulator_lives_where_every_id_and_every_clock_is_replaced(
    data: dict[str, Any],
) -> None:
    assert (uuid.uuid4(), os.urandom(1), time.monotonic()) == (uuid.UUID(int=1), bytes(16), 5.0)
    with Emulator(**data) as emulator:
        live_through(emulator)


@pytest.mark.proves("D127")
def test_a_running_emulator_does_not_notice_that_functions_are_replaced(
    data: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    with Emulator(**data) as emulator:
        request.getfixturevalue("the_same")
        live_through(emulator)


@pytest.mark.proves("D127")
def test_an_emulator_takes_nothing_from_what_a_double_has_prepared(
    data: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A double may have a list of answers, of which the test needs every one itself."""
    with Emulator(**data) as emulator:
        watch = Watch()
        for replaced in replacements():
            monkeypatch.setattr(replaced.module, replaced.name, watch.double_of(replaced))
        live_through(emulator)
        monkeypatch.undo()
    assert watch.calls == []


def test_seeded_random_numbers_stay_those_of_the_test() -> None:
    random.seed(1)
    expected = [random.random() for _ in range(3)]
    random.seed(1)
    with Emulator(cache="memory") as emulator:
        live_through(emulator)
        assert [random.random() for _ in range(3)] == expected


IMPORTED_LATE = """
import os, random, secrets, time, uuid
from unittest import mock

FUNCTIONS = {functions}

for name, value in FUNCTIONS.items():
    mock.patch(name, mock.Mock(return_value=value)).start()

from tests.embedding.test_replaced_functions import live_through
from emulator import Emulator

with Emulator(data_dir={data!r}, fsync=False) as emulator:
    live_through(emulator)
"""


@pytest.mark.slow
@pytest.mark.proves("D127")
def test_an_emulator_may_be_imported_where_functions_are_replaced(tmp_path: Path) -> None:
    functions = {name: value for name, value in ALWAYS_THE_SAME.items() if "asyncio" not in name}
    script = IMPORTED_LATE.format(
        functions=repr(functions).replace("UUID(", "uuid.UUID("), data=str(tmp_path / "data")
    )
    result = run(sys.executable, "-c", script)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""


def test_secrets_are_not_made_of_what_a_test_has_replaced(the_same: None) -> None:
    del the_same
    assert secrets.token_hex(1) == "00"
    with Emulator(cache="memory") as one, Emulator(cache="memory") as other:
        assert one.api_key() != other.api_key()
        assert one.account_id != other.account_id
