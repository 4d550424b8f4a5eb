"""A cluster whose nodes change: what one process was told, no other one contradicts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest

from emulator.backends.cache.base import CachedObject, CacheKey
from emulator.backends.cache.valkey import ValkeyCache
from emulator.backends.valkey.cluster import REFRESH_SECONDS
from emulator.backends.valkey.url import parse_valkey_url
from emulator.core.object_info import ObjectInfo
from tests.engines.valkey import StartValkey, ValkeyCluster, ValkeyServer, is_whole
from tests.support.loop_time import LoopTime
from tests.support.ports import HOST
from tests.support.waiting import wait_until

KEY = CacheKey("cluster", "namespace", "key")

OPTIONS = ("--cluster-enabled", "yes", "--cluster-node-timeout", "15000")

Open = Callable[[ValkeyServer], ValkeyCache]


def version(number: int) -> CachedObject:
    body = b"%d" % number
    return CachedObject(ObjectInfo(size=len(body), created_at=1, version=number), body)


@pytest.fixture
async def process() -> AsyncIterator[Open]:
    """Opens the cache as another process does that knows one node."""
    async with AsyncExitStack() as stack:

        def opened(node: ValkeyServer) -> ValkeyCache:
            url = parse_valkey_url(f"valkey-cluster://{HOST}:{node.port}")
            cache = ValkeyCache(url, timeout=5)
            stack.push_async_callback(cache.close)
            return cache

        yield opened


@pytest.fixture
def joined(own_cluster: ValkeyCluster, start_valkey: StartValkey) -> ValkeyServer:
    """A fourth node of the cluster, which has no slots."""
    node = start_valkey(*OPTIONS)
    node.ask("CLUSTER", "MEET", HOST, str(own_cluster.nodes[0].port))
    everybody = [*own_cluster.nodes, node]
    wait_until(lambda: all(is_whole(each, nodes=len(everybody)) for each in everybody))
    return node


def node_of_key(cluster: ValkeyCluster) -> ValkeyServer:
    """The node that has the entry of `KEY`."""
    (found,) = [node for node in cluster.nodes if node.ask("KEYS", "momento:*").strip()]
    return found


async def test_a_write_goes_to_the_replica_that_has_just_taken_over(
    own_cluster: ValkeyCluster, joined: ValkeyServer, process: Open, loop_time: LoopTime
) -> None:
    someone = process(own_cluster.nodes[0])
    await someone.set(KEY, version(1))
    primary = node_of_key(own_cluster)
    others = [node for node in own_cluster.nodes if node is not primary]
    joined.ask("CLUSTER", "REPLICATE", primary.ask("CLUSTER", "MYID").strip())
    wait_until(lambda: "master_link_status:up" in joined.ask("INFO", "replication"))
    one, another = process(others[0]), process(others[1])
    await one.get(KEY)  # It knows who has the key, and asks nobody again for a second.
    primary.kill()
    joined.ask("CLUSTER", "FAILOVER", "TAKEOVER")
    wait_until(lambda: "role:master" in joined.ask("INFO", "replication"))
    loop_time.advance(REFRESH_SECONDS)
    await another.set(KEY, version(1))
    assert await another.get(KEY) == version(1)
    await one.set(KEY, version(2))
    assert await another.get(KEY) == version(2)


async def test_a_node_that_has_left_the_cluster_is_not_believed(
    own_cluster: ValkeyCluster, joined: ValkeyServer, process: Open, loop_time: LoopTime
) -> None:
    one, another = process(joined), process(own_cluster.nodes[0])
    await one.set(KEY, version(1))
    assert await another.get(KEY) == version(1)
    left = joined.ask("CLUSTER", "MYID").strip()
    for node in own_cluster.nodes:
        node.ask("CLUSTER", "FORGET", left)
    joined.ask("CLUSTER", "RESET", "SOFT")
    # The known owners of the slots are then a second old, and asked for again.
    loop_time.advance(REFRESH_SECONDS)
    await one.check()
    await one.set(KEY, version(2))
    assert await another.get(KEY) == version(2)
