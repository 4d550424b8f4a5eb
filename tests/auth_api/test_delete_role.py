"""Delete role: done at once, or blocked by all that still uses it."""

from __future__ import annotations

import pytest

from tests.contract.stores import LIST

from .api import HOUR, NOW, Api, Clock
from .expect import expect_document, expect_refusal
from .permission_sets import LIST_STORES, READING, allow

pytestmark = pytest.mark.proves("Auth APIs: DELETE /roles")

DELETED = {"status": "deleted"}


def blocked_by(*keys: object) -> dict[str, object]:
    return {
        "status": "blocked",
        "account_members": [],
        "invitations": [],
        "api_keys": list(keys),
    }


def test_a_role_that_nothing_uses_is_deleted(owner: Api) -> None:
    role, other = owner.new_role(READING, "one"), owner.new_role(READING, "two")
    expect_document(owner.delete_role(role["role_id"]), DELETED)
    assert owner.all_roles(type="custom") == [other]


def test_deleting_twice_is_404(owner: Api) -> None:
    role_id = owner.new_role(READING)["role_id"]
    assert owner.delete_role(role_id).status == 200
    expect_refusal(owner.delete_role(role_id), 404)


def test_a_role_with_keys_is_blocked_and_all_of_them_are_listed(owner: Api) -> None:
    role, other = owner.new_role(READING, "one"), owner.new_role(READING, "two")
    keys = [owner.new_key(role["role_id"], f"key {number}").info for number in range(3)]
    owner.new_key(other["role_id"])
    expect_document(owner.delete_role(role["role_id"]), blocked_by(*keys))
    assert owner.all_roles(type="custom") == [role, other]


def test_more_keys_than_a_page_of_a_list_has_are_all_in_the_answer(owner: Api) -> None:
    role_id = owner.new_role(READING)["role_id"]
    keys = [owner.new_key(role_id).info for _ in range(120)]
    expect_document(owner.delete_role(role_id), blocked_by(*keys))


def test_the_keys_of_a_blocked_role_keep_working(owner: Api) -> None:
    role_id = owner.new_role(allow(LIST_STORES))["role_id"]
    client = owner.client.with_key(owner.new_key(role_id).api_key)
    assert owner.delete_role(role_id).json["status"] == "blocked"
    assert client.get(LIST).status == 200


def test_a_role_is_deleted_once_its_last_key_is_revoked(owner: Api) -> None:
    role_id = owner.new_role(READING)["role_id"]
    one, two = owner.new_key(role_id), owner.new_v1_key(role_id)
    owner.revoke_key(one.key_id)
    expect_document(owner.delete_role(role_id), blocked_by(two.info))
    owner.revoke_key(two.key_id)
    expect_document(owner.delete_role(role_id), DELETED)


@pytest.mark.proves("D42")
def test_a_key_blocks_until_the_second_of_its_expiry(owner: Api, clock: Clock) -> None:
    clock.freeze(NOW)
    role_id = owner.new_role(READING)["role_id"]
    key = owner.new_key(role_id, expiry=NOW + HOUR)
    clock.advance(HOUR - 1)
    expect_document(owner.delete_role(role_id), blocked_by(key.info))
    clock.advance(1)
    expect_document(owner.delete_role(role_id), DELETED)
    expect_document(owner.revoke_key(key.key_id), {})


@pytest.mark.proves("D42")
def test_an_expired_key_is_not_among_those_that_block(owner: Api, clock: Clock) -> None:
    clock.freeze(NOW)
    role_id = owner.new_role(READING)["role_id"]
    owner.new_key(role_id, expiry=NOW + HOUR)
    lasting = owner.new_key(role_id)
    clock.advance(HOUR)
    expect_document(owner.delete_role(role_id), blocked_by(lasting.info))


@pytest.mark.proves("D47")
def test_a_key_whose_role_is_gone_may_nothing(owner: Api, clock: Clock) -> None:
    clock.freeze(NOW)
    role_id = owner.new_role(allow(LIST_STORES))["role_id"]
    key = owner.new_key(role_id, expiry=NOW + HOUR)
    clock.advance(HOUR)
    expect_document(owner.delete_role(role_id), DELETED)
    clock.freeze(NOW)  # The only way to such a key leads back in time.
    orphan = owner.with_key(key.api_key)
    assert orphan.client.get(LIST).status == 403
    assert orphan.client.get(f"{LIST}/store/key").status == 403
    expect_refusal(orphan.list_keys(), 403)
    expect_refusal(orphan.create_key("viewer"), 403)
    expect_document(owner.revoke_key(key.key_id), {})
    expect_refusal(orphan.list_keys(), 401)


@pytest.mark.parametrize("role_id", ["owner", "operator", "viewer"])
def test_a_system_role_cannot_be_deleted(owner: Api, role_id: str) -> None:
    before = owner.all_roles()
    expect_refusal(owner.delete_role(role_id), 412)
    assert owner.all_roles() == before


@pytest.mark.parametrize("role_id", ["viewer", "owner"])
def test_a_system_role_that_no_key_uses_cannot_be_deleted_either(owner: Api, role_id: str) -> None:
    helper = owner.with_key(owner.new_key("operator").api_key)
    for key in helper.all_keys():
        if key["role_id"] == role_id:
            assert helper.revoke_key(key["key_id"]).status == 200
    expect_refusal(helper.delete_role(role_id), 412)


@pytest.mark.parametrize("role_id", ["unknown", "0" * 32, "Owner", "a%2Fb", "%00", "", "x" * 5000])
def test_an_unknown_role_is_404(owner: Api, role_id: str) -> None:
    expect_refusal(owner.delete_role(role_id), 404)


def test_a_role_is_not_deleted_by_its_name(owner: Api) -> None:
    role = owner.new_role(READING, "Readers")
    expect_refusal(owner.delete_role("Readers"), 404)
    assert owner.all_roles(type="custom") == [role]


def test_a_key_may_delete_no_role_that_it_uses(owner: Api) -> None:
    role_id = owner.new_role(
        {"rules": [{"type": "auth_management", "permissions": ["write"], "items": "*"}]}
    )["role_id"]
    own = owner.new_key(role_id)
    answer = owner.with_key(own.api_key).delete_role(role_id)
    expect_document(answer, blocked_by(own.info))


def test_who_may_not_delete_roles_deletes_none(owner: Api, viewer: Api, nobody: Api) -> None:
    role = owner.new_role(READING)
    expect_refusal(viewer.delete_role(role["role_id"]), 403)
    expect_refusal(nobody.delete_role(role["role_id"]), 401)
    assert owner.all_roles(type="custom") == [role]
