"""Clients of an emulator: of its service, with a key, and of its control doors, without."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from emulator import Emulator
from tests.contract import client as raw
from tests.process.client import ROLE_ARN, TIMEOUT_SECONDS, Answer, Client

JSON = {"Content-Type": "application/json"}
EVERYTHING = {
    "rules": [{"type": "store", "permissions": ["read", "write"], "stores": "*", "items": "*"}]
}


def client(emulator: Emulator, role: str = "owner") -> Client:
    """A client with the first key of a role."""
    return Client(emulator.endpoint, emulator.api_key(role))


def wire(emulator: Emulator, role: str = "owner") -> raw.Wire:
    """A connection on which every byte is ours; it has the first key of a role."""
    return raw.Client(emulator.endpoint, emulator.api_key(role)).wire()


def control(
    emulator: Emulator,
    method: str,
    path: str,
    document: object = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Ask at a control door, with `document` as JSON where there is one."""
    body = None if document is None else json.dumps(document).encode()
    return Client(emulator.endpoint).call(method, f"/_emulator{path}", body, headers)


def create_store(
    owner: Client,
    name: str,
    *,
    bucket: str = "bucket",
    prefix: str = "",
    cluster: str = "cluster",
) -> None:
    """Create a store over a bucket and cluster that it may share with others."""
    s3 = {"bucket_name": bucket, "prefix": prefix, "iam_role_arn": ROLE_ARN}
    configuration = {
        "storage_config": {"s3": s3},
        "cache_config": {"valkey_cluster": {"cluster_name": cluster}},
    }
    body = json.dumps(configuration).encode()
    answer = owner.call("PUT", f"/objectstore/{name}", body, JSON)
    assert answer.status in (200, 201), answer


def post(who: Client, path: str, document: object) -> Any:
    """What a POST of a JSON document is answered with, which is a success."""
    answer = who.call("POST", path, json.dumps(document).encode(), JSON)
    assert answer.status == 200, answer
    return answer.json()


def until(condition: Callable[[], object]) -> None:
    """Ask again and again; fail where the answer is no for longer than any test may wait."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "this never came true"
