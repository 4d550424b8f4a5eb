"""The JSON with which an object store is made: what it has to have, and what may be left out."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from emulator.conformance.connection import Fields
from emulator.conformance.target import JSON, Store, Target

from .configurations import (
    BUCKET,
    CLUSTER,
    PREFIX,
    ROLE,
    Configuration,
    expect_configuration,
    smallest,
    with_value,
    without,
)
from .expecting import (
    expect_details,
    expect_nothing,
    expect_object,
    expect_refused,
    expect_success,
)

shows = pytest.mark.statement


def expect_made_at_last(unmade: Store, body: Configuration) -> None:
    """What was refused made no store; ``body``, in which nothing is wrong, does."""
    expect_nothing(unmade.describe())
    expect_success(unmade.configure(body))
    unmade.remove()


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param((), marks=shows("HTTP-STORE-11"), id="none"),
        pytest.param(
            (("Content-Type", "text/plain"),), marks=shows("HTTP-STORE-12"), id="text/plain"
        ),
        pytest.param(
            (("Content-Type", "application/octet-stream"),),
            marks=shows("HTTP-STORE-12"),
            id="application/octet-stream",
        ),
    ],
)
def test_a_configuration_is_sent_as_json(target: Target, unmade: Store, headers: Fields) -> None:
    body = target.store_body()
    sent = json.dumps(body).encode()
    expect_refused(target.request("PUT", unmade.path, headers=headers, body=sent))
    expect_made_at_last(unmade, body)


@shows("HTTP-STORE-13")
@pytest.mark.parametrize("body", [b"", b"storage_config", b"[]", b'{"storage_config": '])
def test_a_body_that_is_no_json_object_is_refused(
    target: Target, unmade: Store, body: bytes
) -> None:
    expect_refused(target.request("PUT", unmade.path, headers=JSON, body=body))
    expect_made_at_last(unmade, target.store_body())


@pytest.mark.parametrize(
    "member",
    [
        pytest.param("storage_config", marks=shows("HTTP-STORE-13")),
        pytest.param("storage_config.s3", marks=shows("HTTP-STORE-13")),
        pytest.param("cache_config", marks=shows("HTTP-STORE-13")),
        pytest.param(BUCKET, marks=shows("HTTP-STORE-14")),
        pytest.param(ROLE, marks=shows("HTTP-STORE-19")),
        pytest.param(CLUSTER, marks=shows("HTTP-STORE-23")),
    ],
)
def test_a_store_without_a_required_member_is_refused(
    target: Target, unmade: Store, member: str
) -> None:
    body = target.store_body()
    expect_refused(unmade.configure(without(body, member)))
    expect_made_at_last(unmade, body)


@pytest.mark.parametrize("value", [7, ["text"]], ids=["number", "array"])
@pytest.mark.parametrize(
    "member",
    [
        pytest.param(BUCKET, marks=shows("HTTP-STORE-15")),
        pytest.param(PREFIX, marks=shows("HTTP-STORE-17")),
        pytest.param(ROLE, marks=shows("HTTP-STORE-20")),
        pytest.param(CLUSTER, marks=shows("HTTP-STORE-24")),
    ],
)
def test_a_member_that_is_no_string_is_refused(
    target: Target, unmade: Store, member: str, value: object
) -> None:
    body = target.store_body()
    expect_refused(unmade.configure(with_value(body, member, value)))
    expect_made_at_last(unmade, body)


@shows("HTTP-STORE-16")
def test_the_prefix_may_be_left_out(target: Target, unmade: Store) -> None:
    expect_success(unmade.configure(without(target.store_body(), PREFIX)))
    expect_success(unmade.describe())
    unmade.remove()


@shows("HTTP-STORE-18")
def test_prefixes_keep_objects_of_one_bucket_apart(
    target: Target, key: str, new_store: Callable[..., Store]
) -> None:
    one = new_store(with_value(target.store_body(), PREFIX, f"{target.run}/{key}-1"))
    other = new_store(with_value(target.store_body(), PREFIX, f"{target.run}/{key}-2"))
    expect_success(one.put(key, b"one"))
    expect_nothing(other.get(key))
    expect_success(other.put(key, b"other"))
    expect_object(one.get(key), b"one")


@shows("HTTP-STORE-21")
@pytest.mark.parametrize("value", ["MomentoObjectStoreRole", "arn:aws:s3:::a-bucket"])
def test_a_role_that_is_not_the_arn_of_a_role_is_refused(
    target: Target, unmade: Store, value: str
) -> None:
    body = target.store_body()
    expect_refused(unmade.configure(with_value(body, ROLE, value)))
    expect_made_at_last(unmade, body)


@shows("HTTP-STORE-32")
def test_a_store_that_is_specified_wrongly_is_400(unmade: Store) -> None:
    assert unmade.configure({}).status == 400


@shows("HTTP-STORE-33")
def test_the_body_of_the_400_of_a_stores_put_says_more(unmade: Store) -> None:
    expect_details(unmade.configure({}), 400)


@shows("HTTP-EXAMPLE-05")
def test_a_store_is_made_of_bucket_role_and_cluster(target: Target, unmade: Store) -> None:
    body = smallest(target)
    answer = unmade.configure(body)
    expect_success(answer)
    expect_configuration(answer, body)
    unmade.remove()
