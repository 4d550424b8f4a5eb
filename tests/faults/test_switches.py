"""Fault rules that are switched off and on."""

from __future__ import annotations

import pytest

from emulator import Emulator
from tests.support.client import Client, create_store
from tests.support.emulators import Start, client, control

FAIL = {"type": "status", "status": 503}


@pytest.fixture
def emulator(start: Start) -> Emulator:
    emulator = start(cache="memory")
    create_store(client(emulator), "store")
    client(emulator).put("store", "key", b"")
    return emulator


def status(emulator: Emulator) -> int:
    return client(emulator).get("store", "key").status


def test_a_rule_is_enabled_unless_it_says_otherwise(emulator: Emulator) -> None:
    assert emulator.faults.add(FAIL).describe()["enabled"] is True
    assert emulator.faults.add(FAIL, enabled=False).describe()["enabled"] is False


def test_a_disabled_rule_matches_nothing(emulator: Emulator) -> None:
    rule = emulator.faults.add(FAIL, id="x")
    assert status(emulator) == 503
    answer = control(emulator, "POST", "/faults/x/disable")
    assert answer.status == 200
    assert answer.json() == {**FAIL_RULE, "enabled": False, "matched": 1, "fired": 1}
    assert status(emulator) == 200
    assert (rule.matched, rule.fired, rule.enabled) == (1, 1, False)
    assert control(emulator, "POST", "/faults/x/enable", {}).json()["enabled"] is True
    assert status(emulator) == 503
    assert (rule.matched, rule.fired) == (2, 2)


FAIL_RULE = {"id": "x", "effects": [FAIL]}


def test_python_switches_a_rule(emulator: Emulator) -> None:
    rule = emulator.faults.add(FAIL, enabled=False)
    assert status(emulator) == 200
    rule.enable()
    rule.enable()
    assert status(emulator) == 503
    rule.disable()
    assert status(emulator) == 200


def test_the_other_rules_go_on(emulator: Emulator) -> None:
    emulator.faults.add(FAIL).disable()
    emulator.faults.add({"type": "status", "status": 429})
    assert status(emulator) == 429


def test_requests_pass_no_gate_while_every_rule_is_disabled(emulator: Emulator) -> None:
    gates = emulator._running()._admission.gates
    rule = emulator.faults.add(FAIL, enabled=False)
    assert gates == []
    rule.enable()
    assert len(gates) == 1
    rule.disable()
    assert gates == []


def test_a_checkpoint_has_the_switch(emulator: Emulator) -> None:
    rule = emulator.faults.add(FAIL)
    rule.disable()
    emulator.checkpoint("off")
    rule.enable()
    emulator.restore("off")
    assert rule.enabled is False
    assert status(emulator) == 200


def test_a_tier_that_is_down_is_up_while_its_rule_is_disabled(emulator: Emulator) -> None:
    rule = emulator.faults.add("storage_down")
    emulator.tiers.drop("store", "key", tier="cache")
    assert status(emulator) == 500
    rule.disable()
    assert status(emulator) == 200


@pytest.mark.parametrize("action", ["disable", "enable"])
def test_a_rule_that_is_not_there_is_not_found(emulator: Emulator, action: str) -> None:
    answer = control(emulator, "POST", f"/faults/none/{action}")
    assert answer.status == 404
    removed = emulator.faults.add(FAIL)
    removed.remove()
    with pytest.raises(LookupError):
        getattr(removed, action)()


@pytest.mark.parametrize("enabled", ["true", 1, [], "no"])
def test_a_switch_is_true_or_false(emulator: Emulator, enabled: object) -> None:
    answer = control(emulator, "POST", "/faults", {"effect": FAIL, "enabled": enabled})
    assert answer.status == 400
    assert answer.json()["message"] == "Invalid enabled: it must be true or false"


@pytest.mark.parametrize("raw", [b"[]", b'{"x":1}', b"{"])
def test_a_switch_takes_no_members(emulator: Emulator, raw: bytes) -> None:
    emulator.faults.add(FAIL, id="x")
    answer = Client(emulator.endpoint).call("POST", "/_emulator/faults/x/disable", raw)
    assert answer.status == 400
    assert emulator.faults.get("x").enabled is True
