"""Auth APIs: an API key is made, and described by a key object."""

from __future__ import annotations

import pytest

from emulator.conformance.target import JSON, Target

from .auth_api import (
    KEYS,
    create_key,
    delete_role,
    listed_key,
    listed_keys,
    new_role,
    pages,
)

pytestmark = pytest.mark.usefixtures("tidy")

STORES = "/objectstore"
"""A list that every system role may see."""


@pytest.mark.statement("AUTH-KEY-01", "KEYS-LIFE-07", "KEYS-LIFE-15")
def test_the_plaintext_of_a_key_is_shown_once(target: Target, viewer_id: str) -> None:
    made = create_key(target, viewer_id).json()
    assert target.request("GET", STORES, key=made["api_key"]).status == 200
    assert made["api_key"] not in str(made["key_info"])
    assert made["api_key"] not in str(list(pages(target, KEYS)))


@pytest.mark.statement("AUTH-KEY-02", "AUTH-KEY-09", "AUTH-KEY-11")
def test_the_answer_has_the_key_object_that_the_list_has(target: Target, viewer_id: str) -> None:
    answer = create_key(target, viewer_id)
    assert answer.status == 200
    info = answer.json()["key_info"]
    assert listed_key(target, info["key_id"]) == info


@pytest.mark.statement("AUTH-KEY-03")
def test_all_keys_have_the_same_account_id(target: Target, viewer_id: str) -> None:
    account_id = target.new_key(viewer_id)["key_info"]["account_id"]
    assert account_id
    assert {key["account_id"] for key in listed_keys(target)} == {account_id}


@pytest.mark.statement("AUTH-KEY-04", "KEYS-LIFE-03", "KEYS-LIFE-05")
@pytest.mark.parametrize("description", ["what it is for", ""])
def test_a_key_has_the_description_that_it_was_given(
    target: Target, viewer_id: str, description: str
) -> None:
    made = create_key(target, viewer_id, description=description).json()
    assert made["key_info"]["description"] == description
    assert target.request("GET", STORES, key=made["api_key"]).status == 200


@pytest.mark.statement("AUTH-KEY-05", "KEYS-ROLE-13", "KEYS-LIFE-04")
@pytest.mark.parametrize("role", ["owner", "operator", "viewer"])
def test_a_key_has_the_role_that_its_maker_chose(target: Target, role: str) -> None:
    role_id = target.role_id(role)
    info = create_key(target, role_id).json()["key_info"]
    assert info["role_id"] == role_id
    assert listed_key(target, info["key_id"]) == info


@pytest.mark.statement("AUTH-KEY-06", "KEYS-LIFE-06", "KEYS-LIFE-13")
def test_a_key_has_the_expiry_that_it_was_given(target: Target, viewer_id: str) -> None:
    expiry = int(target.now()) + 3600
    info = create_key(target, viewer_id, expiry=expiry).json()["key_info"]
    assert info["expires_at_epoch_seconds"] == expiry
    assert listed_key(target, info["key_id"]) == info


@pytest.mark.statement("AUTH-KEY-07", "AUTH-KEY-15", "KEYS-LIFE-06")
def test_a_key_that_never_expires_has_no_expiry(target: Target, viewer_id: str) -> None:
    made = create_key(target, viewer_id, expiry="never").json()
    assert "expires_at_epoch_seconds" not in made["key_info"]
    assert target.request("GET", STORES, key=made["api_key"]).status == 200


@pytest.mark.statement("AUTH-KEY-08")
def test_a_key_has_the_time_when_it_was_made(target: Target, viewer_id: str) -> None:
    issued = target.new_key(viewer_id)["key_info"]["issued_at_epoch_seconds"]
    assert issued == pytest.approx(target.now(), abs=600), "clocks may differ a little"


@pytest.mark.statement("AUTH-KEY-10", "KEYS-GENERAL-01")
def test_a_key_authenticates_request_after_request(target: Target, viewer_id: str) -> None:
    api_key = create_key(target, viewer_id).json()["api_key"]
    assert [target.request("GET", STORES, key=api_key).status for _ in range(3)] == [200] * 3


@pytest.mark.parametrize(
    "member",
    [
        pytest.param("role_id", marks=pytest.mark.statement("AUTH-KEY-12")),
        pytest.param("description", marks=pytest.mark.statement("AUTH-KEY-13")),
        pytest.param("expiry", marks=pytest.mark.statement("AUTH-KEY-14")),
    ],
)
def test_a_key_without_a_required_member_answers_400(
    target: Target, viewer_id: str, member: str
) -> None:
    document = {"role_id": viewer_id, "description": target.fresh_name(), "expiry": "never"}
    del document[member]
    assert target.send_json("POST", KEYS, document).status == 400


@pytest.mark.statement("AUTH-KEY-16", "KEYS-LIFE-17")
def test_a_key_is_refused_after_its_expiry(target: Target, viewer_id: str) -> None:
    api_key = target.new_key(viewer_id, int(target.now()) + 5)["api_key"]
    assert target.request("GET", STORES, key=api_key).status == 200
    target.wait(6)
    assert target.request("GET", STORES, key=api_key).status == 401


@pytest.mark.statement("AUTH-KEY-17")
@pytest.mark.parametrize("expiry", ["tomorrow", "", None, True], ids=repr)
def test_a_key_with_another_expiry_answers_400(
    target: Target, viewer_id: str, expiry: object
) -> None:
    assert create_key(target, viewer_id, expiry=expiry).status == 400


@pytest.mark.statement("AUTH-KEY-18")
def test_a_body_that_is_no_json_answers_400(target: Target) -> None:
    assert target.request("POST", KEYS, headers=JSON, body=b"{").status == 400


@pytest.mark.statement("AUTH-KEY-21")
def test_a_key_for_a_role_that_does_not_exist_answers_404(target: Target) -> None:
    role_id = new_role(target)["role_id"]
    assert delete_role(target, role_id).status == 200
    assert create_key(target, role_id).status == 404


@pytest.mark.statement("KEYS-LIFE-18")
def test_a_key_and_the_one_that_replaces_it_both_work(target: Target, viewer_id: str) -> None:
    expiry = int(target.now()) + 3600
    old, new = (target.new_key(viewer_id, expiry)["api_key"] for _ in range(2))
    for api_key in (old, new):
        assert target.request("GET", STORES, key=api_key).status == 200
