"""Replace role: its name and permissions at once, felt by its keys with their next request."""

from __future__ import annotations

import pytest

from tests.contract.expect import expect_error, expect_object
from tests.contract.stores import Store

from .api import KEYS, ROLES, Api
from .expect import expect_document, expect_refusal
from .permission_sets import READING, allow, objects, rule

pytestmark = pytest.mark.proves("Auth APIs: PUT /roles")

WRITING = allow(objects("write"))
SYSTEM_ROLES = ["owner", "operator", "viewer"]


def test_a_replaced_role_has_the_new_name_and_permissions(owner: Api) -> None:
    role = owner.new_role(READING, "before", description="what it is for")
    replaced = {**role, "role_name": "after", "permissions": WRITING}
    expect_document(owner.replace_role(role["role_id"], "after", WRITING), replaced)
    assert owner.all_roles(type="custom") == [replaced]


def test_a_missing_description_leaves_the_old_one(owner: Api) -> None:
    role_id = owner.new_role(READING, description="the old one")["role_id"]
    assert owner.replace_role(role_id, "a", READING).json["description"] == "the old one"
    answer = owner.replace_role(role_id, "b", READING, description="the new one")
    assert answer.json["description"] == "the new one"
    assert owner.replace_role(role_id, "c", READING).json["description"] == "the new one"
    assert owner.all_roles()[-1]["description"] == "the new one"


def test_an_empty_description_is_none(owner: Api) -> None:
    role_id = owner.new_role(READING, description="the old one")["role_id"]
    assert "description" not in owner.replace_role(role_id, "a", READING, description="").json
    assert "description" not in owner.all_roles()[-1]


def test_nothing_of_the_old_permissions_stays(owner: Api) -> None:
    before = allow(rule("cache", "read"), rule("topic", "read"), ranges=["10.0.0.0/8"])
    role_id = owner.new_role(before)["role_id"]
    assert owner.replace_role(role_id, "custom", WRITING).json["permissions"] == WRITING


def test_a_key_follows_its_role_with_its_next_request(owner: Api, store: Store) -> None:
    role = owner.new_role(READING)
    client = owner.client.with_key(owner.new_key(role["role_id"]).api_key)
    store.put("key", b"old")
    path = store.path_of("key")
    with client.wire() as wire:
        expect_object(wire.request("GET", path), b"old")
        expect_error(wire.request("PUT", path, body=b"new"), 403)
        owner.replace_role(role["role_id"], role["role_name"], WRITING)
        expect_error(wire.request("GET", path), 403)
        assert wire.request("PUT", path, body=b"new").status == 204
        owner.replace_role(role["role_id"], role["role_name"], READING)
        expect_object(wire.request("GET", path), b"new")


def test_a_key_follows_its_role_in_the_auth_apis_too(owner: Api) -> None:
    role = owner.new_role(allow(rule("auth_management", "list")))
    client = owner.client.with_key(owner.new_key(role["role_id"]).api_key)
    with client.wire() as wire:
        assert wire.request("GET", KEYS).status == 200
        owner.replace_role(role["role_id"], role["role_name"], READING)
        expect_refusal(wire.request("GET", KEYS), 403)


def test_a_key_may_replace_its_own_role(owner: Api) -> None:
    role = owner.new_role(allow(rule("auth_management", "write", "list")))
    own = owner.with_key(owner.new_key(role["role_id"]).api_key)
    assert own.replace_role(role["role_id"], "custom", READING).status == 200
    expect_refusal(own.list_keys(), 403)


@pytest.mark.proves("D46")
def test_a_taken_name_is_400(owner: Api) -> None:
    owner.new_role(READING, "taken")
    role = owner.new_role(READING, "mine")
    for name in ("taken", "Owner", "Operator", "Viewer"):
        expect_refusal(owner.replace_role(role["role_id"], name, WRITING), 400)
    assert owner.all_roles()[-1] == role


@pytest.mark.proves("D46")
def test_a_role_may_keep_its_name_and_return_to_it(owner: Api) -> None:
    role_id = owner.new_role(READING, "mine")["role_id"]
    for name in ("mine", "another", "mine", "mine"):
        assert owner.replace_role(role_id, name, WRITING).json["role_name"] == name


def test_two_roles_can_swap_their_names(owner: Api) -> None:
    one, two = owner.new_role(READING, "one"), owner.new_role(READING, "two")
    for role_id, name in [
        (one["role_id"], "three"),
        (two["role_id"], "one"),
        (one["role_id"], "two"),
    ]:
        assert owner.replace_role(role_id, name, READING).status == 200
    assert owner.role_names(type="custom") == ["two", "one"]


@pytest.mark.parametrize("role_id", SYSTEM_ROLES)
def test_a_system_role_cannot_be_replaced(owner: Api, role_id: str) -> None:
    before = owner.all_roles()
    name = role_id.capitalize()
    expect_refusal(owner.replace_role(role_id, "another", READING), 412)
    expect_refusal(owner.replace_role(role_id, name, READING), 412)
    assert owner.all_roles() == before


@pytest.mark.parametrize("role_id", ["unknown", "0" * 32, "Owner", "", "a%2Fb", "%00"])
def test_an_unknown_role_is_404(owner: Api, role_id: str) -> None:
    expect_refusal(owner.replace_role(role_id, "another", READING), 404)


def test_a_deleted_role_is_404(owner: Api) -> None:
    role_id = owner.new_role(READING)["role_id"]
    owner.delete_role(role_id)
    expect_refusal(owner.replace_role(role_id, "another", READING), 404)


def test_a_role_is_not_found_by_its_name(owner: Api) -> None:
    owner.new_role(READING, "Readers")
    expect_refusal(owner.replace_role("Readers", "another", READING), 404)


def test_an_id_may_be_percent_encoded(owner: Api) -> None:
    role_id = owner.new_role(READING)["role_id"]
    spelled = "".join(f"%{byte:02X}" for byte in role_id.encode())
    assert owner.replace_role(spelled, "another", READING).json["role_id"] == role_id
    assert owner.delete_role(spelled).json == {"status": "deleted"}


@pytest.mark.parametrize("malformed", ["%", "%zz", "%FF"])
def test_a_malformed_id_is_400(owner: Api, malformed: str) -> None:
    expect_refusal(owner.replace_role(malformed, "another", READING), 400)
    expect_refusal(owner.delete_role(malformed), 400)


@pytest.mark.parametrize("member", ["role_name", "permissions"])
def test_a_missing_member_is_400_and_changes_nothing(owner: Api, member: str) -> None:
    role = owner.new_role(READING, description="as it was")
    document = {"role_name": "another", "permissions": WRITING, "description": "new"}
    del document[member]
    path = f"{ROLES}/{role['role_id']}"
    expect_refusal(owner.call("PUT", path, document), 400, mentions=[member])
    assert owner.all_roles()[-1] == role


@pytest.mark.proves("D50")
@pytest.mark.parametrize(
    "wrong",
    [
        {"role_name": ""},
        {"role_name": "x" * 256},
        {"role_name": 1},
        {"role_name": None},
        {"description": "x" * 1025},
        {"description": "x" * 10 * 1024},
        {"description": 1},
        {"description": None},
    ],
    ids=lambda wrong: str(wrong)[:30],
)
def test_a_wrong_member_is_400_and_changes_nothing(owner: Api, wrong: dict[str, object]) -> None:
    role = owner.new_role(READING, description="as it was")
    document = {"role_name": "another", "permissions": WRITING, **wrong}
    answer = owner.call("PUT", f"{ROLES}/{role['role_id']}", document)
    expect_refusal(answer, 400, mentions=wrong)
    assert owner.all_roles()[-1] == role


def test_who_may_not_change_roles_changes_none(owner: Api, viewer: Api, nobody: Api) -> None:
    role = owner.new_role(READING)
    expect_refusal(viewer.replace_role(role["role_id"], "another", WRITING), 403)
    expect_refusal(nobody.replace_role(role["role_id"], "another", WRITING), 401)
    assert owner.all_roles()[-1] == role
