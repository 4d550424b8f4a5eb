"""The threads in which AWS's library runs: they delay nobody, and none is left behind."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from botocore.session import Session

from emulator import Emulator
from emulator.aws import sessions
from emulator.aws.calls import Call, GivenUpError
from emulator.backends.storage.s3 import S3Storage
from emulator.backends.storage.s3_client import S3Settings
from emulator.config import ConfigurationError
from emulator.core.failures import EngineUnavailableError
from emulator.core.object_info import Location
from tests.backends.objects import put, read
from tests.backends.s3 import opened_s3
from tests.engines.bad_s3 import BadS3, answers, hangs, resets
from tests.support.client import create_store
from tests.support.emulators import Start, client
from tests.support.forks import in_child, needs_fork
from tests.support.loop_time import LoopTime
from tests.support.waiting import wait_until_async

KEY = Location("bucket", "key")

CREDENTIALS_SECONDS = 10.0
"""How long a start waits for credentials."""

MANY = 150
"""More calls at one time than a pool of threads has by default."""


@pytest.fixture
async def s3(bad_s3: BadS3, boto3: Any) -> AsyncIterator[S3Storage]:  # noqa: ARG001
    """Storage in an S3 that may misbehave."""
    async with opened_s3(bad_s3.url) as storage:
        yield storage


def threads() -> set[threading.Thread]:
    """The threads that run calls; those of an earlier test may end at any time."""
    return {each for each in threading.enumerate() if each.name.startswith("aws")}


@pytest.mark.parametrize("size", [10, 9 * 1024 * 1024])
def test_a_stop_leaves_no_thread(start: Start, size: int) -> None:
    before = threads()
    emulator = start()
    create_store(client(emulator), "store")
    assert client(emulator).call("PUT", "/objectstore/store/key", bytes(size)).status == 204
    assert threads() - before
    emulator.stop()
    assert threads() <= before


async def test_calls_that_hang_delay_no_other(s3: S3Storage, bad_s3: BadS3) -> None:
    await put(s3, KEY, b"body")
    with bad_s3.fault(hangs, target="/hangs"):
        hanging = [
            asyncio.ensure_future(s3.open(Location("bucket", f"hangs{number}"), inline_bytes=0))
            for number in range(MANY)
        ]
        await wait_until_async(lambda: bad_s3.kept_waiting == MANY)
        assert await read(s3, KEY, inline_bytes=100)
        for each in hanging:
            each.cancel()
        assert await asyncio.gather(*hanging, return_exceptions=True)


async def test_a_call_that_is_cancelled_ends_its_thread_at_once(
    bad_s3: BadS3,
    boto3: Any,  # noqa: ARG001
) -> None:
    before = threads()
    async with opened_s3(bad_s3.url) as s3:
        with bad_s3.fault(hangs, "GET"):
            call = asyncio.ensure_future(s3.open(KEY, inline_bytes=0))
            await wait_until_async(lambda: bad_s3.kept_waiting == 1)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
    assert threads() <= before  # The timeout of the call, half a minute, has not passed.


async def test_a_stop_ends_the_calls_that_nobody_waits_for(
    bad_s3: BadS3,
    boto3: Any,  # noqa: ARG001
) -> None:
    before = threads()
    async with opened_s3(bad_s3.url) as s3:
        with bad_s3.fault(hangs, "GET"):
            call = asyncio.ensure_future(s3.open(KEY, inline_bytes=0))
            await wait_until_async(lambda: bad_s3.kept_waiting == 1)
            await s3.close()
            assert threads() <= before
            with pytest.raises(EngineUnavailableError, match="the emulator stops"):
                await call
        with pytest.raises(EngineUnavailableError, match="the emulator stops"):
            await s3.open(KEY, inline_bytes=0)


async def test_nothing_is_begun_for_a_call_that_was_given_up() -> None:
    begun = []

    async def work() -> None:
        begun.append("work")

    call = Call()
    call.give_up()
    for _ in range(100):
        with pytest.raises(GivenUpError):
            await asyncio.to_thread(call.wait_for, work)
    assert begun == []


async def test_a_source_of_credentials_that_hangs_blocks_nobody_and_is_named_in_time(
    monkeypatch: pytest.MonkeyPatch, loop_time: LoopTime
) -> None:
    asked, told = threading.Event(), threading.Event()

    def hang(_session: Session) -> None:
        asked.set()
        told.wait(60)

    monkeypatch.setattr(Session, "get_credentials", hang)
    storage = S3Storage(S3Settings())
    starting = asyncio.ensure_future(storage.start())
    await wait_until_async(asked.is_set)
    loop_time.advance(CREDENTIALS_SECONDS)
    with pytest.raises(ConfigurationError, match="not found within 10 seconds"):
        await starting
    told.set()
    await storage.close()


async def test_a_body_that_is_not_read_gives_its_connection_back_when_it_is_closed(
    s3: S3Storage,
) -> None:
    body = bytes(1024 * 1024)
    await put(s3, KEY, body)
    for _ in range(3):
        found = await s3.open(KEY, inline_bytes=0)
        assert found is not None
        assert not isinstance(found.body, bytes)
        await found.body.close()
    assert await read(s3, KEY, inline_bytes=0)


@needs_fork
def test_a_forked_child_has_no_connection_to_s3(emulator: Emulator, bad_s3: BadS3) -> None:
    create_store(client(emulator), "store")
    assert client(emulator).call("PUT", "/objectstore/store/key", b"body").status == 204
    there = ("127.0.0.1", int(bad_s3.url.rpartition(":")[2]))

    def connected() -> str:
        peers = []
        for name in os.listdir("/proc/self/fd"):
            try:
                with socket.socket(fileno=os.dup(int(name))) as each:
                    peers.append(each.getpeername())
            except OSError:
                """It is no socket, or not connected."""
        return str(there in peers)

    if not Path("/proc/self/fd").is_dir():
        pytest.skip("only Linux lists descriptors there")
    assert connected() == "True"
    assert in_child(connected) == "False"
    assert client(emulator).call("GET", "/objectstore/store/key").body == b"body"


@needs_fork
def test_a_child_that_was_forked_during_a_start_can_start_too() -> None:
    locked, done = threading.Event(), threading.Event()

    def load() -> None:
        with sessions._SharedLoader.loading:
            locked.set()
            done.wait(60)

    loading = threading.Thread(target=load)
    loading.start()
    locked.wait(60)
    try:
        found = in_child(lambda: str("s3" in sessions.new_session().get_available_services()))
    finally:
        done.set()
        loading.join()
    assert found == "True"


@pytest.mark.parametrize(
    ("fault", "said"),
    [(answers(500, "InternalError"), "refused with 500"), (resets, "cannot be reached")],
    ids=["500", "resets"],
)
async def test_calls_from_many_tasks_share_one_client(
    s3: S3Storage, bad_s3: BadS3, fault: Any, said: str
) -> None:
    keys = [Location("bucket", str(number)) for number in range(40)]
    await asyncio.gather(*(put(s3, key, key.key.encode()) for key in keys))
    with bad_s3.fault(fault, target="/bucket/7"):
        found = await asyncio.gather(
            *(read(s3, key, inline_bytes=100) for key in keys), return_exceptions=True
        )
    for key, each in zip(keys, found, strict=True):
        if key.key == "7":
            assert isinstance(each, EngineUnavailableError)
            assert said in str(each)
        else:
            assert isinstance(each, tuple)
            assert each[1] == key.key.encode()
