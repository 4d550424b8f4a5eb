"""SIGKILL at random moments of an import, a reset and a restore: all of it counts, or nothing."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

from tests.support.client import JSON, Client, store_configuration
from tests.support.launch import Launcher, Running

pytestmark = pytest.mark.slow(seconds=20)

KILLS = 12
OBJECTS = 300

SEED = int(os.environ.get("KILLS_SEED") or random.SystemRandom().randrange(2**32))
"""Set the variable to the number that a failed test printed, to have its moments again."""

Document = dict[str, Any]


def state(client: Client) -> Document:
    """The exported state, without the clock."""
    answer = client.call("GET", "/_emulator/state")
    assert answer.status == 200
    document: Document = answer.json()
    return {"account": document["account"], "objects": document["objects"]}


def replaced(client: Client, document: Document) -> None:
    answer = client.call("PUT", "/_emulator/state", json.dumps(document).encode(), JSON)
    assert answer.status == 200, answer


def stopped_somewhere(running: Running, work: Callable[[], object], seconds: float) -> None:
    """Begin ``work``, which takes about ``seconds``, and kill the emulator at some moment of it."""

    def until_it_dies() -> None:
        with contextlib.suppress(HTTPException, OSError):
            work()

    thread = threading.Thread(target=until_it_dies)
    thread.start()
    time.sleep(random.uniform(0, seconds))
    running.send(signal.SIGKILL)
    assert running.wait() == -signal.SIGKILL
    thread.join(20)
    assert not thread.is_alive()


@pytest.fixture
def seed(tmp_path: Path) -> Path:
    path = tmp_path / "seed.yaml"
    objects = [{"store": "seeded", "key": str(number), "text": "s"} for number in range(50)]
    stores = [{"name": "seeded", **store_configuration("seeded")}]
    path.write_text(json.dumps({"stores": stores, "objects": objects}))
    return path


@pytest.mark.parametrize("operation", ["import", "reset", "restore"])
def test_a_replacement_that_is_killed_has_happened_or_not(
    emulators: Launcher, data: Path, seed: Path, operation: str
) -> None:
    print(f"KILLS_SEED={SEED}")
    random.seed(f"{SEED}/{operation}")

    def started(*arguments: str | Path) -> Running:
        return emulators.start("--data-dir", data, *arguments)

    running = started("--seed", seed)
    client = running.client()
    seeded = state(client)
    assert client.create_store("store").status == 201
    for number in range(OBJECTS):
        assert client.put("store", str(number), b"%d" % number).status == 204
    whole = client.call("GET", "/_emulator/state").json()
    old = state(client)
    new = seeded if operation == "reset" else {**old, "objects": old["objects"][: OBJECTS // 2]}
    seconds = 0.0
    for _ in range(KILLS):
        client = running.client()
        if operation == "restore":
            replaced(client, {**whole, **new})
            assert client.call("PUT", "/_emulator/checkpoints/new").status == 200
        replaced(client, {**whole, **old})
        if not seconds:
            seconds = time.monotonic()
            replaced(client, {**whole, **old})
            seconds = time.monotonic() - seconds
        work = {
            "import": lambda client=client: replaced(client, {**whole, **new}),
            "reset": lambda client=client: client.call("POST", "/_emulator/reset"),
            "restore": lambda client=client: client.call("POST", "/_emulator/checkpoints/new"),
        }[operation]
        stopped_somewhere(running, work, seconds * (0.6 if operation == "import" else 0.3))
        running = started("--seed", seed) if operation == "reset" else started()
        assert not [name for name in os.listdir(data) if name.startswith("replacement")]
        assert os.listdir(data / "tmp") == []
        found = state(running.client())
        if operation == "reset":  # The start applies the seed, too: it writes those objects again.
            keys = [(each["bucket"], each["key"]) for each in found["objects"]]
            expected = [[(e["bucket"], e["key"]) for e in each["objects"]] for each in (old, new)]
            assert keys in expected
        else:
            assert found["objects"] in (old["objects"], new["objects"])
            assert found["account"] == old["account"]
    running.stop()
