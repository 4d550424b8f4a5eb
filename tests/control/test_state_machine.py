"""Checkpoints and restores among everything else that changes the state, against a model."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from emulator import Emulator
from tests.suites import examples
from tests.support.client import Client, create_store
from tests.support.emulators import as_new, client

SECOND = 1_000_000
INSTANT = 2_000_000_000 * SECOND
STORES = ("one", "two")
KEYS = ("a", "b/c")
NAMES = ("first", "second", "third")
RULES = ("rule", "another rule")
READ = {"rules": [{"type": "store", "permissions": ["read"], "stores": "*", "items": "*"}]}
WRITE = {"rules": [{"type": "store", "permissions": ["write"], "stores": "*", "items": "*"}]}


@dataclass
class Model:
    """What the emulator is to have. Both stores lie over buckets of their own."""

    now: int = INSTANT
    stores: set[str] = field(default_factory=set)
    objects: dict[tuple[str, str], tuple[bytes, int | None]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    rules: dict[str, int] = field(default_factory=dict)

    def body(self, store: str, key: str) -> bytes | None:
        """What a Get is to find."""
        if store not in self.stores or (store, key) not in self.objects:
            return None
        body, expires_at = self.objects[store, key]
        return None if expires_at is not None and self.now >= expires_at else body


class Comparison(RuleBasedStateMachine):
    """Does the same to an emulator and to the model, and looks whether they agree."""

    emulator: Emulator
    api_keys = Bundle("api_keys")

    @initialize()
    def begin(self) -> None:
        as_new(self.emulator)
        self.emulator.clock.freeze(INSTANT)
        self.owner = client(self.emulator)
        self.model = Model()
        self.kept: dict[str, Model] = {}

    @rule(store=st.sampled_from(STORES))
    def put_store(self, store: str) -> None:
        create_store(self.owner, store, bucket=f"bucket of {store}")
        self.model.stores.add(store)

    @rule(store=st.sampled_from(STORES))
    def delete_store(self, store: str) -> None:
        answer = self.owner.call("DELETE", f"/objectstore/{store}")
        assert answer.status == (200 if store in self.model.stores else 404)
        self.model.stores.discard(store)

    @rule(
        store=st.sampled_from(STORES),
        key=st.sampled_from(KEYS),
        body=st.binary(max_size=3),
        ttl=st.none() | st.integers(1, 3),
    )
    def put(self, store: str, key: str, body: bytes, ttl: int | None) -> None:
        answer = self.owner.put(store, key, body, ttl_seconds=ttl)
        if store not in self.model.stores:
            assert answer.status == 404
            return
        assert answer.status == 204
        expires_at = None if ttl is None else self.model.now + ttl * SECOND
        self.model.objects[store, key] = (body, expires_at)

    @rule(store=st.sampled_from(STORES), key=st.sampled_from(KEYS))
    def drop(self, store: str, key: str) -> None:
        if store in self.model.stores and (store, key) in self.model.objects:
            self.emulator.tiers.drop(store, key)
            del self.model.objects[store, key]

    @rule(store=st.sampled_from(STORES))
    @precondition(lambda self: self.model.stores)
    def flush(self, store: str) -> None:
        if store in self.model.stores:
            self.emulator.tiers.flush("cluster")

    @rule(target=api_keys, role=st.sampled_from(["viewer", "owner"]))
    def create_key(self, role: str) -> str:
        key = self.emulator.create_api_key(role)
        self.model.keys[key] = role
        return key

    @rule(key=api_keys)
    def revoke_key(self, key: str) -> None:
        if key in self.model.keys:
            self.emulator.revoke_api_key(key)
            del self.model.keys[key]

    @rule(name=st.sampled_from(["reader", "writer"]), target=api_keys)
    def create_role(self, name: str) -> Any:
        if name in self.model.roles:
            return multiple()
        self.emulator.create_role(name, READ if name == "reader" else WRITE)
        key = self.emulator.create_api_key(name)
        self.model.roles[name] = key
        self.model.keys[key] = name
        return key

    @rule(seconds=st.integers(0, 3))
    def advance(self, seconds: int) -> None:
        self.emulator.clock.advance(seconds)
        self.model.now += seconds * SECOND

    @rule(name=st.sampled_from(RULES))
    def add_rule(self, name: str) -> None:
        if name not in self.model.rules:
            unavailable = {"type": "status", "status": 503}
            self.emulator.faults.add(unavailable, id=name, operation="ListRoles")
            self.model.rules[name] = 0

    @rule(name=st.sampled_from(RULES))
    def remove_rule(self, name: str) -> None:
        if name in self.model.rules:
            del self.model.rules[name]
            self.emulator.faults.clear()
            for each in self.model.rules:
                unavailable = {"type": "status", "status": 503}
                self.emulator.faults.add(unavailable, id=each, operation="ListRoles")
                self.model.rules[each] = 0

    @rule()
    def list_roles(self) -> None:
        answer = self.owner.call("GET", "/roles")
        assert answer.status == (503 if self.model.rules else 200)
        for first in list(self.model.rules)[:1]:
            self.model.rules[first] += 1

    @rule(name=st.sampled_from(NAMES))
    def checkpoint(self, name: str) -> None:
        self.emulator.checkpoint(name)
        self.kept[name] = copy.deepcopy(self.model)

    @rule(choice=st.integers(0, 2))
    @precondition(lambda self: self.kept)
    def restore(self, choice: int) -> None:
        name = sorted(self.kept)[choice % len(self.kept)]
        self.emulator.restore(name)
        self.model = copy.deepcopy(self.kept[name])

    @rule(choice=st.integers(0, 2))
    @precondition(lambda self: len(self.kept) > 1)
    def drop_checkpoint(self, choice: int) -> None:
        name = sorted(self.kept)[choice % len(self.kept)]
        self.emulator.drop_checkpoint(name)
        del self.kept[name]

    @rule()
    def reset(self) -> None:
        self.emulator.reset()
        self.emulator.clock.freeze(INSTANT)
        self.model = Model()

    @rule()
    def export_and_import(self) -> None:
        exported = self.emulator.export_state()
        self.emulator.import_state(exported)
        assert self.emulator.export_state() == exported

    @invariant()
    def they_agree(self) -> None:
        if not hasattr(self, "model"):
            return
        model, emulator = self.model, self.emulator
        assert emulator.clock.now() == model.now
        assert self.owner.store_names() == sorted(model.stores)
        for store in STORES:
            for key in KEYS:
                answer = self.owner.get(store, key)
                found = answer.body if answer.status == 200 else None
                assert found == model.body(store, key), (store, key)
        assert {each["id"]: each["fired"] for each in emulator.faults.all()} == model.rules
        assert sorted(emulator.checkpoints) == sorted(self.kept)

    @rule(key=api_keys)
    def use_key(self, key: str) -> None:
        who = Client(self.emulator.endpoint, key)
        role = self.model.keys.get(key)
        body = self.model.body("one", "a")
        got = who.get("one", "a").status
        if role is None:
            assert got == 401
        elif role == "writer":
            assert got == 403
        else:
            assert got == (404 if body is None else 200)


@pytest.fixture(scope="module", params=["memory", "fakeredis"])
def machine(request: pytest.FixtureRequest) -> Iterator[type[Comparison]]:
    with ExitStack() as stack:
        running = stack.enter_context(Emulator(cache=request.param))

        class WithEmulator(Comparison):
            emulator = running

        yield WithEmulator


def test_whatever_happened_a_restore_is_the_state_that_was_kept(
    machine: type[Comparison],
) -> None:
    run_state_machine_as_test(
        machine, settings=settings(max_examples=examples(20), stateful_step_count=40, deadline=None)
    )
