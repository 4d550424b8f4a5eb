"""What is no rule: refused with what there is, and nothing has changed."""

from __future__ import annotations

from typing import Any

import pytest

from emulator import Emulator
from emulator.control.fault_effects import EFFECTS
from emulator.control.fault_rule import MEMBERS
from emulator.core.operation import OPERATIONS
from tests.contract.stores import Store

from .rules import PATH, Rules, status

Document = dict[str, Any]


def refusal(rules: Rules, document: object) -> str:
    """What is said where that is added; nothing has changed after it."""
    before = rules.all()
    answer = rules.add(document)
    assert answer.status == 400, answer
    assert list(answer.json) == ["message"]
    assert rules.all() == before
    return answer.message


@pytest.fixture(autouse=True)
def _another_rule(rules: Rules) -> None:
    rules.new(status(429), id="another", operation="GetObject", nth=2)


def test_a_refusal_lets_the_other_rules_be(rules: Rules, store: Store) -> None:
    assert store.get("key").status == 404
    refusal(rules, {"effect": "nothing"})
    assert store.get("key").status == 429
    assert rules.get("another").json["matched"] == 2


def test_an_effect_that_there_is_not_is_answered_with_those_that_there_are(rules: Rules) -> None:
    for effect in (
        "explode",
        {"type": "explode"},
        {"type": "Status", "status": 500},
        {"type": "*"},
    ):
        for document in ({"effect": effect}, {"effects": ["cache_down", effect]}):
            message = refusal(rules, document)
            assert all(name in message for name in EFFECTS), message


@pytest.mark.parametrize("effect", [None, 5, True, [], {}, {"status": 500}, [["close"]]], ids=str)
def test_what_is_no_effect_at_all_is_answered_with_those_that_there_are(
    rules: Rules, effect: object
) -> None:
    for document in ({"effect": effect}, {"effects": [effect]}):
        message = refusal(rules, document)
        assert all(name in message for name in EFFECTS), message


def test_a_rule_without_an_effect_is_answered_with_those_that_there_are(rules: Rules) -> None:
    message = refusal(rules, {})
    assert all(name in message for name in EFFECTS), message
    assert "effects" in refusal(rules, {"effects": []})
    assert "effects" in refusal(rules, {"effects": "close"})
    assert "effects" in refusal(rules, {"effects": ["close"], "effect": "close"})


def test_the_place_of_what_is_wrong_is_named(rules: Rules) -> None:
    assert "effects[1].status" in refusal(rules, {"effects": ["close", status(418)]})
    assert "effect.status" in refusal(rules, {"effect": status(418)})


@pytest.mark.parametrize("name", ["operations", "Operation", "state", "", "count", "matched"])
def test_a_member_that_there_is_not_is_answered_with_those_that_there_are(
    rules: Rules, name: str
) -> None:
    message = refusal(rules, {"effect": "close", name: 1})
    assert repr(name) in message
    assert all(known in message for known in MEMBERS)


def test_what_was_nearly_right_is_suggested(rules: Rules) -> None:
    assert "did you mean operation?" in refusal(rules, {"effect": "close", "operatoin": "*"})
    assert "did you mean GetObject?" in refusal(rules, {"effect": "close", "operation": "GetObjet"})
    assert "did you mean truncate?" in refusal(rules, {"effect": "truncat"})


def test_what_stands_in_the_wrong_place_is_sent_to_the_right_one(rules: Rules) -> None:
    assert 'an effect, as in {"type": "status", "status": ...}' in refusal(
        rules, {"effect": "status", "status": 503}
    )
    assert "it belongs to the rule" in refusal(
        rules, {"effect": {"type": "status", "status": 503, "operation": "GetObject"}}
    )
    assert "did you mean times?" in refusal(rules, {"effect": "close", "count": 2})
    assert '"status": 503}' in refusal(rules, {"effect": "status"})


def test_an_operation_of_another_revision_is_named_with_it(rules: Rules) -> None:
    message = refusal(rules, {"effect": "close", "operation": "DeleteObject"})
    assert "from revision 2026-08-12 on" in message


@pytest.mark.parametrize("operation", ["GetObjects", "getObject", "GET", "Get", "X*", "?"])
def test_an_operation_that_there_is_not_is_answered_with_those_that_there_are(
    rules: Rules, operation: str
) -> None:
    message = refusal(rules, {"effect": "close", "operation": operation})
    assert repr(operation) in message
    assert all(name in message for name in OPERATIONS)


def test_a_role_that_there_is_not_is_answered_with_those_that_there_are(
    emulator: Emulator, rules: Rules
) -> None:
    rule = {"type": "store", "stores": "*", "items": "*", "permissions": ["read"]}
    role_id = emulator.create_role("Night job", {"rules": [rule]})
    message = refusal(rules, {"effect": "close", "role": "Night jobs"})
    for name in ("'Night jobs'", "owner", "operator", "viewer", "Night job"):
        assert name in message
    assert rules.add({"effect": "close", "role": role_id}).status == 201


@pytest.mark.parametrize("code", [418, 200, 404.0, "404", None, True, 0, -1, 10**30])
def test_a_status_that_there_is_not_is_answered_with_those_that_there_are(
    rules: Rules, code: object
) -> None:
    message = refusal(rules, {"effect": {"type": "status", "status": code}})
    assert "effect.status" in message
    if isinstance(code, int) and code is not True:
        assert "400, 401, 403, 404, 429, 500, 503" in message


WITH_NAMES: dict[str, tuple[Document, tuple[str, ...]]] = {
    "a distribution": (
        {"type": "latency", "distribution": "normal", "seconds": 1},
        ("fixed", "uniform", "lognormal"),
    ),
    "a tier's distribution": (
        {"type": "cache_slow", "distribution": "normal", "seconds": 1},
        ("fixed", "uniform", "lognormal"),
    ),
    "when to wait": (
        {"type": "latency", "seconds": 1, "before": "body"},
        ("answer", "first_byte"),
    ),
    "where to close": (
        {"type": "close", "where": "somewhere"},
        ("before_answer", "answer_body", "request_body"),
    ),
    "what to announce": ({"type": "truncate", "announce": "nothing"}, ("whole", "part")),
    "a member of status": (
        {"type": "status", "status": 500, "code": 1},
        ("status", "message", "after_work"),
    ),
    "a member of latency": ({"type": "latency", "second": 1}, ("seconds", "before")),
    "a member of close": ({"type": "close", "seconds": 1}, ("where", "reset")),
    "a member of another place": (
        {"type": "close", "where": "request_body", "after_work": True},
        ("after_bytes",),
    ),
    "a member of the place by default": (
        {"type": "close", "after_bytes": 1},
        ("after_work",),
    ),
    "a member of cache_down": ({"type": "cache_down", "store": "a"}, ("type",)),
    "a member of storage_lost": ({"type": "storage_lost", "prefix": "a"}, ("store", "key")),
    "a member of trickle": ({"type": "trickle", "rate": 1}, ("bytes_per_second",)),
}


@pytest.mark.parametrize(("effect", "names"), WITH_NAMES.values(), ids=WITH_NAMES)
def test_a_member_that_an_effect_does_not_take_is_answered_with_those_that_it_takes(
    rules: Rules, effect: Document, names: tuple[str, ...]
) -> None:
    message = refusal(rules, {"effect": effect})
    assert "effect." in message
    for name in names:
        assert name in message


def latency(**more: object) -> Document:
    return {"type": "latency", **more}


BAD_VALUES: dict[str, Document] = {
    "status": status(500, message=5),
    "no status": {"type": "status"},
    "an empty message": status(500, message=""),
    "a long message": status(500, message="x" * 1025),
    "after_work": status(500, after_work="yes"),
    "no seconds": latency(),
    "negative seconds": latency(seconds=-0.1),
    "too many seconds": latency(seconds=3601),
    "seconds in words": latency(seconds="1"),
    "true seconds": latency(seconds=True),
    "no minimum": latency(distribution="uniform", max_seconds=1),
    "no maximum": latency(distribution="uniform", min_seconds=1),
    "a minimum above": latency(distribution="uniform", min_seconds=2, max_seconds=1),
    "seconds of a uniform one": latency(
        distribution="uniform", min_seconds=1, max_seconds=1, seconds=1
    ),
    "no sigma": latency(distribution="lognormal", median_seconds=1),
    "a large sigma": latency(distribution="lognormal", median_seconds=1, sigma=11),
    "a median of a fixed one": latency(seconds=1, median_seconds=1),
    "distribution": latency(distribution=5, seconds=1),
    "where": {"type": "close", "where": 5},
    "no where": {"type": "close", "where": None},
    "reset": {"type": "close", "reset": 1},
    "negative bytes": {"type": "truncate", "after_bytes": -1},
    "half a byte": {"type": "truncate", "after_bytes": 0.5},
    "a fraction above 1": {"type": "truncate", "after_fraction": 1.01},
    "a negative fraction": {"type": "close", "where": "answer_body", "after_fraction": -0.1},
    "bytes and a fraction": {"type": "truncate", "after_bytes": 1, "after_fraction": 0.5},
    "bytes of a request": {"type": "close", "where": "request_body", "after_bytes": "1"},
    "no rate": {"type": "trickle"},
    "a rate of 0": {"type": "trickle", "bytes_per_second": 0},
    "a negative rate": {"type": "trickle", "bytes_per_second": -1},
    "a rate beyond all": {"type": "trickle", "bytes_per_second": 1e13},
    "a slow tier's seconds": {"type": "storage_slow"},
    "a slow tier's place": {"type": "storage_slow", "seconds": 1, "before": "answer"},
    "a failed creation without a text": {"type": "creation_failed", "message": 5},
    "a failed creation with an empty text": {"type": "creation_failed", "message": ""},
    "a lost store": {"type": "cache_lost", "store": 5},
    "a lost key": {"type": "cache_lost", "key": ""},
    "a lost surrogate": {"type": "cache_lost", "key": "\ud800"},
}


@pytest.mark.parametrize("effect", BAD_VALUES.values(), ids=BAD_VALUES)
def test_a_value_that_an_effect_cannot_have_is_named(rules: Rules, effect: Document) -> None:
    assert "effect." in refusal(rules, {"effect": effect})


NO_NAMES: list[object] = ["", 5, [], "\ud800"]
NO_COUNTS: list[object] = [0, -1, 1.5, "1", True, []]
NO_INSTANTS: list[object] = [
    "tomorrow",
    "",
    "2030-01-01T00:00:00",
    "2030-13-01T00:00:00Z",
    -1,
    True,
    [],
    253_402_300_800,
    "nan",
    "inf",
    "1e400",
]
NO_OPERATIONS: list[object] = ["", 5, []]

BAD_CONDITIONS: list[tuple[str, Any]] = [
    *((name, value) for name in ("store", "key", "key_id", "role") for value in NO_NAMES),
    *((name, value) for name in ("nth", "times") for value in NO_COUNTS),
    *(("probability", value) for value in (-0.1, 1.1, "0.5", True, 10**400)),
    *(("seed", value) for value in (0.5, "1", True)),
    *((name, value) for name in ("since", "until") for value in NO_INSTANTS),
    *(("id", value) for value in ("", 5, "x" * 65, "\ud800")),
    *(("operation", value) for value in NO_OPERATIONS),
]


def test_a_condition_that_is_null_is_one_that_is_not_given(rules: Rules) -> None:
    names = ("operation", "store", "key", "role", "key_id", "nth", "times", "probability", "seed")
    nothing = dict.fromkeys((*names, "since", "until", "id"))
    assert rules.add({"effect": "close", **nothing}).status == 201


@pytest.mark.parametrize(("name", "value"), BAD_CONDITIONS, ids=lambda each: str(each)[:30])
def test_a_condition_that_cannot_be_is_named(rules: Rules, name: str, value: object) -> None:
    assert name in refusal(rules, {"effect": "close", name: value})


@pytest.mark.parametrize("document", [None, [], "close", 5, True, [{"effect": "close"}]], ids=str)
def test_a_rule_is_an_object(rules: Rules, document: object) -> None:
    refusal(rules, document)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff",
        b'{"effect": "close", "effect": "close"}',
        b'{"effect": "close", "seed": NaN}',
        b'{"effect": "close", "probability": Infinity}',
        b'{"effect": "close", "seed": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"effect": "close", "id": "' + b"x" * 1024 * 1024 + b'"}',
    ],
    ids=lambda body: str(body[:40]),
)
def test_what_is_no_json_is_400(rules: Rules, body: bytes) -> None:
    before = rules.all()
    assert rules.client.request("POST", PATH, body=body).status == 400
    assert rules.all() == before


def test_a_body_is_needed(rules: Rules) -> None:
    assert rules.client.request("POST", PATH).status == 400


def test_a_bad_rule_in_this_process_is_a_value_error(emulator: Emulator) -> None:
    before = emulator.faults.all()
    bad: list[tuple[tuple[Any, ...], Document, str]] = [
        ((), {}, "effects"),
        (("explode",), {}, "explode"),
        (("close",), {"operatoin": "*"}, "did you mean operation"),
        (("close",), {"operation": "Explode"}, "Explode"),
        (("close",), {"role": "nobody"}, "nobody"),
        (("close",), {"effect": "close"}, "effect"),
        ((status(418),), {}, r"effects\[0\]\.status"),
        (("close",), {"probability": float("nan")}, "probability"),
        (("close",), {"since": float("inf")}, "since"),
    ]
    for effects, conditions, names in bad:
        with pytest.raises(ValueError, match=names):
            emulator.faults.add(*effects, **conditions)
    assert emulator.faults.all() == before


@pytest.mark.parametrize("name", ["since", "until"])
def test_an_instant_beyond_all_numbers_is_refused_too(rules: Rules, name: str) -> None:
    assert name in refusal(rules, {"effect": "close", name: 10**400})
