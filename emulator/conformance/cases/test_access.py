"""What the role behind an API key permits, of object stores and their objects."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from emulator.conformance.target import Store, Target

from .expecting import expect_details, expect_refused, expect_success, names_in
from .operations import (
    configure_store,
    delete_store,
    describe_store,
    get_object,
    list_stores,
    put_object,
)


@pytest.mark.statement("HTTP-AUTH-02")
def test_two_api_keys_of_different_roles_permit_different_things(
    target: Target, store: Store, key: str
) -> None:
    expect_refused(store.put(key, b"new", api_key=target.role("viewer")))
    expect_success(store.put(key, b"body", api_key=target.role("operator")))


@pytest.mark.statement("HTTP-PUT-15")
def test_a_viewer_may_not_put_what_an_owner_may(target: Target) -> None:
    expect_refused(put_object(target, target.role("viewer")))
    expect_success(put_object(target, target.owner))


@pytest.mark.statement("HTTP-PUT-50")
def test_a_put_with_a_key_without_access_is_403(target: Target) -> None:
    assert put_object(target, target.role("viewer")).status == 403


@pytest.mark.statement("HTTP-PUT-51")
def test_the_body_of_a_puts_403_says_more(target: Target) -> None:
    expect_details(put_object(target, target.role("viewer")), 403)


@pytest.mark.statement("HTTP-GET-09")
def test_a_key_without_access_may_not_get_what_a_viewer_may(
    target: Target, powerless_key: str
) -> None:
    expect_refused(get_object(target, powerless_key))
    expect_success(get_object(target, target.role("viewer")))


@pytest.mark.statement("HTTP-GET-20")
def test_a_get_with_a_key_without_access_is_403(target: Target, powerless_key: str) -> None:
    assert get_object(target, powerless_key).status == 403


@pytest.mark.statement("HTTP-GET-21")
def test_the_body_of_a_gets_403_says_more(target: Target, powerless_key: str) -> None:
    expect_details(get_object(target, powerless_key), 403)


@pytest.mark.statement("HTTP-STORE-10")
def test_a_viewer_may_not_make_a_store_as_an_owner_may(target: Target) -> None:
    expect_refused(configure_store(target, target.role("viewer")))
    expect_success(configure_store(target, target.owner))


@pytest.mark.statement("HTTP-STORE-37")
def test_making_a_store_with_a_key_without_access_is_403(target: Target) -> None:
    assert configure_store(target, target.role("viewer")).status == 403


@pytest.mark.statement("HTTP-STORE-38")
def test_the_body_of_the_403_of_a_stores_put_says_more(target: Target) -> None:
    expect_details(configure_store(target, target.role("viewer")), 403)


@pytest.mark.statement("HTTP-DESCRIBE-06")
def test_a_key_without_access_is_told_nothing_of_a_store(
    target: Target, powerless_key: str
) -> None:
    expect_refused(describe_store(target, powerless_key))
    expect_success(describe_store(target, target.role("viewer")))


@pytest.mark.statement("HTTP-DELETE-06")
def test_a_viewer_may_not_delete_a_store_as_an_owner_may(
    target: Target, new_store: Callable[..., Store]
) -> None:
    expect_refused(delete_store(target, target.role("viewer")))
    expect_success(new_store().remove(api_key=target.owner))


@pytest.mark.statement("HTTP-LIST-04")
def test_a_key_without_access_sees_no_store_in_the_list(
    target: Target, store: Store, powerless_key: str
) -> None:
    assert store.name not in names_in(list_stores(target, powerless_key))
    assert store.name in names_in(list_stores(target, target.role("viewer")))
