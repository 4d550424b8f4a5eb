"""What an API key of each role may do."""

from __future__ import annotations

import pytest

from tests.support.bodies import some_bytes
from tests.support.raw_client import Client

from .expect import OBJECT_NOT_FOUND, STORE_NOT_FOUND, expect_error, expect_object, expect_store
from .service import ROLES, Service
from .stores import LIST, OPERATIONS, READS, WRITES, Stores, configuration, listed

DONE = {
    "put object": 204,
    "get object": 200,
    "create or update object store": 200,
    "describe object store": 200,
    "delete object store": 200,
    "list object stores": 200,
}


@pytest.mark.proves("Roles and access: Owner")
@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_owner_may_do_everything(stores: Stores, service: Service, operation: str) -> None:
    store = stores.create().seen_by(service.client("owner"))
    assert store.put("key", b"body").status == 204
    assert OPERATIONS[operation](store).status == DONE[operation]


@pytest.mark.proves("Roles and access: Operator")
@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operator_may_do_everything_to_stores_and_objects(
    stores: Stores, service: Service, operation: str
) -> None:
    store = stores.create().seen_by(service.client("operator"))
    assert store.put("key", b"body").status == 204
    assert OPERATIONS[operation](store).status == DONE[operation]


@pytest.mark.proves("Roles and access: Owner")
@pytest.mark.proves("Roles and access: Operator")
@pytest.mark.parametrize("role", ["owner", "operator"])
def test_owners_and_operators_may_create_stores(
    stores: Stores, service: Service, role: str
) -> None:
    store, config = stores.named(), configuration()
    answer = store.seen_by(service.client(role)).configure(config)
    expect_store(answer, 201, store.name, config)


@pytest.mark.proves("D18")
@pytest.mark.proves("Roles and access: Viewer")
@pytest.mark.parametrize("operation", READS)
def test_a_viewer_may_read(stores: Stores, viewer: Client, operation: str) -> None:
    store = stores.create()
    assert store.put("key", b"body").status == 204
    assert OPERATIONS[operation](store.seen_by(viewer)).status == 200


@pytest.mark.proves("D18")
@pytest.mark.proves("Put Object: 403")
@pytest.mark.parametrize("operation", WRITES)
def test_a_viewer_may_not_write(stores: Stores, viewer: Client, operation: str) -> None:
    config = configuration()
    store = stores.create(config)
    assert store.put("key", b"old").status == 204
    expect_error(OPERATIONS[operation](store.seen_by(viewer)), 403)
    expect_store(store.describe(), 200, store.name, config)
    expect_object(store.get("key"), b"old")


@pytest.mark.proves("Create or Update Object Store: 403")
def test_a_viewer_may_not_create_a_store(stores: Stores, viewer: Client) -> None:
    store = stores.named()
    expect_error(store.seen_by(viewer).configure(configuration()), 403)
    expect_error(store.describe(), 404, STORE_NOT_FOUND)


@pytest.mark.proves("Put Object: 403")
@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("size", [0, 10, 9 * 1024 * 1024])
def test_nothing_is_stored_for_a_viewer(
    stores: Stores, viewer: Client, size: int, chunked: bool
) -> None:
    store, body = stores.create(), some_bytes(size)
    parts = (body[at : at + 50_000] for at in range(0, size, 50_000))
    expect_error(store.seen_by(viewer).put("key", parts if chunked else body), 403)
    expect_error(store.get("key"), 404, OBJECT_NOT_FOUND)


@pytest.mark.proves("Roles and access: Viewer")
def test_a_viewer_sees_what_an_owner_sees(stores: Stores, viewer: Client) -> None:
    store = stores.create(configuration(prefix="prefix"))
    store.put("key", b"body", headers=[("mo-meta-author", "Ada")])
    seen = store.seen_by(viewer)
    assert seen.describe().json == store.describe().json
    expect_object(seen.get("key"), b"body")
    assert seen.get("key").headers.all("author") == ["Ada"]
    assert store.name in listed(viewer)


@pytest.mark.proves("Roles and access: Viewer")
def test_a_viewer_is_told_what_does_not_exist(stores: Stores, viewer: Client) -> None:
    store, nowhere = stores.create().seen_by(viewer), stores.named().seen_by(viewer)
    expect_error(store.get("key"), 404, OBJECT_NOT_FOUND)
    expect_error(nowhere.get("key"), 404, STORE_NOT_FOUND)
    expect_error(nowhere.describe(), 404, STORE_NOT_FOUND)


@pytest.mark.proves("Roles and access")
@pytest.mark.parametrize("creator", ["owner", "operator"])
@pytest.mark.parametrize("reader", ROLES)
def test_stores_belong_to_the_account_and_not_to_a_key(
    stores: Stores, service: Service, creator: str, reader: str
) -> None:
    store, config = stores.named().seen_by(service.client(creator)), configuration()
    assert store.configure(config).status == 201
    assert store.put("key", b"body").status == 204
    seen = store.seen_by(service.client(reader))
    expect_store(seen.describe(), 200, store.name, config)
    expect_object(seen.get("key"), b"body")
    assert store.name in listed(seen.client)


@pytest.mark.proves("List Object Stores: 200")
@pytest.mark.parametrize("role", ROLES)
def test_every_role_may_list(service: Service, role: str) -> None:
    assert service.client(role).get(LIST).status == 200
