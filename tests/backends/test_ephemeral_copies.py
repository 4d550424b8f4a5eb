"""The copy of an ephemeral object is the object: what forgets an older one leaves it alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.backends.cache.base import CachedObject, CacheKey
from tests.suites import examples, over

from .engines import CACHES, opened_cache
from .objects import an_info

pytestmark = [pytest.mark.parametrize("engine", over(*CACHES)), pytest.mark.proves("D97")]

KEY = CacheKey("cluster", "namespace", "key")
MICROSECONDS = 1_000_000
INSTANT = 1_790_000_000 * MICROSECONDS


def copy(version: int, *, ephemeral: bool) -> CachedObject:
    body = b"a body\nof %d" % version
    metadata = {"version": "0", "a": 'quote " and \n'}
    info = an_info(len(body), version=version, metadata=metadata)
    return CachedObject(info._replace(ephemeral=ephemeral), body)


@settings(max_examples=examples(20))
@given(version=st.integers(INSTANT, INSTANT + 3), up_to=st.integers(INSTANT, INSTANT + 3))
@pytest.mark.parametrize("writing", [0, 1, 2])
async def test_what_is_forgotten_up_to_a_version_leaves_a_later_ephemeral_object(
    engine: str, writing: int, version: int, up_to: int
) -> None:
    """So many others are writing at the key meanwhile."""
    async with opened_cache(engine) as cache:
        await cache.clear()
        kept = copy(version, ephemeral=True)
        await cache.keep(KEY, kept, lifetime=60 * MICROSECONDS)
        for _ in range(writing):
            await cache.begin_write(KEY)
        await cache.delete(KEY, up_to=up_to)
        assert await cache.get(KEY) == (kept if version > up_to else None)


async def test_a_durable_object_can_be_read_again_and_goes_whatever_its_version(
    engine: str,
) -> None:
    async with opened_cache(engine) as cache:
        await cache.set(KEY, copy(INSTANT, ephemeral=False))
        await cache.delete(KEY, up_to=INSTANT - 1)
        assert await cache.get(KEY) is None


async def test_no_copy_is_kept_under_a_lease_during_which_one_was_forgotten(engine: str) -> None:
    async with opened_cache(engine) as cache:
        lease = await cache.begin_write(KEY)
        await cache.delete(KEY, up_to=INSTANT)
        await cache.end_write(KEY, lease, copy(INSTANT, ephemeral=False))
        assert await cache.get(KEY) is None
        filling = await cache.begin_fill(KEY)
        assert filling is not None
        await cache.delete(KEY, up_to=INSTANT)
        await cache.end_fill(KEY, filling, copy(INSTANT, ephemeral=False))
        assert await cache.get(KEY) is None


async def test_forgetting_where_there_is_no_copy_does_nothing(engine: str) -> None:
    async with opened_cache(engine) as cache:
        await cache.delete(KEY, up_to=INSTANT)
        assert await cache.get(KEY) is None
