"""List API keys: what is in the list, and in which order."""

from __future__ import annotations

import pytest

from .api import HOUR, NOW, Api, Clock
from .expect import expect_key_object, expect_page, expect_refusal
from .permission_sets import READING

pytestmark = pytest.mark.proves("Auth APIs: GET /api-keys")


def ids(api: Api) -> list[str]:
    return [key["key_id"] for key in api.all_keys()]


@pytest.mark.proves("Key lifecycle: List")
def test_a_list_has_the_object_of_every_key(owner: Api, clock: Clock) -> None:
    clock.freeze(NOW)
    made = [owner.new_key("viewer", "one"), owner.new_key("owner", "two", NOW + HOUR)]
    entries = expect_page(owner.list_keys(), "key_info")
    for entry in entries:
        expect_key_object(entry, expires_at=entry.get("expires_at_epoch_seconds"))
    assert entries[-2:] == [key.info for key in made]


def test_an_account_begins_with_a_key_for_each_system_role(owner: Api) -> None:
    entries = expect_page(owner.list_keys(), "key_info")
    assert sorted(entry["role_id"] for entry in entries) == ["operator", "owner", "viewer"]


@pytest.mark.proves("D24")
def test_keys_are_listed_in_the_order_of_their_creation(owner: Api, clock: Clock) -> None:
    clock.freeze(NOW)
    first = ids(owner)
    made = []
    for number in range(20):
        clock.freeze(NOW - number)  # The order is that of events, whatever the clock said.
        made.append(owner.new_key("viewer", f"{99 - number}", NOW + HOUR).key_id)
    assert ids(owner) == first + made


@pytest.mark.proves("D24")
def test_the_order_survives_what_happens_to_keys_and_roles(owner: Api) -> None:
    role = owner.new_role(READING)
    made = [owner.new_key(role["role_id"]).key_id for _ in range(4)]
    assert owner.replace_role(role["role_id"], "another", READING).status == 200
    owner.revoke_key(made[1])
    made += [owner.new_key(role["role_id"]).key_id]
    assert ids(owner)[3:] == [made[0], made[2], made[3], made[4]]


@pytest.mark.proves("D42")
@pytest.mark.proves("Key lifecycle: List")
def test_a_key_is_listed_until_the_second_of_its_expiry(owner: Api, clock: Clock) -> None:
    clock.freeze(NOW)
    expiring, lasting = owner.new_key(expiry=NOW + HOUR), owner.new_key()
    clock.advance(HOUR - 1)
    assert ids(owner)[-2:] == [expiring.key_id, lasting.key_id]
    clock.freeze(NOW + HOUR - 0.000_1)
    assert expiring.key_id in ids(owner)
    clock.freeze(NOW + HOUR)
    assert expiring.key_id not in ids(owner)
    assert lasting.key_id in ids(owner)


@pytest.mark.proves("D42")
def test_expired_keys_leave_no_gaps_in_a_page(owner: Api, clock: Clock) -> None:
    clock.freeze(NOW)
    lasting = []
    for number in range(20):
        key = owner.new_key(expiry=NOW + HOUR if number % 2 else "never")
        lasting += [] if number % 2 else [key.key_id]
    clock.advance(HOUR)
    pages = list(owner.pages("/api-keys", limit=5))
    assert [len(page["key_info"]) for page in pages] == [5, 5, 3]
    assert [key["key_id"] for page in pages for key in page["key_info"]][3:] == lasting


@pytest.mark.proves("Key lifecycle: Revoke")
def test_a_revoked_key_is_listed_no_more(owner: Api) -> None:
    before = ids(owner)
    key = owner.new_key()
    assert ids(owner) == [*before, key.key_id]
    owner.revoke_key(key.key_id)
    assert ids(owner) == before


def test_every_role_that_may_list_sees_the_same(owner: Api, operator: Api, viewer: Api) -> None:
    owner.new_key("owner", "a key")
    assert owner.all_keys() == operator.all_keys() == viewer.all_keys()


def test_a_list_needs_a_key(nobody: Api) -> None:
    expect_refusal(nobody.list_keys(), 401)


def test_v1_keys_are_listed_too(owner: Api) -> None:
    key = owner.new_v1_key("viewer", description="an old one")
    assert owner.all_keys()[-1] == key.info
    expect_key_object(key.info)
