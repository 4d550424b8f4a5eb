"""Auth APIs: a custom role is replaced, and its keys follow."""

from __future__ import annotations

import pytest

from emulator.conformance.target import Store, Target

from .auth_api import (
    READING,
    ROLES,
    Document,
    allow,
    delete_role,
    eventually,
    listed_role,
    listed_roles,
    new_role,
    objects,
    replace_role,
)

pytestmark = pytest.mark.usefixtures("tidy")

WRITING = allow(objects("write"))


@pytest.fixture
def role(target: Target) -> Document:
    """A custom role with a description."""
    return new_role(target, description="the old one")


@pytest.mark.statement("AUTH-ROLE-36", "AUTH-ROLE-37")
def test_replacing_a_role_answers_200_with_its_object(target: Target, role: Document) -> None:
    document = {"role_name": target.fresh_name(), "permissions": WRITING}
    answer = target.send_json("PUT", f"{ROLES}/{role['role_id']}", document)
    assert answer.status == 200
    assert answer.json()["role_id"] == role["role_id"]
    assert listed_role(target, role["role_id"]) == answer.json()


@pytest.mark.statement("AUTH-ROLE-38")
def test_a_replaced_role_has_the_new_name(target: Target, role: Document) -> None:
    name = target.fresh_name()
    replaced = replace_role(target, role["role_id"], name, READING).json()
    assert replaced["role_name"] == name
    assert role["role_name"] not in {each["role_name"] for each in listed_roles(target)}


@pytest.mark.statement("AUTH-ROLE-39")
def test_a_replaced_role_has_the_new_permissions_alone(target: Target, role: Document) -> None:
    replaced = replace_role(target, role["role_id"], role["role_name"], WRITING).json()
    assert replaced["permissions"]["rules"] == WRITING["rules"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        pytest.param({}, "the old one", marks=pytest.mark.statement("AUTH-ROLE-40")),
        pytest.param(
            {"description": "the new one"},
            "the new one",
            marks=pytest.mark.statement("AUTH-ROLE-41"),
        ),
    ],
    ids=["none", "new"],
)
def test_a_replaced_role_has_the_last_description_that_was_sent(
    target: Target, role: Document, sent: Document, kept: str
) -> None:
    document = {"role_name": role["role_name"], "permissions": READING} | sent
    target.send_json("PUT", f"{ROLES}/{role['role_id']}", document)
    replaced = listed_role(target, role["role_id"])
    assert replaced is not None
    assert replaced["description"] == kept


@pytest.mark.statement("AUTH-ROLE-42")
@pytest.mark.parametrize("member", ["role_name", "permissions"])
def test_a_replacement_without_a_required_member_answers_400(
    target: Target, role: Document, member: str
) -> None:
    document = {"role_name": role["role_name"], "permissions": READING}
    del document[member]
    assert target.send_json("PUT", f"{ROLES}/{role['role_id']}", document).status == 400


@pytest.mark.statement("AUTH-ROLE-43")
@pytest.mark.parametrize("permissions", ["*", {"rules": [objects("delete")]}], ids=str)
def test_an_invalid_replacement_answers_400_and_changes_nothing(
    target: Target, role: Document, permissions: object
) -> None:
    answer = replace_role(target, role["role_id"], role["role_name"], permissions)
    assert answer.status == 400
    assert listed_role(target, role["role_id"]) == role


@pytest.mark.statement("AUTH-ROLE-46")
def test_replacing_a_role_that_does_not_exist_answers_404(target: Target, role: Document) -> None:
    assert delete_role(target, role["role_id"]).status == 200
    assert replace_role(target, role["role_id"], target.fresh_name(), READING).status == 404


@pytest.mark.statement("AUTH-ROLE-08", "AUTH-ROLE-47")
@pytest.mark.parametrize("name", ["Operator", "Viewer"])
def test_replacing_a_system_role_answers_412(target: Target, name: str) -> None:
    roles = listed_roles(target, "?type=system")
    system = next(each for each in roles if each["role_name"] == name)
    # It would stay as it is, even where an endpoint took the replacement.
    assert replace_role(target, system["role_id"], name, system["permissions"]).status == 412
    assert listed_role(target, system["role_id"]) == system


@pytest.mark.statement("AUTH-TOKEN-01")
def test_a_key_follows_its_role(target: Target, store: Store, role: Document, key: str) -> None:
    api_key = target.new_key(role["role_id"])["api_key"]
    assert store.put(key, api_key=api_key).status == 403
    replace_role(target, role["role_id"], role["role_name"], WRITING)
    assert eventually(target, lambda: store.put(key, api_key=api_key).status == 204)
    assert store.get(key, api_key=api_key).status == 403
