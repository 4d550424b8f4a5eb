"""The object stores that tests make: names, configurations, and what can be done with one."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.client import ROLE_ARN
from tests.support.raw_client import Client, Fields, Response

LIST = "/objectstore"
CLUSTER = "my-valkey-cluster"
"""That of the documents' examples, which exists in every revision."""
JSON = (("Content-Type", "application/json"),)

CACHE_LIMIT = 8 * 1024 * 1024
"""The largest body, in bytes, that is cached (D20)."""

TOO_LARGE = 5 * 1024**3 + 1
"""The smallest body, in bytes, that is refused (D22)."""

Configuration = dict[str, Any]

REVISION = "MOMENTO_CONTRACT_REVISION"
FIRST_REVISION = "2026-02-05"
DEFAULT_LIMITS = {
    "read_operations_per_second": 100,
    "write_operations_per_second": 100,
    "read_bytes_per_second": 1048576,
    "write_bytes_per_second": 1048576,
}
IS_LATER = (os.environ.get(REVISION) or FIRST_REVISION) > FIRST_REVISION
"""Whether the service under test was said to be of a later revision than the first."""
NOT_ASKED_FOR: Configuration = {"object_store_limits": DEFAULT_LIMITS} if IS_LATER else {}
"""What the description of every store has in the revision under test, with its defaults."""

DELETED, DELETED_LATER = (200, 404), (204, 404)
"""The answers to the deletion of a store after which it is not there: of the first revision, and
of a later one."""


def unique_name(start: str = "contract") -> str:
    return f"{start}-{uuid.uuid4().hex}"


def configuration(
    *,
    bucket: str | None = None,
    prefix: str | None = None,
    role: str = ROLE_ARN,
    cluster: str = CLUSTER,
) -> Configuration:
    """A configuration as a store's PUT takes it; without `bucket`, over a bucket of its own.

    Objects outlive their store (D15), so tests that shared a bucket would see each other's.
    """
    s3 = {"bucket_name": bucket or unique_name(), "iam_role_arn": role}
    if prefix is not None:
        s3["prefix"] = prefix
    return {
        "storage_config": {"s3": s3},
        "cache_config": {"valkey_cluster": {"cluster_name": cluster}},
    }


@dataclass(frozen=True)
class Store:
    """One object store, through the eyes of one client. Keys are raw: already percent-encoded."""

    client: Client
    name: str

    @property
    def path(self) -> str:
        return f"{LIST}/{self.name}"

    def path_of(self, key: str, query: str = "") -> str:
        return f"{self.path}/{key}" + (f"?{query}" if query else "")

    def seen_by(self, client: Client) -> Store:
        return Store(client, self.name)

    def configure(self, config: object) -> Response:
        """Create or update the store."""
        return self.client.put(self.path, json.dumps(config).encode(), headers=JSON)

    def describe(self) -> Response:
        return self.client.get(self.path)

    def delete(self) -> Response:
        return self.client.delete(self.path)

    def put(
        self,
        key: str,
        body: bytes | Iterable[bytes] | None = b"",
        *,
        query: str = "",
        headers: Fields = (),
    ) -> Response:
        return self.client.put(self.path_of(key, query), body, headers=headers)

    def get(self, key: str, *, headers: Fields = ()) -> Response:
        return self.client.get(self.path_of(key), headers=headers)

    def remove(self, key: str, *, headers: Fields = ()) -> Response:
        """Delete an object."""
        return self.client.request("DELETE", self.path_of(key), headers=headers)

    def head(self, key: str, *, headers: Fields = ()) -> Response:
        return self.client.head(self.path_of(key), headers=headers)


class Stores:
    """The stores of one test: gives names and, at the end, deletes what was made of them.

    `later` says that `client` speaks to a service of a later revision than the first.
    """

    def __init__(self, client: Client, *, later: bool = IS_LATER) -> None:
        self._client = client
        self._deleted = DELETED_LATER if later else DELETED
        self._given: list[Store] = []

    def named(self, name: str | None = None) -> Store:
        """A store that does not exist yet."""
        store = Store(self._client, name or unique_name())
        self._given.append(store)
        return store

    def create(self, config: Configuration | None = None, *, name: str | None = None) -> Store:
        """A store that exists."""
        store = self.named(name)
        answer = store.configure(config or configuration())
        assert answer.status == 201, f"a new store answered with {answer}"
        return store

    def delete_all(self) -> None:
        for store in self._given:
            answer = store.delete()
            assert answer.status in self._deleted, f"{store.name} was not deleted: {answer}"


def listed(client: Client) -> list[str]:
    """The names of all stores, in the order of the service."""
    return [entry["name"] for entry in client.get(LIST).json["object_stores"]]


OPERATIONS: Mapping[str, Callable[[Store], Response]] = {
    "put object": lambda store: store.put("key", b"new"),
    "get object": lambda store: store.get("key"),
    "create or update object store": lambda store: store.configure(configuration()),
    "describe object store": lambda store: store.describe(),
    "delete object store": lambda store: store.delete(),
    "list object stores": lambda store: store.client.get(LIST),
}
"""The six operations of revision 2026-02-05, each on a store and the object `key` in it."""

READS = ("get object", "describe object store", "list object stores")
WRITES = ("put object", "create or update object store", "delete object store")
