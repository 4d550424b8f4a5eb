"""Ephemeral objects and what is done behind the requests to entries that are in doubt."""

from __future__ import annotations

import asyncio

import pytest

from emulator.backends.errors import OutcomeUnknownError
from emulator.service import repairing

from .harness import Service, in_pieces


async def put_ephemeral(service: Service, body: bytes) -> None:
    store = await service.stores.get("store")
    await service.objects.put_ephemeral(store, "key", in_pieces(body), metadata={}, ttl_seconds=600)


@pytest.mark.proves("Put Object: mo-persistence, D64, D97")
async def test_a_repair_does_not_take_an_ephemeral_object_that_was_put_since(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The entry of a write in doubt is to go; what has replaced it is nowhere else."""
    monkeypatch.setattr(repairing, "PAUSE_SECONDS", 0.01)

    async def in_doubt(point: str) -> None:
        if point == "before cache.set":
            raise OutcomeUnknownError("nobody knows")

    service.cache.hook = in_doubt
    with pytest.raises(OutcomeUnknownError):
        await service.put(b"durable")
    repairs: list[str] = []

    async def noted(point: str) -> None:
        repairs.append(point)

    service.cache.hook = noted
    await put_ephemeral(service, b"ephemeral")
    await asyncio.sleep(0.1)  # Ten times as long as a repair waits.
    assert "after cache.delete" not in repairs
    assert (await service.get()).body == b"ephemeral"
