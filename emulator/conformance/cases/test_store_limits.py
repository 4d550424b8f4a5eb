"""Limits of a store: their defaults, and what is answered above them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator.conformance.answer import Answer
from emulator.conformance.target import Store, Target

NewStore = Callable[..., Store]

DEFAULTS = {
    "read_operations_per_second": 100,
    "write_operations_per_second": 100,
    "read_bytes_per_second": 1048576,
    "write_bytes_per_second": 1048576,
}
OPERATIONS = {"message": "Request rate exceeded."}
BYTES = {"message": "Throughput rate exceeded."}

TRIES = 20
"""So many requests in a row are more than a limit of one a second allows."""


def configuration(target: Target, limits: dict[str, int] | None = None) -> dict[str, Any]:
    """The configuration of a store with these limits, or without a word about limits."""
    body = target.store_body()
    body.pop("object_store_limits", None)
    return body if limits is None else {**body, "object_store_limits": limits}


def first_refusal(send: Callable[[], Answer]) -> Answer:
    """Send until an answer is 429, and return that."""
    for _ in range(TRIES):
        answer = send()
        if answer.status == 429:
            return answer
    raise AssertionError(f"none of {TRIES} requests in a row is refused")


@pytest.fixture
def send(target: Target) -> Callable[..., Answer]:
    """Sends a request once, whatever its answer."""
    if 0 < target.options.rate < 2:
        pytest.skip("It needs a --rate of 2 or more.")

    def once(method: str, path: str, body: bytes | None = None) -> Answer:
        return target.request(method, path, body=body, retry=False)

    return once


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(
            ("read_operations_per_second", "write_operations_per_second"),
            marks=pytest.mark.statement("OS12-CONFIG-10", "OS12-CONFIG-13", "OS12-CONFIG-31"),
            id="operations",
        ),
        pytest.param(
            ("read_bytes_per_second", "write_bytes_per_second"),
            marks=pytest.mark.statement("OS12-CONFIG-11", "OS12-CONFIG-13", "OS12-CONFIG-31"),
            id="bytes",
        ),
    ],
)
def test_a_store_without_limits_has_the_defaults(
    target: Target, new_store: NewStore, names: tuple[str, ...]
) -> None:
    limits = new_store(configuration(target)).describe().json()["object_store_limits"]
    assert {name: limits[name] for name in names} == {name: DEFAULTS[name] for name in names}


@pytest.mark.statement("OS12-CONFIG-12", "OS12-CONFIG-13")
@pytest.mark.parametrize("left_out", DEFAULTS)
def test_any_limit_may_be_left_out(target: Target, new_store: NewStore, left_out: str) -> None:
    given = {name: 500 for name in DEFAULTS if name != left_out}
    store = new_store(configuration(target, given))
    expected = {**given, left_out: DEFAULTS[left_out]}
    assert store.describe().json()["object_store_limits"] == expected


@pytest.mark.statement("OS12-CONFIG-34")
def test_limits_are_returned_as_configured(target: Target, new_store: NewStore) -> None:
    given = {name: 500 + number for number, name in enumerate(DEFAULTS)}
    store = new_store(configuration(target, given))
    assert store.describe().json()["object_store_limits"] == given


@pytest.mark.statement("OS12-CONFIG-21")
def test_limits_can_change(target: Target, new_store: NewStore) -> None:
    body = configuration(target, dict.fromkeys(DEFAULTS, 500))
    store = new_store(body)
    changed = dict.fromkeys(DEFAULTS, 600)
    assert store.configure({**body, "object_store_limits": changed}).status == 200
    assert store.describe().json()["object_store_limits"] == changed


@pytest.mark.statement("OS12-PUT-18")
def test_too_many_puts_answer_429(
    target: Target, new_store: NewStore, key: str, send: Callable[..., Answer]
) -> None:
    store = new_store(configuration(target, {"write_operations_per_second": 1}))
    refused = first_refusal(lambda: send("PUT", store.path_of(key), b"body"))
    assert refused.json() == OPERATIONS


@pytest.mark.statement("OS12-PUT-19")
def test_too_many_bytes_of_puts_answer_429(
    target: Target, new_store: NewStore, key: str, send: Callable[..., Answer]
) -> None:
    store = new_store(configuration(target, {"write_bytes_per_second": 1}))
    refused = first_refusal(lambda: send("PUT", store.path_of(key), b"body" * 100))
    assert refused.json() == BYTES


@pytest.mark.statement("OS12-GET-09")
def test_too_many_gets_answer_429(
    target: Target, new_store: NewStore, key: str, send: Callable[..., Answer]
) -> None:
    store = new_store(configuration(target, {"read_operations_per_second": 1}))
    refused = first_refusal(lambda: send("GET", store.path_of(key)))
    assert refused.json() == OPERATIONS


@pytest.mark.statement("OS12-GET-10")
def test_too_many_bytes_of_gets_answer_429(
    target: Target, new_store: NewStore, key: str, send: Callable[..., Answer]
) -> None:
    store = new_store(configuration(target, {"read_bytes_per_second": 1}))
    assert store.put(key, b"body" * 100).status == 204
    refused = first_refusal(lambda: send("GET", store.path_of(key)))
    assert refused.json() == BYTES


@pytest.mark.statement("OS12-DELETE-08")
def test_too_many_deletes_answer_429(
    target: Target, new_store: NewStore, key: str, send: Callable[..., Answer]
) -> None:
    limits = dict.fromkeys(("read_operations_per_second", "write_operations_per_second"), 1)
    store = new_store(configuration(target, limits))
    refused = first_refusal(lambda: send("DELETE", store.path_of(key)))
    assert refused.json() == OPERATIONS


@pytest.mark.statement("OS12-DELETE-09")
def test_a_delete_is_answered_above_the_limit_of_bytes(
    target: Target, new_store: NewStore, key: str, send: Callable[..., Answer]
) -> None:
    store = new_store(configuration(target, {"write_bytes_per_second": 1}))
    first_refusal(lambda: send("PUT", store.path_of(key), b"body" * 100))
    assert send("DELETE", store.path_of(key)).status == 204
