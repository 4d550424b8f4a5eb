"""``faults``: things that go wrong on demand, from the shell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from emulator.control.fault_effects import EFFECTS
from emulator.control.fault_rule import MEMBERS
from tests.support.client import Client
from tests.support.command_line import Run

from .conftest import UPLOADS

OBJECT = "/objectstore/media/live/1.ts"


def test_an_effect_that_takes_nothing_is_a_word(
    anybody: Run, emulator: Emulator, client: Client
) -> None:
    assert anybody("faults", "add", "storage_down").lines == ["Added the fault rule fault-1."]
    assert client.call("PUT", OBJECT, b"body").status == 500
    (rule,) = emulator.faults.all()
    assert (rule["effect"], rule["fired"]) == ("storage_down", 1)


def test_what_an_effect_takes_is_given_by_name(anybody: Run, client: Client) -> None:
    words = "status status=429 --operation GetObject --times 2"
    anybody("faults", "add", *words.split()).lines  # noqa: B018  checks that it was done
    assert client.call("PUT", OBJECT, b"body").status == 204
    assert [client.call("GET", OBJECT).status for _ in range(3)] == [429, 429, 200]


@pytest.mark.parametrize(
    ("words", "effect"),
    [
        ("status status=503", {"type": "status", "status": 503}),
        (
            "status --store media status=429 --times 2 after_work=true",
            {"type": "status", "status": 429, "after_work": True},
        ),
        ("--store media status status=429", {"type": "status", "status": 429}),
        (
            'status status=404 message="404"',
            {"type": "status", "status": 404, "message": "404"},
        ),
        (
            "status status=404 message=a=b",
            {"type": "status", "status": 404, "message": "a=b"},
        ),
        (
            "latency seconds=0.5 before=first_byte",
            {"type": "latency", "seconds": 0.5, "before": "first_byte"},
        ),
        (
            "close where=answer_body after_bytes=10 reset=true",
            {"type": "close", "where": "answer_body", "after_bytes": 10, "reset": True},
        ),
        (
            "cache_lost store=media key=live/*",
            {"type": "cache_lost", "store": "media", "key": "live/*"},
        ),
        ("cache_lost key=null", {"type": "cache_lost", "key": "null"}),
        ("cache_lost key=[a]", {"type": "cache_lost", "key": "[a]"}),
        ("cache_lost key=NaN", {"type": "cache_lost", "key": "NaN"}),
        ("cache_lost key=1e999", {"type": "cache_lost", "key": "1e999"}),
        ("cache_down", "cache_down"),
    ],
)
def test_numbers_and_booleans_are_that_and_all_else_is_text(
    anybody: Run, emulator: Emulator, words: str, effect: object
) -> None:
    added = anybody("faults", "add", *words.split(), "--json").json()
    assert added["effect"] == effect
    assert emulator.faults.all() == [added]


def test_every_condition_is_an_option(anybody: Run, emulator: Emulator) -> None:
    given = {
        "operation": "*Object",
        "store": "media",
        "key": "live/*",
        "role": "viewer",
        "key_id": "0123",
        "nth": 2,
        "times": 3,
        "probability": 0.25,
        "seed": 4,
        "since": "2030-01-01T00:00:00Z",
        "until": "1893456060",
        "id": "mine",
    }
    flags = [word for name in given for word in (f"--{name.replace('_', '-')}", str(given[name]))]
    flags += ["--enabled", "false"]
    added = anybody("faults", "add", "storage_down", *flags, "--json").json()
    assert added == {**given, "effect": "storage_down", "enabled": False, "matched": 0, "fired": 0}
    assert {*given, "enabled", "effect", "effects"} == set(MEMBERS)
    assert emulator.faults.all() == [added]


def test_help_names_every_effect(anybody: Run) -> None:
    text = anybody("faults", "add", "--help").stdout
    assert [effect for effect in EFFECTS if effect not in text] == []


@pytest.mark.parametrize("source", ["rule.json", "-"])
def test_a_whole_rule_comes_from_a_file_or_stdin(
    anybody: Run, emulator: Emulator, tmp_path: Path, source: str
) -> None:
    rule = {"id": "both", "effects": ["cache_down", {"type": "storage_slow", "seconds": 1}]}
    (tmp_path / "rule.json").write_text(json.dumps(rule))
    ended = anybody("faults", "add", "--rule", source, stdin=json.dumps(rule))
    assert ended.lines == ["Added the fault rule both."]
    assert emulator.faults.all() == [{**rule, "enabled": True, "matched": 0, "fired": 0}]


def test_the_list_is_a_table_of_what_the_rules_do_and_have_done(
    anybody: Run, emulator: Emulator, client: Client
) -> None:
    emulator.faults.add("cache_down", operation="GetObject", key="live/*")
    emulator.faults.add(
        {"type": "status", "status": 429, "message": "slow down"},
        {"type": "cache_lost", "key": "123"},
        id="mine",
        nth=9,
    )
    client.call("GET", OBJECT)
    assert anybody("faults", "list").lines == [
        "ID       CONDITIONS                      EFFECTS"
        "                                                      MATCHED  FIRED",
        "fault-1  operation=GetObject key=live/*  cache_down"
        "                                                   1        1",
        'mine     nth=9                           status status=429 message="slow down", '
        'cache_lost key="123"  1        0',
    ]


def test_a_list_of_no_rules_says_so(anybody: Run) -> None:
    assert anybody("faults", "list").lines == ["There are no fault rules."]
    assert anybody("faults", "list", "--json").json() == {"faults": []}


def test_a_rule_without_conditions_has_none(anybody: Run, emulator: Emulator) -> None:
    emulator.faults.add("cache_down")
    assert anybody("faults", "list").lines[1].split() == ["fault-1", "-", "cache_down", "0", "0"]


def test_a_removed_rule_tells_how_often_it_had_fired(
    anybody: Run, emulator: Emulator, client: Client
) -> None:
    emulator.faults.add("cache_down", id="a/b é")
    client.call("GET", OBJECT)
    assert anybody("faults", "remove", "a/b é").lines == [
        "Removed the fault rule a/b é, which fired 1 time."
    ]
    assert emulator.faults.all() == []


def test_a_removed_rule_as_json_is_the_document_of_the_api(
    anybody: Run, emulator: Emulator
) -> None:
    emulator.faults.add("cache_down")
    (rule,) = emulator.faults.all()
    assert anybody("faults", "remove", "fault-1", "--json").json() == rule


def test_all_rules_can_be_removed(anybody: Run, emulator: Emulator) -> None:
    emulator.faults.add("cache_down")
    emulator.faults.add("cache_down")
    assert anybody("faults", "clear").lines == ["Removed every fault rule."]
    assert emulator.faults.all() == []
    assert anybody("faults", "clear", "--json").json() == {}


@pytest.mark.parametrize(
    ("words", "fragments"),
    [
        ("storage_dwon", ["effect.type", "'storage_dwon'", "did you mean storage_down?", "close"]),
        ("status code=429", ["effect.code", "status, message, after_work"]),
        ("status", ["Missing effect.status"]),
        ("status status=200", ["effect.status", "'200'", "429"]),
        ("status status=many", ["effect.status", "whole number"]),
        ("latency seconds=soon", ["effect.seconds", "number"]),
        ("storage_down --operation GetObjects", ["'GetObjects'", "did you mean GetObject?"]),
        ("storage_down --role nobody", ["role", "'nobody'", "viewer"]),
        ("storage_down --since tomorrow", ["since", "2030-01-01T00:00:00Z"]),
    ],
)
def test_what_there_is_not_is_refused_with_what_there_is(
    anybody: Run, emulator: Emulator, words: str, fragments: list[str]
) -> None:
    anybody("faults", "add", *words.split()).refused("400", *fragments)
    assert emulator.faults.all() == []


def test_a_custom_role_is_known_by_its_name(anybody: Run, emulator: Emulator) -> None:
    emulator.create_role("uploads", UPLOADS)
    assert anybody("faults", "add", "cache_down", "--role", "uploads").lines


def test_an_id_is_given_once(anybody: Run) -> None:
    words = ["faults", "add", "storage_down", "--id", "mine"]
    assert anybody(*words).lines
    anybody(*words).refused("409", "'mine'")


def test_a_rule_that_is_not_there_is_refused_with_those_that_are(
    anybody: Run, emulator: Emulator
) -> None:
    anybody("faults", "remove", "mine").refused("404", "'mine'", "none")
    emulator.faults.add("cache_down")
    anybody("faults", "remove", "mine").refused("404", "'mine'", "fault-1")


@pytest.mark.parametrize(
    ("words", "fragments"),
    [
        ("", ["effect is missing", "status status=429", "--rule"]),
        ("status=429", ["'status=429'", "must follow the effect", "status status=429"]),
        ("status 429", ["MEMBER=VALUE", "'429'", "status status=429"]),
        ("status =429", ["MEMBER=VALUE", "'=429'"]),
        ("status status=429 status=503", ["MEMBER=VALUE", "status is given more than once"]),
        ("status type=latency", ["type is given more than once"]),
        ("storage_down --nth 0", ["--nth", "'0'", "at least 1"]),
        ("storage_down --times often", ["--times", "'often'"]),
        ("storage_down --probability 2", ["--probability", "'2'", "from 0 to 1"]),
        ("storage_down --probability true", ["--probability", "'true'"]),
        ("storage_down --store=", ["--store", "empty"]),
        ("storage_down --oparation GetObject", ["--oparation", "did you mean --operation?"]),
        ("--rule nope.json", ["--rule", "'nope.json'", "No such file"]),
        ("--rule yaml.json", ["--rule", "'yaml.json'", "not JSON", "line 1, column 1"]),
        ("--rule {}", ["--rule takes a file", "--rule -"]),
        ("storage_down --rule -", ["--rule", "an effect"]),
        ("--rule - --key-id x", ["--rule", "--key-id"]),
    ],
)
def test_a_rule_has_to_be_said_in_one_way(
    anybody: Run, emulator: Emulator, tmp_path: Path, words: str, fragments: list[str]
) -> None:
    (tmp_path / "yaml.json").write_text("effect: storage_down")
    anybody("faults", "add", *words.split()).misused(*fragments)
    assert emulator.faults.all() == []


def test_a_key_in_place_of_its_id_is_not_sent(anybody: Run, emulator: Emulator) -> None:
    key = emulator.api_key("viewer")
    line = anybody("faults", "add", "cache_down", "--key-id", key).misused("--key-id", "its id")
    assert key not in line


def test_an_id_is_needed(anybody: Run) -> None:
    anybody("faults", "remove").misused("ID is missing", "faults list")
    anybody("faults", "remove", "").misused("ID", "empty")


def effects_of(emulator: Emulator) -> list[Any]:
    return [rule["effect"] for rule in emulator.faults.all()]


def test_what_the_list_shows_can_be_added_again(anybody: Run, emulator: Emulator) -> None:
    anybody("faults", "add", "close", "where=answer_body", "after_bytes=10", "reset=true")
    effect = anybody("faults", "list").lines[1].split()[2:-2]
    assert anybody("faults", "add", *effect).lines
    first, second = effects_of(emulator)
    assert first == second
