"""The account when its Valkey fails: nothing acknowledged is lost, nobody waits for ever or is told
that a good key is none."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest

from emulator import Emulator
from emulator.backends.account.scripts import COMMIT
from emulator.backends.valkey.server import REPETITIONS
from emulator.config import ConfigurationError
from tests.engines.proxy import LossyWay
from tests.engines.valkey import StartValkey, ValkeyServer
from tests.support.client import Client
from tests.support.emulators import Start
from tests.support.loop_time import LoopTime
from tests.support.ports import free_port
from tests.support.waiting import wait_until

from .test_one_account import READING, api_at, at

TIMEOUT_SECONDS = 15.0
"""How long a call to a Valkey that will hang may take. Nobody waits for it: see `LoopTime`."""

KEEPING = ("--appendonly", "yes", "--appendfsync", "always")


def health(emulator: Emulator) -> dict[str, str]:
    tier: dict[str, str] = (
        Client(emulator.endpoint).call("GET", "/_emulator/health").json()["account"]
    )
    return tier


def is_well(emulator: Emulator) -> bool:
    return health(emulator)["status"] == "ok"


def test_nothing_that_was_acknowledged_is_lost_when_a_valkey_that_keeps_is_killed(
    start: Start, start_valkey: StartValkey
) -> None:
    server = start_valkey(*KEEPING)
    one, other = (start(account=server.url) for _ in range(2))
    key = one.api_key()
    acknowledged: set[str] = set()
    deleted: set[str] = set()
    go_on = threading.Event()
    go_on.set()

    def change(emulator: Emulator, name: str) -> None:
        number = 0
        while go_on.is_set():
            store = f"{name}-{number}"
            if at(emulator, key).create_store(store).status == 201:
                acknowledged.add(store)
                number += 1
            if number % 3 == 0 and store in acknowledged:
                answer = at(emulator, key).call("DELETE", f"/objectstore/{store}")
                if answer.status == 200:
                    deleted.add(store)
                elif answer.status >= 500:  # Nobody knows.
                    acknowledged.discard(store)

    def wait_for_new_stores() -> None:
        enough = len(acknowledged) + 5
        wait_until(lambda: len(acknowledged) > enough, "stores are created")

    threads = [threading.Thread(target=change, args=pair) for pair in ((one, "a"), (other, "b"))]
    for thread in threads:
        thread.start()
    try:
        for _ in range(3):
            wait_for_new_stores()
            server.kill()
            server.start()
    finally:
        go_on.clear()
        for thread in threads:
            thread.join()
    wait_until(lambda: is_well(one) and is_well(other), "both have their account again")
    there = set(at(one, key).store_names())
    assert acknowledged - deleted <= there
    assert not deleted & there
    assert set(at(other, key).store_names()) == there


def test_while_valkey_is_away_requests_fail_at_once_and_work_again_by_themselves(
    start: Start, start_valkey: StartValkey, caplog: pytest.LogCaptureFixture
) -> None:
    server = start_valkey(*KEEPING)
    emulator = start(account=server.url)
    client = at(emulator, emulator.api_key())
    client.create_store("store")
    server.kill()
    caplog.clear()
    assert client.list_stores().status == 500
    assert client.create_store("second").status == 500
    lines = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(lines) == 2
    for record in lines:
        assert server.url in record.getMessage()
        assert "reached" in record.getMessage()
        assert not record.exc_info
        assert len(record.getMessage().splitlines()) == 1
    tier = health(emulator)
    assert tier["status"] == "failing"
    assert server.url in tier["cause"]
    server.start()
    assert client.list_stores().status == 200
    assert client.store_names() == ["store"]
    assert is_well(emulator)


def test_a_valkey_that_comes_back_empty_makes_no_key_unknown(
    start: Start, start_valkey: StartValkey, caplog: pytest.LogCaptureFixture
) -> None:
    server = start_valkey()
    one, other = (start(account=server.url) for _ in range(2))
    key = one.api_key()
    at(one, key).create_store("store")
    token = one.create_token(READING)
    assert at(other, token).list_stores().status == 200
    server.kill()
    server.start()
    for emulator in (one, other):
        for presented in (key, token):
            caplog.clear()
            assert at(emulator, presented).list_stores().status == 500
            assert "account is gone" in caplog.text
        tier = health(emulator)
        assert tier["status"] == "failing"
        assert "account is gone" in tier["cause"]
        assert at(emulator, "no key").list_stores().status == 401
    one.reset()
    for emulator in (one, other):
        assert at(emulator, key).store_names() == []
        assert is_well(emulator)


def test_an_emulator_that_starts_on_a_valkey_that_has_lost_the_account_makes_another(
    start: Start, start_valkey: StartValkey
) -> None:
    server = start_valkey()
    one = start(account=server.url)
    key = one.api_key()
    server.kill()
    server.start()
    other = start(account=server.url)
    assert other.api_key() != key
    for emulator in (one, other):
        assert at(emulator, key).list_stores().status == 401
        assert at(emulator, other.api_key()).list_stores().status == 200


def test_a_valkey_that_hangs_holds_nobody_up_for_ever(
    start: Start, start_valkey: StartValkey
) -> None:
    server = start_valkey()
    emulator = start(account=server.url, valkey_timeout=TIMEOUT_SECONDS)
    client = at(emulator, emulator.api_key())
    client.create_store("store")
    server.pause()
    try:
        with LoopTime.of(emulator).hurrying(TIMEOUT_SECONDS, times=30):
            statuses = [
                client.list_stores().status,
                client.create_store("second").status,
                client.put("store", "key", b"body").status,
                client.get("store", "key").status,
            ]
            tier = health(emulator)
    finally:
        server.resume()
    assert statuses == [500] * 4
    assert f"no answer within {TIMEOUT_SECONDS:g} s" in tier["cause"]
    assert client.list_stores().status == 200
    assert client.put("store", "key", b"body").status == 204


@pytest.fixture
def way(valkey_server: ValkeyServer) -> Iterator[LossyWay]:
    """To a Valkey that is empty."""
    valkey_server.empty()
    way = LossyWay(valkey_server.port)
    yield way
    way.close()


def test_a_change_whose_acknowledgement_was_lost_is_made_once_and_acknowledged(
    start: Start, way: LossyWay
) -> None:
    emulator = start(account=f"valkey://127.0.0.1:{way.port}")
    key = emulator.api_key()
    client, api = at(emulator, key), api_at(emulator, key)
    commit = COMMIT.digest.encode()

    way.lose(commit)
    assert client.create_store("store").status == 201
    way.lose(commit)
    role = api.create_role("Readers", READING)
    assert role.status == 200
    way.lose(commit)
    new = api.new_key(role.json["role_id"])
    way.lose(commit)
    assert api.revoke_key(new.key_id).status == 200
    way.lose(commit)
    assert client.call("DELETE", "/objectstore/store").status == 200
    assert way.lost == 5
    assert api.role_names(type="custom") == ["Readers"]
    assert client.store_names() == []


def test_a_change_whose_acknowledgement_is_lost_each_time_is_not_acknowledged(
    start: Start, way: LossyWay
) -> None:
    emulator = start(account=f"valkey://127.0.0.1:{way.port}")
    client = at(emulator, emulator.api_key())
    way.lose(COMMIT.digest.encode(), times=1 + REPETITIONS)
    assert client.create_store("store").status == 500
    assert client.create_store("store").status == 200
    assert client.store_names() == ["store"]


def test_an_answer_to_a_read_that_was_lost_is_asked_for_again(start: Start, way: LossyWay) -> None:
    emulator = start(account=f"valkey://127.0.0.1:{way.port}")
    client = at(emulator, emulator.api_key())
    way.lose(b"momento-emulator")
    assert client.list_stores().status == 200
    assert way.lost == 1


def test_without_a_valkey_there_is_no_start_and_the_cause_is_said() -> None:
    port = free_port()
    emulator = Emulator(
        account=f"valkey://ann:s3cr3t@127.0.0.1:{port}", cache="memory", valkey_timeout=5
    )
    with pytest.raises(ConfigurationError, match="cannot be reached") as refused:
        emulator.start()
    assert f"valkey://ann:***@127.0.0.1:{port}" in str(refused.value)
    assert "s3cr3t" not in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


def test_a_host_that_nobody_has_is_named() -> None:
    emulator = Emulator(account="valkey://no-such-host.invalid", cache="memory", valkey_timeout=9)
    with pytest.raises(ConfigurationError, match=r"no-such-host\.invalid"):
        emulator.start()


def test_a_valkey_that_hangs_at_the_start_is_not_waited_for(
    start_valkey: StartValkey,
) -> None:
    server = start_valkey()
    server.pause()
    try:
        emulator = Emulator(account=server.url, cache="memory", valkey_timeout=0.2)
        with pytest.raises(ConfigurationError, match="no answer within"):
            emulator.start()
    finally:
        server.resume()


def test_a_server_that_is_no_cluster_is_not_taken_for_one(url: str) -> None:
    emulator = Emulator(account=url.replace("valkey:", "valkey-cluster:"), cache="memory")
    with pytest.raises(ConfigurationError, match=r"[Cc]luster"):
        emulator.start()
