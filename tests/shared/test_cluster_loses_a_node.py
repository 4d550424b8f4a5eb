"""A cluster that loses the node with the account: nobody is let in, until the node is back."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

import pytest

from tests.engines.valkey import StartValkeyCluster, ValkeyCluster, ValkeyServer, misses_another
from tests.support.client import Answer, Client
from tests.support.emulators import Start
from tests.support.waiting import wait_until

from .test_one_account import at
from .test_valkey_fails import KEEPING, health, is_well


@pytest.fixture
def keeping_cluster(start_valkey_cluster: StartValkeyCluster) -> ValkeyCluster:
    """A cluster of which a test may kill a node, and which has on disk what it acknowledged."""
    return start_valkey_cluster(*KEEPING)


@pytest.mark.parametrize("named", ["the lost node", "another node"])
def test_without_the_node_of_the_account_requests_fail_and_go_on_once_it_is_back(
    start: Start, keeping_cluster: ValkeyCluster, caplog: pytest.LogCaptureFixture, named: str
) -> None:
    lost = keeping_cluster.owner_of("momento-emulator")
    another = next(node for node in keeping_cluster.nodes if node is not lost)
    first = lost if named == "the lost node" else another
    url = first.url.replace("valkey:", "valkey-cluster:")
    one, other = (start(account=url) for _ in range(2))
    clients = [at(emulator, one.api_key()) for emulator in (one, other)]
    assert clients[0].create_store("store").status == 201
    assert clients[1].put("store", "key", b"body").status == 204

    lost.kill()
    for client in clients:
        expect_failures(client, lost, caplog)
    wait_until(lambda: misses_another(another), "the other nodes know")
    for client in clients:
        expect_failures(client, lost, caplog)
    for emulator in (one, other):
        tier = health(emulator)
        assert tier["status"] == "failing"
        assert str(lost.port) in tier["cause"]

    lost.start()
    wait_until(lambda: is_well(one) and is_well(other), "both have their account again")
    for client in clients:
        assert client.store_names() == ["store"]
    assert clients[1].get("store", "key").body == b"body"
    assert clients[0].create_store("second").status == 201
    assert clients[1].store_names() == ["second", "store"]


def expect_failures(client: Client, lost: ValkeyServer, caplog: pytest.LogCaptureFixture) -> None:
    """Every request is 500, with one line in the log that names the node."""
    calls: list[Callable[[], Answer]] = [
        client.list_stores,
        partial(client.create_store, "third"),
        partial(client.get, "store", "key"),
    ]
    for call in calls:
        caplog.clear()
        assert call().status == 500
        (line,) = [each for each in caplog.records if each.levelno >= logging.ERROR]
        assert f"127.0.0.1:{lost.port}" in line.getMessage()
        assert "reached" in line.getMessage()
        assert len(line.getMessage().splitlines()) == 1
        assert not line.exc_info
