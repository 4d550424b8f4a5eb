"""On which operations a rule fires: every condition that it can have."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from emulator import Emulator
from tests.contract.stores import Store
from tests.support.raw_client import Client, Response

from .conftest import a_store
from .rules import FAIL, FAILED, Rules

READ_ALL = {"rules": [{"type": "store", "stores": "*", "items": "*", "permissions": ["read"]}]}


def has_fired(response: Response) -> bool:
    return response.status == FAILED


def test_a_rule_without_conditions_fires_on_every_operation_without_end(
    emulator: Emulator, store: Store
) -> None:
    rule = emulator.faults.add(FAIL)
    for _ in range(3):
        answers = [store.get("key"), store.put("key"), store.describe(), store.head("key")]
        assert all(map(has_fired, answers))
    assert (rule.matched, rule.fired) == (12, 12)


def test_without_rules_nothing_goes_wrong(emulator: Emulator, store: Store) -> None:
    emulator.faults.add(FAIL).remove()
    assert store.put("key", b"body").status == 204
    assert store.get("key").body == b"body"


@pytest.mark.parametrize(
    ("pattern", "puts", "gets", "describes"),
    [
        ("GetObject", False, True, False),
        ("*Object", True, True, False),
        ("?utObject", True, False, False),
        ("*ObjectStore", False, False, True),
        ("*", True, True, True),
    ],
)
def test_an_operation_is_a_pattern(
    emulator: Emulator, store: Store, pattern: str, puts: bool, gets: bool, describes: bool
) -> None:
    emulator.faults.add(FAIL, operation=pattern)
    answers = (store.put("key"), store.get("key"), store.describe())
    assert tuple(map(has_fired, answers)) == (puts, gets, describes)


def test_head_is_the_operation_that_get_is(emulator: Emulator, store: Store) -> None:
    emulator.faults.add(FAIL, operation="GetObject")
    assert has_fired(store.head("key"))
    assert store.client.head(store.path).status == 200


@pytest.mark.parametrize(
    ("pattern", "fires_on"),
    [
        ("media", ["media"]),
        ("media*", ["media", "media-2"]),
        ("*2", ["media-2"]),
        ("medi?", ["media"]),
        ("MEDIA", ["MEDIA"]),
        ("other", []),
        ("m.dia", []),
    ],
)
def test_a_store_is_a_pattern_in_the_same_case(
    emulator: Emulator, owner: Client, pattern: str, fires_on: list[str]
) -> None:
    stores = [a_store(owner, name) for name in ("media", "media-2", "MEDIA")]
    emulator.faults.add(FAIL, store=pattern)
    assert [store.name for store in stores if has_fired(store.describe())] == fires_on
    assert [store.name for store in stores if has_fired(store.get("key"))] == fires_on


KEYS = ["logo.png", "film.mp4", "a/b/film.mp4", "a/b", "é/ß", "100% *", "line\nbreak", "[x]"]


@pytest.mark.parametrize(
    ("pattern", "fires_on"),
    [
        ("logo.png", ["logo.png"]),
        ("*.mp4", ["film.mp4", "a/b/film.mp4"]),
        ("a/*", ["a/b/film.mp4", "a/b"]),
        ("a?b", ["a/b"]),
        ("é/?", ["é/ß"]),
        ("100% ?", ["100% *"]),
        ("line*break", ["line\nbreak"]),
        ("[x]", ["[x]"]),
        ("[a-z]*", []),
        ("logo?png", ["logo.png"]),
        ("logo.pn", []),
        ("*", KEYS),
    ],
)
def test_a_key_is_a_pattern_for_the_key_as_it_is_meant(
    emulator: Emulator, store: Store, pattern: str, fires_on: list[str]
) -> None:
    emulator.faults.add(FAIL, key=pattern, operation="GetObject")
    assert [key for key in KEYS if has_fired(store.get(quote(key, safe="")))] == fires_on


def test_an_operation_without_a_key_has_none_that_a_key_could_match(
    emulator: Emulator, store: Store
) -> None:
    rule = emulator.faults.add(FAIL, key="?*")
    assert store.describe().status == 200
    assert rule.matched == 0


@pytest.mark.parametrize("role", ["viewer", "Viewer"])
def test_a_system_role_goes_by_its_id_and_by_its_name(
    emulator: Emulator, store: Store, role: str
) -> None:
    emulator.faults.add(FAIL, role=role)
    viewer = store.seen_by(store.client.with_key(emulator.api_key("viewer")))
    operator = store.seen_by(store.client.with_key(emulator.api_key("operator")))
    assert has_fired(viewer.describe())
    assert operator.describe().status == 200
    assert store.describe().status == 200


@pytest.mark.parametrize("by", ["id", "name", "pattern"])
def test_a_custom_role_goes_by_its_id_and_by_its_name(
    emulator: Emulator, store: Store, by: str
) -> None:
    role_id = emulator.create_role("Night job", READ_ALL)
    job = store.seen_by(store.client.with_key(emulator.create_api_key(role_id)))
    named = {"id": role_id, "name": "Night job", "pattern": f"{role_id[:20]}*"}[by]
    rule = emulator.faults.add(FAIL, role=named)
    assert has_fired(job.get("key"))
    assert store.get("key").status == 404
    assert rule.describe()["role"] == named
    assert (rule.matched, rule.fired) == (1, 1)


def test_a_role_that_is_renamed_is_the_same_one(emulator: Emulator, store: Store) -> None:
    role_id = emulator.create_role("before", READ_ALL)
    job = store.seen_by(store.client.with_key(emulator.create_api_key(role_id)))
    emulator.faults.add(FAIL, role="before", operation="GetObject")
    document = b'{"role_name": "after", "permissions": {"rules": [{"type": "store", "stores": "*",'
    document += b' "items": "*", "permissions": ["read"]}]}}'
    json = [("Content-Type", "application/json")]
    answer = store.client.request("PUT", f"/roles/{role_id}", headers=json, body=document)
    assert answer.status == 200
    assert has_fired(job.get("key"))


def test_a_key_id_is_that_of_the_caller(emulator: Emulator, store: Store) -> None:
    new = [emulator.create_api_key("viewer", description=name) for name in ("one", "two")]
    listed = store.client.get("/api-keys").json["key_info"]
    ids = {key["description"]: key["key_id"] for key in listed}
    emulator.faults.add(FAIL, key_id=ids["one"])
    one, two = (store.seen_by(store.client.with_key(key)) for key in new)
    assert has_fired(one.get("key"))
    assert two.get("key").status == 404
    assert store.get("key").status == 404


def test_a_disposable_token_has_no_role_that_a_pattern_could_match(
    emulator: Emulator, store: Store
) -> None:
    token = emulator.create_token(READ_ALL)
    emulator.faults.add(FAIL, role="?*")
    assert store.seen_by(store.client.with_key(token)).get("key").status == 404
    assert has_fired(store.get("key"))


def test_every_condition_has_to_be_fulfilled(emulator: Emulator, owner: Client) -> None:
    this, other = a_store(owner, "this"), a_store(owner, "other")
    viewer = this.seen_by(owner.with_key(emulator.api_key("viewer")))
    rule = emulator.faults.add(FAIL, operation="GetObject", store="this", key="a*", role="owner")
    misses = [
        this.put("a"),
        other.get("a"),
        this.get("b"),
        viewer.get("a"),
    ]
    assert not any(map(has_fired, misses))
    assert rule.matched == 0
    assert has_fired(this.get("a"))
    assert rule.fired == 1


def fired_of(store: Store, count: int) -> list[int]:
    """The numbers, from 1, of the Gets that the rules answer."""
    return [number for number in range(1, count + 1) if has_fired(store.get("key"))]


@pytest.mark.parametrize(
    ("conditions", "fires_on"),
    [
        ({"nth": 1}, [1]),
        ({"nth": 3}, [3]),
        ({"times": 1}, [1]),
        ({"times": 3}, [1, 2, 3]),
        ({"nth": 2, "times": 3}, [2, 3, 4]),
        ({"nth": 7, "times": 1}, []),
        ({"nth": 5, "times": 100}, [5, 6]),
    ],
)
def test_a_rule_fires_from_the_nth_match_and_so_many_times(
    emulator: Emulator, store: Store, conditions: dict[str, Any], fires_on: list[int]
) -> None:
    rule = emulator.faults.add(FAIL, operation="GetObject", **conditions)
    assert fired_of(store, 6) == fires_on
    assert (rule.matched, rule.fired) == (6, len(fires_on))


def test_what_does_not_match_is_not_counted(emulator: Emulator, store: Store) -> None:
    rule = emulator.faults.add(FAIL, operation="GetObject", key="key", nth=2)
    for _ in range(3):
        store.put("key")
        store.get("another")
    assert rule.matched == 0
    assert fired_of(store, 3) == [2]


def test_a_rule_that_is_added_over_http_matches_as_one_that_is_added_here(
    rules: Rules, store: Store
) -> None:
    rules.new(FAIL, operation="Get*", store="st?re", key="k*", role="Owner", nth=2, times=2)
    assert fired_of(store, 5) == [2, 3]


def test_each_emulator_has_rules_of_its_own(emulator: Emulator, store: Store) -> None:
    with Emulator(cache="memory") as other:
        other.faults.add(FAIL)
        assert store.describe().status == 200
        assert emulator.faults.all() == []


def test_an_nth_that_is_null_is_none(rules: Rules, store: Store) -> None:
    rules.new(FAIL, operation="GetObject", nth=None, times=None)
    assert fired_of(store, 3) == [1, 2, 3]


def test_a_role_whose_name_has_the_signs_of_a_pattern_goes_by_its_name(
    emulator: Emulator, store: Store
) -> None:
    job = emulator.create_api_key(emulator.create_role("why?", READ_ALL))
    rule = emulator.faults.add(FAIL, role="why?")
    assert has_fired(store.seen_by(store.client.with_key(job)).get("key"))
    assert rule.fired == 1


def test_a_pattern_of_a_role_stands_for_its_name_too(emulator: Emulator, store: Store) -> None:
    job = emulator.create_api_key(emulator.create_role("night-job", READ_ALL))
    emulator.faults.add(FAIL, role="night-*")
    assert has_fired(store.seen_by(store.client.with_key(job)).get("key"))
    assert store.get("key").status == 404
