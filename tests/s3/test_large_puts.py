"""A large object reaches S3 through a staging object, which is gone once the Put is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator import Emulator
from emulator.backends.storage.s3_upload import PART_BYTES
from tests.engines.aws import keys_in_bucket
from tests.engines.bad_s3 import BadS3, answers
from tests.support.client import create_store
from tests.support.emulators import client
from tests.support.waiting import wait_until

OBJECT = "/objectstore/store/key"
LARGE = b"x" * (PART_BYTES + 1)


def test_a_large_put_leaves_no_staging_object(emulator: Emulator, boto3: Any) -> None:
    owner = client(emulator)
    create_store(owner, "store")
    assert owner.call("PUT", OBJECT, LARGE).status == 204
    wait_until(lambda: keys_in_bucket(boto3) == ["key"])
    assert owner.call("GET", OBJECT).body == LARGE


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_large_put_that_fails_leaves_nothing(
    emulator: Emulator,
    boto3: Any,
    bad_s3: BadS3,
    method: str,
    time_out: Callable[[], None],
) -> None:
    owner = client(emulator)
    create_store(owner, "store")
    with bad_s3.fault(answers(403, "AccessDenied"), method):
        assert owner.call("PUT", OBJECT, LARGE).status == 500
    wait_until(lambda: keys_in_bucket(boto3) == [])
    time_out()
