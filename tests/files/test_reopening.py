"""A directory that is opened again has the very same objects, whatever their keys and sizes."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.backends.storage.base import Storage
from emulator.backends.storage.filesystem import CHUNK_BYTES
from emulator.backends.storage.object_file import TAIL_BYTES
from emulator.core.object_info import Location, ObjectInfo
from tests.backends.engines import storage_engine
from tests.backends.objects import files_below, infos, put, read, utf8_text
from tests.suites import examples
from tests.support.bodies import some_bytes

NASTY = [
    ".",
    "..",
    "../..",
    "/",
    "//",
    "a/../b",
    "a",
    "A",
    "ß",
    "SS",
    "K",  # The Kelvin sign.
    "k",
    "é",
    "e\u0301",
    "%2E",
    "%2e",
    "=sha256-" + "0" * 64,
    "con",
    "x" * 255,
    "x" * 256,
    "X" * 1024,
    "é" * 512,
    "\ufeff",
    "\u202e",
    "\x7f\n\t",
]

keys = st.one_of(st.sampled_from(NASTY), utf8_text(max_bytes=1024))
locations = st.builds(Location, st.sampled_from(["bucket", "Bucket", "x" * 300]), keys)
sizes = st.sampled_from([0, 1, 500, TAIL_BYTES - 1, TAIL_BYTES + 1, CHUNK_BYTES, CHUNK_BYTES + 7])

operations = st.lists(
    st.one_of(
        st.tuples(st.just("put"), locations, sizes, infos),
        st.tuples(st.just("abort"), locations, sizes, infos),
        st.tuples(st.just("delete"), locations, sizes, infos),
        st.tuples(st.just("reopen"), locations, sizes, infos),
    ),
    max_size=25,
)

Model = dict[Location, tuple[ObjectInfo, bytes]]


async def expect(storage: Storage, model: Model) -> None:
    """The engine has what the model has, in its lists too, and nothing else."""
    for location, expected in model.items():
        assert await read(storage, location) == expected
        assert await read(storage, location, inline_bytes=0) == expected
    assert await storage.buckets() == sorted({location.bucket for location in model})
    for bucket in {location.bucket for location in model}:
        assert await storage.list(bucket) == sorted(
            (location.key, info)
            for location, (info, _) in model.items()
            if location.bucket == bucket
        )


@pytest.mark.parametrize("engine", ["filesystem", "filesystem-without-fsync"])
@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operations)
async def test_a_directory_that_is_opened_again_has_the_same_objects(
    tmp_path_factory: pytest.TempPathFactory,
    engine: str,
    work: list[tuple[str, Location, int, ObjectInfo]],
) -> None:
    directory = tmp_path_factory.mktemp("reopened")
    storage, model = storage_engine(engine, directory), Model()
    for number, (what, location, size, proto) in enumerate(work):
        body = some_bytes(size, seed=number)
        info = ObjectInfo(size, proto.created_at, number, proto.expires_at, proto.metadata)
        if what == "put":
            await put(storage, location, body, info)
            model[location] = (info, body)
        elif what == "abort":
            async with storage.upload(location) as upload:
                await upload.write(body)
                await upload.flush()
        elif what == "delete":
            assert await storage.delete(location) == (model.pop(location, None) is not None)
        else:
            await storage.close()
            storage = storage_engine(engine, directory)
            await expect(storage, model)
    await storage.close()
    storage = storage_engine(engine, directory)
    await expect(storage, model)
    await storage.close()
    assert len(files_below(directory)) == len(model)


async def test_keys_that_look_alike_are_different_objects_again_and_again(tmp_path: Path) -> None:
    variants = {form(key) for key in NASTY for form in (str, str.upper, str.lower, str.casefold)}
    variants |= {unicodedata.normalize("NFD", key) for key in variants}
    variants = {key for key in variants if len(key.encode()) <= 1024}
    model = Model()
    for key in sorted(variants):
        storage = storage_engine("filesystem-without-fsync", tmp_path)
        location, body = Location("bucket", key), key.encode()
        model[location] = (await put(storage, location, body), body)
        await storage.close()
    storage = storage_engine("filesystem-without-fsync", tmp_path)
    await expect(storage, model)
    await storage.close()
