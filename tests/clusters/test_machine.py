"""Whatever is done to clusters, and whenever: they are what a model of their life says."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from emulator import Emulator
from tests.suites import examples
from tests.support.emulators import Start, raw_client

from .documents import cluster_configuration, post

DELAY = 10
MOST_SHARDS = 3
names = st.sampled_from(["one", "two"])
times = st.sampled_from([0, 1, DELAY - 1, DELAY])


class Known(NamedTuple):
    """A cluster of the model: what it becomes at its instant, in seconds, and the numbers of its
    shards."""

    during: str
    after: str
    at: int
    shards: list[int]


class Comparison(RuleBasedStateMachine):
    """The same calls to an emulator and to the model."""

    emulator: Emulator

    @initialize()
    def begin(self) -> None:
        self.emulator.reset()
        self.emulator.clock.freeze(1_000_000)
        self.client = raw_client(self.emulator)
        self.now = 0
        self.model: dict[str, Known] = {}

    def status(self, name: str) -> str:
        """The status that the model has; empty if there is no such cluster."""
        known = self.model.get(name)
        if known is None:
            return ""
        return known.during if self.now < known.at else known.after

    def change(self, during: str, after: str, shards: list[int]) -> Known:
        return Known(during, after, self.now + DELAY, shards)

    @rule(seconds=times)
    def wait(self, seconds: int) -> None:
        self.emulator.clock.advance(seconds)
        self.now += seconds

    @rule(name=names, shards=st.integers(1, MOST_SHARDS), fails=st.booleans())
    def create(self, name: str, shards: int, fails: bool) -> None:
        if fails:
            self.emulator.faults.add("creation_failed", id="fails")
        answer = post(self.client, "", cluster_configuration(name, shard_count=shards))
        self.emulator.faults.clear()
        assert answer.status == (400 if self.status(name) else 202)
        if answer.status == 202:
            after = "CreationFailed" if fails else "Active"
            self.model[name] = self.change("Creating", after, list(range(shards)))

    @rule(name=names, shards=st.integers(1, MOST_SHARDS))
    def resize(self, name: str, shards: int) -> None:
        known, status = self.model.get(name), self.status(name)
        present = known.shards if known is not None else []
        removed = present[: max(0, len(present) - shards)]
        kept = present[len(removed) :]
        free = [number for number in range(MOST_SHARDS) if number not in kept]
        body = {"shard_count": shards, "shards_to_remove": removed}
        answer = post(self.client, f"/{name}/shard-configuration", body)
        assert answer.status == {"": 404, "Active": 202}.get(status, 400)
        if answer.status == 202:
            resized = sorted([*kept, *free[: shards - len(kept)]])
            self.model[name] = self.change("Updating", "Active", resized)

    @rule(name=names)
    def delete(self, name: str) -> None:
        known, status = self.model.get(name), self.status(name)
        answer = self.client.request("DELETE", f"/ec-cluster/{name}")
        assert answer.status == (202 if status else 404)
        if known is not None and status not in ("", "Deleting"):
            self.model[name] = self.change("Deleting", "", known.shards)

    @invariant()
    def agrees(self) -> None:
        there = sorted(name for name in self.model if self.status(name))
        assert self.client.get("/ec-cluster").json == {"clusters": [{"name": n} for n in there]}
        for name in there:
            found = self.client.get(f"/ec-cluster/{name}").json
            assert found["status"] == self.status(name)
            indexes = [each["shard_index"] for each in found["shard_placements"]]
            assert indexes == self.model[name].shards
            assert found["shard_count"] == len(indexes)
            assert ("errors" in found) == (found["status"] == "CreationFailed")


@pytest.mark.proves("D134, D138")
def test_whatever_is_done_clusters_are_what_the_model_says(start: Start) -> None:
    running = start(cluster_delay=DELAY)

    class WithEmulator(Comparison):
        emulator = running

    run_state_machine_as_test(
        WithEmulator,
        settings=settings(max_examples=examples(20), stateful_step_count=30, deadline=None),
    )
