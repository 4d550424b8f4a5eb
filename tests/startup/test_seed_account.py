"""Seed files: the roles, the keys of those roles and the members that they put in place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from emulator.config import ConfigurationError
from tests.support.client import Client
from tests.support.keys import v2_key

KEY = v2_key("seeded")
READ_EVERYTHING = {
    "rules": [{"type": "store", "permissions": ["read"], "stores": "*", "items": "*"}]
}
LIST_STORES = {
    "rules": [{"type": "resource_management", "permissions": ["list"], "resources": "*"}]
}
ROLE = {"role_name": "Reader", "permissions": READ_EVERYTHING}


def with_role(**members: Any) -> dict[str, Any]:
    """A seed of one role, which is right but for ``members``."""
    entry = {**ROLE, **members}
    return {"roles": [{name: value for name, value in entry.items() if value is not None}]}


BROKEN: dict[str, tuple[dict[str, Any], list[str]]] = {
    "a role without a name": (with_role(role_name=None), ["roles[0]", "'role_name'"]),
    "a role with an empty name": (with_role(role_name=""), ["roles[0]", "role_name"]),
    "a role with a system role's name": (with_role(role_name="Owner"), ["'Owner'"]),
    "a role with a system role's id": (with_role(role_id="viewer"), ["roles[0]", "role_id"]),
    "a role with an empty id": (with_role(role_id=""), ["roles[0]", "role_id"]),
    "a role without permissions": (with_role(permissions=None), ["roles[0]", "'permissions'"]),
    "a role with no permission set": (with_role(permissions=[]), ["roles[0]", "permissions"]),
    "a role with no rules": (with_role(permissions={"rules": []}), ["permissions.rules"]),
    "a super-user": (with_role(permissions={"super_user": True}), ["permissions", "Owner"]),
    "a role with an unknown member": (with_role(name="Reader"), ["roles[0]", "'name'"]),
    "one name twice": (
        {"roles": [{**ROLE, "role_id": "a"}, {**ROLE, "role_id": "b"}]},
        ["roles", "'Reader'", "2 times"],
    ),
    "one id twice": (
        {"roles": [{**ROLE, "role_id": "a"}, {**ROLE, "role_id": "a", "role_name": "B"}]},
        ["roles", "'a'", "2 times"],
    ),
    "members without an Owner": ({"members": [{"user_name": "ada"}]}, ["members", "owner"]),
    "a person who is member and invited": (
        {"members": [{"user_name": "ada", "role": "owner"}], "invitations": [{"user_name": "ada"}]},
        ["'ada'", "2 times"],
    ),
    "a role with a long description": (
        with_role(description="x" * 1025),
        ["roles[0]", "description", "1024"],
    ),
    "a key with a long description": (
        {"api_keys": [{"role": "owner", "api_key": KEY, "description": "x" * 1025}]},
        ["api_keys[0]", "description", "1024"],
    ),
    "a key that expired before all time": (
        {"api_keys": [{"role": "owner", "api_key": KEY, "expires_at": -5}]},
        ["api_keys[0]", "expires_at"],
    ),
    "a key that expires in milliseconds": (
        {"api_keys": [{"role": "owner", "api_key": KEY, "expires_at": 99999999999999}]},
        ["api_keys[0]", "expires_at"],
    ),
    "a role beyond the number": (
        {"roles": [ROLE, {**ROLE, "role_name": "B"}, {**ROLE, "role_name": "C"}]},
        ["'C'", "2"],
    ),
    "a key of a role that is not there": (
        {"roles": [ROLE], "api_keys": [{"role": "Writer", "api_key": KEY}]},
        ["api_keys[0]", "'Writer'"],
    ),
    "a member without a name": ({"members": [{"role": "owner"}]}, ["members[0]", "'user_name'"]),
    "a member with an empty name": ({"members": [{"user_name": ""}]}, ["members[0]", "user_name"]),
    "a member with a custom role": (
        {"roles": [ROLE], "members": [{"user_name": "ada", "role": "Reader"}]},
        ["members[0]", "owner, operator, viewer"],
    ),
    "an invitation to a custom role": (
        {"invitations": [{"user_name": "ada", "role": "Reader"}]},
        ["invitations[0]", "owner, operator, viewer"],
    ),
}


@pytest.fixture
def seed(tmp_path: Path) -> Path:
    return tmp_path / "seed.yaml"


def planted(seed: Path, document: dict[str, Any], **options: Any) -> Emulator:
    seed.write_text(json.dumps(document))
    return Emulator(seed=seed, cache="memory", **options)


def asked(emulator: Emulator, path: str, key: str | None = None) -> Any:
    return Client(emulator.endpoint, key or emulator.api_key()).call("GET", path).json()


@pytest.mark.parametrize(("document", "fragments"), BROKEN.values(), ids=BROKEN)
def test_what_cannot_be_planted_is_named(
    seed: Path, document: dict[str, Any], fragments: list[str]
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        planted(seed, document, max_custom_roles=2).start()
    said = str(caught.value)

    assert [part for part in [str(seed), *fragments] if part not in said] == [], said
    assert KEY.split(".")[1] not in said


@pytest.mark.parametrize("name", ["reader", "Reader"])
def test_a_key_of_a_seeded_role_is_known_by_the_roles_id_or_name(seed: Path, name: str) -> None:
    document = {**with_role(role_id="reader"), "api_keys": [{"role": name, "api_key": KEY}]}
    with planted(seed, document) as emulator:
        holder = Client(emulator.endpoint, KEY)
        assert holder.list_stores().status == 403
        assert holder.get("store", "key").json() == {"message": "Store Not Found"}
        [info] = [
            info for info in asked(emulator, "/api-keys")["key_info"] if info["role_id"] == "reader"
        ]
        assert "api_key" not in info


def test_a_seeded_role_without_an_id_gets_one(seed: Path) -> None:
    with planted(seed, with_role(description="reads")) as emulator:
        [role] = asked(emulator, "/roles?type=custom")["roles"]
        assert role == {
            "role_id": role["role_id"],
            "role_name": "Reader",
            "role_type": "custom",
            "description": "reads",
            "permissions": READ_EVERYTHING,
        }
        assert role["role_id"]


@pytest.mark.parametrize("role_id", [None, "reader"])
def test_a_changed_seed_changes_the_role_that_is_there(
    seed: Path, tmp_path: Path, role_id: str | None
) -> None:
    keys = {"api_keys": [{"role": "Reader", "api_key": KEY}]}
    with planted(seed, {**with_role(role_id=role_id), **keys}, data_dir=tmp_path / "data") as first:
        [before] = asked(first, "/roles?type=custom")["roles"]
        assert Client(first.endpoint, KEY).list_stores().status == 403
    changed = with_role(role_id=role_id, permissions=LIST_STORES)
    with planted(seed, {**changed, **keys}, data_dir=tmp_path / "data") as second:
        [after] = asked(second, "/roles?type=custom")["roles"]
        assert after == {**before, "permissions": LIST_STORES}
        assert Client(second.endpoint, KEY).list_stores().status == 200


def test_a_seeded_role_can_be_renamed_under_its_id(seed: Path, tmp_path: Path) -> None:
    for name in ("Reader", "Reading"):
        document = with_role(role_id="reader", role_name=name)
        with planted(seed, document, data_dir=tmp_path / "data") as emulator:
            [role] = asked(emulator, "/roles?type=custom")["roles"]
            assert (role["role_id"], role["role_name"]) == ("reader", name)


@pytest.mark.proves("D52")
def test_where_no_members_are_named_there_is_an_owner(seed: Path) -> None:
    with planted(seed, {}) as emulator:
        [member] = asked(emulator, "/_emulator/account/members")["account_members"]
    assert (member["user_name"], member["role_name"]) == ("owner@example.com", "Owner")


@pytest.mark.proves("D52")
def test_the_members_and_invitations_of_a_seed_are_those_of_the_account(seed: Path) -> None:
    document = {
        "members": [{"user_name": "ada", "role": "owner"}, {"user_name": "grace"}],
        "invitations": [{"user_name": "linus", "role": "operator"}],
    }
    with planted(seed, document) as emulator:
        for _ in range(2):
            members = asked(emulator, "/_emulator/account/members")["account_members"]
            assert [(m["user_name"], m["role_name"]) for m in members] == [
                ("ada", "Owner"),
                ("grace", "Viewer"),
            ]
            [invitation] = asked(emulator, "/_emulator/account/invitations")["invitations"]
            assert invitation["account_member"] == {
                "user_name": "linus",
                "role_id": "operator",
                "role_name": "Operator",
            }
            emulator.reset()


def test_planting_a_seed_again_takes_nothing_from_what_is_there(seed: Path, tmp_path: Path) -> None:
    document = {
        "members": [{"user_name": "ada", "role": "owner"}],
        "invitations": [{"user_name": "linus"}],
    }
    with planted(seed, document, data_dir=tmp_path / "data") as first:
        before = asked(first, "/_emulator/account/invitations")
    with planted(seed, document, data_dir=tmp_path / "data") as second:
        assert asked(second, "/_emulator/account/invitations") == before
        assert len(asked(second, "/_emulator/account/members")["account_members"]) == 1


def test_who_has_accepted_a_seeded_invitation_stays_a_member(seed: Path, tmp_path: Path) -> None:
    document = {"invitations": [{"user_name": "linus"}]}
    with planted(seed, document, data_dir=tmp_path / "data") as first:
        [invitation] = asked(first, "/_emulator/account/invitations")["invitations"]
        accepting = json.dumps({"invitation_id": invitation["id"]}).encode()
        owner = Client(first.endpoint, first.api_key())
        assert owner.call("POST", "/_emulator/account/members", accepting).status == 200
    with planted(seed, document, data_dir=tmp_path / "data") as second:
        assert asked(second, "/_emulator/account/invitations") == {"invitations": []}
        members = asked(second, "/_emulator/account/members")["account_members"]
        assert "linus" in [member["user_name"] for member in members]
