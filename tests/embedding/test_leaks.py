"""Test after test on one emulator: nothing stays behind of what each of them did."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import threading
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from emulator import Emulator
from tests.support.emulators import client

pytestmark = pytest.mark.slow

CYCLES = 150

READER = {
    "rules": [{"type": "store", "permissions": ["read"], "stores": "*", "items": "*"}],
}


class Held(NamedTuple):
    """What the process holds."""

    descriptors: int
    threads: int
    tasks: int


def held(emulator: Emulator) -> Held:
    async def tasks() -> int:
        return len(asyncio.all_tasks())

    gc.collect()
    assert emulator._thread is not None
    return Held(
        descriptors=len(os.listdir("/proc/self/fd")),
        threads=threading.active_count(),
        tasks=emulator._thread.call(tasks()),
    )


def one_test(emulator: Emulator) -> None:
    """Change all that a test can change, and go back."""
    owner = client(emulator)
    assert owner.create_store("store").status == 201
    assert owner.put("store", "key", bytes(100_000)).status == 204
    emulator.create_api_key("viewer")
    emulator.create_role("Readers", READER)
    emulator.create_token(READER)
    emulator.add_observer(lambda _operation: None)
    emulator.checkpoint("here")
    emulator.faults.add("cache_down", {"type": "latency", "seconds": 0.001})
    assert owner.get("store", "key").status == 200
    emulator.tiers.put("store", "other", b"body", tier="cache")
    emulator.clock.freeze()
    emulator.clock.advance(3600)
    emulator.restore("here")
    emulator.drop_checkpoint("here")
    emulator.journal.assert_called(operation="GetObject", times=1)
    emulator.reset()


def objects_by_kind() -> Counter[str]:
    """How many objects there are of the emulator's own types, and of those that serve it."""
    gc.collect()
    kinds = (type(found) for found in gc.get_objects())
    return Counter(
        kind.__qualname__
        for kind in kinds
        if str(kind.__module__).partition(".")[0] in ("emulator", "aiohttp", "asyncio", "_asyncio")
    )


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="Linux's /proc is needed")
@pytest.mark.parametrize("tiers", [{}, {"cache": "memory"}], ids=["fakeredis", "memory"])
def test_resets_leave_neither_descriptors_nor_threads_nor_tasks_nor_objects(
    tiers: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)  # The log of a test is kept until it ends.
    with Emulator(**tiers) as emulator:
        for _ in range(10):
            one_test(emulator)
        before, kinds = held(emulator), objects_by_kind()
        for _ in range(CYCLES):
            one_test(emulator)
        assert held(emulator) == before
        grown = {kind for kind, count in (objects_by_kind() - kinds).items() if count >= CYCLES / 2}
        assert not grown
