"""A test stops or moves Python's time with freezegun or time-machine (D127)."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import time_machine
from freezegun import freeze_time

from emulator import Emulator
from emulator.core.clock import MICROSECONDS
from tests.support.client import create_store, object_path
from tests.support.connections import Upload
from tests.support.emulators import Start, client
from tests.support.launch import run

LONG_AGO = "2001-01-01T00:00:00Z"
LONG_AGO_SECONDS = 978_307_200
THIS_MILLENNIUM = 1_700_000_000 * MICROSECONDS

WAYS: dict[str, dict[str, Any]] = {
    "stopped": {},
    "ticking": {"tick": True},
    "with-automatic-ticks": {"auto_tick_seconds": 15},
    "with-real-asyncio": {"real_asyncio": True},
}


def live_through(emulator: Emulator) -> None:
    """Do once all that waits for a timer of the emulator."""
    owner = client(emulator)
    create_store(owner, "store")
    assert owner.put("store", "key", b"body").status == 204
    with emulator.faults.add({"type": "latency", "seconds": 0.002}) as fault:
        assert owner.get("store", "key").body == b"body"
        assert fault.fired == 1
    with emulator.faults.add({"type": "trickle", "bytes_per_second": 1000}):
        assert owner.get("store", "key").body == b"body"
    emulator.tiers.flush("cluster")
    slow = {"type": "storage_slow", "seconds": 0.002}
    with emulator.faults.add(slow), ThreadPoolExecutor(2) as threads:  # One waits for the other.
        answers = threads.map(lambda _: owner.get("store", "key").body, range(2))
        assert list(answers) == [b"body", b"body"]
    emulator.reset()


@pytest.mark.proves("D127")
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_an_emulator_starts_lives_and_stops_while_freezegun_stops_the_time(
    start: Start, way: dict[str, Any]
) -> None:
    with freeze_time(LONG_AGO, **way):
        emulator = start()
        live_through(emulator)
        emulator.stop()


@pytest.mark.proves("D127")
def test_a_running_emulator_goes_on_when_freezegun_stops_the_time(start: Start) -> None:
    emulator = start()
    with freeze_time(LONG_AGO):
        live_through(emulator)
    live_through(emulator)
    with freeze_time(LONG_AGO):
        emulator.stop()


@pytest.mark.slow
@pytest.mark.proves("D127")
def test_a_reset_cuts_off_a_stuck_upload_while_freezegun_stops_the_time(
    start: Start,
) -> None:
    emulator = start()
    owner = client(emulator)
    create_store(owner, "store")
    with freeze_time(LONG_AGO), Upload(owner, "store", "key", size=10) as upload:
        upload.send(b"half")
        emulator.reset()
    assert client(emulator).store_names() == []


@pytest.mark.proves("D127")
@pytest.mark.parametrize("cache", ["memory", "fakeredis"])
def test_the_clock_of_an_emulator_is_its_own_under_freezegun(start: Start, cache: str) -> None:
    emulator = start(cache=cache, api_revision="latest")
    owner = client(emulator)
    create_store(owner, "store")
    path = object_path("store", "short") + "?ttl_seconds=60"
    with freeze_time(LONG_AGO) as moved:
        assert emulator.clock.now() > THIS_MILLENNIUM
        assert owner.call("PUT", path, b"1", {"mo-persistence": "ephemeral"}).status == 204
        moved.tick(3600)
        assert owner.get("store", "short").status == 200
        emulator.clock.freeze(LONG_AGO_SECONDS * MICROSECONDS)
        assert owner.put("store", "old", b"2", ttl_seconds=60).status == 204
        emulator.clock.advance(60)
        assert owner.get("store", "old").status == 404
        emulator.clock.release()
    assert owner.get("store", "short").body == b"1"


@pytest.mark.proves("D127")
def test_answers_bear_the_real_date_under_freezegun(start: Start) -> None:
    emulator = start()
    with freeze_time(LONG_AGO):
        date = client(emulator).list_stores().header("Date")
    assert abs(parsedate_to_datetime(str(date)).timestamp() - time.time()) < 60


@pytest.mark.proves("D127")
@pytest.mark.parametrize("tick", [True, False])
def test_time_machine_moves_the_clock_of_an_emulator_too(start: Start, tick: bool) -> None:
    emulator = start(cache="fakeredis")
    owner = client(emulator)
    create_store(owner, "store")
    with time_machine.travel(LONG_AGO_SECONDS, tick=tick) as traveller:
        assert emulator.clock.now() // MICROSECONDS - LONG_AGO_SECONDS in range(60)
        assert str(owner.list_stores().header("Date")).startswith("Mon, 01 Jan 2001 00:00")
        assert owner.put("store", "key", b"body", ttl_seconds=3600).status == 204
        traveller.shift(3500)
        assert owner.get("store", "key").status == 200
        traveller.shift(100)
        assert owner.get("store", "key").status == 404
        live_through(emulator)
        emulator.stop()


FROZEN_IMPORT = """
from freezegun import freeze_time

with freeze_time({instant!r}) as moved:
    from emulator import Emulator
    from tests.embedding.test_frozen_time import live_through

    with Emulator(cache="fakeredis") as emulator:
        live_through(emulator)
        now = emulator.clock.now()
    moved.tick(3600)
with Emulator(cache="fakeredis") as emulator:
    assert 0 <= emulator.clock.now() - now < 60_000_000
    live_through(emulator)
"""


@pytest.mark.slow
@pytest.mark.proves("D127")
def test_an_emulator_may_be_imported_while_freezegun_stops_the_time() -> None:
    result = run(sys.executable, "-c", FROZEN_IMPORT.format(instant=LONG_AGO))
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
