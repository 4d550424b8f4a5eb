"""A Valkey that hangs: it is at work for others, for all that anybody knows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from emulator.backends.account.memory import MemoryAccount
from emulator.backends.cache.valkey import ValkeyCache
from emulator.backends.storage.memory import MemoryStorage
from emulator.backends.valkey.server import AVOID_SECONDS
from emulator.backends.valkey.url import parse_valkey_url
from emulator.core.failures import OutcomeUnknownError
from emulator.core.outcome import Outcome
from tests.engines.valkey import ValkeyServer
from tests.service.harness import Service
from tests.support.emulators import Start, with_store
from tests.support.loop_time import LoopTime
from tests.support.waiting import wait_until

from .conftest import PATIENCE_SECONDS
from .gate import Gate
from .load import Load
from .service import cache_health, outcome, remembers

TIMEOUT = PATIENCE_SECONDS
"""How long a call to the Valkey may take, in seconds. Nobody waits for it: see `LoopTime`."""

Process = Callable[[str], Awaitable[Service]]


@pytest.fixture
async def process() -> AsyncIterator[Process]:
    """Starts services that share one storage and one account."""
    storage, account = MemoryStorage(), MemoryAccount()
    started: list[Service] = []

    async def start_one(url: str) -> Service:
        cache = ValkeyCache(parse_valkey_url(url), timeout=TIMEOUT)
        started.append(Service(storage, cache, account))
        if len(started) == 1:
            await started[0].configure()
        return started[-1]

    yield start_one
    for service in started:
        await service.close()


@pytest.fixture
async def gate(server: ValkeyServer) -> AsyncIterator[Gate]:
    """A way to `server` that may swallow what goes over it."""
    made = Gate(server.port)
    await made.start()
    yield made
    await made.stop()


def test_while_the_valkey_hangs_storage_answers_gets_and_only_the_first_waits(
    server: ValkeyServer, start: Start
) -> None:
    emulator = start(cache=server.url, valkey_timeout=TIMEOUT)
    loop = LoopTime.of(emulator)
    owner = with_store(emulator)
    owner.put("store", "key", b"body")
    owner.put("store", "other", b"body")
    server.pause()
    began = loop.now()
    emulator.add_observer(lambda got: loop.stand_still() if got.key == "key" else None)
    with loop.hurrying(TIMEOUT):
        assert owner.get("store", "key").body == b"body"
    assert loop.now() - began >= 0.95 * TIMEOUT
    assert owner.get("store", "other").body == b"body", "without that any time passes"
    server.resume()
    loop.go_on()
    loop.advance(AVOID_SECONDS)
    wait_until(lambda: remembers(emulator, owner, "other"))


@pytest.mark.proves("D64")
def test_a_put_that_others_may_not_see_is_500_and_the_log_says_why(
    server: ValkeyServer, start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    emulator = start(cache=server.url, valkey_timeout=TIMEOUT)
    loop = LoopTime.of(emulator)
    owner = with_store(emulator)
    owner.put("store", "key", b"old")
    server.pause()
    with loop.hurrying(TIMEOUT):
        assert owner.put("store", "key", b"new").status == 500
        health = cache_health(emulator)
    cause = f"{server.url}: no answer within {TIMEOUT:g} s (--valkey-timeout)"
    server.resume()
    loop.advance(AVOID_SECONDS)
    assert cause in caplog.text or "cannot be reached" in caplog.text
    assert health["status"] == "failing"
    assert server.url in health["cause"]
    assert owner.get("store", "key").body == b"new"
    wait_until(lambda: remembers(emulator, owner, "key"))
    assert owner.get("store", "key").body == b"new"
    assert cache_health(emulator)["status"] == "ok"
    assert owner.put("store", "key", b"newer").status == 204


def test_many_gets_of_an_object_whose_put_was_not_confirmed_do_not_wait_one_for_another(
    server: ValkeyServer, start: Start
) -> None:
    emulator = start(cache=server.url, valkey_timeout=TIMEOUT)
    loop = LoopTime.of(emulator)
    owner = with_store(emulator)
    owner.put("store", "key", b"old")
    server.pause()
    with loop.hurrying(TIMEOUT):
        assert owner.put("store", "key", b"new").status == 500
    with ThreadPoolExecutor(10) as pool, loop.hurrying(TIMEOUT, times=4):
        # Once for each would be ten times, of which the last ones would take too long for a client.
        answers = list(pool.map(lambda _: owner.get("store", "key").body, range(10)))
    server.resume()
    assert answers == [b"new"] * 10


@pytest.mark.proves("D64")
async def test_no_process_serves_an_old_copy_once_the_valkey_goes_on(
    server: ValkeyServer, process: Process, loop_time: LoopTime
) -> None:
    one, other = await process(server.url), await process(server.url)
    await one.put(b"old")
    assert (await other.get()).outcome == Outcome.CACHE_HIT
    server.pause()
    with loop_time.hurrying(TIMEOUT):
        with pytest.raises(OutcomeUnknownError):
            await one.put(b"new")
        assert (await other.get()).body == b"new"
    server.resume()
    loop_time.advance(AVOID_SECONDS)
    deadline = time.monotonic() + 30
    while (await other.get()).outcome != Outcome.CACHE_HIT:
        assert time.monotonic() < deadline, "the cache does not come back"
        await asyncio.sleep(0.01)
    for service in (one, other, one):
        assert (await service.get()).body == b"new"


@pytest.mark.proves("D64")
async def test_an_old_copy_goes_also_when_all_that_was_sent_meanwhile_is_lost(
    server: ValkeyServer, gate: Gate, process: Process, loop_time: LoopTime
) -> None:
    one, other = await process(gate.url), await process(server.url)
    await one.put(b"old")
    assert (await other.get()).outcome == Outcome.CACHE_HIT
    gate.shut()
    with loop_time.hurrying(TIMEOUT), pytest.raises(OutcomeUnknownError):
        await one.put(b"new")
    assert (await other.get()).body == b"old", "it knows of nothing"
    with loop_time.hurrying(TIMEOUT):
        await asyncio.sleep(3 * TIMEOUT)  # It is tried meanwhile, and tried again.
        assert (await one.get()).body == b"new"
    gate.open()
    loop_time.advance(AVOID_SECONDS)
    deadline = time.monotonic() + 30
    while (await other.get()).body != b"new":
        assert time.monotonic() < deadline, "the old copy stays"
        await asyncio.sleep(0.01)
    for service in (one, other, one, other):
        assert (await service.get()).body == b"new"
    assert (await one.get()).outcome == Outcome.CACHE_HIT


def test_a_load_goes_on_while_the_valkey_hangs_now_and_then(
    server: ValkeyServer, start: Start
) -> None:
    emulator = start(cache=server.url, valkey_timeout=0.1)
    owner = with_store(emulator)
    keys = ["a", "b", "c"]
    with Load(owner, keys, unconfirmed_is_right=True).running() as load:
        for _ in range(4):
            load.wait_for_a_put_of_each_key()
            server.pause()
            load.wait_for_an_unconfirmed_put()
            server.resume()
        wait_until(lambda: load.gets > 100)
    assert load.complaints == []
    for key in keys:
        wait_until(partial(remembers, emulator, owner, key))
        assert owner.get("store", key).status == 200
    assert outcome(emulator) == "cache_hit"
