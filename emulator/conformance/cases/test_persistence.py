"""mo-persistence and the lives of durable and ephemeral objects."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from emulator.conformance.answer import Answer
from emulator.conformance.connection import Fields
from emulator.conformance.target import Store, Target

from .expecting import expect_error, expect_object

DURABLE = [("mo-persistence", "durable")]
EPHEMERAL = [("mo-persistence", "ephemeral")]
HOUR = "ttl_seconds=3600"


class Put(NamedTuple):
    """Query and headers of a Put."""

    query: str
    headers: Fields


PUTS = {
    "ephemeral": Put("", EPHEMERAL),
    "ephemeral, an hour": Put(HOUR, EPHEMERAL),
    "durable, an hour": Put(HOUR, DURABLE),
}


class Lived(NamedTuple):
    """Answers to Gets of an object shortly before and after ten minutes."""

    before: Answer
    after: Answer


@pytest.mark.statement("OS12-PUT-01")
def test_a_durable_object_may_have_a_long_ttl(store: Store, key: str) -> None:
    assert store.put(key, b"body", query=HOUR, headers=DURABLE).status == 204
    expect_object(store.get(key), b"body")


@pytest.mark.statement("OS12-PUT-05")
def test_durable_is_accepted(store: Store, key: str) -> None:
    assert store.put(key, b"body", headers=DURABLE).status == 204
    expect_object(store.get(key), b"body")


@pytest.mark.statement("OS12-PUT-06", "OS12-PUT-07")
def test_an_ephemeral_object_is_there_until_its_ttl_ends(
    target: Target, store: Store, key: str
) -> None:
    assert store.put(key, b"body", query="ttl_seconds=3", headers=EPHEMERAL).status == 204
    expect_object(store.get(key), b"body")
    target.wait(1)
    expect_object(store.get(key), b"body")
    target.wait(3)
    expect_error(store.get(key), 404)


@pytest.fixture(scope="module")
def lived(target: Target) -> dict[str, Lived]:
    """What has become of the objects of ``PUTS``."""
    store = target.store
    keys = {name: target.fresh_key() for name in PUTS}
    for name, put in PUTS.items():
        answer = store.put(keys[name], b"body", query=put.query, headers=put.headers)
        assert answer.status == 204, f"no object is put: {answer.status}"
    target.wait(585)
    before = {name: store.get(key) for name, key in keys.items()}
    target.wait(20)
    return {name: Lived(before[name], store.get(key)) for name, key in keys.items()}


@pytest.mark.needs("long_waits")
@pytest.mark.statement("OS12-PUT-01")
def test_a_durable_object_may_live_for_more_than_ten_minutes(lived: dict[str, Lived]) -> None:
    expect_object(lived["durable, an hour"].after, b"body")


@pytest.mark.needs("long_waits")
@pytest.mark.statement("OS12-PUT-02")
def test_an_ephemeral_object_without_a_ttl_lives_for_ten_minutes(lived: dict[str, Lived]) -> None:
    expect_object(lived["ephemeral"].before, b"body")
    expect_error(lived["ephemeral"].after, 404)


@pytest.mark.needs("long_waits")
@pytest.mark.statement("OS12-PUT-03")
def test_an_ephemeral_object_lives_for_at_most_ten_minutes(lived: dict[str, Lived]) -> None:
    expect_object(lived["ephemeral, an hour"].before, b"body")
    expect_error(lived["ephemeral, an hour"].after, 404)
