"""Requests with two faults or more: which one is told (D01).

The order is: the credential, a malformed path or store name, the permission, the store, and last
the parameters and the body.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass

import pytest

from tests.support.raw_client import Client, Fields, Response

from .expect import OBJECT_NOT_FOUND, STORE_NOT_FOUND, expect_error, expect_object, expect_store
from .service import Service
from .stores import JSON, LIST, TOO_LARGE, Stores, configuration

pytestmark = pytest.mark.proves("D01")


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a request."""

    name: str
    step: int
    status: int

    def __str__(self) -> str:
        return self.name


CREDENTIAL = Fault("credential", 1, 401)
NAME = Fault("store name", 2, 400)
KEY = Fault("object key", 2, 400)
ROLE = Fault("role", 3, 403)
STORE = Fault("no such store", 4, 404)
TTL = Fault("ttl_seconds", 5, 400)
METADATA = Fault("metadata", 5, 400)
LENGTH = Fault("length", 5, 400)
CONTENT_TYPE = Fault("content type", 5, 400)
CONFIGURATION = Fault("configuration", 5, 400)

EXCLUSIVE = [{CREDENTIAL, ROLE}, {NAME, STORE}]
"""A request has one key and one store name, so it cannot have both of these faults."""


def pairs(*faults: Fault) -> list[tuple[Fault, Fault]]:
    """Every two of `faults` that can meet in a request and are told apart by their step."""
    return [
        (one, other)
        for one, other in itertools.combinations(faults, 2)
        if one.step < other.step and {one, other} not in EXCLUSIVE
    ]


def client_with(service: Service, faults: set[Fault]) -> Client:
    if CREDENTIAL in faults:
        return service.client("owner").with_key("unknown")
    return service.client("viewer" if ROLE in faults else "owner")


def path_with(stores: Stores, present: str, faults: set[Fault]) -> str:
    if NAME in faults:
        return f"{LIST}/no%20name"
    return stores.named().path if STORE in faults else present


def expect_first(answer: Response, first: Fault, second: Fault) -> None:
    """`answer` tells of `first` and not of `second`."""
    assert first.step < second.step
    expect_error(answer, first.status, STORE_NOT_FOUND if first is STORE else None)
    if second is TTL:
        assert "ttl_seconds" not in answer.message
    if second is STORE:
        assert answer.message != STORE_NOT_FOUND


@pytest.mark.parametrize(
    ("first", "second"), pairs(CREDENTIAL, NAME, KEY, ROLE, STORE, TTL, METADATA, LENGTH), ids=str
)
def test_of_two_faults_put_object_tells_the_first(
    stores: Stores, service: Service, first: Fault, second: Fault
) -> None:
    faults = {first, second}
    store = stores.create()
    assert store.put("key", b"old").status == 204
    headers: list[tuple[str, str | bytes]] = []
    if METADATA in faults:
        headers.append(("mo-meta-bad", b"\xff"))
    if LENGTH in faults:
        headers.append(("Content-Length", str(TOO_LARGE)))
    path = path_with(stores, store.path, faults) + ("/%FF" if KEY in faults else "/key")
    answer = client_with(service, faults).put(
        path + ("?ttl_seconds=0" if TTL in faults else ""),
        None if LENGTH in faults else b"new",
        headers=headers,
    )
    expect_first(answer, first, second)
    expect_object(store.get("key"), b"old")


@pytest.mark.parametrize(("first", "second"), pairs(CREDENTIAL, NAME, KEY, STORE), ids=str)
def test_of_two_faults_get_object_tells_the_first(
    stores: Stores, service: Service, first: Fault, second: Fault
) -> None:
    faults = {first, second}
    path = path_with(stores, stores.create().path, faults)
    answer = client_with(service, faults).get(path + ("/%FF" if KEY in faults else "/key"))
    expect_first(answer, first, second)


@pytest.mark.parametrize(
    ("first", "second"), pairs(CREDENTIAL, NAME, ROLE, CONTENT_TYPE, CONFIGURATION), ids=str
)
@pytest.mark.parametrize("new", [True, False], ids=["create", "update"])
def test_of_two_faults_create_or_update_tells_the_first(
    stores: Stores, service: Service, first: Fault, second: Fault, new: bool
) -> None:
    faults = {first, second}
    config = configuration()
    store = stores.named() if new else stores.create(config)
    body = b"{}" if CONFIGURATION in faults else json.dumps(configuration()).encode()
    headers: Fields = [("Content-Type", "text/plain")] if CONTENT_TYPE in faults else JSON
    path = path_with(stores, store.path, faults)
    answer = client_with(service, faults).put(path, body, headers=headers)
    expect_first(answer, first, second)
    if new:
        expect_error(store.describe(), 404, STORE_NOT_FOUND)
    else:
        expect_store(store.describe(), 200, store.name, config)


@pytest.mark.parametrize(("first", "second"), pairs(CREDENTIAL, NAME, ROLE, STORE), ids=str)
def test_of_two_faults_delete_tells_the_first(
    stores: Stores, service: Service, first: Fault, second: Fault
) -> None:
    faults = {first, second}
    store = stores.create()
    answer = client_with(service, faults).delete(path_with(stores, store.path, faults))
    expect_first(answer, first, second)
    assert store.describe().status == 200


@pytest.mark.parametrize(("first", "second"), pairs(CREDENTIAL, NAME, STORE), ids=str)
def test_of_two_faults_describe_tells_the_first(
    stores: Stores, service: Service, first: Fault, second: Fault
) -> None:
    faults = {first, second}
    path = path_with(stores, stores.create().path, faults)
    expect_first(client_with(service, faults).get(path), first, second)


def test_a_request_with_every_fault_sheds_them_in_order(stores: Stores, service: Service) -> None:
    store, nowhere = stores.create(), stores.named()
    owner, viewer = service.client("owner"), service.client("viewer")
    bad: Fields = [("mo-meta-bad", b"\xff")]
    ttl = "?ttl_seconds=0"

    everything = owner.with_key("unknown").put(f"{LIST}/no%20name/%FF{ttl}", b"", headers=bad)
    expect_error(everything, 401)
    malformed = viewer.put(f"{nowhere.path}/%FF{ttl}", b"", headers=bad)
    expect_error(malformed, 400)
    assert "ttl_seconds" not in malformed.message
    expect_error(viewer.put(f"{nowhere.path}/key{ttl}", b"", headers=bad), 403)
    expect_error(owner.put(f"{nowhere.path}/key{ttl}", b"", headers=bad), 404, STORE_NOT_FOUND)
    expect_error(owner.put(f"{store.path}/key{ttl}", b"", headers=bad), 400)
    expect_error(store.get("key"), 404, OBJECT_NOT_FOUND)
