"""SIGKILL at a hundred random moments under a write load: what was acknowledged is there, whole.

The kernel goes on when a process is killed, and writes what it was given. So this shows the order
in which things become visible, and that nothing is half done; what a crash of the machine leaves
depends on what was synced before it was acknowledged, which ``test_lasting`` looks at.
"""

from __future__ import annotations

import os
import random
import signal
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from emulator.backends.storage.file_names import file_name
from tests.support.client import Client
from tests.support.launch import Launcher, Running

from .load import STORES, Load

pytestmark = pytest.mark.slow(seconds=10)

LIVES = 10
KILLS = 10
"""Of each life: a hundred in all. One more, of which nothing can be lost, hits the first start."""

SEED = int(os.environ.get("KILLS_SEED") or random.SystemRandom().randrange(2**32))
"""Set the variable to the number that a failed test printed, to have its moments again."""


@pytest.mark.parametrize("life", range(LIVES))
def test_after_a_kill_every_acknowledged_object_store_and_key_is_there(
    emulators: Launcher, data: Path, tmp_path: Path, life: int
) -> None:
    print(f"KILLS_SEED={SEED}")
    randomness = random.Random(f"{SEED}/{life}")
    arguments = ("--data-dir", data, "--cache-max-object-bytes", "1MiB")
    seconds = seconds_of_a_start(emulators, tmp_path / "another")
    starting = emulators.spawn(*arguments)
    time.sleep(randomness.uniform(0, seconds))
    kill(starting)
    load = Load()
    running = emulators.start(*arguments)
    prepare(running.client(), load)
    keys = running.keys

    for _ in range(KILLS):
        threads, begun = load.start(running.client(), randomness)
        assert begun.wait(10)
        time.sleep(randomness.uniform(0.001, 0.15))
        kill(running)
        for thread in threads:
            thread.join(20)
            assert not thread.is_alive()
        running = emulators.start(*arguments)
        assert running.keys == keys
        expect_no_other_files(data, load)
        expect_the_account(running.client(), load)
        expect_objects(running.client(), load, load.touched)
        load.touched = set()

    assert load.unexpected == []
    expect_objects(running.client(), load, set(load.history.writes))
    expect_no_other_objects(running.client(), load)
    written = list(load.history.writes.values())
    assert len(written) > KILLS, "the writers had time to write"
    running.stop()


def seconds_of_a_start(emulators: Launcher, data: Path) -> float:
    """How long a first start takes on this machine now."""
    starting = emulators.spawn("--data-dir", data)
    before = time.monotonic()
    starting.wait_until_ready()
    seconds = time.monotonic() - before
    kill(starting)
    return seconds


def kill(running: Running) -> None:
    running.send(signal.SIGKILL)
    assert running.wait() == -signal.SIGKILL


def prepare(client: Client, load: Load) -> None:
    for store in STORES:
        assert client.create_store(store).status == 201
        load.stores.sent.add(store)
        load.stores.kept.add(store)


def expect_no_other_files(data: Path, load: Load) -> None:
    """Nothing unfinished is left, and no object's file that nobody asked for."""
    assert set(os.listdir(data)) == {"account.json", "api-keys.json", "lock", "objects", "tmp"}
    assert os.listdir(data / "tmp") == []
    sent = {
        Path(file_name(f"bucket-of-{store}"), file_name(key))
        for store, _, key in (name.partition(" ") for name in load.history.writes)
    }
    objects = data / "objects"
    found = {path.relative_to(objects) for path in objects.rglob("*") if path.is_file()}
    assert found <= sent


def expect_the_account(client: Client, load: Load) -> None:
    there = set(client.store_names())
    assert load.stores.kept <= there <= load.stores.sent
    load.stores.kept = there  # What was on its way at the kill has been decided now.
    described = {info["description"] for info in api_keys(client)}
    made_with_the_account = {text for text in described if text.endswith("made with the account")}
    assert len(made_with_the_account) == 3
    assert load.keys.kept <= described - made_with_the_account <= load.keys.sent
    load.keys.kept = described - made_with_the_account
    for api_key in load.api_keys.values():
        assert Client(client.endpoint, api_key).list_stores().status == 200
    load.api_keys.clear()


def api_keys(client: Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    query = ""
    while True:
        page = client.call("GET", f"/api-keys{query}").json()
        found += page["key_info"]
        if "next_token" not in page:
            return found
        query = f"?next_token={page['next_token']}"


def expect_objects(client: Client, load: Load, names: set[str]) -> None:
    """Each is one that was sent and that no acknowledged one has followed: body and metadata."""
    with closing(client.connect()) as connection:
        for name in names:
            store, _, key = name.partition(" ")
            answer = client.get(store, key, over=connection)
            if answer.status == 404:
                assert load.history.may_be_absent(name), name
                load.history.settle(name, None)
                continue
            assert answer.status == 200, (name, answer)
            assert "version" in answer.headers, f"{name} has lost its metadata"
            number = int(answer.headers["version"])
            assert number in load.history.may_be(name), name
            write = load.history.writes[name][number]
            assert answer.body == write.body, name
            assert answer.headers["of"] == write.metadata["of"]
            load.history.settle(name, number)


def expect_no_other_objects(client: Client, load: Load) -> None:
    """The lists have what was written and nothing else, each with its own life time."""
    found = {}
    for store in STORES:
        for each in client.call("GET", f"/_emulator/objects/{store}").json()["objects"]:
            stored = each["storage"]
            lives_on = stored["expires_at"] is None
            found[f"{store} {each['key']}"] = (int(stored["metadata"]["version"]), lives_on)
    assert found == {
        name: (write.number, write.ttl_seconds is None)
        for name, writes in load.history.writes.items()
        for write in writes.values()
    }
