"""Disposable tokens: they carry their permissions with them, and always expire (D51)."""

from __future__ import annotations

import pytest

from tests.contract.expect import OBJECT_NOT_FOUND, expect_error, expect_object
from tests.contract.stores import LIST, Store
from tests.support.keys import inner_key, v1

from .api import HOUR, KEYS, NOW, Api, Clock
from .expect import expect_refusal
from .permission_sets import EVERYTHING, LIST_STORES, READING, allow, objects, rule

pytestmark = [pytest.mark.proves("D51"), pytest.mark.proves("credentials: disposable token")]

LONGEST = 90_000
"""25 hours, in seconds."""


def test_a_token_comes_with_its_id_and_its_expiry(owner: Api, clock: Clock) -> None:
    clock.freeze(NOW)
    answer = owner.create_token(READING, HOUR)
    assert answer.status == 200
    assert answer.json.keys() == {"token", "token_id", "expires_at_epoch_seconds"}
    assert answer.json["expires_at_epoch_seconds"] == NOW + HOUR


def test_a_token_may_what_its_rules_say_and_no_more(owner: Api, store: Store) -> None:
    store.put("live/a", b"body")
    store.put("other", b"body")
    rules = objects("read", stores={"name": store.name}, items={"key_prefix": "live/"})
    seen = store.seen_by(owner.client.with_key(owner.new_token(allow(rules))))
    expect_object(seen.get("live/a"), b"body")
    expect_error(seen.get("live/b"), 404, OBJECT_NOT_FOUND)
    expect_error(seen.get("other"), 403)
    expect_error(seen.put("live/a", b"new"), 403)
    expect_error(seen.describe(), 403)
    expect_error(seen.client.get(LIST), 403)
    expect_refusal(Api(seen.client).list_keys(), 403)
    expect_object(store.get("live/a"), b"body")


def test_a_token_is_accepted_whole_and_as_what_it_holds(owner: Api) -> None:
    token = owner.new_token(allow(LIST_STORES))
    for presented in (token, inner_key(token), v1(inner_key(token))):
        client = owner.client.with_key(presented)
        assert client.get(LIST).status == 200
        expect_error(client.get(f"{LIST}/store"), 403)


def test_a_token_may_manage_keys_and_roles_where_a_rule_says_so(owner: Api) -> None:
    holder = owner.with_key(
        owner.new_token(allow(rule("auth_management", "read", "write", "list")))
    )
    role = holder.new_role(READING)
    key = holder.new_key(role["role_id"])
    assert holder.delete_role(role["role_id"]).json["api_keys"] == [key.info]
    assert holder.revoke_key(key.key_id).status == 200
    assert holder.delete_role(role["role_id"]).json == {"status": "deleted"}


def test_tokens_are_in_no_list_and_block_no_role(owner: Api) -> None:
    before = owner.all_keys()
    answer = owner.create_token(READING)
    assert owner.all_keys() == before
    expect_refusal(owner.revoke_key(answer.json["token_id"]), 404)
    assert owner.with_key(answer.json["token"]).client.get(f"{LIST}/some/key").status == 404


@pytest.mark.parametrize("seconds", [1, HOUR, LONGEST])
def test_a_token_expires_to_the_second(owner: Api, clock: Clock, seconds: int) -> None:
    clock.freeze(NOW)
    token = owner.new_token(allow(LIST_STORES), seconds)
    for presented in (token, inner_key(token)):
        client = owner.client.with_key(presented)
        clock.freeze(NOW + seconds - 0.001)
        assert client.get(LIST).status == 200
        clock.freeze(NOW + seconds)
        expect_error(client.get(LIST), 401)
        expect_refusal(Api(client).list_keys(), 401)


def test_a_token_expires_on_an_open_connection(owner: Api, clock: Clock) -> None:
    clock.freeze(NOW)
    token = owner.new_token(allow(rule("auth_management", "list")), HOUR)
    with owner.client.with_key(token).wire() as wire:
        assert wire.request("GET", KEYS).status == 200
        clock.advance(HOUR - 1)
        assert wire.request("GET", KEYS).status == 200
        clock.advance(1)
        expect_refusal(wire.request("GET", KEYS), 401)


@pytest.mark.parametrize(
    "seconds",
    [0, -1, LONGEST + 1, 10**30, 1.0, 3600.5, "3600", "", "never", True, False, None, [], {}],
    ids=repr,
)
def test_a_token_lives_for_1_to_90000_seconds(owner: Api, seconds: object) -> None:
    answer = owner.create_token(READING, seconds)
    expect_refusal(answer, 400, mentions=["expires_in_seconds"])


@pytest.mark.parametrize("member", ["permissions", "expires_in_seconds"])
def test_a_missing_member_is_400(owner: Api, member: str) -> None:
    document: dict[str, object] = {"permissions": READING, "expires_in_seconds": HOUR}
    del document[member]
    expect_refusal(owner.call("POST", "/_emulator/tokens", document), 400, mentions=[member])


@pytest.mark.parametrize("count", [1, 20])
def test_a_token_has_up_to_20_rules(owner: Api, count: int) -> None:
    rules = [objects("read", stores={"name": f"store-{number}"}) for number in range(count)]
    client = owner.client.with_key(owner.new_token(allow(*rules)))
    for number in (0, count - 1):
        assert client.get(f"{LIST}/store-{number}/key").status == 404
    expect_error(client.get(f"{LIST}/store-{count}/key"), 403)


@pytest.mark.parametrize("count", [21, 22, 1000])
def test_a_token_has_no_more_than_20_rules(owner: Api, count: int) -> None:
    expect_refusal(owner.create_token(allow(*[LIST_STORES] * count)), 400, mentions=["rules"])


@pytest.mark.parametrize(
    "permissions",
    [{"super_user": True}, {"super_user": True, **READING}, {"rules": [{"type": "super_user"}]}],
    ids=str,
)
def test_a_token_is_never_a_super_user(owner: Api, permissions: object) -> None:
    expect_refusal(owner.create_token(permissions), 400)


def test_a_token_that_may_all_that_rules_permit_is_no_owner(owner: Api) -> None:
    holder = owner.with_key(owner.new_token(EVERYTHING))
    assert holder.list_keys().status == 200
    invited = holder.call("POST", "/_emulator/account/invitations", {"user_name": "ada"})
    expect_refusal(invited, 403)


def test_a_token_does_not_follow_its_maker(owner: Api) -> None:
    role = owner.new_role(allow(rule("auth_management", "write"), LIST_STORES))
    maker = owner.new_key(role["role_id"])
    token = owner.with_key(maker.api_key).new_token(allow(LIST_STORES))
    owner.revoke_key(maker.key_id)
    owner.delete_role(role["role_id"])
    assert owner.client.with_key(token).get(LIST).status == 200


@pytest.mark.parametrize("length", [100, 500, 1024])
def test_a_token_that_is_given_fits_into_a_header(owner: Api, length: int) -> None:
    items = [f"{number:02}" + "k" * (length - 2) for number in range(20)]
    permissions = allow(*(objects("read", items={"key": key}) for key in items))
    answer = owner.create_token(permissions)
    if answer.status == 400:
        expect_refusal(answer, 400, mentions=["permissions"])
        return
    client = owner.client.with_key(answer.json["token"])
    assert client.get(f"{LIST}/some/{items[-1]}").status == 404


def test_tokens_are_for_those_who_may_write_keys(owner: Api, viewer: Api, nobody: Api) -> None:
    expect_refusal(viewer.create_token(READING), 403)
    expect_refusal(nobody.create_token(READING), 401)
    expect_refusal(owner.with_key(owner.new_token(READING)).create_token(READING), 403)
