"""API keys from the first to the last: made, listed, expired, replaced, revoked."""

from __future__ import annotations

import pytest

from emulator.conformance.target import Target

from .auth_api import KEYS, create_key, listed_key, listed_keys, pages, revoke_key

STORES = "/objectstore"
"""A list that every system role may see."""


@pytest.fixture
def viewer_id(target: Target) -> str:
    """The id of the role Viewer."""
    return target.role_id("viewer")


@pytest.mark.statement("KEYS-GENERAL-01")
def test_a_key_works_for_request_after_request(target: Target, viewer_id: str) -> None:
    api_key = target.new_key(viewer_id)["api_key"]
    assert [target.request("GET", STORES, key=api_key).status for _ in range(3)] == [200] * 3


@pytest.mark.statement("KEYS-LIFE-01")
def test_a_key_is_made_listed_and_revoked(target: Target, viewer_id: str) -> None:
    made = create_key(target, viewer_id)
    assert made.status == 200
    info = made.json()["key_info"]
    assert info in listed_keys(target)
    assert revoke_key(target, info["key_id"]).status == 200


@pytest.mark.statement("KEYS-LIFE-03", "KEYS-LIFE-05")
@pytest.mark.parametrize("description", ["what it is for", ""])
def test_a_key_works_with_a_description_or_an_empty_one(
    target: Target, viewer_id: str, description: str
) -> None:
    made = create_key(target, viewer_id, description=description).json()
    assert made["key_info"]["description"] == description
    assert target.request("GET", STORES, key=made["api_key"]).status == 200


@pytest.mark.statement("KEYS-LIFE-06", "KEYS-LIFE-13")
def test_a_key_may_have_an_expiry(target: Target, viewer_id: str) -> None:
    expiry = int(target.now()) + 3600
    made = create_key(target, viewer_id, expiry=expiry)
    assert made.status == 200
    found = listed_key(target, made.json()["key_info"]["key_id"])
    assert found is not None
    assert found["expires_at_epoch_seconds"] == expiry


@pytest.mark.statement("KEYS-LIFE-06")
def test_a_key_may_have_no_expiry(target: Target, viewer_id: str) -> None:
    made = create_key(target, viewer_id, expiry="never")
    assert made.status == 200
    assert target.request("GET", STORES, key=made.json()["api_key"]).status == 200


@pytest.mark.statement("KEYS-LIFE-07", "KEYS-LIFE-15")
def test_the_plaintext_of_a_key_is_shown_once(target: Target, viewer_id: str) -> None:
    made = create_key(target, viewer_id).json()
    assert target.request("GET", STORES, key=made["api_key"]).status == 200
    assert made["api_key"] not in str(made["key_info"])
    assert made["api_key"] not in str(list(pages(target, KEYS)))


@pytest.mark.statement("KEYS-LIFE-09")
def test_a_revoked_key_is_not_listed(target: Target, viewer_id: str) -> None:
    key_id = target.new_key(viewer_id)["key_info"]["key_id"]
    assert listed_key(target, key_id) is not None
    revoke_key(target, key_id)
    assert listed_key(target, key_id) is None


@pytest.mark.statement("KEYS-LIFE-10", "KEYS-LIFE-11", "KEYS-LIFE-12", "KEYS-LIFE-14")
def test_the_list_has_id_role_time_and_description(target: Target, viewer_id: str) -> None:
    description = target.fresh_name()
    before = target.now()
    create_key(target, viewer_id, description=description)
    [found] = [key for key in listed_keys(target) if key["description"] == description]
    assert found["key_id"]
    assert found["role_id"] == viewer_id
    assert abs(found["issued_at_epoch_seconds"] - before) < 600, "the time when it was issued"


@pytest.mark.statement("KEYS-LIFE-16")
def test_a_revoked_key_is_refused(target: Target, viewer_id: str) -> None:
    made = target.new_key(viewer_id)
    assert target.request("GET", STORES, key=made["api_key"]).status == 200
    revoke_key(target, made["key_info"]["key_id"])
    assert target.request("GET", STORES, key=made["api_key"]).status == 401


@pytest.mark.statement("KEYS-LIFE-17")
def test_a_key_is_refused_after_its_expiry(target: Target, viewer_id: str) -> None:
    api_key = target.new_key(viewer_id, int(target.now()) + 5)["api_key"]
    assert target.request("GET", STORES, key=api_key).status == 200
    target.wait(6)
    assert target.request("GET", STORES, key=api_key).status == 401


@pytest.mark.statement("KEYS-LIFE-18")
def test_a_key_and_the_one_that_replaces_it_both_work(target: Target, viewer_id: str) -> None:
    expiry = int(target.now()) + 3600
    old, new = (target.new_key(viewer_id, expiry)["api_key"] for _ in range(2))
    for api_key in (old, new):
        assert target.request("GET", STORES, key=api_key).status == 200
