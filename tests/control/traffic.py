"""A journal with a call of every kind, each different from the others in what filters look at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException

import pytest

from emulator import Emulator
from tests.support.client import Client
from tests.support.connections import Upload
from tests.support.emulators import client

START = 2_000_000_000
"""When the first calls come, in seconds since the Unix epoch. The clock stands still."""

LARGE = 9 * 1024 * 1024

PART = {"Range": "bytes=0-1"}
"""What has no effect, and a hint."""


@contextmanager
def nine_calls(emulator: Emulator) -> Iterator[Emulator]:
    """The calls, of which the last one runs.

    1 to 5 come at ``START``, the others ten seconds later.
    """
    owner = client(emulator)
    assert owner.create_store("other").status == 201
    emulator.faults.add({"type": "status", "status": 503}, operation="Describe*", id="broken")
    emulator.faults.add({"type": "truncate", "after_bytes": 2}, key="cut", id="cutter", times=1)
    emulator.clock.freeze(START * 1_000_000)
    emulator.journal.clear()

    assert owner.create_store("store").status == 201  # 1
    assert owner.put("store", "a", b"hello", metadata={"colour": "red"}).status == 204  # 2
    assert owner.get("store", "none").status == 404  # 3
    assert client(emulator, "viewer").put("store", "b", b"").status == 403  # 4
    assert Client(emulator.endpoint).call("GET", "/nowhere?x=1").status == 404  # 5
    emulator.clock.advance(10)
    whole = client(emulator, "viewer").call("GET", "/objectstore/store/a", headers=PART)
    assert whole.status == 200  # 6
    assert owner.call("GET", "/objectstore/store").status == 503  # 7
    emulator.tiers.put("store", "cut", b"hello", tier="storage")
    with pytest.raises((HTTPException, OSError)):
        owner.get("store", "cut")  # 8
    with Upload(owner, "other", "slow", size=1):  # 9
        yield emulator
