"""An S3 that fails, hangs or goes away: a 500 in time, the old object, one line in the log."""

from __future__ import annotations

import http.client
import logging
from collections.abc import Callable
from typing import Any

import pytest

from emulator import Emulator
from tests.engines.bad_s3 import BadS3, S3Fault, answers, cuts_short, hangs, is_late, resets
from tests.support.client import Client, create_store
from tests.support.emulators import Start, client, control
from tests.support.loop_time import LoopTime
from tests.support.ports import free_port

from .conftest import TIMEOUT

MIB = 1024 * 1024
LARGE = 9 * MIB

TROUBLES = {
    "500": answers(500, "InternalError"),
    "503": answers(503, "SlowDown"),
    "403": answers(403, "AccessDenied"),
    "hangs": hangs,
    "resets": resets,
}
BUCKET = "/bucket"
"""What is asked for at `/` is asked for by a start: whether S3 is there."""

every_trouble = pytest.mark.parametrize("fault", TROUBLES.values(), ids=TROUBLES.keys())


def once(act: Callable[[], None]) -> Callable[[], None]:
    """Do that, but not again."""
    left = [act]
    return lambda: left.pop()() if left else None


def put(owner: Client, body: bytes, key: str = "key") -> int:
    return owner.call("PUT", f"/objectstore/store/{key}", body).status


@every_trouble
@pytest.mark.parametrize("size", [10, LARGE])
def test_a_put_is_a_500_in_time_and_the_old_object_stays(
    owner: Client,
    bad_s3: BadS3,
    boto3: Any,
    time_out: Callable[[], None],
    fault: S3Fault,
    size: int,
) -> None:
    assert put(owner, b"old") == 204
    with bad_s3.fault(fault, target=BUCKET, then=once(time_out)):
        assert put(owner, bytes(size)) == 500  # Nobody waits until what is left behind is removed.
    assert owner.call("GET", "/objectstore/store/key").body == b"old"
    assert boto3.get_object(Bucket="bucket", Key="key")["Body"].read() == b"old"


@every_trouble
def test_a_get_is_a_500_in_time(
    owner: Client, bad_s3: BadS3, boto3: Any, time_out: Callable[[], None], fault: S3Fault
) -> None:
    boto3.put_object(Bucket="bucket", Key="key", Body=b"body")
    with bad_s3.fault(fault, target=BUCKET, then=once(time_out)):
        assert owner.call("GET", "/objectstore/store/key").status == 500
    assert owner.call("GET", "/objectstore/store/key").body == b"body"


@pytest.mark.parametrize(
    ("fault", "most"),
    [("500", 3), ("503", 3), ("403", 1), ("hangs", 1)],
)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_s3_is_asked_three_times_at_most(
    owner: Client,
    bad_s3: BadS3,
    time_out: Callable[[], None],
    method: str,
    fault: str,
    most: int,
) -> None:
    with bad_s3.fault(TROUBLES[fault], target=BUCKET, then=time_out) as asked:
        body = b"body" if method == "PUT" else None
        assert owner.call(method, "/objectstore/store/key", body).status == 500
        assert 1 <= len([each for each in asked if each.target == "/bucket/key"]) <= most


@every_trouble
def test_the_log_has_one_line_that_names_the_cause(
    owner: Client,
    bad_s3: BadS3,
    time_out: Callable[[], None],
    fault: S3Fault,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    with bad_s3.fault(fault, target=BUCKET, then=time_out):
        assert put(owner, b"body") == 500
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert not record.exc_info
    assert "S3, PutObject on bucket 'bucket'" in record.getMessage()
    assert "\n" not in record.getMessage()


def test_what_is_cached_is_served_without_s3(owner: Client, bad_s3: BadS3) -> None:
    assert put(owner, b"cached") == 204
    with bad_s3.fault(hangs):
        assert owner.call("GET", "/objectstore/store/key").body == b"cached"


def test_an_s3_that_takes_its_time_is_waited_for(
    owner: Client, bad_s3: BadS3, loops: list[LoopTime]
) -> None:
    (loop,) = loops
    with bad_s3.fault(is_late, target=BUCKET, then=lambda: loop.advance(TIMEOUT / 2)):
        assert put(owner, b"body") == 204
    assert bad_s3.kept_waiting == 1


def test_a_small_body_that_s3_cuts_short_is_a_500(owner: Client, bad_s3: BadS3, boto3: Any) -> None:
    boto3.put_object(Bucket="bucket", Key="key", Body=bytes(1000))
    with bad_s3.fault(cuts_short(after=400)):
        assert owner.call("GET", "/objectstore/store/key").status == 500
    assert owner.call("GET", "/objectstore/store/key").body == bytes(1000)


def test_a_large_body_that_s3_cuts_short_does_not_look_whole(
    owner: Client, bad_s3: BadS3, boto3: Any
) -> None:
    boto3.put_object(Bucket="bucket", Key="key", Body=bytes(LARGE))
    with bad_s3.fault(cuts_short(after=LARGE // 2)), pytest.raises(http.client.HTTPException):
        owner.call("GET", "/objectstore/store/key")


def test_a_bucket_that_is_not_there_is_a_500_and_named_in_the_log(
    emulator: Emulator, caplog: pytest.LogCaptureFixture
) -> None:
    create_store(client(emulator), "store", bucket="no-such-bucket")
    for size in (10, LARGE):
        caplog.clear()
        assert put(client(emulator), bytes(size)) == 500
        (line,) = [record.getMessage() for record in caplog.records]
        assert "no-such-bucket" in line
        assert "--create-buckets" in line


@pytest.mark.proves("D70")
def test_a_key_too_long_with_its_prefix_is_a_400(emulator: Emulator) -> None:
    owner = client(emulator)
    create_store(owner, "store", prefix="p" * 100)
    for method in ("PUT", "GET"):
        answer = owner.call(method, f"/objectstore/store/{'k' * 924}", b"body")
        assert (answer.status, "at most 1024 bytes" in answer.json()["message"]) == (400, True)
    assert put(owner, b"body", "k" * 923) == 204


@pytest.mark.proves("D71")
def test_too_much_metadata_is_a_400(owner: Client) -> None:
    headers = {"mo-meta-title": "v" * 2048}
    answer = owner.call("PUT", "/objectstore/store/key", b"body", headers)
    assert (answer.status, "at most 2048 bytes" in answer.json()["message"]) == (400, True)


def test_a_start_does_not_need_s3(start: Start) -> None:
    port = free_port()
    emulator = start(s3_endpoint_url=f"http://127.0.0.1:{port}", s3_timeout=10)
    health = control(emulator, "GET", "/health").json()
    assert health["status"] == health["storage"]["status"] == "failing"
    assert f"127.0.0.1:{port} cannot be reached" in health["storage"]["cause"]
    create_store(client(emulator), "store")
    assert put(client(emulator), b"body") == 500


def test_health_is_well_when_s3_is(emulator: Emulator) -> None:
    assert control(emulator, "GET", "/health").json()["storage"] == {"engine": "s3", "status": "ok"}


def test_health_is_well_for_who_may_not_list_buckets(emulator: Emulator, bad_s3: BadS3) -> None:
    with bad_s3.fault(answers(403, "AccessDenied")):
        assert control(emulator, "GET", "/health").json()["status"] == "ok"


def test_credentials_that_s3_does_not_know_are_named_by_health(
    emulator: Emulator, bad_s3: BadS3
) -> None:
    with bad_s3.fault(answers(403, "InvalidAccessKeyId")):
        storage = control(emulator, "GET", "/health").json()["storage"]
    assert storage["status"] == "failing"
    assert "InvalidAccessKeyId" in storage["cause"]


@pytest.mark.parametrize(("timeout", "seconds"), [(TIMEOUT, 5), (2, 2)])
def test_health_is_failing_in_time_when_s3_hangs(
    start: Start, bad_s3: BadS3, loops: list[LoopTime], timeout: float, seconds: int
) -> None:
    emulator = start(s3_timeout=timeout)
    (loop,) = loops
    with bad_s3.fault(hangs, then=lambda: loop.advance(seconds)):
        storage = control(emulator, "GET", "/health").json()["storage"]
    assert f"no answer within {seconds} seconds" in storage["cause"]
