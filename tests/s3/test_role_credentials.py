"""The credentials of an assumed role: renewed in time, and used to their end where STS fails."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from aiohttp import web

from emulator import Emulator
from tests.engines.bad_s3 import BadS3, Forward, S3Fault, answers, hangs
from tests.support.client import Client
from tests.support.emulators import Start
from tests.support.waiting import wait_until


@pytest.fixture
def emulator(start: Start) -> Emulator:
    return start(assume_role=True)


def expiring_in(**time: Any) -> S3Fault:
    """Have credentials of STS expire at another time than it says."""
    until = (datetime.now(timezone.utc) + timedelta(**time)).strftime("%Y-%m-%dT%H:%M:%SZ")

    async def fault(_request: web.BaseRequest, forward: Forward) -> web.StreamResponse:
        answer = await forward()
        assert isinstance(answer.body, bytes)
        text = re.sub(r"<Expiration>[^<]*", f"<Expiration>{until}", answer.body.decode())
        assert until in text
        return web.Response(status=answer.status, text=text, content_type="text/xml")

    return fault


def assumptions(bad_s3: BadS3) -> int:
    return sum(1 for asked in bad_s3.asked if asked.form.get("Action") == "AssumeRole")


def put(owner: Client, times: int = 1) -> list[int]:
    return [owner.call("PUT", "/objectstore/store/key", b"body").status for _ in range(times)]


def test_credentials_are_kept_while_they_last(owner: Client, bad_s3: BadS3) -> None:
    with bad_s3.fault(expiring_in(minutes=6), "POST"):
        assert put(owner, 3) == [204] * 3
        assert assumptions(bad_s3) == 1


def test_credentials_are_renewed_before_they_expire(owner: Client, bad_s3: BadS3) -> None:
    with bad_s3.fault(expiring_in(minutes=4), "POST"):
        assert put(owner) == [204]
        assert assumptions(bad_s3) == 1
        assert put(owner) == [204]
        wait_until(lambda: assumptions(bad_s3) == 2)


def test_nobody_waits_for_an_sts_that_hangs_while_credentials_are_valid(
    owner: Client, bad_s3: BadS3
) -> None:
    with bad_s3.fault(expiring_in(minutes=4), "POST"):
        assert put(owner) == [204]
    with bad_s3.fault(hangs, "POST"):
        assert put(owner, 5) == [204] * 5  # To wait for it once is to be late for a client.
        wait_until(lambda: bad_s3.kept_waiting == 1)
        assert assumptions(bad_s3) == 1


def test_an_sts_that_hangs_when_credentials_have_expired_is_a_500(
    owner: Client, bad_s3: BadS3, time_out: Callable[[], None]
) -> None:
    with bad_s3.fault(expiring_in(minutes=-1), "POST"):
        assert put(owner) == [204]
    with bad_s3.fault(hangs, "POST", then=time_out):
        assert put(owner) == [500]
    assert put(owner) == [204]


def test_credentials_are_used_to_their_end_where_they_cannot_be_renewed(
    owner: Client, bad_s3: BadS3
) -> None:
    with bad_s3.fault(expiring_in(minutes=4), "POST"):
        assert put(owner) == [204]
    with bad_s3.fault(answers(403, "AccessDenied"), "POST"):
        assert put(owner) == [204]


def test_credentials_are_not_used_beyond_their_end(owner: Client, bad_s3: BadS3) -> None:
    with bad_s3.fault(expiring_in(minutes=-1), "POST"):
        assert put(owner) == [204]
    with bad_s3.fault(answers(403, "AccessDenied"), "POST"):
        assert put(owner) == [500]
