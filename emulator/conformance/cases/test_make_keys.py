"""Auth APIs: an API key is made, and described by a key object."""

from __future__ import annotations

import pytest

from emulator.conformance.target import JSON, Target

from .auth_api import KEYS, create_key, delete_role, listed_key, listed_keys, new_role
from .expecting import expect_refused, expect_success

pytestmark = pytest.mark.usefixtures("tidy")

STORES = "/objectstore"
"""A list that every system role may see."""


@pytest.mark.statement("AUTH-KEY-01", "KEYS-LIFE-07", "KEYS-LIFE-15")
def test_the_plaintext_of_a_key_is_shown_once(target: Target, viewer_id: str) -> None:
    made = create_key(target, viewer_id).json()
    expect_success(target.request("GET", STORES, key=made["api_key"]))
    assert made["api_key"] not in str(made["key_info"])
    assert made["api_key"] not in str(list(target.pages(KEYS)))


@pytest.mark.statement("AUTH-KEY-02")
def test_a_key_has_an_id(target: Target, viewer_id: str) -> None:
    key_id = create_key(target, viewer_id).json()["key_info"]["key_id"]
    assert listed_key(target, key_id) is not None


@pytest.mark.statement("AUTH-KEY-03")
def test_all_keys_have_the_same_account_id(target: Target, viewer_id: str) -> None:
    account_id = target.new_key(viewer_id)["key_info"]["account_id"]
    assert account_id
    assert {key["account_id"] for key in listed_keys(target)} == {account_id}


@pytest.mark.statement("AUTH-KEY-04")
@pytest.mark.parametrize("description", ["what it is for", ""])
def test_a_key_has_the_description_that_it_was_given(
    target: Target, viewer_id: str, description: str
) -> None:
    info = create_key(target, viewer_id, description=description).json()["key_info"]
    assert info["description"] == description


@pytest.mark.statement("AUTH-KEY-05", "KEYS-ROLE-13", "KEYS-LIFE-04")
@pytest.mark.parametrize("role", ["owner", "operator", "viewer"])
def test_a_key_has_the_role_that_its_maker_chose(target: Target, role: str) -> None:
    role_id = target.role_id(role)
    assert create_key(target, role_id).json()["key_info"]["role_id"] == role_id


@pytest.mark.statement("AUTH-KEY-06")
def test_a_key_has_the_expiry_that_it_was_given(target: Target, viewer_id: str) -> None:
    expiry = int(target.now()) + 3600
    info = create_key(target, viewer_id, expiry=expiry).json()["key_info"]
    assert info["expires_at_epoch_seconds"] == expiry


@pytest.mark.statement("AUTH-KEY-07")
def test_a_key_that_never_expires_has_no_expiry(target: Target, viewer_id: str) -> None:
    info = create_key(target, viewer_id, expiry="never").json()["key_info"]
    assert "expires_at_epoch_seconds" not in info


@pytest.mark.statement("AUTH-KEY-08")
def test_a_key_has_the_time_when_it_was_made(target: Target, viewer_id: str) -> None:
    issued = target.new_key(viewer_id)["key_info"]["issued_at_epoch_seconds"]
    assert issued == pytest.approx(target.now(), abs=600), "clocks may differ a little"


@pytest.mark.statement("AUTH-KEY-09")
def test_making_a_key_answers_200(target: Target, viewer_id: str) -> None:
    document = {"role_id": viewer_id, "description": target.fresh_name(), "expiry": "never"}
    assert target.send_json("POST", "/api-keys", document).status == 200


@pytest.mark.statement("AUTH-KEY-10", "KEYS-GENERAL-01", "KEYS-LIFE-03")
def test_a_key_authenticates_request_after_request(target: Target, viewer_id: str) -> None:
    api_key = create_key(target, viewer_id).json()["api_key"]
    for _ in range(3):
        expect_success(target.request("GET", STORES, key=api_key))


@pytest.mark.statement("AUTH-KEY-11")
def test_the_answer_has_the_key_object_that_the_list_has(target: Target, viewer_id: str) -> None:
    info = create_key(target, viewer_id).json()["key_info"]
    assert listed_key(target, info["key_id"]) == info


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


@pytest.mark.statement("AUTH-KEY-15")
def test_a_key_may_never_expire(target: Target, viewer_id: str) -> None:
    made = create_key(target, viewer_id, expiry="never").json()
    assert made["key_info"].get("expires_at_epoch_seconds") is None
    expect_success(target.request("GET", STORES, key=made["api_key"]))


@pytest.mark.statement("AUTH-KEY-16", "KEYS-LIFE-17")
def test_a_key_is_refused_after_its_expiry(target: Target, viewer_id: str) -> None:
    api_key = target.new_key(viewer_id, int(target.now()) + 5)["api_key"]
    expect_success(target.request("GET", STORES, key=api_key))
    target.wait(6)
    expect_refused(target.request("GET", STORES, key=api_key))


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
    expect_success(delete_role(target, role_id))
    assert create_key(target, role_id).status == 404


@pytest.mark.statement("KEYS-LIFE-05")
@pytest.mark.parametrize("description", ["what it is for", ""])
def test_a_key_may_have_a_description_or_an_empty_one(
    target: Target, viewer_id: str, description: str
) -> None:
    expect_success(create_key(target, viewer_id, description=description))


@pytest.mark.statement("KEYS-LIFE-06")
def test_a_key_may_have_an_expiry_or_none(target: Target, viewer_id: str) -> None:
    expect_success(create_key(target, viewer_id, expiry=int(target.now()) + 3600))
    expect_success(create_key(target, viewer_id, expiry="never"))


@pytest.mark.statement("KEYS-LIFE-18")
def test_a_key_and_the_one_that_replaces_it_both_work(target: Target, viewer_id: str) -> None:
    expiry = int(target.now()) + 3600
    old, new = (target.new_key(viewer_id, expiry)["api_key"] for _ in range(2))
    expect_success(target.request("GET", STORES, key=old))
    expect_success(target.request("GET", STORES, key=new))
