"""Locks of objects: one writer at a time, and none at all while all are held back."""

from __future__ import annotations

import asyncio

import pytest

from emulator.core.failures import EngineUnavailableError
from emulator.service.locks import KeyLocks


async def settle() -> None:
    """Let every task go on as far as it can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_waiter_that_gets_a_lock_while_locks_are_held_back_waits_on() -> None:
    locks = KeyLocks()
    await locks.acquire("key")
    waiting = asyncio.create_task(locks.acquire("key"))
    await settle()
    with locks.held_back():
        locks.release("key")
        await settle()
        assert not waiting.done()
        assert not locks.any_held()
    await asyncio.wait_for(waiting, 5)
    locks.release("key")
    assert not locks.any_held()


async def test_a_lock_that_is_held_for_too_long_is_given_up() -> None:
    locks = KeyLocks()
    await locks.acquire("key")
    with pytest.raises(EngineUnavailableError, match="other writers"):
        await locks.acquire("key", patience=0.001)
    locks.release("key")
    await locks.acquire("key", patience=0.001)
    locks.release("key")


async def test_a_lock_takes_no_memory_once_nobody_holds_it() -> None:
    locks = KeyLocks()
    await locks.acquire("key")
    waiting = [asyncio.create_task(locks.acquire("key")) for _ in range(3)]
    await settle()
    assert locks.is_held("key")
    assert not locks.is_held("other")
    waiting[0].cancel()
    for _ in range(3):
        locks.release("key")
        await settle()
    assert not locks._held


async def test_a_lock_is_given_in_the_order_of_coming_and_past_those_that_gave_up() -> None:
    locks, order = KeyLocks(), []

    async def hold(name: str) -> None:
        async with locks.hold("key"):
            order.append(name)
            await asyncio.sleep(0)

    tasks = {name: asyncio.create_task(hold(name)) for name in "abcd"}
    await asyncio.sleep(0)
    tasks["b"].cancel()
    await asyncio.gather(*tasks.values(), return_exceptions=True)
    assert order == ["a", "c", "d"]
    assert not locks.any_held()


async def test_a_lock_given_to_one_that_is_cancelled_in_that_moment_goes_to_the_next() -> None:
    locks = KeyLocks()
    await locks.acquire("key")
    first, second = (asyncio.create_task(locks.acquire("key")) for _ in range(2))
    await settle()
    locks.release("key")  # The first has it, and does not know yet.
    first.cancel()
    await settle()
    assert first.cancelled()
    assert second.done()
    locks.release("key")
    assert not locks.any_held()


async def test_a_lock_is_acquired_at_once_only_if_it_is_free_and_locks_are_not_held_back() -> None:
    locks = KeyLocks()
    assert locks.acquire_now("key")
    assert not locks.acquire_now("key")
    locks.release("key")
    with locks.held_back():
        assert not locks.acquire_now("key")
        async with locks.hold("key"):
            assert locks.any_held()
    assert locks.acquire_now("key")
