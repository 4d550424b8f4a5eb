"""Tags in the storage tier: every engine keeps them with the object, S3 as object tags."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.backends.codec import decode_info, encode_info
from emulator.backends.storage.base import Storage
from emulator.backends.storage.s3 import S3Storage
from emulator.core.object_info import Location, ObjectInfo
from emulator.service.tags import MAX_KEY_CHARACTERS, MAX_TAGS, MAX_VALUE_CHARACTERS, collect
from tests.engines.aws import boto3_client
from tests.engines.s3 import Moto
from tests.suites import examples
from tests.support.bodies import some_bytes

from .engines import opened_storage
from .objects import EVERYTHING, an_info, put
from .s3 import opened_s3

pytestmark = pytest.mark.proves("Put Object, mo-tag-*")

PLACE = Location("bucket", "folder/key")

TAGS = {"team": "video", "größe": "5 m²", "sign_.:/=+-@": "_.:/=+-@ a", "empty": ""}

LARGE = 9 * 1024 * 1024
"""More than a part: it goes through a staging object."""

characters = st.one_of(
    st.sampled_from("_.:/=+-@ "), st.characters(categories=("L", "N", "Zs"), exclude_characters="İ")
)
"""What a tag may hold. The one letter that gets longer when it is lower-cased is left out."""

some_tags = st.dictionaries(
    st.text(characters, min_size=1, max_size=MAX_KEY_CHARACTERS)
    .map(str.lower)
    .filter(lambda key: key.strip() and not key.startswith("aws:")),
    st.text(characters, max_size=MAX_VALUE_CHARACTERS),
    max_size=MAX_TAGS,
)


def tagged(body: bytes, tags: dict[str, str]) -> ObjectInfo:
    return an_info(len(body))._replace(tags=tags)


async def test_the_emulators_own_storages_keep_tags(own_storage: Storage) -> None:
    await put(own_storage, PLACE, b"body", tagged(b"body", TAGS))
    stored = await own_storage.open(PLACE, inline_bytes=EVERYTHING)
    assert stored is not None
    assert stored.info.tags == TAGS
    listed = await own_storage.list("bucket")
    assert [(key, info.tags) for key, info in listed] == [("folder/key", TAGS)]


@pytest.mark.proves("D08")
async def test_a_put_replaces_the_tags_as_a_whole(own_storage: Storage) -> None:
    await put(own_storage, PLACE, b"body", tagged(b"body", TAGS))
    await put(own_storage, PLACE, b"body")
    stored = await own_storage.open(PLACE, inline_bytes=EVERYTHING)
    assert stored is not None
    assert stored.info.tags == {}


async def test_files_still_have_the_tags_after_a_restart(tmp_path: Path) -> None:
    async with opened_storage("filesystem", tmp_path) as storage:
        await put(storage, PLACE, b"body", tagged(b"body", TAGS))
    async with opened_storage("filesystem", tmp_path) as storage:
        stored = await storage.open(PLACE, inline_bytes=EVERYTHING)
        assert stored is not None
        assert stored.info.tags == TAGS


@given(tags=some_tags, ephemeral=st.booleans())
def test_tags_that_are_written_beside_a_body_are_read_again(
    tags: dict[str, str], ephemeral: bool
) -> None:
    info = tagged(b"body", tags)._replace(ephemeral=ephemeral)
    assert decode_info(encode_info(info)) == info


def test_the_file_of_an_object_without_tags_says_nothing_of_them() -> None:
    """So an emulator that knows nothing of tags can read it."""
    line = encode_info(an_info(4))
    assert b"tags" not in line
    assert b"ephemeral" not in line


@pytest.fixture
def boto3(moto: Moto) -> Any:
    """Another tool, and the bucket `bucket`."""
    moto.empty()
    client = boto3_client(moto)
    client.create_bucket(Bucket="bucket")
    return client


@pytest.fixture
async def s3(moto: Moto, boto3: Any) -> AsyncIterator[S3Storage]:  # noqa: ARG001
    """Storage in moto's S3."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in moto.environment.items():
            patch.setenv(name, value)
        async with opened_s3(moto.url) as storage:
            yield storage


def tags_in_s3(boto3: Any) -> dict[str, str]:
    found = boto3.get_object_tagging(Bucket=PLACE.bucket, Key=PLACE.key)["TagSet"]
    return {tag["Key"]: tag["Value"] for tag in found}


@pytest.mark.parametrize("size", [4, LARGE])
async def test_tags_are_object_tags_in_s3(s3: S3Storage, boto3: Any, size: int) -> None:
    body = some_bytes(size)
    await put(s3, PLACE, body, tagged(body, TAGS))
    assert tags_in_s3(boto3) == TAGS


@pytest.mark.proves("D08")
async def test_a_put_replaces_the_object_tags_of_s3_as_a_whole(s3: S3Storage, boto3: Any) -> None:
    """Not shown of a large body: moto leaves the tags of what a copy replaces, S3 does not."""
    await put(s3, PLACE, b"body", tagged(b"body", TAGS))
    await put(s3, PLACE, b"body")
    assert tags_in_s3(boto3) == {}


@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tags=some_tags)
async def test_any_tags_that_the_service_takes_arrive_in_s3(
    s3: S3Storage, boto3: Any, tags: dict[str, str]
) -> None:
    assert collect(tags.items()) == tags
    await put(s3, PLACE, b"body", tagged(b"body", tags))
    assert tags_in_s3(boto3) == tags


async def test_s3_is_told_nothing_of_tags_for_an_object_without_any(
    s3: S3Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A role that may not tag can still write: in a Put, and in the copy of a large one."""
    asked: list[dict[str, Any]] = []
    call = s3._caller.call

    async def noted(operation: str, bucket: str, **fields: Any) -> Any:
        asked.append(fields)
        return await call(operation, bucket, **fields)

    monkeypatch.setattr(s3._caller, "call", noted)
    for size in (4, LARGE):
        await put(s3, PLACE, some_bytes(size))
    assert asked
    assert not any("tag" in name.lower() for fields in asked for name in fields if name != "ETag")


async def test_s3_is_asked_once_to_remove_an_object(s3: S3Storage, boto3: Any) -> None:
    await put(s3, PLACE, b"body")
    await s3.remove(PLACE)
    assert await s3.open(PLACE, inline_bytes=EVERYTHING) is None
    await s3.remove(PLACE)
    assert boto3.list_objects_v2(Bucket="bucket")["KeyCount"] == 0


@pytest.mark.parametrize("key", ["there", "not there"])
async def test_removing_an_object_leaves_none_whether_it_was_there_or_not(
    storage: Storage, key: str
) -> None:
    place = Location("bucket", key)
    await put(storage, Location("bucket", "there"), b"body")
    await storage.remove(place)
    assert await storage.open(place, inline_bytes=EVERYTHING) is None
