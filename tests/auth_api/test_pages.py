"""Long lists, a page at a time: every entry once, whatever happens meanwhile (D43)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator import Emulator
from tests.suites import examples

from .api import KEYS, ROLES, Api
from .expect import expect_page, expect_refusal
from .permission_sets import READING

pytestmark = [
    pytest.mark.proves("D43"),
    pytest.mark.proves("Auth APIs: GET /api-keys"),
    pytest.mark.proves("Auth APIs: GET /roles"),
]


class Listing(NamedTuple):
    """A list, how an entry is added and removed, and how many it begins with."""

    path: str
    member: str
    entry_id: str
    add: Callable[[Api, int], str]
    remove: Callable[[Api, str], object]
    first: int
    query: dict[str, str]


def add_key(api: Api, number: int) -> str:
    return api.new_key("viewer", f"key {number}").key_id


def add_role(api: Api, number: int) -> str:
    answer = api.create_role(f"role {number}", READING)
    assert answer.status == 200, answer
    return str(answer.json["role_id"])


LISTINGS = {
    "keys": Listing(KEYS, "key_info", "key_id", add_key, Api.revoke_key, 3, {}),
    "roles": Listing(ROLES, "roles", "role_id", add_role, Api.delete_role, 3, {}),
    "custom-roles": Listing(
        ROLES, "roles", "role_id", add_role, Api.delete_role, 0, {"type": "custom"}
    ),
}
in_each_list = pytest.mark.parametrize("listing", LISTINGS.values(), ids=LISTINGS)


@in_each_list
def test_every_page_size_gives_every_entry_once_and_in_order(owner: Api, listing: Listing) -> None:
    for number in range(104 - listing.first):
        listing.add(owner, number)
    whole = list(owner.walk(listing.path, listing.member, **listing.query))
    assert len({entry[listing.entry_id] for entry in whole}) == 104
    with owner.client.wire() as wire:
        for limit in range(1, 101):
            found, token, sizes = [], "", []
            while token is not None:
                query = "".join(f"&{name}={value}" for name, value in listing.query.items())
                path = f"{listing.path}?limit={limit}{query}"
                page = wire.request("GET", f"{path}&next_token={token}" if token else path).json
                assert page.get("next_token") != token, "the pages go round in circles"
                token = page.get("next_token")
                sizes.append(len(page[listing.member]))
                found += page[listing.member]
            assert found == whole
            full, rest = divmod(104, limit)
            assert sizes == [limit] * full + ([rest] if rest else [])


@in_each_list
def test_a_token_comes_only_when_more_remain(owner: Api, listing: Listing) -> None:
    for number in range(7):
        listing.add(owner, number)
    count = 7 + listing.first
    for limit in range(1, 20):
        answer = owner.client.get(
            f"{listing.path}?limit={limit}" + "".join(f"&{k}={v}" for k, v in listing.query.items())
        )
        entries = expect_page(answer, listing.member)
        assert len(entries) == min(limit, count)
        assert ("next_token" in answer.json) is (limit < count)
        if "next_token" in answer.json:
            assert isinstance(answer.json["next_token"], str)
            assert answer.json["next_token"]


@in_each_list
def test_a_page_has_100_entries_where_nothing_is_said(owner: Api, listing: Listing) -> None:
    for number in range(100 - listing.first):
        listing.add(owner, number)
    [page] = owner.pages(listing.path, **listing.query)
    assert len(page[listing.member]) == 100
    listing.add(owner, 100)
    sizes = [len(page[listing.member]) for page in owner.pages(listing.path, **listing.query)]
    assert sizes == [100, 1]


@in_each_list
def test_pages_may_have_different_sizes(owner: Api, listing: Listing) -> None:
    made = [listing.add(owner, number) for number in range(9)]
    first = owner.client.get(f"{listing.path}?limit=5&type=custom").json
    token = first["next_token"]
    if listing.path == ROLES:
        second = owner.list_roles(type="custom", limit=100, next_token=token).json
    else:
        second = owner.list_keys(limit=100, next_token=token).json
    found = [entry[listing.entry_id] for page in (first, second) for entry in page[listing.member]]
    assert found[-9:] == made


@in_each_list
def test_a_token_can_be_used_again_and_by_everybody(
    owner: Api, viewer: Api, listing: Listing
) -> None:
    for number in range(4):
        listing.add(owner, number)
    token = next(owner.pages(listing.path, limit=2, **listing.query))["next_token"]
    pages = [
        next(caller.pages(listing.path, limit=2, next_token=token, **listing.query))
        for caller in (owner, owner, viewer)
    ]
    assert pages[0] == pages[1] == pages[2]


@in_each_list
def test_a_token_outlives_the_entry_that_it_was_made_at(owner: Api, listing: Listing) -> None:
    made = [listing.add(owner, number) for number in range(6)]
    page = next(owner.pages(listing.path, limit=listing.first + 2, **listing.query))
    for entry_id in made[:4]:
        listing.remove(owner, entry_id)
    rest = owner.walk(listing.path, listing.member, next_token=page["next_token"], **listing.query)
    assert [entry[listing.entry_id] for entry in rest] == made[4:]


@in_each_list
def test_a_token_leads_to_an_empty_page_where_all_that_remained_is_gone(
    owner: Api, listing: Listing
) -> None:
    made = [listing.add(owner, number) for number in range(3)]
    page = next(owner.pages(listing.path, limit=listing.first + 1, **listing.query))
    for entry_id in made[1:]:
        listing.remove(owner, entry_id)
    [last] = owner.pages(listing.path, next_token=page["next_token"], **listing.query)
    assert last == {listing.member: []}


def test_system_roles_are_pages_like_others(owner: Api) -> None:
    pages = list(owner.pages(ROLES, type="system", limit=1))
    assert [page["roles"][0]["role_name"] for page in pages] == ["Owner", "Operator", "Viewer"]
    assert [page["roles"] for page in owner.pages(ROLES, limit=1)] == [
        page["roles"] for page in pages
    ]


@pytest.mark.parametrize(
    "listing", [LISTINGS["keys"], LISTINGS["custom-roles"]], ids=["keys", "custom-roles"]
)
@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    limit=st.integers(1, 7),
    at_first=st.integers(0, 12),
    between=st.lists(st.lists(st.integers(-20, 3), max_size=4), max_size=12),
)
def test_whoever_follows_the_tokens_sees_what_is_there_all_the_time_exactly_once(
    running: Emulator,
    owner: Api,
    listing: Listing,
    limit: int,
    at_first: int,
    between: list[list[int]],
) -> None:
    """Between two pages, a negative number removes an entry, another adds one."""
    running.reset()
    there = [listing.add(owner, number) for number in range(at_first)]
    lasting, ever = set(there), list(there)
    steps, seen = iter(between), []
    for page in owner.pages(listing.path, limit=limit, **listing.query):
        assert len(page[listing.member]) <= limit
        seen += [entry[listing.entry_id] for entry in page[listing.member]]
        for step in next(steps, []):
            if step < 0 and there:
                removed = there.pop(step % len(there))
                listing.remove(owner, removed)
                lasting.discard(removed)
            else:
                there.append(listing.add(owner, len(ever)))
                ever.append(there[-1])
    seen = seen[listing.first :]
    assert len(set(seen)) == len(seen)
    assert lasting <= set(seen) <= set(ever)
    assert seen == sorted(seen, key=ever.index)


@pytest.mark.parametrize("path", [KEYS, ROLES])
def test_who_may_not_list_gets_no_page_by_a_token_either(owner: Api, path: str) -> None:
    token = next(owner.pages(path, limit=1))["next_token"]
    outsider = owner.with_key(owner.key_with(READING))
    expect_refusal(outsider.client.get(f"{path}?next_token={token}"), 403)
