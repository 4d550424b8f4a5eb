"""Create role."""

from __future__ import annotations

import pytest

from emulator import Emulator
from tests.support.raw_client import Client

from .api import ROLES, Api
from .expect import expect_refusal, expect_role_object
from .permission_sets import READING, allow, every_rule, rule

pytestmark = pytest.mark.proves("Auth APIs: POST /roles")

NO_TEXT: dict[str, object] = {"number": 1, "boolean": True, "null": None, "list": [], "object": {}}


def test_a_new_role_is_described(owner: Api) -> None:
    answer = owner.create_role("Readers", READING, description="They read.")
    assert answer.status == 200
    assert answer.media_type == "application/json"
    role = answer.json
    expect_role_object(role)
    assert role["role_id"] not in ("owner", "operator", "viewer")
    assert role == {
        "role_id": role["role_id"],
        "role_name": "Readers",
        "role_type": "custom",
        "description": "They read.",
        "permissions": READING,
    }
    assert owner.all_roles()[-1] == role


@pytest.mark.parametrize("more", [{}, {"description": ""}], ids=["left-out", "empty"])
def test_no_description_is_left_out(owner: Api, more: dict[str, str]) -> None:
    role = owner.new_role(READING, **more)
    assert "description" not in role
    assert "description" not in owner.all_roles()[-1]


def test_roles_have_ids_of_their_own(owner: Api) -> None:
    roles = [owner.new_role(READING, f"role {number}") for number in range(5)]
    assert len({role["role_id"] for role in roles}) == 5


def test_a_role_whose_name_was_used_before_has_another_id(owner: Api) -> None:
    before = owner.new_role(READING, "again")
    assert owner.delete_role(before["role_id"]).status == 200
    assert owner.new_role(READING, "again")["role_id"] != before["role_id"]


def test_a_role_object_can_be_sent_back(owner: Api) -> None:
    role = owner.new_role(READING, "Readers", description="They read.")
    assert owner.call("PUT", f"{ROLES}/{role['role_id']}", role).json == role


@pytest.mark.parametrize("member", ["role_name", "permissions"])
def test_a_missing_member_is_400(owner: Api, member: str) -> None:
    document = {"role_name": "Readers", "permissions": READING}
    del document[member]
    expect_refusal(owner.call("POST", ROLES, document), 400, mentions=[member])
    assert owner.all_roles(type="custom") == []


@pytest.mark.parametrize("value", NO_TEXT.values(), ids=NO_TEXT)
@pytest.mark.parametrize("member", ["role_name", "description"])
def test_a_member_of_another_type_is_400(owner: Api, member: str, value: object) -> None:
    document = {"role_name": "Readers", "permissions": READING, member: value}
    expect_refusal(owner.call("POST", ROLES, document), 400, mentions=[member])
    assert owner.all_roles(type="custom") == []


@pytest.mark.proves("D50")
@pytest.mark.parametrize("length", [0, 256, 10 * 1024])
def test_a_name_has_1_to_255_characters(owner: Api, length: int) -> None:
    expect_refusal(owner.create_role("x" * length, READING), 400, mentions=["role_name"])
    assert owner.all_roles(type="custom") == []


@pytest.mark.proves("D50")
@pytest.mark.parametrize("name", ["x", "x" * 255, "é" * 255, "🔑" * 255, " ", "a/b", "*", "Zoë's"])
def test_a_name_is_kept_as_it_is(owner: Api, name: str) -> None:
    assert owner.new_role(READING, name)["role_name"] == name
    assert owner.role_names(type="custom") == [name]


@pytest.mark.proves("D50")
def test_a_description_has_at_most_1024_characters(owner: Api) -> None:
    for length in (1025, 10 * 1024):
        answer = owner.create_role("Readers", READING, description="x" * length)
        expect_refusal(answer, 400, mentions=["description"])
    assert owner.new_role(READING, description="🔑" * 1024)["description"] == "🔑" * 1024


@pytest.mark.proves("D46")
def test_a_taken_name_is_409(owner: Api) -> None:
    role = owner.new_role(READING, "Readers", description="the first")
    expect_refusal(owner.create_role("Readers", allow(rule("store", "write"))), 409)
    assert owner.all_roles(type="custom") == [role]


@pytest.mark.proves("D46")
def test_names_have_case(owner: Api) -> None:
    names = ["READERS", "Readers", "readers"]
    for name in names:
        assert owner.create_role(name, READING).status == 200
    assert owner.role_names(type="custom") == names


@pytest.mark.proves("D46")
@pytest.mark.parametrize("name", ["Owner", "Operator", "Viewer", "owner", "VIEWER", " Operator "])
def test_what_could_be_taken_for_a_system_role_is_taken(owner: Api, name: str) -> None:
    expect_refusal(owner.create_role(name, READING), 409)
    assert owner.all_roles(type="custom") == []


@pytest.mark.proves("D50")
@pytest.mark.parametrize("name", ["a\nb", "a\0b", "\x1b[2J", "a\x7f", "\x85"])
def test_a_name_has_no_control_characters(owner: Api, name: str) -> None:
    expect_refusal(owner.create_role(name, READING), 400, mentions=["role_name"])
    assert owner.all_roles(type="custom") == []


@pytest.mark.proves("D46")
def test_a_name_is_free_once_its_role_is_gone_or_has_another(owner: Api) -> None:
    deleted, renamed = owner.new_role(READING, "deleted"), owner.new_role(READING, "renamed")
    owner.delete_role(deleted["role_id"])
    owner.replace_role(renamed["role_id"], "otherwise", READING)
    for name in ("deleted", "renamed"):
        assert owner.create_role(name, READING).status == 200


@pytest.mark.proves("Permission set")
@pytest.mark.parametrize("given", list(every_rule()), ids=str)
def test_every_cell_of_the_table_can_be_a_rule(owner: Api, given: dict[str, object]) -> None:
    role = owner.new_role(allow(given))
    assert role["permissions"]["rules"] == [given]


@pytest.mark.proves("D55")
def test_a_custom_role_more_than_the_account_may_have_is_429() -> None:
    with Emulator(cache="memory", max_custom_roles=2) as emulator:
        owner = Api(Client(emulator.endpoint, emulator.api_key()))
        roles = [owner.new_role(READING, name) for name in ("one", "two")]
        expect_refusal(owner.create_role("three", READING), 429)
        assert owner.all_roles(type="custom") == roles
        assert owner.replace_role(roles[0]["role_id"], "uno", READING).status == 200
        assert owner.delete_role(roles[1]["role_id"]).json == {"status": "deleted"}
        assert owner.create_role("three", READING).status == 200
        expect_refusal(owner.create_role("four", READING), 429)


@pytest.mark.proves("D55")
def test_an_account_may_have_no_custom_roles_at_all() -> None:
    with Emulator(cache="memory", max_custom_roles=0) as emulator:
        owner = Api(Client(emulator.endpoint, emulator.api_key()))
        expect_refusal(owner.create_role("one", READING), 429)
        assert len(owner.all_roles()) == 3


def test_who_may_not_create_roles_creates_none(owner: Api, viewer: Api, nobody: Api) -> None:
    expect_refusal(viewer.create_role("Readers", READING), 403)
    expect_refusal(nobody.create_role("Readers", READING), 401)
    assert owner.all_roles(type="custom") == []
