"""Auth APIs: a custom role is replaced, and its keys follow."""

from __future__ import annotations

import pytest

from emulator.conformance.answer import Answer
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
    listed_system_role,
    new_role,
    objects,
    replace_role,
)
from .expecting import expect_refused, expect_success

pytestmark = pytest.mark.usefixtures("tidy")

WRITING = allow(objects("write"))


@pytest.fixture
def role(target: Target) -> Document:
    """A custom role with a description."""
    return new_role(target, description="the old one")


@pytest.mark.statement("AUTH-ROLE-36")
def test_a_role_is_replaced_by_its_id(target: Target, role: Document) -> None:
    document = {"role_name": target.fresh_name(), "permissions": READING}
    expect_success(target.send_json("PUT", f"/roles/{role['role_id']}", document))
    replaced = listed_role(target, role["role_id"])
    assert replaced is not None
    assert replaced["role_name"] == document["role_name"]


@pytest.mark.statement("AUTH-ROLE-37")
def test_replacing_a_role_answers_200_with_its_object(target: Target, role: Document) -> None:
    answer = replace_role(target, role["role_id"], target.fresh_name(), WRITING)
    assert answer.status == 200
    assert answer.json() == listed_role(target, role["role_id"])


@pytest.mark.statement("AUTH-ROLE-38")
def test_a_replaced_role_has_the_new_name(target: Target, role: Document) -> None:
    name = target.fresh_name()
    expect_success(replace_role(target, role["role_id"], name, READING))
    names = {each["role_name"] for each in listed_roles(target)}
    assert name in names
    assert role["role_name"] not in names


@pytest.mark.statement("AUTH-ROLE-39")
def test_a_replaced_role_has_the_new_permissions_alone(target: Target, role: Document) -> None:
    expect_success(replace_role(target, role["role_id"], role["role_name"], WRITING))
    replaced = listed_role(target, role["role_id"])
    assert replaced is not None
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
    expect_success(target.send_json("PUT", f"{ROLES}/{role['role_id']}", document))
    replaced = listed_role(target, role["role_id"])
    assert replaced is not None
    assert replaced["description"] == kept


@pytest.mark.statement("AUTH-ROLE-42")
@pytest.mark.parametrize("member", ["role_name", "permissions"])
def test_a_replacement_without_a_required_member_is_refused(
    target: Target, role: Document, member: str
) -> None:
    document = {"role_name": role["role_name"], "permissions": READING}
    del document[member]
    expect_refused(target.send_json("PUT", f"{ROLES}/{role['role_id']}", document))


@pytest.mark.statement("AUTH-ROLE-43")
@pytest.mark.parametrize("permissions", ["*", {"rules": [objects("delete")]}], ids=str)
def test_an_invalid_replacement_answers_400(
    target: Target, role: Document, permissions: object
) -> None:
    answer = replace_role(target, role["role_id"], role["role_name"], permissions)
    assert answer.status == 400


@pytest.mark.statement("AUTH-ROLE-46")
def test_replacing_a_role_that_does_not_exist_answers_404(target: Target, role: Document) -> None:
    expect_success(delete_role(target, role["role_id"]))
    assert replace_role(target, role["role_id"], target.fresh_name(), READING).status == 404


@pytest.fixture(params=["Operator", "Viewer"])
def system_role(request: pytest.FixtureRequest, target: Target) -> Document:
    """A system role, which is replaced by what it is: no endpoint comes to harm."""
    return listed_system_role(target, request.param)


@pytest.mark.statement("AUTH-ROLE-08")
def test_a_system_role_cannot_be_changed(target: Target, system_role: Document) -> None:
    expect_refused(_replaced_by_itself(target, system_role))


@pytest.mark.statement("AUTH-ROLE-47")
def test_replacing_a_system_role_answers_412(target: Target, system_role: Document) -> None:
    assert _replaced_by_itself(target, system_role).status == 412


def _replaced_by_itself(target: Target, role: Document) -> Answer:
    return replace_role(target, role["role_id"], role["role_name"], role["permissions"])


@pytest.mark.statement("AUTH-TOKEN-01")
def test_a_key_follows_its_role(target: Target, store: Store, role: Document, key: str) -> None:
    api_key = target.new_key(role["role_id"])["api_key"]
    expect_refused(store.put(key, api_key=api_key))
    expect_success(replace_role(target, role["role_id"], role["role_name"], WRITING))
    assert eventually(target, lambda: store.put(key, api_key=api_key).status < 300)
    expect_refused(store.get(key, api_key=api_key))
