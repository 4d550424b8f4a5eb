"""Connections to a Valkey: how many there are, and whose answer is whose."""

from __future__ import annotations

import asyncio

from emulator import Emulator
from emulator.backends.cache.base import CachedObject, CacheKey
from emulator.backends.cache.valkey import ValkeyCache
from emulator.backends.valkey.url import parse_valkey_url
from tests.backends.objects import an_info
from tests.engines.valkey import ValkeyServer
from tests.support.client import Client
from tests.support.connections import Upload
from tests.support.emulators import Start, with_store
from tests.support.waiting import wait_until

from .conftest import PATIENCE_SECONDS
from .load import Load
from .service import outcome, remembers


def connections(server: ValkeyServer) -> int:
    """How many there are beside the one of who asks."""
    return len(server.ask("CLIENT", "LIST").splitlines()) - 1


def test_a_process_has_one_connection_and_leaves_none(server: ValkeyServer) -> None:
    with Emulator(cache=server.url, valkey_timeout=PATIENCE_SECONDS) as emulator:
        owner = with_store(emulator)
        with Load(owner, ["a", "b", "c"]).running() as load:
            wait_until(lambda: load.puts > 50)
        assert load.complaints == []
        assert connections(server) == 1
    wait_until(lambda: connections(server) == 0)


def test_no_connection_is_left_over_from_a_hundred_that_were_lost(
    server: ValkeyServer, start: Start
) -> None:
    emulator = start(cache=server.url, valkey_timeout=PATIENCE_SECONDS)
    owner = with_store(emulator)
    with Load(owner, ["a", "b"]).running() as load:
        for _ in range(100):
            server.ask("CLIENT", "KILL", "TYPE", "normal")
            # What was lost is sent again, but not for ever.
            load.wait_for_a_put_of_each_key()
    assert load.complaints == []
    assert remembers(emulator, owner, "a")
    assert connections(server) == 1


def test_a_client_that_hangs_up_breaks_nothing_for_others(
    server: ValkeyServer, emulator: Emulator
) -> None:
    owner = with_store(emulator)
    owner.put("store", "key", b"body")
    before = server.ask("CLIENT", "LIST").partition(" ")[0]
    for _ in range(20):
        with Upload(Client(owner.endpoint, owner.api_key), "store", "other", size=10) as upload:
            upload.send(b"half")
        assert owner.get("store", "key").body == b"body"
        assert outcome(emulator) == "cache_hit"
    assert server.ask("CLIENT", "LIST").partition(" ")[0] == before
    assert owner.get("store", "other").status == 404


async def test_the_answer_of_a_request_that_was_cancelled_goes_to_nobody_else(
    server: ValkeyServer,
) -> None:
    cache = ValkeyCache(parse_valkey_url(server.url), timeout=10)
    keys = [CacheKey("cluster", "namespace", str(number)) for number in range(50)]
    for number, key in enumerate(keys):
        await cache.set(key, CachedObject(an_info(4, version=number), b"%04d" % number))
    for spared in range(1, 7):
        gets = [asyncio.create_task(cache.get(key)) for key in keys]
        await asyncio.sleep(0)  # Every command is on its way now.
        for number, get in enumerate(gets):
            if number % spared == 0:
                get.cancel()
        answers = await asyncio.gather(*gets, return_exceptions=True)
        for number, answer in enumerate(answers):
            if number % spared == 0:
                assert isinstance(answer, asyncio.CancelledError)
            else:
                assert isinstance(answer, CachedObject)
                assert answer.body == b"%04d" % number
    assert connections(server) == 1
    await cache.close()
