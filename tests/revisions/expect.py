"""What tests expect of answers of the later revision, said in one place."""

from __future__ import annotations

import re
import uuid

from tests.contract.expect import expect_error
from tests.contract.stores import DEFAULT_LIMITS, Configuration
from tests.support.raw_client import Response

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, PUT, DELETE, OPTIONS, HEAD",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Expose-Headers": "*",
    "Access-Control-Max-Age": "86400",
}
OPERATIONS_MESSAGE = "Request rate exceeded."
BYTES_MESSAGE = "Throughput rate exceeded."
UUID_V7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def expect_description(answer: Response, status: int, name: str, config: Configuration) -> None:
    """`answer` describes the store with everything that it was given, and limits in any case."""
    assert answer.status == status, answer
    assert answer.media_type == "application/json", answer
    limits = {**DEFAULT_LIMITS, **config.get("object_store_limits", {})}
    assert answer.json == {"name": name, **config, "object_store_limits": limits}


def expect_cors(answer: Response) -> None:
    """`answer` has each CORS header once, with the value of the page."""
    assert {name: answer.headers.all(name) for name in CORS} == {
        name: [value] for name, value in CORS.items()
    }, answer


def expect_no_cors(answer: Response) -> None:
    assert [name for name in answer.headers.names() if "access-control" in name.lower()] == []


def request_id(answer: Response) -> uuid.UUID:
    """The request id of `answer`, which has one and no more."""
    (found,) = answer.headers.all("mo-request-id")
    assert UUID_V7.fullmatch(found), answer
    return uuid.UUID(found)


def expect_operations_exceeded(answer: Response) -> None:
    expect_error(answer, 429, OPERATIONS_MESSAGE)


def expect_bytes_exceeded(answer: Response) -> None:
    expect_error(answer, 429, BYTES_MESSAGE)
