"""How much memory an object takes beside its body, in each tier: the figures may fall, not grow."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from emulator.backends.cache.base import CachedObject, CacheKey
from emulator.backends.cache.memory import MemoryCache
from emulator.core.object_info import ObjectInfo
from emulator.service.parameters import Parameters, sent_parameters

from .harness import MAX_OBJECT_BYTES, NOW, Service, in_pieces

OBJECTS = 2000
BODY_BYTES = 1024

MOST = 500
"""The most bytes that an object in storage takes beside its body, and its copy in the cache."""

HEADERS = {
    "plain": ({}, ""),
    "metadata and TTL": ({"mo-meta-content-type": "video/mp2t"}, "ttl_seconds=600"),
}
"""The headers and the query of a Put."""


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    """A service with its clock running, so that no two objects have the same instants."""
    service = Service(cache_limit=MAX_OBJECT_BYTES)
    service.clock.release()
    await service.configure()
    yield service
    await service.close()


def key(number: int) -> str:
    return f"live/1/segment-{number:012}.ts"


def own(text: str) -> str:
    """The same text, which nothing else refers to."""
    return text.encode().decode()


async def put(service: Service, kind: str, number: int) -> None:
    """Put an object as a request does: its parameters have been read for it alone."""
    headers, query = HEADERS[kind]
    given = [(own(name), own(value)) for name, value in headers.items()]
    asked = Parameters().parse_put(sent_parameters(given, query))
    await service.objects.put(
        await service.stores.get("store"),
        key(number),
        in_pieces(bytes(BODY_BYTES)),
        declared_size=BODY_BYTES,
        metadata=asked.metadata,
        ttl_seconds=asked.ttl_seconds,
    )


async def bytes_of_each(do: Callable[[int], Awaitable[object]]) -> float:
    """How many bytes more are in use for each object, after this was done with all of them."""
    for number in range(-100, 0):
        await do(number)  # What is made once is there.
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for number in range(OBJECTS):
            await do(number)
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return (after - before) / OBJECTS


@pytest.mark.parametrize("kind", HEADERS)
async def test_an_object_in_storage_takes_500_bytes_at_most(service: Service, kind: str) -> None:
    service.tier.max_object_bytes = 0
    taken = await bytes_of_each(lambda number: put(service, kind, number))
    assert BODY_BYTES < taken <= BODY_BYTES + MOST
    assert await service.cached(key(1)) is None


@pytest.mark.parametrize("kind", HEADERS)
async def test_a_copy_in_the_cache_takes_as_much_again_at_most(service: Service, kind: str) -> None:
    taken = await bytes_of_each(lambda number: put(service, kind, number))
    assert BODY_BYTES < taken <= BODY_BYTES + 2 * MOST
    assert await service.cached(key(1)) is not None


async def test_a_copy_that_a_get_has_made_takes_no_more(service: Service) -> None:
    service.tier.max_object_bytes = 0
    for number in range(-100, OBJECTS):
        await put(service, "metadata and TTL", number)
    service.tier.max_object_bytes = MAX_OBJECT_BYTES
    assert 0 < await bytes_of_each(lambda number: service.get(key(number))) <= MOST
    assert await service.cached(key(1)) is not None


async def test_copies_of_objects_that_were_read_from_somewhere_share_their_metadata() -> None:
    cache, found = MemoryCache(), []
    for name in ("first", "second"):
        place = CacheKey("cluster", "namespace", name)
        info = ObjectInfo(1, NOW, NOW, metadata={"content-type": own("video/mp2t")})
        lease = await cache.begin_fill(place)
        assert lease is not None
        await cache.end_fill(place, lease, CachedObject(info, b"x"))
        copy = await cache.get(place)
        assert copy == CachedObject(info, b"x")
        found.append(copy.info.metadata)
    assert found[0] is found[1]
