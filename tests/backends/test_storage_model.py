"""Every storage engine against a dictionary: whatever is done, in turn and at once."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.backends.storage.base import Storage
from emulator.backends.storage.s3_upload import PART_BYTES
from emulator.core.object_info import Location, ObjectInfo
from tests.suites import examples
from tests.support.bodies import pieces, some_bytes

from .objects import an_info, put, read

Object = tuple[ObjectInfo, bytes]

KEYS = ("a", "a/b", "A?#%+ é", "x" * 150)

_buckets = itertools.count()


class Step(NamedTuple):
    """Something done with one key: `put`, `abandon` (an upload), `delete` or `read`."""

    what: str
    key: str
    size: int


def steps(*what: str) -> st.SearchStrategy[Step]:
    sizes = st.sampled_from([0, 1, 100, 70_000, 70_000, PART_BYTES + 1])
    return st.builds(Step, st.sampled_from(what), st.sampled_from(KEYS), sizes)


_groups = st.lists(steps("put", "put", "abandon", "read", "read"), max_size=6)

quick = settings(
    max_examples=examples(12),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Run:
    """An engine beside the dictionary that it should be, in a bucket of their own."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self.bucket = f"bucket-{next(_buckets)}"
        self.model: dict[str, Object] = {}
        self._versions = itertools.count(1)

    def new(self, size: int) -> Object:
        version = next(self._versions)
        info = an_info(size, version=version, metadata={"version": str(version)})
        return info, some_bytes(size, seed=version)

    async def put(self, key: str, new: Object) -> None:
        info, body = new
        await put(self.storage, Location(self.bucket, key), pieces(body, 3_000_000), info)

    async def abandon(self, key: str, new: Object) -> None:
        async with self.storage.upload(Location(self.bucket, key)) as upload:
            await upload.write(new[1])
            await upload.flush()

    async def read(self, key: str, size: int) -> Object | None:
        return await read(self.storage, Location(self.bucket, key), inline_bytes=size)

    async def do(self, step: Step) -> None:
        if step.what == "put":
            self.model[step.key] = self.new(step.size)
            await self.put(step.key, self.model[step.key])
        elif step.what == "abandon":
            await self.abandon(step.key, self.new(step.size))
        elif step.what == "delete":
            found = await self.storage.delete(Location(self.bucket, step.key))
            assert found == (step.key in self.model)
            self.model.pop(step.key, None)
        assert await self.read(step.key, step.size) == self.model.get(step.key)

    async def do_at_once(self, group: list[Step]) -> None:
        """Do all of it at once. Who reads sees what was there, or one whole version of those that
        are written, and in the end one of these is there."""
        possible: dict[str, list[Object | None]] = {
            key: [self.model.get(key)] for key in {step.key for step in group}
        }
        work: list[Coroutine[Any, Any, object]] = []
        for step in group:
            if step.what == "read":
                work.append(self._look(step, possible[step.key]))
                continue
            new = self.new(step.size)
            if step.what == "abandon":
                work.append(self.abandon(step.key, new))
            else:
                possible[step.key].append(new)
                work.append(self.put(step.key, new))
        await asyncio.gather(*work)
        for key, objects in possible.items():
            found = await self.read(key, 0)
            assert found in (objects[1:] or objects)
            if found is not None:
                self.model[key] = found

    async def _look(self, step: Step, possible: list[Object | None]) -> None:
        assert await self.read(step.key, step.size) in possible

    async def expect_the_model(self) -> None:
        listed = await self.storage.list(self.bucket)
        assert listed == sorted((key, info) for key, (info, _) in self.model.items())
        assert (self.bucket in await self.storage.buckets()) == bool(self.model)


@quick
@given(work=st.lists(steps("put", "abandon", "delete", "read"), max_size=8))
async def test_a_storage_is_what_its_model_is_after_calls_in_turn(
    storage: Storage, can_hold: Callable[[str], bool], work: list[Step]
) -> None:
    run = Run(storage)
    for step in work:
        if can_hold(step.key):
            await run.do(step)
    await run.expect_the_model()


@quick
@given(
    groups=st.lists(
        st.lists(steps("put", "put", "abandon", "read", "read"), max_size=6), max_size=3
    )
)
async def test_a_storage_is_what_its_model_may_be_after_calls_at_once(
    whole_storage: Storage, groups: list[list[Step]]
) -> None:
    run = Run(whole_storage)
    for group in groups:
        await run.do_at_once(group)
        await run.expect_the_model()


@pytest.mark.parametrize("size", [70_000, PART_BYTES + 1])
async def test_readers_of_one_key_see_whole_versions(whole_storage: Storage, size: int) -> None:
    run = Run(whole_storage)
    writing = [Step("put", "a", size + number) for number in range(4)]
    await run.do_at_once([*writing, *(Step("read", "a", 100) for _ in range(8))])
