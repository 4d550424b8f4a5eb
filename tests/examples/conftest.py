"""The client of the examples: the service's HTTP API, called with the standard library alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import closing
from email.message import Message
from http.client import HTTPConnection
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

import pytest

TIMEOUT_SECONDS = 10


class Answer(NamedTuple):
    """What the service answered."""

    status: int
    headers: Message
    body: bytes

    def header(self, name: str) -> str | None:
        """The header ``name``, read as UTF-8 (D31)."""
        value = self.headers[name]
        return None if value is None else value.encode("latin-1").decode()

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Calls the service at ``endpoint`` with one API key."""

    def __init__(self, endpoint: str, api_key: str) -> None:
        self._address = urlsplit(endpoint).netloc
        self._api_key = api_key

    def list_stores(self) -> Answer:
        return self._call("GET", "/objectstore")

    def describe_store(self, store: str) -> Answer:
        return self._call("GET", f"/objectstore/{store}")

    def create_store(self, store: str) -> Answer:
        """Create ``store`` over a bucket and a Valkey cluster of its own."""
        role = "arn:aws:iam::123456789012:role/MomentoObjectStoreRole"
        configuration = {
            "storage_config": {"s3": {"bucket_name": f"bucket-of-{store}", "iam_role_arn": role}},
            "cache_config": {"valkey_cluster": {"cluster_name": f"cluster-of-{store}"}},
        }
        return self._call(
            "PUT",
            f"/objectstore/{store}",
            json.dumps(configuration).encode(),
            {"Content-Type": "application/json"},
        )

    def put_object(
        self,
        store: str,
        key: str,
        body: bytes,
        metadata: Mapping[str, str] | None = None,
        ttl_seconds: int | None = None,
    ) -> Answer:
        headers = {f"mo-meta-{name}": value for name, value in (metadata or {}).items()}
        headers["Content-Type"] = "application/octet-stream"
        query = "" if ttl_seconds is None else f"?ttl_seconds={ttl_seconds}"
        return self._call("PUT", f"/objectstore/{store}/{quote(key)}{query}", body, headers)

    def get_object(self, store: str, key: str) -> Answer:
        return self._call("GET", f"/objectstore/{store}/{quote(key)}")

    def _call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        with closing(HTTPConnection(self._address, timeout=TIMEOUT_SECONDS)) as connection:
            connection.request(
                method, path, body, {**(headers or {}), "Authorization": self._api_key}
            )
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())


@pytest.fixture(scope="session")
def client() -> type[Client]:
    """Makes a client from an endpoint and an API key."""
    return Client
