"""Any JSON document is a rule or is refused, and either leaves the emulator in order."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from emulator import Emulator
from emulator.control.fault_effects import EFFECTS
from emulator.control.fault_members import LATENCY_MEMBERS, PORTION_MEMBERS
from emulator.control.fault_rule import MEMBERS
from emulator.core.operation import OPERATIONS
from tests.contract.stores import Store, configuration
from tests.suites import examples
from tests.support.raw_client import Client

from .rules import PATH, Rules

quick = settings(
    max_examples=examples(150),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

texts = st.text(max_size=8)
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.integers(-2, 5)
scalars = st.none() | st.booleans() | numbers | texts
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)

WORDS = [
    *OPERATIONS,
    *EFFECTS,
    *("fixed", "uniform", "lognormal", "answer", "first_byte", "whole", "part"),
    *("before_answer", "answer_body", "request_body", "owner", "Viewer", "*", "Get*", "?"),
    *("2030-01-01T00:00:00Z", "2030-01-01", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00Z"),
]

values = st.sampled_from([0, 0.5, 1, 2, 400, 404, 500, *WORDS]) | anything

EFFECT_MEMBERS = sorted(
    {
        *LATENCY_MEMBERS,
        *PORTION_MEMBERS,
        *(name for each in EFFECTS.values() for name in each.members),
    }
)

effects = (
    st.sampled_from(list(EFFECTS))
    | st.builds(
        lambda name, rest: {**rest, "type": name},
        st.sampled_from(list(EFFECTS)),
        st.dictionaries(st.sampled_from(EFFECT_MEMBERS), values, max_size=4),
    )
    | anything
)


def rule_like(member: str) -> st.SearchStrategy[Any]:
    if member == "effect":
        return effects
    if member == "effects":
        return st.lists(effects, max_size=3) | anything
    return values


rule_likes = st.sets(st.sampled_from(MEMBERS), max_size=4).flatmap(
    lambda names: st.fixed_dictionaries(
        {"effect": effects, **{name: rule_like(name) for name in names if name != "effects"}}
    )
)

rules_of_several = st.fixed_dictionaries({"effects": st.lists(effects, max_size=3)})


def check(rules: Rules, document: object) -> None:
    """A rule is added and described as it was given, without the members that are null, which say
    nothing; anything else changes nothing."""
    rules.clear()
    answer = rules.add(document)
    assert answer.status in (201, 400), (document, answer)
    if answer.status == 400:
        assert list(answer.json) == ["message"]
        assert rules.all() == []
        return
    assert isinstance(document, dict)
    said = {name: value for name, value in document.items() if value is not None}
    described = answer.json
    assert rules.all() == [described]
    assert isinstance(described["id"], str)
    given_back = {"id": described["id"], **json.loads(json.dumps(said))}
    assert described == {**given_back, "enabled": True, "matched": 0, "fired": 0}


@quick
@given(anything)
def test_any_document_is_a_rule_or_refused(rules: Rules, document: object) -> None:
    check(rules, document)


@quick
@given(st.dictionaries(st.sampled_from(MEMBERS) | texts, values, max_size=5))
def test_any_document_with_the_members_of_a_rule_is_a_rule_or_refused(
    rules: Rules, document: object
) -> None:
    check(rules, document)


@settings(quick, max_examples=examples(400))
@given(rule_likes | rules_of_several)
@example({"effect": "cache_down", "operation": None})
@example({"effect": None, "effects": ["cache_down"], "id": None, "times": None})
def test_any_document_that_is_almost_a_rule_is_a_rule_or_refused(
    rules: Rules, document: object
) -> None:
    check(rules, document)


@quick
@given(st.binary(max_size=50) | st.text(max_size=50).map(str.encode))
def test_any_bytes_are_a_rule_or_refused(rules: Rules, body: bytes) -> None:
    rules.clear()
    answer = rules.client.request("POST", PATH, body=body)
    assert answer.status in (201, 400), answer


SHORT = st.floats(0, 0.002)
PORTIONS: st.SearchStrategy[dict[str, float]] = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"after_bytes": st.integers(0, 20)}),
    st.fixed_dictionaries({"after_fraction": st.floats(0, 1)}),
)

real_effects = st.one_of(
    st.sampled_from(["cache_down", "cache_lost", "storage_down", "storage_lost", "close"]),
    st.builds(
        lambda code, after: {"type": "status", "status": code, "after_work": after},
        st.sampled_from([400, 401, 403, 404, 429, 500, 503]),
        st.booleans(),
    ),
    st.builds(
        lambda name, seconds: {"type": name, "seconds": seconds},
        st.sampled_from(["latency", "cache_slow", "storage_slow"]),
        SHORT,
    ),
    st.builds(
        lambda seconds: {"type": "latency", "seconds": seconds, "before": "first_byte"}, SHORT
    ),
    st.builds(
        lambda portion, announce: {"type": "truncate", "announce": announce, **portion},
        PORTIONS,
        st.sampled_from(["whole", "part"]),
    ),
    st.builds(
        lambda portion, reset: {
            "type": "close",
            "where": "answer_body",
            "reset": reset,
            **portion,
        },
        PORTIONS,
        st.booleans(),
    ),
    st.builds(
        lambda reset, after: {"type": "close", "reset": reset, "after_work": after},
        st.booleans(),
        st.booleans(),
    ),
    st.builds(
        lambda size: {"type": "close", "where": "request_body", "after_bytes": size},
        st.integers(0, 20),
    ),
    st.builds(lambda rate: {"type": "trickle", "bytes_per_second": rate}, st.floats(1e4, 1e12)),
)


@settings(quick, max_examples=examples(150))
@given(st.lists(real_effects, min_size=1, max_size=4), st.booleans())
def test_whatever_effects_come_together_end_with_their_rule(
    emulator: Emulator,
    owner: Client,
    caplog: pytest.LogCaptureFixture,
    wrong: list[Any],
    in_one: bool,
) -> None:
    store = Store(owner, "store")
    assert store.configure(configuration(bucket="bucket")).status in (200, 201)
    assert store.put("key", b"a body").status == 204
    groups = [wrong] if in_one else [[effect] for effect in wrong]
    for group in groups:
        emulator.faults.add(*group, store="store", key="*")
    for method, body in (("GET", None), ("HEAD", None), ("PUT", b"another"), ("GET", None)):
        with owner.wire() as wire:
            try:
                answer = wire.request(method, store.path_of("key"), body=body)
            except ConnectionError:
                continue
            assert answer.status in (200, 204, 400, 401, 403, 404, 429, 500, 503)
    emulator.faults.clear()
    found = store.get("key")
    assert (found.status, found.body) in ((200, b"a body"), (200, b"another"), (404, found.body))
    assert store.put("key", b"at last").status == 204
    assert store.get("key").body == b"at last"
    assert "Traceback" not in caplog.text
