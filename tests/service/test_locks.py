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
    held = await locks.acquire("key")
    waiting = asyncio.create_task(locks.acquire("key"))
    await settle()
    with locks.held_back():
        held.release()
        await settle()
        assert not waiting.done()
        assert not locks.any_held()
    (await asyncio.wait_for(waiting, 5)).release()
    assert not locks.any_held()


async def test_a_lock_that_is_held_for_too_long_is_given_up() -> None:
    locks = KeyLocks()
    held = await locks.acquire("key")
    with pytest.raises(EngineUnavailableError, match="other writers"):
        await locks.acquire("key", patience=0.001)
    held.release()
    (await locks.acquire("key", patience=0.001)).release()
