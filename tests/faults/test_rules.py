"""The rules themselves: added, listed, removed, and asked how often they have fired."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import pytest

from emulator import Emulator
from emulator.control.faults import Faults
from emulator.core.model import Role
from emulator.service.account.roles import Roles
from tests.contract.stores import Store
from tests.support.raw_client import Client

from .rules import FAIL, PATH, Rules, status


def test_a_rule_is_described_as_it_was_given(emulator: Emulator, rules: Rules) -> None:
    document = {
        "id": "mine",
        "operation": "Get*",
        "store": "st?re",
        "key": "*",
        "role": "Owner",
        "key_id": "*",
        "nth": 2,
        "times": 3,
        "probability": 0.5,
        "seed": 7,
        "since": 0,
        "until": "2030-01-01T00:00:00Z",
        "effects": ["cache_down", {"type": "status", "status": 429}],
    }
    described = {**document, "enabled": True, "matched": 0, "fired": 0}
    answer = rules.add(document)
    assert (answer.status, answer.json) == (201, described)
    assert rules.get("mine").json == described
    assert rules.all() == [described]
    assert emulator.faults.all() == [described]


def test_a_rule_says_how_often_it_has_matched_and_fired(
    emulator: Emulator, rules: Rules, store: Store
) -> None:
    rule = emulator.faults.add(FAIL, operation="GetObject", nth=2, id="mine")
    for expected in ((1, 0), (2, 1), (3, 1)):
        store.get("key")
        assert (rule.matched, rule.fired) == expected
        for described in (
            rule.describe(),
            rules.get("mine").json,
            rules.all()[0],
            emulator.faults.all()[0],
        ):
            assert (described["matched"], described["fired"]) == expected
    last = rules.remove("mine").json
    assert (last["id"], last["matched"], last["fired"]) == ("mine", 3, 1)


def test_what_has_fired_is_in_the_journal(emulator: Emulator, store: Store) -> None:
    emulator.faults.add({"type": "latency", "seconds": 0}, id="first")
    emulator.faults.add(FAIL, id="second")
    emulator.faults.add(FAIL, id="third")
    store.get("key")
    assert list(emulator.journal.last(key="key").faults) == ["first", "second"]


def test_rules_are_called_by_their_number_where_nothing_else_is_said(
    emulator: Emulator, rules: Rules
) -> None:
    assert rules.new()["id"] == "fault-1"
    assert emulator.faults.add("cache_down").id == "fault-2"
    rules.remove("fault-1")
    assert rules.new()["id"] == "fault-3"
    assert rules.ids() == ["fault-2", "fault-3"]


def test_a_number_that_is_taken_is_passed_over(rules: Rules) -> None:
    rules.new(id="fault-1")
    rules.new(id="fault-3")
    assert rules.new()["id"] == "fault-4"
    assert rules.new()["id"] == "fault-5"


def test_what_was_refused_has_had_no_number(rules: Rules) -> None:
    assert rules.add({"effect": "nothing"}).status == 400
    assert rules.new()["id"] == "fault-1"


@pytest.mark.parametrize("rule_id", ["mine", "é/ß?*", " ", "a b", "x" * 64, "fault-0", "%"])
def test_a_rule_may_be_called_anything(emulator: Emulator, rules: Rules, rule_id: str) -> None:
    assert rules.new(id=rule_id)["id"] == rule_id
    quoted = quote(rule_id, safe="")
    assert rules.get(quoted).json["id"] == rule_id
    assert rules.remove(quoted).status == 200
    assert rules.all() == []
    with emulator.faults.add("cache_down", id=rule_id) as rule:
        assert rule.id == rule_id


def test_an_id_is_given_once_also_while_a_role_is_looked_up(
    emulator: Emulator, rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    add, find = Faults.add, Roles.find
    first, second = asyncio.Event(), asyncio.Event()

    async def counted(faults: Faults, document: object) -> dict[str, Any]:
        (second if first.is_set() else first).set()
        return await add(faults, document)

    async def slowly(roles: Roles, role: str) -> Role:
        await second.wait()
        return await find(roles, role)

    monkeypatch.setattr(Faults, "add", counted)
    monkeypatch.setattr(Roles, "find", slowly)
    with ThreadPoolExecutor() as pool:
        added = [pool.submit(emulator.faults.add, "close", role="viewer") for _ in range(2)]
        ids = {each.result(20).id for each in added}
    assert ids == {*rules.ids()} == {"fault-1", "fault-2"}


def test_a_name_is_taken_once(emulator: Emulator, rules: Rules, store: Store) -> None:
    rules.new(status(429), id="mine")
    answer = rules.add({"id": "mine", "effect": status(500)})
    assert answer.status == 409
    assert "'mine'" in answer.message
    with pytest.raises(ValueError, match="'mine'"):
        emulator.faults.add(status(500), id="mine")
    assert rules.ids() == ["mine"]
    assert store.get("key").status == 429
    rules.remove("mine")
    assert rules.new(status(500), id="mine")["matched"] == 0


def test_a_name_that_there_is_not_is_404_with_those_that_there_are(rules: Rules) -> None:
    for answer in (rules.get("mine"), rules.remove("mine"), rules.get("")):
        assert answer.status == 404
        assert "none" in answer.message
    rules.new(id="one")
    rules.new(id="two")
    for answer in (rules.get("mine"), rules.remove("mine")):
        assert answer.status == 404
        assert "'mine'" in answer.message
        assert "one, two" in answer.message
    assert rules.ids() == ["one", "two"]


def test_a_rule_that_was_removed_is_gone(emulator: Emulator, rules: Rules) -> None:
    rule = emulator.faults.add("cache_down")
    rule.remove()
    assert rules.all() == []
    for ask in (rule.remove, lambda: emulator.faults.get(rule.id)):
        with pytest.raises(LookupError, match=rule.id):
            ask()


def test_what_a_rule_had_counted_is_known_when_it_is_gone(emulator: Emulator, store: Store) -> None:
    with emulator.faults.add(FAIL) as rule:
        store.describe()
    assert (rule.matched, rule.fired) == (1, 1)
    assert emulator.faults.all() == []


def test_a_rule_that_somebody_else_removed_is_gone(emulator: Emulator) -> None:
    with emulator.faults.add("cache_down") as rule:
        emulator.faults.clear()
        other = emulator.faults.add("storage_down")
        with pytest.raises(LookupError, match=rule.id):
            rule.describe()
    assert [each["id"] for each in emulator.faults.all()] == [other.id]


def test_a_rule_can_be_had_by_its_id(emulator: Emulator, store: Store) -> None:
    emulator.faults.add(FAIL, id="mine")
    store.describe()
    assert emulator.faults.get("mine").fired == 1


def test_clearing_removes_every_rule(emulator: Emulator, rules: Rules, store: Store) -> None:
    for clear in (emulator.faults.clear, rules.clear):
        emulator.faults.add(FAIL)
        rules.new(FAIL)
        clear()
        assert rules.all() == emulator.faults.all() == []
        assert store.describe().status == 200
    assert rules.new("cache_down")["id"] == "fault-5"  # No id is given twice.


def test_clearing_nothing_is_fine(rules: Rules) -> None:
    assert rules.clear().status == 200
    assert rules.clear().json == {}


def test_a_rule_of_a_with_statement_ends_with_it(emulator: Emulator, store: Store) -> None:
    with emulator.faults.add(FAIL) as rule:
        assert store.get("key").status == 503
        assert rule.fired == 1
    assert emulator.faults.all() == []
    assert store.get("key").status == 404


def test_a_rule_of_a_with_statement_ends_with_its_exception(emulator: Emulator) -> None:
    with pytest.raises(ZeroDivisionError), emulator.faults.add(FAIL):
        raise ZeroDivisionError
    assert emulator.faults.all() == []


@pytest.mark.parametrize("by", ["remove", "clear", "reset"])
def test_a_rule_may_be_removed_within_its_with_statement(emulator: Emulator, by: str) -> None:
    other = emulator.faults.add("cache_down", id="other")
    with emulator.faults.add(FAIL) as rule:
        {"remove": rule.remove, "clear": emulator.faults.clear, "reset": emulator.reset}[by]()
    assert emulator.faults.all() == ([other.describe()] if by == "remove" else [])


def test_an_effect_alone_is_the_same_as_a_list_of_one(rules: Rules, store: Store) -> None:
    rules.new({"type": "cache_lost"}, times=1)
    rules.new("cache_down", times=1)
    assert rules.add({"effects": [FAIL]}).status == 201
    assert store.get("key").status == 503
    assert [rule["fired"] for rule in rules.all()] == [1, 1, 1]


def test_the_doors_of_rules_take_no_other_method(rules: Rules) -> None:
    for method, path in (("PUT", PATH), ("POST", f"{PATH}/fault-1"), ("PUT", f"{PATH}/fault-1")):
        answer = rules.client.request(method, path, body=b"{}")
        assert answer.status == 405
        assert "GET" in (answer.headers.get("Allow") or "")


def test_rules_are_read_by_head_as_well(rules: Rules) -> None:
    rules.new()
    assert rules.client.head(PATH).status == 200
    assert rules.client.head(f"{PATH}/fault-1").status == 200
    assert rules.client.head(f"{PATH}/fault-2").status == 404


def test_a_stranger_reads_and_changes_no_rules(rules: Rules) -> None:
    rules.new()
    foreign = [("Origin", "http://example.com")]
    for method, path in (
        ("GET", PATH),
        ("POST", PATH),
        ("DELETE", PATH),
        ("GET", f"{PATH}/fault-1"),
        ("DELETE", f"{PATH}/fault-1"),
    ):
        body = b'{"effect": "close"}' if method == "POST" else None
        answer = rules.client.request(method, path, headers=foreign, body=body)
        assert answer.status == 403, (method, path)
    assert rules.ids() == ["fault-1"]


def test_rules_are_added_with_the_control_token_alone_where_there_is_one() -> None:
    with Emulator(cache="memory", control_token="a-control-token") as emulator:
        rules = Rules(Client(emulator.endpoint, emulator.api_key()))
        assert rules.add({"effect": "close"}).status == 401
        headers = [("Momento-Emulator-Control-Token", "a-control-token")]
        answer = rules.client.request("POST", PATH, headers=headers, body=b'{"effect": "close"}')
        assert answer.status == 201
        assert len(emulator.faults.all()) == 1


def test_what_the_description_says_can_be_added_again(rules: Rules) -> None:
    first: dict[str, Any] = rules.new(FAIL, operation="GetObject", times=2, key="*")
    again = {name: first[name] for name in first if name not in ("matched", "fired")}
    rules.clear()
    assert rules.add(again).json == first


def test_rules_come_back_with_a_checkpoint_and_with_what_they_had_counted(
    emulator: Emulator, store: Store
) -> None:
    emulator.faults.add(FAIL, operation="GetObject", nth=3)
    emulator.faults.add({"type": "latency", "seconds": 0}, probability=0.5, seed=3, id="chance")
    store.get("key")
    before = emulator.faults.all()
    emulator.checkpoint("state")
    first = [store.get("key").status for _ in range(4)]
    after = emulator.faults.all()
    emulator.restore("state")
    assert emulator.faults.all() == before
    assert [store.get("key").status for _ in range(4)] == first
    assert emulator.faults.all() == after
    emulator.drop_checkpoint("state")


def test_an_effect_may_be_any_mapping(emulator: Emulator, store: Store) -> None:
    emulator.faults.add(MappingProxyType(FAIL))
    assert store.get("key").status == 503


def test_a_rule_stays_as_it_was_added_whatever_becomes_of_the_document(
    emulator: Emulator,
) -> None:
    effect = status(429)
    rule = emulator.faults.add(effect)
    effect["status"] = 500
    described: Any = rule.describe()
    described["effects"][0]["status"] = 403
    assert rule.describe()["effects"] == [status(429)]
