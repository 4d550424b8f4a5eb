"""The API key in Authorization: every operation needs one that is valid and has not expired."""

from __future__ import annotations

import pytest

from emulator.conformance.target import Target

from .expecting import expect_details, expect_refused, expect_success
from .operations import (
    Operation,
    configure_store,
    delete_store,
    describe_store,
    get_object,
    list_stores,
    put_object,
)

shows = pytest.mark.statement


@shows("HTTP-AUTH-01")
def test_an_api_key_of_the_account_is_accepted(target: Target) -> None:
    key = target.new_key(target.role_id("viewer"))["api_key"]
    expect_success(target.request("GET", "/objectstore", key=key))


@shows("HTTP-AUTH-03")
def test_an_api_key_is_refused_once_it_has_expired(target: Target, expired_key: str) -> None:
    expect_refused(target.request("GET", "/objectstore", key=expired_key))


@shows("HTTP-AUTH-04")
@pytest.mark.parametrize("header", ["X-Api-Key", "Cookie", "Proxy-Authorization"])
def test_an_api_key_in_another_header_is_not_taken(target: Target, header: str) -> None:
    headers = [(header, target.owner)]
    expect_refused(target.request("GET", "/objectstore", headers=headers, key=None))
    expect_success(target.request("GET", "/objectstore", key=target.owner))


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(put_object, marks=shows("HTTP-PUT-14")),
        pytest.param(get_object, marks=shows("HTTP-GET-08")),
        pytest.param(configure_store, marks=shows("HTTP-STORE-09")),
        pytest.param(describe_store, marks=shows("HTTP-DESCRIBE-05")),
        pytest.param(delete_store, marks=shows("HTTP-DELETE-05")),
        pytest.param(list_stores, marks=shows("HTTP-LIST-03")),
    ],
)
def test_a_request_without_authorization_is_refused(target: Target, operation: Operation) -> None:
    expect_refused(operation(target, None))
    expect_success(operation(target, target.owner))


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(put_object, marks=shows("HTTP-PUT-47")),
        pytest.param(get_object, marks=shows("HTTP-GET-17")),
        pytest.param(configure_store, marks=shows("HTTP-STORE-34")),
        pytest.param(describe_store, marks=shows("HTTP-DESCRIBE-11")),
        pytest.param(delete_store, marks=shows("HTTP-DELETE-08")),
        pytest.param(list_stores, marks=shows("HTTP-LIST-07")),
    ],
)
def test_an_invalid_api_key_is_401(target: Target, operation: Operation, invalid_key: str) -> None:
    assert operation(target, invalid_key).status == 401


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(put_object, marks=shows("HTTP-PUT-48")),
        pytest.param(get_object, marks=shows("HTTP-GET-18")),
        pytest.param(configure_store, marks=shows("HTTP-STORE-35")),
        pytest.param(describe_store, marks=shows("HTTP-DESCRIBE-12")),
        pytest.param(delete_store, marks=shows("HTTP-DELETE-09")),
        pytest.param(list_stores, marks=shows("HTTP-LIST-08")),
    ],
)
def test_an_expired_api_key_is_401(target: Target, operation: Operation, expired_key: str) -> None:
    assert operation(target, expired_key).status == 401


@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(put_object, marks=shows("HTTP-PUT-49")),
        pytest.param(get_object, marks=shows("HTTP-GET-19")),
        pytest.param(configure_store, marks=shows("HTTP-STORE-36")),
    ],
)
def test_the_body_of_a_401_says_more(target: Target, operation: Operation) -> None:
    expect_details(operation(target, "no-api-key"), 401)
