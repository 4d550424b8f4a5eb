"""Instants and durations are read in every form, wherever the emulator takes them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from emulator import Emulator
from emulator.config import ConfigurationError
from tests.support.client import Client
from tests.support.emulators import as_new, client, control, status_with

SECOND = 1_000_000
NOON = 1_893_499_200

INSTANTS: dict[str, Any] = {
    "text": "2030-01-01T12:00:00Z",
    "text-elsewhere": "2030-01-01T14:00:00+02:00",
    "datetime": datetime(2030, 1, 1, 12, tzinfo=timezone.utc),
    "datetime-elsewhere": datetime(2030, 1, 1, 14, tzinfo=timezone(timedelta(hours=2))),
}
HOURS: dict[str, Any] = {
    "number": 3600,
    "text": "1h",
    "minutes": "60m",
    "delta": timedelta(hours=1),
}
NAIVE = datetime(2030, 1, 1)  # noqa: DTZ001
NO_INSTANTS = ["noon", "", "2030-01-01T12:00:00", NAIVE, "1969-12-31T23:59:59Z"]
NO_DURATIONS = ["soon", "", "-1h", "1.5h", "1 h", "1y", timedelta(seconds=-1)]

READER: dict[str, Any] = {
    "rules": [{"type": "store", "permissions": ["read"], "stores": "*", "items": "*"}]
}

every_instant = pytest.mark.parametrize("instant", INSTANTS.values(), ids=INSTANTS)
every_hour = pytest.mark.parametrize("hour", HOURS.values(), ids=HOURS)


@pytest.fixture(scope="module")
def running() -> Iterator[Emulator]:
    with Emulator(cache="memory") as emulator:
        yield emulator


@pytest.fixture
def emulator(running: Emulator) -> Emulator:
    """An emulator with the store `store`, whose clock stands still at noon."""
    as_new(running).clock.freeze(NOON * SECOND)
    assert client(running).create_store("store").status == 201
    return running


@every_instant
def test_the_clock_is_set_to_an_instant_of_any_form(emulator: Emulator, instant: Any) -> None:
    for move in (emulator.clock.set, emulator.clock.freeze):
        emulator.clock.freeze(5)
        move(instant)
        assert emulator.clock.now() == NOON * SECOND


@every_hour
def test_the_clock_is_advanced_by_a_duration_of_any_form(emulator: Emulator, hour: Any) -> None:
    emulator.clock.advance(hour)
    assert emulator.clock.now() == (NOON + 3600) * SECOND


@pytest.mark.parametrize("value", NO_INSTANTS)
def test_what_is_not_an_instant_leaves_the_clock_alone(emulator: Emulator, value: Any) -> None:
    for move in (emulator.clock.set, emulator.clock.freeze):
        with pytest.raises(ValueError, match="instant"):
            move(value)
    assert emulator.clock.now() == NOON * SECOND


def test_an_integer_that_is_meant_as_seconds_is_refused_with_what_to_write(
    emulator: Emulator,
) -> None:
    for move in (emulator.clock.set, emulator.clock.freeze):
        with pytest.raises(ValueError, match=rf"for seconds give {NOON + 60} \* 1_000_000"):
            move(NOON + 60)
        assert emulator.clock.now() == NOON * SECOND
        move((NOON + 60) * 1_000_000)
        assert emulator.clock.now() == (NOON + 60) * SECOND
        emulator.clock.freeze(NOON * SECOND)
    with pytest.raises(ValueError, match=r"'2030-01-01' is not an instant .* with a UTC offset"):
        emulator.clock.set("2030-01-01")
    with pytest.raises(TypeError, match="datetime with a UTC offset"):
        emulator.clock.set(float(NOON))  # type: ignore[arg-type]


@pytest.mark.parametrize("value", NO_DURATIONS)
def test_what_is_not_a_duration_leaves_the_clock_alone(emulator: Emulator, value: Any) -> None:
    with pytest.raises(ValueError, match=r"duration|forward"):
        emulator.clock.advance(value)
    assert emulator.clock.now() == NOON * SECOND


def test_the_control_api_takes_units_and_iso_instants(emulator: Emulator) -> None:
    moved = control(emulator, "POST", "/clock/advance", {"seconds": "90s"})
    assert moved.json()["epoch_seconds"] == NOON + 90
    moved = control(emulator, "POST", "/clock/advance", {"seconds": "500ms"})
    assert moved.json()["epoch_seconds"] == NOON + 90.5
    for path in ("/clock/set", "/clock/freeze"):
        at = control(emulator, "POST", path, {"at": "2030-01-01T13:00:00+01:00"}).json()
        assert at["epoch_seconds"] == NOON


@pytest.mark.parametrize(
    ("path", "document", "hint"),
    [
        ("/clock/advance", {"seconds": "soon"}, "1h"),
        ("/clock/advance", {"seconds": "-1h"}, "1h"),
        ("/clock/set", {"at": "noon"}, "2030-01-01T00:00:00Z"),
        ("/clock/freeze", {"at": "2030-01-01T12:00:00"}, "2030-01-01T00:00:00Z"),
    ],
)
def test_the_control_api_says_which_forms_it_takes(
    emulator: Emulator, path: str, document: Any, hint: str
) -> None:
    refused = control(emulator, "POST", path, document)
    assert (refused.status, hint in refused.json()["message"]) == (400, True)
    assert emulator.clock.now() == NOON * SECOND


@every_hour
def test_an_object_in_a_tier_lives_for_a_duration_of_any_form(
    emulator: Emulator, hour: Any
) -> None:
    emulator.tiers.put("store", "key", b"body", ttl_seconds=hour)
    emulator.clock.advance("3599s")
    assert client(emulator).get("store", "key").status == 200
    emulator.clock.advance("1s")
    assert client(emulator).get("store", "key").status == 404


def test_a_life_that_is_not_a_whole_number_of_seconds_is_refused(emulator: Emulator) -> None:
    for value in ("500ms", timedelta(seconds=1.5)):
        with pytest.raises(ValueError, match="ttl_seconds"):
            emulator.tiers.put("store", "key", b"body", ttl_seconds=value)
    document = {"text": "body", "ttl_seconds": "1h"}
    assert control(emulator, "PUT", "/objects/store/key", document).status == 200
    emulator.clock.advance(timedelta(hours=1))
    assert client(emulator).get("store", "key").status == 404


@every_hour
def test_a_token_lives_for_a_duration_of_any_form(emulator: Emulator, hour: Any) -> None:
    token = emulator.create_token(READER, expires_in=hour)
    path = "/objectstore/store/key"
    emulator.clock.advance("3599s")
    assert status_with(emulator, token, path) == 404
    emulator.clock.advance("1s")
    assert status_with(emulator, token, path) == 401


@pytest.mark.parametrize("instant", [NOON, *INSTANTS.values()], ids=["number", *INSTANTS])
def test_an_api_key_lives_until_an_instant_of_any_form(emulator: Emulator, instant: Any) -> None:
    emulator.clock.freeze("2030-01-01T11:59:59Z")
    key = emulator.create_api_key("viewer", expires_at=instant)
    assert status_with(emulator, key) == 200
    emulator.clock.advance(1)
    assert status_with(emulator, key) == 401


@every_instant
def test_a_fault_rule_begins_at_an_instant_of_any_form(emulator: Emulator, instant: Any) -> None:
    emulator.clock.freeze("2030-01-01T11:59:59Z")
    effect = {"type": "latency", "seconds": timedelta(milliseconds=1)}
    rule = emulator.faults.add(
        effect,
        since=instant,
        until=instant + timedelta(hours=1)
        if isinstance(instant, datetime)
        else "2030-01-01T13:00:00Z",
    )
    get = client(emulator).get
    get("store", "key")
    emulator.clock.advance(1)
    get("store", "key")
    emulator.clock.advance("1h")
    get("store", "key")
    assert rule.fired == 1
    assert json.dumps(control(emulator, "GET", f"/faults/{rule.id}").json()["effects"])


@pytest.mark.parametrize("seconds", ["2ms", timedelta(milliseconds=2), 0.002])
def test_a_latency_is_a_duration_of_any_form(emulator: Emulator, seconds: Any) -> None:
    rule = emulator.faults.add({"type": "latency", "seconds": seconds})
    assert client(emulator).get("store", "key").status == 404
    assert rule.fired == 1
    for wrong in ("soon", "61m", timedelta(minutes=61)):
        with pytest.raises(ValueError, match="seconds"):
            emulator.faults.add({"type": "latency", "seconds": wrong})


@every_instant
def test_the_journal_is_searched_from_an_instant_of_any_form(
    emulator: Emulator, instant: Any
) -> None:
    journal = emulator.journal
    journal.clear()
    emulator.clock.freeze("2030-01-01T11:59:59Z")
    client(emulator).get("store", "before")
    emulator.clock.advance(1)
    client(emulator).get("store", "after")
    assert [call.key for call in journal.calls(since=instant)] == ["after"]
    assert [call.key for call in journal.calls(until=instant)] == ["before"]
    journal.assert_called(since=instant, times=1)
    assert len(journal.to_json_lines(since=instant).splitlines()) == 1
    assert len(journal.to_har(until=instant)["log"]["entries"]) == 1


def test_an_instant_without_its_offset_is_refused_everywhere(emulator: Emulator) -> None:
    for use in (
        lambda: emulator.journal.calls(since=NAIVE),
        lambda: emulator.faults.add("cache_down", until=NAIVE),
        lambda: emulator.create_api_key("viewer", expires_at=NAIVE),
    ):
        with pytest.raises(ValueError, match=r"offset|2030-01-01T00:00:00Z"):
            use()


@every_hour
def test_an_option_is_a_duration_of_any_form(hour: Any) -> None:
    emulator = Emulator(stop_timeout=hour, head_timeout=hour)
    assert (emulator.config.stop_timeout, emulator.config.head_timeout) == (3600.0, 3600.0)
    for wrong in ("soon", timedelta(0), timedelta(hours=25), timedelta(seconds=-1)):
        with pytest.raises(ConfigurationError, match="--stop-timeout"):
            Emulator(stop_timeout=wrong)


def test_a_seed_takes_a_life_with_a_unit(tmp_path: Any) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text(SEED)
    with Emulator(cache="memory", seed=seed) as emulator:
        owner = Client(emulator.endpoint, emulator.api_key())
        assert owner.get("store", "key").body == b"body"
        emulator.clock.advance(timedelta(hours=1))
        assert owner.get("store", "key").status == 404


SEED = """
stores:
  - name: store
    storage_config:
      s3: {bucket_name: bucket, iam_role_arn: "arn:aws:iam::123456789012:role/Role"}
    cache_config:
      valkey_cluster: {cluster_name: cluster}
objects:
  - store: store
    key: key
    text: body
    ttl_seconds: 1h
"""


@pytest.mark.momento_emulator(frozen="2030-01-01T12:00:00Z", cache="memory")
def test_a_marker_freezes_the_clock_at_an_instant(momento_emulator: Emulator) -> None:
    assert (momento_emulator.clock.frozen, momento_emulator.clock.now()) == (True, NOON * SECOND)
