"""Storage in S3: the content type that an object has there, and a bucket that others create too."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from aiohttp import web

from emulator.backends.storage.s3 import S3Storage
from emulator.backends.storage.s3_information import from_answer, to_fields
from emulator.core.failures import EngineUnavailableError
from emulator.core.object_info import Location
from tests.engines.aws import aws_environment
from tests.engines.bad_s3 import BadS3, Forward, S3Fault, answers
from tests.engines.s3 import Moto

from .objects import an_info, put, read
from .s3 import opened_s3

KEY = Location("bucket", "folder/key")
LARGE = 9 * 1024 * 1024
"""More than goes in one piece."""


@pytest.mark.proves("D72")
async def test_a_type_that_a_user_gave_as_metadata_goes_before_that_of_s3(
    s3: S3Storage, boto3: Any
) -> None:
    boto3.put_object(
        Bucket="bucket",
        Key="folder/key",
        Body=b"body",
        ContentType="application/octet-stream",
        Metadata={"content-type": "image/png"},
    )
    found = await read(s3, KEY)
    assert found is not None
    assert dict(found[0].metadata) == {"content-type": "image/png"}


@pytest.mark.parametrize("size", [4, LARGE])
async def test_the_content_type_of_an_object_is_that_of_its_metadata_for_every_other_tool(
    s3: S3Storage, boto3: Any, size: int
) -> None:
    for content_type in ("video/mp2t", "text/html; charset=utf-8"):
        info = an_info(size, metadata={"content-type": content_type})
        await put(s3, KEY, bytes(size), info)
        head = boto3.head_object(Bucket="bucket", Key="folder/key")
        assert (head["ContentType"], head["ContentLength"]) == (content_type, size)
        assert await read(s3, KEY) == (info, bytes(size))


@pytest.mark.parametrize("content_type", ["", "text/größe", " text/plain", "=?UTF-8?B?w6k=?="])
def test_what_s3_would_not_keep_as_a_type_is_kept_as_metadata_alone(content_type: str) -> None:
    info = an_info(4, metadata={"content-type": content_type})
    fields = to_fields(info)
    assert "ContentType" not in fields
    answer = {
        "ContentLength": 4,
        "LastModified": datetime.now(timezone.utc),
        "ContentType": "a/b",
        **fields,
    }
    assert from_answer(answer) == info


def loses_the_race(code: str) -> S3Fault:
    """Have somebody else create the bucket first, and refuse, as S3 does then."""

    async def fault(request: web.BaseRequest, forward: Forward) -> web.StreamResponse:
        if request.method != "PUT" or request.path.strip("/") != KEY.bucket:
            return await forward()
        await forward()
        return await answers(409, code)(request, forward)

    return fault


@pytest.mark.parametrize("code", ["BucketAlreadyOwnedByYou", "BucketAlreadyExists"])
@pytest.mark.parametrize("size", [4, LARGE])
async def test_who_loses_the_race_for_a_bucket_goes_on_with_that_of_the_winner(
    moto: Moto, bad_s3: BadS3, code: str, size: int
) -> None:
    with aws_environment(moto):
        async with opened_s3(bad_s3.url, create_buckets=True) as s3:
            with bad_s3.fault(loses_the_race(code)) as asked:
                await put(s3, KEY, bytes(size))
            assert [each.target.strip("/") for each in asked].count(KEY.bucket) == 1
            assert await read(s3, KEY) == (an_info(size), bytes(size))


async def test_a_bucket_that_cannot_be_created_fails_the_put(moto: Moto, bad_s3: BadS3) -> None:
    with aws_environment(moto):
        async with opened_s3(bad_s3.url, create_buckets=True) as s3:
            refused = loses_the_race("TooManyBuckets")
            with (
                bad_s3.fault(refused),
                pytest.raises(EngineUnavailableError, match=r"CreateBucket.*TooManyBuckets"),
            ):
                await put(s3, KEY, b"body")
