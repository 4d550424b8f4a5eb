"""What only storage in S3 does: objects that other tools read and write, and buckets."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from emulator.backends.storage.s3 import BATCH_KEYS, S3Storage
from emulator.backends.storage.s3_client import S3Settings
from emulator.backends.storage.s3_information import (
    MAX_METADATA_BYTES,
    RESERVED_NAME,
    from_answer,
    to_fields,
)
from emulator.config import ConfigurationError
from emulator.core.errors import BadRequestError
from emulator.core.failures import EngineUnavailableError
from emulator.core.object_info import Location, ObjectInfo
from tests.engines.aws import aws_environment, boto3_client
from tests.engines.s3 import PAGE_KEYS, Moto, S3Server
from tests.suites import examples
from tests.support.ports import free_port

from .objects import an_info, put, read
from .s3 import opened_s3

KEY = Location("bucket", "folder/key")

_SOME_TIME = datetime(2026, 2, 5, 12, tzinfo=timezone.utc)


async def test_another_tool_reads_the_object_under_its_key_with_its_metadata(
    s3: S3Storage, boto3: Any
) -> None:
    metadata = {"content-type": "text/plain; charset=utf-8", "title": "Größe", "a-b": "a  b"}
    info = ObjectInfo(4, 17_000_000, 18, expires_at=20_000_000, metadata=metadata)
    await put(s3, KEY, b"body", info)
    found = boto3.get_object(Bucket="bucket", Key="folder/key")
    assert found["Body"].read() == b"body"
    assert found["ContentType"] == "text/plain; charset=utf-8"
    kept = found["Metadata"]
    assert json.loads(kept.pop("momento-emulator-info")) == {
        "created_at": 17_000_000,
        "version": 18,
        "expires_at": 20_000_000,
    }
    assert kept == {**metadata, "title": "=?UTF-8?B?R3LDtsOfZQ==?="}


@pytest.mark.proves("D72")
async def test_an_object_of_another_tool_is_served_with_what_s3_says_of_it(
    s3: S3Storage, boto3: Any
) -> None:
    boto3.put_object(
        Bucket="bucket",
        Key="folder/key",
        Body=b"body",
        ContentType="image/png",
        Metadata={"title": "=?UTF-8?Q?Gr=C3=B6=C3=9Fe?="},
    )
    modified = boto3.head_object(Bucket="bucket", Key="folder/key")["LastModified"]
    written_at = int(modified.timestamp()) * 1_000_000
    metadata = {"content-type": "image/png", "title": "Größe"}
    expected = ObjectInfo(4, written_at, written_at, None, metadata)
    assert await read(s3, KEY) == (expected, b"body")
    assert await s3.list("bucket") == [("folder/key", expected)]


@pytest.mark.proves("D72")
async def test_an_object_without_a_type_has_none(s3: S3Storage, boto3: Any) -> None:
    boto3.put_object(Bucket="bucket", Key="folder/key", Body=b"body")
    found = await read(s3, KEY)
    assert found is not None
    assert dict(found[0].metadata) == {}


@pytest.mark.proves("D72")
@pytest.mark.parametrize(
    "junk", ["", "x", "[]", "{}", '{"created_at":1}', '{"created_at":1,"version":true}',
             '{"created_at":1,"version":2,"expires_at":"3"}', "[" * 1500,
             '{"created_at":1,"version":2,"metadata":[]}',
             '{"created_at":1,"version":2,"metadata":{"a":1}}'],
)  # fmt: skip
def test_what_is_not_our_entry_is_not_taken_for_it(junk: str) -> None:
    head = {
        "ContentLength": 4,
        "LastModified": _SOME_TIME,
        "Metadata": {RESERVED_NAME: junk, "a": "b"},
    }
    found = from_answer(head)
    written_at = int(_SOME_TIME.timestamp()) * 1_000_000
    assert found == ObjectInfo(4, written_at, written_at, None, {"a": "b"})


@pytest.mark.parametrize("count", [PAGE_KEYS - 1, PAGE_KEYS, PAGE_KEYS + 1, 3 * PAGE_KEYS])
async def test_a_page_of_a_list_is_not_the_whole_of_it(moto: Moto, count: int) -> None:
    keys = [f"a&<b>/ {number:04} +%" for number in range(count)]
    with aws_environment(moto):
        async with opened_s3(moto.url, create_buckets=True) as s3:
            for key in reversed(keys):
                await put(s3, Location("bucket", key), b"")
            assert [key for key, _ in await s3.list("bucket")] == keys


async def test_a_long_list_is_looked_at_a_batch_at_a_time_and_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keys = [f"{number:04}" for number in range(2 * BATCH_KEYS + 1)]
    storage = S3Storage(S3Settings())
    most = 0

    async def all_keys(_bucket: str, _prefix: str) -> list[str]:
        return keys[::-1]

    async def head(location: Location) -> ObjectInfo | None:
        nonlocal most
        most = max(most, len(asyncio.all_tasks()))
        await asyncio.sleep(0)
        return None if location.key == keys[1] else an_info(int(location.key))

    monkeypatch.setattr(storage, "_keys", all_keys)
    monkeypatch.setattr(storage, "_head", head)
    found = await storage.list("bucket")
    assert found == [(key, an_info(int(key))) for key in keys if key != keys[1]]
    assert BATCH_KEYS < most < BATCH_KEYS + 100


@pytest.mark.proves("D70")
@pytest.mark.parametrize("key", ["x" * 1025, "é" * 513])
async def test_a_key_longer_than_s3_takes_is_refused_before_it_is_asked(key: str) -> None:
    nowhere = S3Storage(S3Settings())
    with pytest.raises(BadRequestError, match=r"at most 1024 bytes.*has 102[56]"):
        nowhere.upload(Location("bucket", key))
    with pytest.raises(BadRequestError, match="at most 1024 bytes"):
        await nowhere.open(Location("bucket", key), inline_bytes=0)


@pytest.mark.proves("D71")
@pytest.mark.parametrize("value", ["v", "é"])
async def test_metadata_up_to_the_limit_of_s3_is_kept_and_more_is_refused(
    s3: S3Storage, value: str
) -> None:
    await put(s3, KEY, b"old")
    room = 1
    while _bytes_of({"a": value * (room + 1)}) <= MAX_METADATA_BYTES:
        room += 1
    with pytest.raises(BadRequestError, match=f"at most {MAX_METADATA_BYTES} bytes"):
        await put(s3, KEY, b"body", an_info(4, metadata={"a": value * (room + 1)}))
    assert await read(s3, KEY) == (an_info(3), b"old")
    info = an_info(4, metadata={"a": value * room})
    await put(s3, KEY, b"body", info)
    assert await read(s3, KEY) == (info, b"body")


@pytest.mark.parametrize("size", [4, 9 * 1024 * 1024])
async def test_a_bucket_that_does_not_exist_is_named(s3: S3Storage, size: int) -> None:
    nowhere = Location("no-such-bucket", "key")
    for work in (
        put(s3, nowhere, bytes(size)),
        s3.open(nowhere, inline_bytes=0),
        s3.list(nowhere.bucket),
    ):
        with pytest.raises(EngineUnavailableError, match=r"no-such-bucket.*--create-buckets"):
            await work


@pytest.mark.parametrize("size", [4, 9 * 1024 * 1024])
async def test_a_bucket_is_created_when_it_is_first_needed(
    s3_server: S3Server, boto3: Any, size: int
) -> None:
    async with opened_s3(s3_server.url, create_buckets=True) as s3:
        await put(s3, Location("new-bucket", "key"), bytes(size))
        assert await read(s3, Location("new-bucket", "key")) == (an_info(size), bytes(size))
        assert await read(s3, Location("newer-bucket", "key")) is None
    buckets = [each["Name"] for each in boto3.list_buckets()["Buckets"]]
    assert sorted(buckets) == ["new-bucket", "newer-bucket"]


async def test_a_bucket_is_created_in_the_region_that_was_asked_for(moto: Moto) -> None:
    with aws_environment(moto):
        async with opened_s3(moto.url, create_buckets=True, region="eu-west-1") as s3:
            await put(s3, KEY, b"body")
        where = boto3_client(moto).get_bucket_location(Bucket="bucket")
    assert where["LocationConstraint"] == "eu-west-1"


@pytest.mark.proves("D73")
async def test_objects_are_not_the_emulators_to_remove(s3: S3Storage) -> None:
    await put(s3, KEY, b"body")
    assert not s3.can_be_emptied
    for work in (s3.clear(), s3.checkpoint()):
        with pytest.raises(BadRequestError, match="S3"):
            await work
    assert await read(s3, KEY) == (an_info(4), b"body")


async def test_an_s3_that_is_not_there_fails_its_check(moto: Moto) -> None:
    port = free_port()
    with aws_environment(moto):
        async with opened_s3(f"http://127.0.0.1:{port}") as nowhere:
            with pytest.raises(EngineUnavailableError, match=f"127.0.0.1:{port} cannot be reached"):
                await nowhere.check()


async def test_without_credentials_there_is_no_start(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/no/such/file")
    # Where nobody listens, as outside of EC2; there it would not even be refused.
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", f"http://127.0.0.1:{free_port()}")
    begin = time.monotonic()
    with pytest.raises(ConfigurationError, match=r"no AWS credentials.*AWS_ACCESS_KEY_ID"):
        await S3Storage(S3Settings()).start()
    assert time.monotonic() - begin < 10


async def test_a_profile_that_does_not_exist_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    with pytest.raises(ConfigurationError, match="no-such-profile"):
        await S3Storage(S3Settings()).start()


_TOKEN = st.text("abz019-._!#$%&'*+^`|~", min_size=1, max_size=12)
_NAMES = _TOKEN | st.sampled_from(
    ["momento-emulator-info", "momento-emulator-own-a", "momento-emulator-", "content-type", "a_b"]
)
_VALUES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20) | st.sampled_from(
    ["=?UTF-8?B?w6k=?=", "=?utf-8?q?=C3=A9?= x", " a", "a ", "a  b", "=?", "?="]
)
_METADATA = st.dictionaries(_NAMES, _VALUES, max_size=4)


@settings(max_examples=examples(300))
@given(metadata=_METADATA, times=st.tuples(st.integers(0, 2**63), st.integers(0, 2**63)))
@example(metadata={"content-type": "a/b\tc"}, times=(1, 1))
def test_whatever_is_kept_with_an_object_comes_back_as_it_was(
    metadata: dict[str, str], times: tuple[int, int]
) -> None:
    info = ObjectInfo(4, *times, times[1] or None, metadata)
    fields = to_fields(info)
    for text in (*fields["Metadata"].values(), fields.get("ContentType", "x")):
        assert text == text.strip()
        assert all(" " <= letter <= "~" for letter in text)
    answer = {"ContentLength": 4, "LastModified": _SOME_TIME, **fields}
    assert from_answer(answer) == info


@settings(
    max_examples=examples(40),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(metadata=_METADATA)
@example(metadata={"!#$%&'*+^`|~": "a", "a_b": "b", "a-b": "c", "a.b": "d", "empty": ""})
@example(metadata={"cache-control": "no-store", "etag": "x", "content-encoding": "gzip"})
async def test_whatever_is_kept_with_an_object_comes_back_from_a_server(
    s3: S3Storage, metadata: dict[str, str]
) -> None:
    info = an_info(4, metadata=metadata)
    await put(s3, KEY, b"body", info)
    assert await read(s3, KEY) == (info, b"body")


def _bytes_of(metadata: dict[str, str]) -> int:
    try:
        kept = to_fields(an_info(4, metadata=metadata))["Metadata"]
    except BadRequestError:
        return MAX_METADATA_BYTES + 1
    return sum(len(name) + len(value) for name, value in kept.items())
