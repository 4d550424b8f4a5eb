"""The suite against an S3, which is clearly not the service: a low score, nothing left there."""

from __future__ import annotations

from urllib.request import Request, urlopen
from xml.etree import ElementTree

import pytest

from emulator.conformance.command import run_cases
from emulator.conformance.plugin import COMPLETE, Given
from emulator.conformance.run import Run
from tests.engines.s3 import Moto

from .own import NoTime, options

BUCKET = "objectstore"
"""A bucket of the name that the paths of stores begin with: so their Puts succeed, as objects."""

KEY = "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/s3/aws4_request, Signature=none"
"""What moto takes for a credential, and does not check."""


def call(moto: Moto, method: str, path: str) -> bytes:
    with urlopen(Request(f"{moto.url}{path}", method=method)) as answer:
        return bytes(answer.read())


@pytest.mark.slow(seconds=20)
def test_an_s3_has_a_low_score_and_keeps_nothing(moto: Moto) -> None:
    call(moto, "POST", "/moto-api/reset")
    call(moto, "PUT", f"/{BUCKET}")
    run = Run(options(moto.url, KEY), clock=NoTime())
    assert run_cases(Given(run)) in COMPLETE
    score = run.report(complete=True)["score"]
    assert score["failed"] > 200
    assert score["percent"] < 25
    assert run.left == []
    keys = ElementTree.fromstring(call(moto, "GET", f"/{BUCKET}")).iter("{*}Key")
    assert [key.text for key in keys] == []
