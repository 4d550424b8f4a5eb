"""The life of a key: it works from its creation to the second of its expiry, or its revocation."""

from __future__ import annotations

import pytest

from tests.contract.expect import expect_error
from tests.contract.stores import LIST
from tests.support.keys import inner_key, v1

from .api import HOUR, KEYS, NOW, Api, Clock
from .expect import expect_refusal
from .permission_sets import LIST_STORES, allow

pytestmark = pytest.mark.proves("Key lifecycle")


@pytest.mark.parametrize("role_id", ["owner", "operator", "viewer"])
def test_a_key_expires_to_the_second(owner: Api, clock: Clock, role_id: str) -> None:
    clock.freeze(NOW)
    caller = owner.with_key(owner.new_key(role_id, expiry=NOW + HOUR).api_key)
    for elapsed in (0, 1, HOUR - 1, HOUR - 0.001):
        clock.freeze(NOW + elapsed)
        assert caller.list_keys().status == 200, elapsed
        assert caller.client.get(LIST).status == 200, elapsed
    for elapsed in (HOUR, HOUR + 0.001, HOUR + 1, 100 * HOUR):
        clock.freeze(NOW + elapsed)
        expect_refusal(caller.list_keys(), 401)
        expect_error(caller.client.get(LIST), 401)


def test_a_key_expires_on_an_open_connection(owner: Api, clock: Clock) -> None:
    clock.freeze(NOW)
    key = owner.new_key(expiry=NOW + HOUR).api_key
    with owner.client.with_key(key).wire() as wire:
        assert wire.request("GET", KEYS).status == 200
        clock.advance(HOUR - 1)
        assert wire.request("GET", KEYS).status == 200
        clock.advance(1)
        expect_refusal(wire.request("GET", KEYS), 401)
        expect_error(wire.request("GET", LIST), 401)


def test_an_expired_key_refuses_before_what_its_role_would(owner: Api, clock: Clock) -> None:
    clock.freeze(NOW)
    caller = owner.with_key(owner.new_key("viewer", expiry=NOW + 1).api_key)
    expect_refusal(caller.create_key("viewer"), 403)
    clock.advance(1)
    expect_refusal(caller.create_key("viewer"), 401)


def test_a_key_that_never_expires_never_does(owner: Api, clock: Clock) -> None:
    clock.freeze(NOW)
    caller = owner.with_key(owner.new_key().api_key)
    clock.advance(200 * 365 * 24 * HOUR)
    assert caller.list_keys().status == 200


@pytest.mark.proves("credentials: v1 API key")
def test_a_v1_key_expires_in_both_its_forms(owner: Api, clock: Clock) -> None:
    clock.freeze(NOW)
    key = owner.new_v1_key("viewer", expires_in_seconds=HOUR)
    assert key.info["expires_at_epoch_seconds"] == NOW + HOUR
    forms = (key.api_key, inner_key(key.api_key), v1(inner_key(key.api_key)))
    clock.advance(HOUR - 1)
    assert {owner.with_key(form).list_keys().status for form in forms} == {200}
    clock.advance(1)
    for form in forms:
        expect_refusal(owner.with_key(form).list_keys(), 401)


@pytest.mark.proves("Key lifecycle: Create")
def test_a_key_is_rotated_without_an_outage(owner: Api, clock: Clock) -> None:
    clock.freeze(NOW)
    role_id = owner.new_role(allow(LIST_STORES))["role_id"]
    old = owner.new_key(role_id, "build", NOW + HOUR)
    clock.advance(HOUR - 1)
    new = owner.new_key(role_id, "build", NOW + 2 * HOUR)
    assert owner.client.with_key(old.api_key).get(LIST).status == 200
    assert owner.client.with_key(new.api_key).get(LIST).status == 200
    clock.advance(1)
    expect_error(owner.client.with_key(old.api_key).get(LIST), 401)
    assert owner.client.with_key(new.api_key).get(LIST).status == 200


@pytest.mark.proves("Key lifecycle: Revoke")
def test_revoking_one_key_of_a_role_leaves_the_others(owner: Api) -> None:
    role_id = owner.new_role(allow(LIST_STORES))["role_id"]
    keys = [owner.new_key(role_id) for _ in range(3)]
    owner.revoke_key(keys[1].key_id)
    statuses = [owner.client.with_key(key.api_key).get(LIST).status for key in keys]
    assert statuses == [200, 401, 200]


@pytest.mark.proves("Key lifecycle: Revoke")
def test_the_creator_of_a_key_may_go(owner: Api) -> None:
    creator = owner.new_key("operator")
    created = owner.with_key(creator.api_key).new_key("viewer")
    owner.revoke_key(creator.key_id)
    assert owner.with_key(created.api_key).list_keys().status == 200


@pytest.mark.proves("D49")
@pytest.mark.parametrize(
    "seconds", [0, -1, 1.5, 3600.0, "3600", "", True, False, None, [], {}, 10**12, 10**30], ids=repr
)
def test_the_life_of_a_v1_key_is_a_whole_number_of_seconds(owner: Api, seconds: object) -> None:
    document = {"role": "viewer", "v1": True, "expires_in_seconds": seconds}
    answer = owner.call("POST", "/_emulator/api-keys", document)
    expect_refusal(answer, 400, mentions=["expires_in_seconds"])


@pytest.mark.parametrize(
    ("document", "status"),
    [
        ({}, 400),
        ({"role": ""}, 400),
        ({"role": 1}, 400),
        ({"role": None}, 400),
        ({"role": "unknown"}, 404),
        ({"role": "viewer", "v1": "true"}, 400),
        ({"role": "viewer", "v1": 1}, 400),
        ({"role": "viewer", "v1": None}, 400),
        ({"role": "viewer", "description": 1}, 400),
        ({"role": "viewer", "description": "x" * 1025}, 400),
        ([], 400),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_bad_request_for_a_v1_key_makes_none(owner: Api, document: object, status: int) -> None:
    before = owner.all_keys()
    expect_refusal(owner.call("POST", "/_emulator/api-keys", document), status)
    assert owner.all_keys() == before
