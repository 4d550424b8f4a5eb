"""Revision 2026-08-12 over S3: tags become object tags, Delete Object removes the object there,
and an ephemeral object never reaches the bucket.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator import Emulator
from tests.engines.aws import keys_in_bucket
from tests.engines.bad_s3 import BadS3, hangs
from tests.support.client import Client, create_store
from tests.support.emulators import Start, client

OBJECT = "/objectstore/store/folder/key"


@pytest.fixture
def emulator(start: Start) -> Emulator:
    return start(api_revision="2026-08-12", no_limits=True)


@pytest.fixture
def owner(emulator: Emulator) -> Client:
    owner = client(emulator)
    create_store(owner, "store", prefix="prefix")
    return owner


@pytest.mark.proves("Put Object, mo-tag-*")
def test_tags_are_object_tags_and_not_returned(owner: Client, boto3: Any) -> None:
    headers = {"mo-tag-Team": "video", "mo-meta-title": "news"}
    assert owner.call("PUT", OBJECT, b"body", headers).status == 204
    found = boto3.get_object_tagging(Bucket="bucket", Key="prefix/folder/key")["TagSet"]
    assert found == [{"Key": "team", "Value": "video"}]
    answer = owner.call("GET", OBJECT)
    assert answer.headers["title"] == "news"
    assert not [name for name in answer.headers if "tag" in name.lower()]


@pytest.mark.proves("Delete Object")
def test_a_deleted_object_is_gone_from_the_bucket(owner: Client, boto3: Any) -> None:
    assert owner.call("PUT", OBJECT, b"body").status == 204
    assert keys_in_bucket(boto3) == ["prefix/folder/key"]
    assert [owner.call("DELETE", OBJECT).status for _ in range(2)] == [204, 204]
    assert keys_in_bucket(boto3) == []
    assert owner.call("GET", OBJECT).status == 404


@pytest.mark.proves("Put Object, mo-persistence")
def test_an_ephemeral_object_is_not_in_the_bucket(
    owner: Client, emulator: Emulator, boto3: Any
) -> None:
    assert owner.call("PUT", OBJECT, b"body", {"mo-persistence": "ephemeral"}).status == 204
    assert keys_in_bucket(boto3) == []
    assert owner.call("GET", OBJECT).body == b"body"
    emulator.clock.advance(600)
    assert owner.call("GET", OBJECT).status == 404


@pytest.mark.proves("D78")
def test_a_deletion_that_s3_does_not_answer_is_500_and_leaves_no_copy(
    owner: Client, bad_s3: BadS3, time_out: Callable[[], None]
) -> None:
    assert owner.call("PUT", OBJECT, b"body").status == 204
    with bad_s3.fault(hangs, "DELETE", then=time_out):
        assert owner.call("DELETE", OBJECT).status == 500
    bad_s3.asked.clear()
    assert owner.call("GET", OBJECT).status == 200
    assert [asked.method for asked in bad_s3.asked] == ["GET"], "the cache must not answer"
