"""What every storage engine does: objects in buckets, published whole or not at all."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.backends.codec import encode_info
from emulator.backends.storage.base import BodyStream, Storage
from emulator.backends.storage.filesystem import CHUNK_BYTES
from emulator.backends.storage.object_file import TAIL_BYTES
from emulator.core.object_info import Location, ObjectInfo
from tests.suites import examples
from tests.support.bodies import pieces, some_bytes

from .engines import opened_storage
from .objects import EVERYTHING, an_info, files_below, infos, put, read, read_body, utf8_text

KEY = Location("bucket", "key")

TRAILER_BYTES = len(encode_info(an_info(TAIL_BYTES))) + 16
"""What the file engine writes behind a body of about `TAIL_BYTES`."""

SIZES = sorted(
    {0, 1, 1000, 3 * CHUNK_BYTES + 17}
    | {TAIL_BYTES + more for more in (-1, 0, 1)}
    | {TAIL_BYTES - TRAILER_BYTES + more for more in (-1, 0, 1)}
    | {CHUNK_BYTES + more for more in (-1, 0, 1)}
)

PROPERTY_ENGINES = pytest.mark.parametrize("engine", ["memory", "filesystem-without-fsync"])


@asynccontextmanager
async def empty_storage(engine: str) -> AsyncIterator[tuple[Storage, Path]]:
    """A storage of its own for every example, and the directory that it may use."""
    with tempfile.TemporaryDirectory() as name:
        async with opened_storage(engine, Path(name)) as storage:
            yield storage, Path(name)


async def test_where_nothing_was_put_there_is_no_object(storage: Storage) -> None:
    assert await read(storage, KEY) is None
    await put(storage, Location("bucket", "folder/key"), b"body")
    for key in ("key", "folder", "folder/", "folder/key/", "/folder/key", "Folder/key"):
        assert await read(storage, Location("bucket", key)) is None


@pytest.mark.parametrize("size", SIZES)
async def test_an_object_comes_back_with_its_body_and_what_is_kept_with_it(
    storage: Storage, size: int
) -> None:
    body = some_bytes(size)
    info = ObjectInfo(size, 17, 18, expires_at=19, metadata={"content-type": "text/plain"})
    await put(storage, KEY, pieces(body, 64 * 1024), info)
    for inline_bytes in (0, EVERYTHING):
        assert await read(storage, KEY, inline_bytes=inline_bytes) == (info, body)


@pytest.mark.parametrize("size", SIZES)
async def test_a_body_up_to_the_inline_limit_comes_whole_and_a_larger_one_as_a_stream(
    storage: Storage, size: int
) -> None:
    await put(storage, KEY, some_bytes(size))
    for inline_bytes in (0, size - 1, size, size + 1):
        stored = await storage.open(KEY, inline_bytes=inline_bytes)
        assert stored is not None
        assert isinstance(stored.body, bytes) == (size <= inline_bytes)
        assert await read_body(stored) == some_bytes(size)


async def test_a_streamed_body_comes_in_pieces_of_a_bounded_size(storage: Storage) -> None:
    body = some_bytes(3 * CHUNK_BYTES + 17)
    await put(storage, KEY, body)
    async with stream_of(storage) as stream:
        sizes = [len(chunk) async for chunk in stream.chunks()]
    assert sum(sizes) == len(body)
    assert max(sizes) <= CHUNK_BYTES


async def test_the_file_of_a_streamed_body_begins_with_the_body(storage: Storage) -> None:
    body = some_bytes(3 * CHUNK_BYTES + 17)
    await put(storage, KEY, body)
    async with stream_of(storage) as stream:
        if stream.file is not None:
            stream.file.seek(0)
            assert stream.file.read(len(body)) == body


@settings(max_examples=examples(15))
@PROPERTY_ENGINES
@given(sizes=st.lists(st.sampled_from([0, 1, 100, 64 * 1024, 700_000, CHUNK_BYTES]), max_size=4))
async def test_a_body_may_be_written_in_any_pieces(engine: str, sizes: list[int]) -> None:
    chunks = [some_bytes(size, seed) for seed, size in enumerate(sizes)]
    async with empty_storage(engine) as (storage, _):
        info = await put(storage, KEY, chunks)
        for inline_bytes in (0, EVERYTHING):
            assert await read(storage, KEY, inline_bytes=inline_bytes) == (info, b"".join(chunks))


@settings(max_examples=examples(40))
@PROPERTY_ENGINES
@given(info=infos, body=st.binary(max_size=100))
async def test_whatever_is_kept_with_an_object_comes_back(
    engine: str, info: ObjectInfo, body: bytes
) -> None:
    kept = ObjectInfo(len(body), info.created_at, info.version, info.expires_at, info.metadata)
    async with empty_storage(engine) as (storage, _):
        await put(storage, KEY, body, kept)
        assert await read(storage, KEY) == (kept, body)


@pytest.mark.proves("Put Object: mo-meta-*")
@pytest.mark.parametrize("names", [8, 9, 100])
@pytest.mark.parametrize("size", [10, CHUNK_BYTES + 1])
async def test_an_object_may_have_as_much_metadata_as_a_request_can_bring(
    own_storage: Storage, size: int, names: int
) -> None:
    metadata = {f"name-{number}": "v" * 8000 for number in range(names)}
    await put(own_storage, KEY, some_bytes(size), an_info(size, metadata=metadata))
    found = await read(own_storage, KEY)
    assert found is not None
    info, body = found
    assert (info.size, len(body), len(info.metadata)) == (size, size, names)
    assert (info, body) == (an_info(size, metadata=metadata), some_bytes(size))


@pytest.mark.proves("D08")
@pytest.mark.parametrize("new_size", [0, 10, CHUNK_BYTES + 1])
@pytest.mark.parametrize("old_size", [0, 10, CHUNK_BYTES + 1])
async def test_an_object_is_replaced_as_a_whole(
    storage: Storage, old_size: int, new_size: int
) -> None:
    old = ObjectInfo(old_size, 1, 1, expires_at=1, metadata={"old": "1"})
    await put(storage, KEY, some_bytes(old_size, seed=1), old)
    new = ObjectInfo(new_size, 2, 2, metadata={"new": "2"})
    await put(storage, KEY, some_bytes(new_size, seed=2), new)
    assert await read(storage, KEY) == (new, some_bytes(new_size, seed=2))


async def test_nothing_of_an_upload_can_be_seen_before_it_is_committed(storage: Storage) -> None:
    async with storage.upload(KEY) as upload:
        await upload.write(some_bytes(2 * CHUNK_BYTES))
        assert await read(storage, KEY) is None
        await upload.commit(an_info(2 * CHUNK_BYTES))
        assert await read(storage, KEY) == (an_info(2 * CHUNK_BYTES), some_bytes(2 * CHUNK_BYTES))


@pytest.mark.proves("D21")
@pytest.mark.parametrize("size", [0, 10, 2 * CHUNK_BYTES])
@pytest.mark.parametrize("reason", [None, RuntimeError, asyncio.CancelledError])
@pytest.mark.parametrize("before", [None, b"old"])
async def test_an_upload_that_is_left_without_a_commit_leaves_nothing(
    storage: Storage,
    tmp_path: Path,
    size: int,
    reason: type[BaseException] | None,
    before: bytes | None,
) -> None:
    if before is not None:
        await put(storage, KEY, before)
    files = files_below(tmp_path)
    try:
        async with storage.upload(KEY) as upload:
            for chunk in pieces(some_bytes(size), 300_000):
                await upload.write(chunk)
            if reason is not None:
                raise reason
    except (RuntimeError, asyncio.CancelledError):
        pass
    found = await read(storage, KEY)
    assert found == (None if before is None else (an_info(len(before)), before))
    assert files_below(tmp_path) == files


async def test_a_committed_upload_leaves_only_the_object(storage: Storage, tmp_path: Path) -> None:
    for size in (0, 10, 3 * CHUNK_BYTES):
        await put(storage, KEY, some_bytes(size))
    assert len(files_below(tmp_path)) <= 1


@pytest.mark.parametrize("new_size", [0, 10, 5 * CHUNK_BYTES])
async def test_who_reads_an_object_gets_the_whole_of_it_while_it_is_replaced(
    whole_storage: Storage, new_size: int
) -> None:
    body = some_bytes(3 * CHUNK_BYTES + 17)
    await put(whole_storage, KEY, body)
    async with stream_of(whole_storage) as stream:
        chunks = aiter(stream.chunks())
        received = bytes(await anext(chunks))
        await put(whole_storage, KEY, some_bytes(new_size, seed=1), an_info(new_size, version=2))
        received += b"".join([bytes(chunk) async for chunk in chunks])
    assert received == body
    replaced = await read(whole_storage, KEY)
    assert replaced == (an_info(new_size, version=2), some_bytes(new_size, seed=1))


async def test_who_reads_an_object_gets_the_whole_of_it_while_all_objects_are_removed(
    own_storage: Storage,
) -> None:
    body = some_bytes(2 * CHUNK_BYTES)
    await put(own_storage, KEY, body)
    async with stream_of(own_storage) as stream:
        await own_storage.clear()
        assert b"".join([bytes(chunk) async for chunk in stream.chunks()]) == body


async def test_a_stream_may_be_closed_twice_and_before_it_is_read(storage: Storage) -> None:
    await put(storage, KEY, some_bytes(CHUNK_BYTES))
    for read_first in (False, True):
        async with stream_of(storage) as stream:
            if read_first:
                await anext(aiter(stream.chunks()))
            await stream.close()
    assert await read(storage, KEY) == (an_info(CHUNK_BYTES), some_bytes(CHUNK_BYTES))


@pytest.mark.proves("D05")
@settings(max_examples=examples(60))
@PROPERTY_ENGINES
@given(keys=st.lists(utf8_text(max_bytes=1024), min_size=1, max_size=6, unique=True))
async def test_every_key_is_an_object_of_its_own(engine: str, keys: list[str]) -> None:
    async with empty_storage(engine) as (storage, _):
        await expect_objects_of_their_own(storage, [Location("bucket", key) for key in keys])


@pytest.mark.proves("D05")
async def test_keys_that_look_alike_are_objects_of_their_own(
    storage: Storage, can_hold: Callable[[str], bool]
) -> None:
    keys = ["a", "A", "a/", "a/b", "a//b", "/a", "//a", "a.", ".a", "a ", " a", "a\n", "a\\b"]
    keys += [".", "..", "...", "/", "../a", "a/../b", "./a", "%61", "%2F", "a%2Fb", "a%2fb", "%"]
    keys += ["é", "e\u0301", "É", "ß", "ss", "\u017f", "s", "K", "\u212a", "~", "=sha256-", "con"]
    keys += ["x" * 1024, "x" * 1023 + "y", "日" * 341, "日" * 340 + "月", "X" * 86, "X" * 85]
    keys += [
        "a?b",
        "a#b",
        "a+b",
        "a b",
        "a&b=c;d",
        "\x01",
        "\x7f",
        "a\tb",
        "\r",
        "'\"<>",
        "\U0001f3ac",
    ]
    locations = [Location("bucket", key) for key in keys if can_hold(key)]
    await expect_objects_of_their_own(storage, locations)
    assert await storage.list("bucket") == [
        (location.key, an_info(len(str(locations.index(location)))))
        for location in sorted(locations)
    ]


@pytest.mark.proves("D14")
@settings(max_examples=examples(30))
@PROPERTY_ENGINES
@given(
    locations=st.lists(
        st.builds(Location, utf8_text(max_bytes=300), st.sampled_from(["key", "a/b", ".."])),
        min_size=1,
        max_size=6,
        unique=True,
    )
)
async def test_every_bucket_has_objects_of_its_own(engine: str, locations: list[Location]) -> None:
    async with empty_storage(engine) as (storage, _):
        await expect_objects_of_their_own(storage, locations)


async def test_of_many_uploads_to_one_key_a_whole_one_wins(whole_storage: Storage) -> None:
    uploads = 8

    async def upload(number: int) -> None:
        body = some_bytes(400_000 * number, seed=number)
        chunks = pieces(body, 300_000)
        await put(whole_storage, KEY, chunks, an_info(len(body), version=number))

    await asyncio.gather(*map(upload, range(uploads)))
    found = await read(whole_storage, KEY)
    assert found is not None
    info, body = found
    assert info == an_info(400_000 * info.version, version=info.version)
    assert body == some_bytes(info.size, seed=info.version)


async def test_who_reads_a_key_while_it_is_written_gets_one_whole_object(
    whole_storage: Storage,
) -> None:
    async def write(numbers: Iterator[int]) -> None:
        for number in numbers:
            size = (0, 5, 70_000, CHUNK_BYTES + 1)[number % 4]
            body = some_bytes(size, seed=number)
            await put(whole_storage, KEY, body, an_info(size, version=number + 1))

    async def look() -> None:
        last = 0
        for _ in range(40):
            found = await read(whole_storage, KEY, inline_bytes=100)
            if found is None:
                assert last == 0
                continue
            info, body = found
            assert info.version >= last
            assert (info.size, body) == (len(body), some_bytes(len(body), seed=info.version - 1))
            last = info.version

    await asyncio.gather(write(iter(range(30))), look(), look())


async def test_clearing_removes_every_object_of_every_bucket(own_storage: Storage) -> None:
    locations = [Location(bucket, key) for bucket in ("a", "..") for key in ("key", "x" * 1000)]
    for location in locations:
        await put(own_storage, location, b"body")
    await own_storage.clear()
    for location in locations:
        assert await read(own_storage, location) is None
    await own_storage.clear()
    await expect_objects_of_their_own(own_storage, locations)


async def test_an_object_that_is_deleted_is_gone_and_no_other(storage: Storage) -> None:
    locations = [
        Location(bucket, key) for bucket in ("bucket-a", "bucket-b") for key in ("key", "x" * 150)
    ]
    for location in locations:
        await put(storage, location, b"body")
    assert await storage.delete(locations[0])
    assert not await storage.delete(locations[0])
    assert not await storage.delete(Location("bucket-a", "other"))
    assert not await storage.delete(Location("bucket-c", "key"))
    assert await read(storage, locations[0]) is None
    for location in locations[1:]:
        assert await read(storage, location) == (an_info(4), b"body")
    await put(storage, locations[0], b"new")
    assert await read(storage, locations[0]) == (an_info(3), b"new")


async def test_who_reads_an_object_gets_the_whole_of_it_while_it_is_deleted(
    storage: Storage,
) -> None:
    body = some_bytes(2 * CHUNK_BYTES)
    await put(storage, KEY, body)
    async with stream_of(storage) as stream:
        assert await storage.delete(KEY)
        assert b"".join([bytes(chunk) async for chunk in stream.chunks()]) == body


async def test_an_engine_that_works_passes_its_check(storage: Storage) -> None:
    await storage.check()
    await put(storage, KEY, b"body")
    await storage.check()


_keys = st.sampled_from(["a", "A", "a/b", "x" * 500])
_sizes = st.sampled_from([0, 1, 50, TAIL_BYTES, CHUNK_BYTES + 1])
_operations = st.lists(
    st.one_of(
        st.tuples(st.just("put"), _keys, _sizes),
        st.tuples(st.just("abandon"), _keys, _sizes),
        st.tuples(st.just("delete"), _keys, st.just(0)),
        st.tuples(st.just("clear"), _keys, st.just(0)),
    ),
    max_size=12,
)


@settings(max_examples=examples(25))
@PROPERTY_ENGINES
@given(operations=_operations)
async def test_a_storage_is_a_dictionary_of_objects(
    engine: str, operations: list[tuple[str, str, int]]
) -> None:
    model: dict[Location, tuple[ObjectInfo, bytes]] = {}
    async with empty_storage(engine) as (storage, _):
        for version, (operation, key, size) in enumerate(operations):
            location = Location("bucket", key)
            body, info = some_bytes(size, seed=version), an_info(size, version=version)
            if operation == "put":
                model[location] = (await put(storage, location, body, info), body)
            elif operation == "abandon":
                async with storage.upload(location) as upload:
                    await upload.write(body)
            elif operation == "delete":
                assert await storage.delete(location) == (location in model)
                model.pop(location, None)
            else:
                await storage.clear()
                model.clear()
            assert await read(storage, location, inline_bytes=10) == model.get(location)
        for location, expected in model.items():
            assert await read(storage, location) == expected
        assert dict(await storage.list("bucket")) == {
            location.key: info for location, (info, _) in model.items()
        }


@asynccontextmanager
async def stream_of(storage: Storage) -> AsyncIterator[BodyStream]:
    """The body of the object at `KEY` as a stream, closed in the end."""
    stored = await storage.open(KEY, inline_bytes=0)
    assert stored is not None
    assert not isinstance(stored.body, bytes)
    try:
        yield stored.body
    finally:
        await stored.body.close()


async def expect_objects_of_their_own(storage: Storage, locations: list[Location]) -> None:
    """Each location takes an object of its own, and none is seen at another."""
    objects = {location: str(number).encode() for number, location in enumerate(locations)}
    assert len(objects) == len(locations)
    for location, body in objects.items():
        assert await read(storage, location) is None
        await put(storage, location, body)
    for location, body in objects.items():
        assert await read(storage, location) == (an_info(len(body)), body)
