"""Uploads into S3: large bodies in parts, and nothing left behind of those that end early."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from emulator.backends.storage.s3 import S3Storage
from emulator.backends.storage.s3_upload import PART_BYTES, STAGING_PREFIX
from emulator.core.failures import EngineUnavailableError
from emulator.core.object_info import Location
from tests.engines.aws import keys_in_bucket, opened_bucket
from tests.engines.bad_s3 import BadS3, S3Fault, answers, hangs, hangs_after_the_work
from tests.engines.s3 import Moto, S3Server
from tests.support.bodies import pieces, some_bytes
from tests.support.loop_time import LoopTime
from tests.support.waiting import wait_until_async

from .objects import an_info, put, read
from .s3 import opened_s3

KEY = Location("bucket", "key")

TIMEOUT = 30.0
"""How long a call to S3 may take, in seconds. Nobody waits for it: see `time_out`."""

LARGE = 2 * PART_BYTES + 17

SIZES = [PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES, LARGE]

STEPS = {
    "begin": ("POST", "?uploads"),
    "part": ("PUT", "partNumber=2"),
    "complete": ("POST", "uploadId="),
    "publish": ("PUT", "/bucket/key"),
}
"""What a large upload asks for, by method and a part of the target."""


@pytest.fixture
def boto3(moto: Moto) -> Iterator[Any]:
    """Another tool, and the bucket."""
    with opened_bucket(moto) as client:
        yield client


@pytest.fixture
async def s3(bad_s3: BadS3, boto3: Any) -> AsyncIterator[S3Storage]:  # noqa: ARG001
    """Storage in an S3 that may misbehave."""
    async with opened_s3(bad_s3.url, timeout=TIMEOUT) as storage:
        yield storage


@pytest.fixture
def time_out(loop_time: LoopTime) -> Callable[[], None]:
    """Has the time be over that a call to S3 may take."""
    return lambda: loop_time.advance(TIMEOUT)


def left_behind(boto3: Any) -> list[str]:
    """What there is in the bucket but for the object, and what was begun there."""
    keys = keys_in_bucket(boto3)
    begun = boto3.list_multipart_uploads(Bucket="bucket").get("Uploads", ())
    return [key for key in keys if key != "key"] + [each["Key"] for each in begun]


@pytest.mark.parametrize("size", SIZES)
async def test_a_large_body_goes_in_parts_and_comes_back(s3_server: S3Server, size: int) -> None:
    body = some_bytes(size)
    async with opened_s3(s3_server.url, create_buckets=True) as storage:
        info = await put(
            storage, KEY, pieces(body, 3 * 1024 * 1024), an_info(size, metadata={"a": "é"})
        )
        for inline_bytes in (0, size):
            assert await read(storage, KEY, inline_bytes=inline_bytes) == (info, body)
        assert await storage.list("bucket") == [("key", info)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("piece", [64 * 1024, 100 * PART_BYTES])
async def test_a_large_body_goes_in_the_same_parts_whatever_pieces_it_comes_in(
    s3: S3Storage, bad_s3: BadS3, size: int, piece: int
) -> None:
    body = some_bytes(size)
    info = await put(s3, KEY, pieces(body, piece))
    sizes = [asked.size for asked in bad_s3.asked if asked.method == "PUT" and asked.size]
    assert sizes == [min(PART_BYTES, size - start) for start in range(0, size, PART_BYTES)]
    assert await read(s3, KEY, inline_bytes=size) == (info, body)


async def test_one_part_is_one_request_and_more_are_published_by_a_copy(
    s3: S3Storage, bad_s3: BadS3
) -> None:
    await put(s3, KEY, bytes(PART_BYTES))
    assert [asked.method for asked in bad_s3.asked] == ["PUT"]
    bad_s3.asked.clear()
    await put(s3, KEY, pieces(bytes(LARGE), PART_BYTES))
    methods = [asked.method for asked in bad_s3.asked]
    assert methods == ["POST", "PUT", "PUT", "PUT", "POST", "PUT", "DELETE"]


@pytest.mark.proves("D127")
async def test_a_large_upload_publishes_only_what_was_uploaded(
    s3: S3Storage, bad_s3: BadS3, boto3: Any
) -> None:
    """Somebody else's staging object of the same name is another version."""
    async with s3.upload(KEY) as upload:
        for piece in pieces(bytes(LARGE), PART_BYTES):
            await upload.write(piece)
        await upload.flush()
        (staging,) = left_behind(boto3)
        etag = boto3.head_object(Bucket="bucket", Key=staging)["ETag"]
        await upload.commit(an_info(LARGE))
    (publishing,) = [asked for asked in bad_s3.asked if asked.target.startswith("/bucket/key")]
    assert publishing.source_etag == etag


async def test_what_is_not_published_is_in_no_list(s3: S3Storage, boto3: Any) -> None:
    async with s3.upload(KEY) as upload:
        for piece in pieces(bytes(LARGE), PART_BYTES):
            await upload.write(piece)
        await upload.flush()
        (staging,) = left_behind(boto3)
        assert staging.startswith(STAGING_PREFIX)
        assert (await s3.list("bucket"), await s3.buckets(), await read(s3, KEY)) == ([], [], None)
        await upload.commit(an_info(LARGE))
        assert [key for key, _ in await s3.list("bucket")] == ["key"]
    assert left_behind(boto3) == []


async def test_a_users_key_may_look_nearly_like_that_of_a_staging_object(s3: S3Storage) -> None:
    for key in (f"{STAGING_PREFIX}a", STAGING_PREFIX, f"{STAGING_PREFIX}{'a' * 32}/b"):
        await put(s3, Location("bucket", key), b"body")
        assert key in [listed for listed, _ in await s3.list("bucket")]


@pytest.mark.proves("D21")
@pytest.mark.parametrize("size", [10, PART_BYTES + 1, LARGE])
@pytest.mark.parametrize("flushed", [False, True])
@pytest.mark.parametrize("reason", [None, RuntimeError, asyncio.CancelledError])
async def test_an_upload_that_ends_early_leaves_nothing_in_s3(
    s3: S3Storage, boto3: Any, size: int, flushed: bool, reason: type[BaseException] | None
) -> None:
    await put(s3, KEY, b"old")
    try:
        async with s3.upload(KEY) as upload:
            for piece in pieces(bytes(size), PART_BYTES):
                await upload.write(piece)
            if flushed:
                await upload.flush()
            if reason is not None:
                raise reason
    except (RuntimeError, asyncio.CancelledError):
        pass
    assert left_behind(boto3) == []
    assert await read(s3, KEY) == (an_info(3), b"old")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("fault", [hangs_after_the_work, hangs])
async def test_an_upload_that_is_cancelled_in_any_step_leaves_nothing_in_s3(
    s3: S3Storage,
    bad_s3: BadS3,
    boto3: Any,
    time_out: Callable[[], None],
    step: str,
    fault: S3Fault,
) -> None:
    method, target = STEPS[step]
    with bad_s3.fault(fault, method, target):
        upload = asyncio.ensure_future(put(s3, KEY, pieces(bytes(LARGE), PART_BYTES)))
        await wait_until_async(lambda: bad_s3.kept_waiting == 1)
        upload.cancel()
        time_out()  # What has begun is waited for, so that it is known what there is to remove.
        with pytest.raises(asyncio.CancelledError):
            await upload
    await s3.close()
    assert left_behind(boto3) == []


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    "fault",
    [answers(500, "InternalError"), answers(503, "SlowDown"), hangs, hangs_after_the_work],
    ids=["500", "503", "hangs", "hangs after the work"],
)
async def test_an_upload_that_fails_in_any_step_leaves_nothing_but_the_old_object_in_s3(
    s3: S3Storage,
    bad_s3: BadS3,
    boto3: Any,
    time_out: Callable[[], None],
    step: str,
    fault: S3Fault,
) -> None:
    await put(s3, KEY, b"old")
    method, target = STEPS[step]
    with (
        bad_s3.fault(fault, method, target, then=time_out),
        pytest.raises(EngineUnavailableError),
    ):
        await put(s3, KEY, pieces(bytes(LARGE), PART_BYTES))
    await s3.close()
    assert left_behind(boto3) == []
    size = boto3.head_object(Bucket="bucket", Key="key")["ContentLength"]
    published = step == "publish" and fault is hangs_after_the_work
    assert size == (LARGE if published else 3)


async def test_what_cannot_be_removed_is_logged_and_hides_no_error(
    s3: S3Storage, bad_s3: BadS3, caplog: pytest.LogCaptureFixture
) -> None:
    async def upload() -> None:
        async with s3.upload(KEY) as upload:
            for piece in pieces(bytes(LARGE), PART_BYTES):
                await upload.write(piece)
            raise RuntimeError("the reason")

    with bad_s3.fault(answers(403, "AccessDenied"), "DELETE"), pytest.raises(RuntimeError):
        await upload()
    (line,) = [record.getMessage() for record in caplog.records]
    assert f"s3://bucket/{STAGING_PREFIX}" in line
    assert "AccessDenied" in line
