"""The client of most tests: a method for each operation, with keys and documents as they are meant.

For what has to be sent byte for byte there is `raw_client.py`, for one connection `connections.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from email.message import Message
from http.client import HTTPConnection
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

TIMEOUT_SECONDS = 20
"""The longest that a test waits for any one answer."""

JSON = {"Content-Type": "application/json"}
ROLE_ARN = "arn:aws:iam::123456789012:role/MomentoObjectStoreRole"


class Answer(NamedTuple):
    """What the service answered."""

    status: int
    headers: Message
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        """The header ``name``, read as UTF-8 (D31)."""
        value = self.headers[name]
        return None if value is None else str(value).encode("latin-1").decode()


class Client:
    """Calls the service at ``endpoint`` with one API key, or with none."""

    def __init__(self, endpoint: str, api_key: str | None = None) -> None:
        self.endpoint = endpoint
        self.api_key = api_key

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.endpoint)
        assert parts.hostname is not None
        assert parts.port is not None
        return parts.hostname, parts.port

    def connect(self) -> HTTPConnection:
        """A connection that is kept open; the caller closes it."""
        host, port = self.address
        return HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)

    def call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str | bytes] | None = None,
        *,
        over: HTTPConnection | None = None,
    ) -> Answer:
        """Send one request, over a connection of its own unless there is one to use."""
        if over is None:
            with closing(self.connect()) as connection:
                return self.call(method, path, body, headers, over=connection)
        own: Mapping[str, str | bytes] = (
            {} if self.api_key is None else {"Authorization": self.api_key}
        )
        over.request(method, path, body, {**own, **(headers or {})})
        response = over.getresponse()
        return Answer(response.status, response.msg, response.read())

    def list_stores(self, *, over: HTTPConnection | None = None) -> Answer:
        return self.call("GET", "/objectstore", over=over)

    def store_names(self) -> list[str]:
        answer = self.list_stores()
        assert answer.status == 200, answer
        return [store["name"] for store in answer.json()["object_stores"]]

    def create_store(self, store: str, *, over: HTTPConnection | None = None) -> Answer:
        """Create ``store`` over a bucket and a Valkey cluster of its own."""
        return self.call(
            "PUT",
            f"/objectstore/{store}",
            json.dumps(store_configuration(store)).encode(),
            JSON,
            over=over,
        )

    def describe_store(self, store: str) -> Answer:
        return self.call("GET", f"/objectstore/{store}")

    def put(
        self,
        store: str,
        key: str,
        body: bytes,
        *,
        ttl_seconds: int | None = None,
        metadata: Mapping[str, str] | None = None,
        over: HTTPConnection | None = None,
    ) -> Answer:
        query = "" if ttl_seconds is None else f"?ttl_seconds={ttl_seconds}"
        headers = {f"mo-meta-{name}": value for name, value in (metadata or {}).items()}
        return self.call("PUT", object_path(store, key) + query, body, headers, over=over)

    def get(self, store: str, key: str, *, over: HTTPConnection | None = None) -> Answer:
        return self.call("GET", object_path(store, key), over=over)


def store_configuration(
    store: str,
    *,
    bucket: str | None = None,
    prefix: str = "",
    cluster: str | None = None,
    role_arn: str = ROLE_ARN,
) -> dict[str, Any]:
    """A store's configuration; where none is named, over a bucket and a cluster of its own."""
    s3 = {"bucket_name": bucket or f"bucket-of-{store}", "iam_role_arn": role_arn}
    if prefix:
        s3["prefix"] = prefix
    return {
        "storage_config": {"s3": s3},
        "cache_config": {"valkey_cluster": {"cluster_name": cluster or f"cluster-of-{store}"}},
    }


def put_configuration(owner: Client, store: str, configuration: object) -> Answer:
    """Create or update a store."""
    body = json.dumps(configuration).encode()
    answer = owner.call("PUT", f"/objectstore/{store}", body, JSON)
    assert answer.status in (200, 201), answer
    return answer


def create_store(
    owner: Client,
    store: str,
    *,
    bucket: str = "bucket",
    prefix: str = "",
    cluster: str = "cluster",
    role_arn: str = ROLE_ARN,
) -> None:
    """Create a store over a bucket and a cluster that it may share with others."""
    location = {"bucket": bucket, "prefix": prefix, "cluster": cluster, "role_arn": role_arn}
    put_configuration(owner, store, store_configuration(store, **location))


def object_path(store: str, key: str) -> str:
    return f"/objectstore/{store}/{quote(key, safe='')}"
