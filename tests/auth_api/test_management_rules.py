"""What the three management rules open: stores, keys and roles, and the account (D18)."""

from __future__ import annotations

import pytest

from tests.contract.stores import JSON, LIST, Stores, configuration, listed

from .api import Api
from .expect import expect_refusal
from .permission_sets import LIST_STORES, READING, PermissionSet, Rule, allow, objects, rule

pytestmark = [pytest.mark.proves("D18"), pytest.mark.proves("Permission set")]

SUBSETS = [(), ("read",), ("write",), ("list",), ("read", "list"), ("read", "write", "list")]
NOTHING = rule("database", "read")
"""A rule that opens nothing here, where a permission set needs one."""


def holder(owner: Api, *rules: Rule) -> Api:
    return owner.with_key(owner.key_with(allow(*rules)))


def managing(owner: Api, what: str, permissions: tuple[str, ...]) -> Api:
    return holder(owner, rule(what, *permissions) if permissions else NOTHING)


@pytest.mark.parametrize("permissions", SUBSETS, ids="-".join)
def test_resource_management_decides_about_stores(
    owner: Api, stores: Stores, permissions: tuple[str, ...]
) -> None:
    store, new = stores.create(), stores.named()
    caller = managing(owner, "resource_management", permissions).client
    may = {name: name in permissions for name in ("read", "write", "list")}
    seen, created = store.seen_by(caller), new.seen_by(caller)
    assert caller.get(LIST).status == (200 if may["list"] else 403)
    assert seen.describe().status == (200 if may["read"] else 403)
    assert caller.head(store.path).status == (200 if may["read"] else 403)
    assert seen.configure(configuration()).status == (200 if may["write"] else 403)
    assert created.configure(configuration()).status == (201 if may["write"] else 403)
    assert (new.describe().status == 200) is may["write"]
    assert seen.delete().status == (200 if may["write"] else 403)
    assert (store.describe().status == 404) is may["write"]
    assert store.seen_by(caller).get("key").status == 403
    expect_refusal(managing(owner, "resource_management", permissions).list_keys(), 403)


@pytest.mark.parametrize("permissions", SUBSETS, ids="-".join)
def test_auth_management_decides_about_keys_and_roles(
    owner: Api, permissions: tuple[str, ...]
) -> None:
    caller = managing(owner, "auth_management", permissions)
    role = owner.new_role(READING, "a role")
    key = owner.new_key("viewer")
    reading, writing = "list" in permissions, "write" in permissions
    for answer in (caller.list_keys(), caller.list_roles(), caller.list_roles(type="custom")):
        assert answer.status == (200 if reading else 403), answer
    for answer in (
        caller.create_key("viewer"),
        caller.create_role("another", READING),
        caller.replace_role(role["role_id"], "renamed", READING),
        caller.revoke_key(key.key_id),
        caller.delete_role(role["role_id"]),
    ):
        if writing:
            assert answer.status == 200, answer
        else:
            expect_refusal(answer, 403)
    assert (role["role_id"] in [each["role_id"] for each in owner.all_roles()]) is not writing
    assert (owner.with_key(key.api_key).list_keys().status == 401) is writing
    assert caller.client.get(LIST).status == 403


@pytest.mark.proves("D53")
@pytest.mark.parametrize("role_id", ["owner", "operator", "viewer"])
def test_who_may_write_keys_may_make_those_of_any_role(owner: Api, role_id: str) -> None:
    writer = managing(owner, "auth_management", ("write",))
    made = owner.with_key(writer.new_key(role_id).api_key)
    assert made.list_keys().status == 200
    assert made.create_key("viewer").status == (403 if role_id == "viewer" else 200)


@pytest.mark.proves("Account membership")
@pytest.mark.parametrize("what", ["members", "invitations"])
def test_account_management_opens_the_membership_for_reading(owner: Api, what: str) -> None:
    path = f"/_emulator/account/{what}"
    assert holder(owner, rule("account_management", "read", "list")).client.get(path).status == 200
    everything_else = [
        rule("auth_management", "read", "write", "list"),
        rule("resource_management", "read", "write", "list"),
        objects("read", "write", "list"),
    ]
    expect_refusal(holder(owner, *everything_else).client.get(path), 403)


@pytest.mark.parametrize("permission", ["read", "write", "list"])
def test_rules_about_objects_manage_no_store(owner: Api, stores: Stores, permission: str) -> None:
    store = stores.create()
    seen = store.seen_by(holder(owner, objects(permission)).client)
    assert seen.describe().status == 403
    assert seen.configure(configuration()).status == 403
    assert seen.delete().status == 403
    assert seen.client.get(LIST).status == 403
    assert store.describe().status == 200


def test_a_store_that_is_refused_is_not_looked_at(owner: Api, stores: Stores) -> None:
    caller = holder(owner, LIST_STORES).client
    nowhere = stores.named().seen_by(caller)
    assert nowhere.describe().status == 403
    assert nowhere.delete().status == 403
    assert caller.put(nowhere.path, b"no JSON", headers=JSON).status == 403


NAMED = {
    "no-store-rule": ([], ["a", "b", "c"]),
    "a-rule-for-every-store": ([objects("read")], ["a", "b", "c"]),
    "one-name": ([objects("read", stores={"name": "b"})], ["b"]),
    "two-names": (
        [objects("read", stores={"name": "c"}), objects("read", stores={"name": "a"})],
        ["a", "c"],
    ),
    "a-name-twice": (
        [objects("read", stores={"name": "b"}), objects("write", stores={"name": "b"})],
        ["b"],
    ),
    "a-name-and-every-store": (
        [objects("read", stores={"name": "b"}), objects("write")],
        ["a", "b", "c"],
    ),
    "a-name-of-no-store": ([objects("read", stores={"name": "d"})], []),
    "a-name-for-writing": ([objects("write", stores={"name": "b"})], ["b"]),
    "a-name-for-listing": ([objects("list", stores={"name": "b"})], ["b"]),
    "a-name-for-some-keys": ([objects("read", stores={"name": "b"}, items={"key": "k"})], ["b"]),
    "some-keys-of-every-store": ([objects("read", items={"key_prefix": "k"})], ["a", "b", "c"]),
    "rules-of-other-types": ([rule("cache", "read", caches={"name": "b"})], ["a", "b", "c"]),
}


@pytest.mark.proves("D41")
@pytest.mark.parametrize("kind", ["key", "token"])
@pytest.mark.parametrize(("rules", "names"), NAMED.values(), ids=NAMED)
def test_a_list_has_the_stores_that_the_rules_name(
    owner: Api, stores: Stores, rules: list[Rule], names: list[str], kind: str
) -> None:
    for name in ("a", "b", "c"):
        stores.create(name=name)
    permissions: PermissionSet = allow(LIST_STORES, *rules)
    key = owner.key_with(permissions) if kind == "key" else owner.new_token(permissions)
    assert listed(owner.client.with_key(key)) == names


@pytest.mark.proves("D41")
def test_rules_that_name_stores_do_not_replace_the_permission_to_list(
    owner: Api, stores: Stores
) -> None:
    stores.create(name="b")
    named = objects("read", "write", "list", stores={"name": "b"})
    managing_but_not_listing = rule("resource_management", "read", "write")
    for rules in ([named], [named, managing_but_not_listing]):
        assert holder(owner, *rules).client.get(LIST).status == 403


@pytest.mark.proves("D41")
def test_system_roles_list_every_store(
    owner: Api, operator: Api, viewer: Api, stores: Stores
) -> None:
    for name in ("b", "a"):
        stores.create(name=name)
    for caller in (owner, operator, viewer):
        assert listed(caller.client) == ["a", "b"]


@pytest.mark.proves("Roles and access: Operator")
def test_an_operator_manages_keys_and_roles(owner: Api, operator: Api) -> None:
    role = operator.new_role(READING)
    key = operator.new_key(role["role_id"])
    assert operator.replace_role(role["role_id"], "renamed", READING).status == 200
    assert operator.delete_role(role["role_id"]).json["status"] == "blocked"
    assert operator.revoke_key(key.key_id).status == 200
    assert operator.delete_role(role["role_id"]).json == {"status": "deleted"}
    assert operator.all_keys() == owner.all_keys()


@pytest.mark.proves("Roles and access: Viewer")
def test_a_viewer_reads_keys_and_roles_and_changes_none(owner: Api, viewer: Api) -> None:
    role, key = owner.new_role(READING), owner.new_key()
    before = (owner.all_keys(), owner.all_roles())
    assert (viewer.all_keys(), viewer.all_roles()) == before
    for answer in (
        viewer.create_key("viewer"),
        viewer.revoke_key(key.key_id),
        viewer.create_role("another", READING),
        viewer.replace_role(role["role_id"], "renamed", READING),
        viewer.delete_role(role["role_id"]),
        viewer.create_token(READING),
    ):
        expect_refusal(answer, 403)
    assert (owner.all_keys(), owner.all_roles()) == before
