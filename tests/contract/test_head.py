"""HEAD: the answer to GET without its body (D17)."""

from __future__ import annotations

import pytest

from tests.support.bodies import some_bytes
from tests.support.raw_client import Client, Fields, Response

from .expect import expect_object
from .stores import IS_LATER, LIST, Store, Stores, configuration

pytestmark = pytest.mark.proves("D17")

OF_EACH_ANSWER = {"date", "mo-request-id"} if IS_LATER else {"date"}
"""The headers that two answers to one question need not share; the first revision has no ids."""


def told(answer: Response) -> tuple[int, list[tuple[str, str]]]:
    """What an answer says before its body, but for what each answer has of its own."""
    fields = [(name.lower(), value) for name, value in answer.headers.fields]
    return answer.status, sorted(field for field in fields if field[0] not in OF_EACH_ANSWER)


def expect_as_get(client: Client, path: str) -> Response:
    head, get = client.head(path), client.get(path)
    assert told(head) == told(get)
    assert head.headers.get("Content-Length") == str(len(get.body))
    assert head.body == b""
    return head


@pytest.mark.parametrize("size", [0, 1, 1000, 9 * 1024 * 1024])
def test_head_of_an_object_is_get_without_the_body(store: Store, size: int) -> None:
    headers: Fields = [
        ("mo-meta-content-type", "image/png"),
        ("mo-meta-author", "Åsa".encode()),
    ]
    store.put("key", some_bytes(size), headers=headers)
    head = expect_as_get(store.client, store.path_of("key"))
    assert head.status == 200
    assert head.headers.get("Content-Length") == str(size)
    assert head.headers.get("Content-Type") == "image/png"
    assert head.headers.octets("author") == "Åsa".encode()


def test_head_of_a_key_without_an_object_is_404(store: Store) -> None:
    assert expect_as_get(store.client, store.path_of("key")).status == 404


def test_head_of_an_object_in_a_store_that_does_not_exist_is_404(stores: Stores) -> None:
    nowhere = stores.named()
    assert expect_as_get(nowhere.client, nowhere.path_of("key")).status == 404


@pytest.mark.parametrize(
    "key", ["", "%00", "%FF", "%zz", pytest.param("a" * 1025, id="1025-bytes")]
)
def test_head_of_a_malformed_key_is_400(store: Store, key: str) -> None:
    assert expect_as_get(store.client, store.path_of(key)).status == 400


def test_head_of_a_store_is_get_without_the_body(stores: Stores) -> None:
    store = stores.create(configuration(prefix="some/prefix"))
    assert expect_as_get(store.client, store.path).status == 200


def test_head_of_a_store_that_does_not_exist_is_404(stores: Stores) -> None:
    nowhere = stores.named()
    assert expect_as_get(nowhere.client, nowhere.path).status == 404


def test_head_of_a_store_name_that_cannot_be_is_400(owner: Client) -> None:
    assert expect_as_get(owner, f"{LIST}/no%20name").status == 400


@pytest.mark.usefixtures("store")
def test_head_of_the_list_is_get_without_the_body(owner: Client) -> None:
    assert expect_as_get(owner, LIST).status == 200


def test_head_of_an_unknown_path_is_404(owner: Client) -> None:
    assert expect_as_get(owner, "/no/such/path").status == 404


def test_head_without_a_valid_key_is_401(store: Store) -> None:
    stranger = store.client.with_key("unknown")
    store.put("key", b"body")
    for path in (store.path_of("key"), store.path, LIST):
        assert expect_as_get(stranger, path).status == 401


def test_a_viewer_may_head_what_it_may_get(store: Store, viewer: Client) -> None:
    store.put("key", b"body")
    for path in (store.path_of("key"), store.path, LIST):
        assert expect_as_get(viewer, path).status == 200


def test_nothing_follows_the_answer_to_a_head_on_its_connection(store: Store) -> None:
    store.put("key", b"body")
    missing = store.path_of("missing")
    with store.client.wire() as wire:
        for path in (store.path_of("key"), missing, store.path, LIST):
            head, get = wire.request("HEAD", path), wire.request("GET", path)
            assert told(head) == told(get)
        expect_object(wire.request("GET", store.path_of("key")), b"body")


def test_head_changes_nothing(store: Store) -> None:
    store.put("key", b"body")
    described = store.describe().json
    for path in (store.path_of("key"), store.path):
        store.client.head(path)
    expect_object(store.get("key"), b"body")
    assert store.describe().json == described
