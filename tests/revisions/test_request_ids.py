"""Request ids: UUIDs of version 7 that sort by time and are never the same."""

from __future__ import annotations

import random
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator import Emulator
from emulator.service.request_ids import new_request_id
from tests.contract.stores import Store, Stores
from tests.support.raw_client import Response

from .expect import UUID_V7, request_id
from .stores import INSTANT, every_pair

pytestmark = pytest.mark.proves("Put Object: mo-request-id, a UUIDv7, D101")

LAST_INSTANT = 253_402_300_799_999_999
"""The last microsecond of the year 9999."""

instants = st.integers(0, LAST_INSTANT)


@given(instants)
def test_an_id_is_a_uuid_of_version_7(now: int) -> None:
    written = new_request_id(now)
    assert UUID_V7.fullmatch(written)
    found = uuid.UUID(written)
    assert str(found) == written
    assert (found.version, found.variant) == (7, uuid.RFC_4122)


@given(instants)
def test_an_id_begins_with_its_instant_in_milliseconds(now: int) -> None:
    assert uuid.UUID(new_request_id(now)).int >> 80 == now // 1000


@given(instants)
def test_the_fraction_of_the_millisecond_follows_in_an_id(now: int) -> None:
    fraction = uuid.UUID(new_request_id(now)).int >> 64 & 0xFFF
    assert fraction == now % 1000 * 4096 // 1000
    assert round(fraction * 1000 / 4096 + 0.5) in (now % 1000, now % 1000 + 1)


@given(st.lists(instants, unique=True, max_size=50))
def test_ids_sort_as_their_instants_do(times: list[int]) -> None:
    ids = {now: new_request_id(now) for now in times}
    assert sorted(ids.values()) == [ids[now] for now in sorted(times)]


@given(instants)
def test_a_microsecond_later_is_a_later_id(now: int) -> None:
    assert new_request_id(now) < new_request_id(now + 1)


def test_ids_of_one_instant_are_all_different() -> None:
    ids = {new_request_id(INSTANT) for _ in range(10_000)}
    assert len(ids) == 10_000


def test_whoever_seeds_pythons_random_numbers_has_other_ids_all_the_same() -> None:
    ids = []
    for _ in range(2):
        random.seed(5)
        ids.append(new_request_id(INSTANT))
    assert ids[0] != ids[1]


def every_answer(store: Store) -> list[Response]:
    """Answers of all operations on objects: done, and refused for whatever reason."""
    nobody, nowhere = store.seen_by(store.client.with_key(None)), Store(store.client, "nowhere")
    return [
        store.put("key", b"body"),
        store.put("key", b"body", headers=[("mo-persistence", "ephemeral")]),
        store.get("key"),
        store.head("key"),
        store.remove("key"),
        store.get("key"),
        store.put("key", b"body", query="ttl_seconds=0"),
        store.get("key", headers=[("read-concern", "x")]),
        *(each.get("key") for each in (nobody, nowhere)),
        *(each.head("key") for each in (nobody, nowhere)),
        *(each.put("key", b"body") for each in (nobody, nowhere)),
        *(each.remove("key") for each in (nobody, nowhere)),
        *(store.client.request(method, store.path_of("%zz")) for method in ("GET", "DELETE")),
    ]


@every_pair
def test_every_answer_of_an_operation_has_an_id_of_its_own(store: Store) -> None:
    answers = every_answer(store)
    assert {answer.status for answer in answers} == {200, 204, 400, 401, 404}
    assert len({request_id(answer) for answer in answers}) == len(answers)


def test_ids_are_of_the_emulators_clock(emulator: Emulator, frozen: Stores) -> None:
    store = frozen.create(name="store")
    found = []
    for _ in range(3):
        answers = every_answer(store)
        assert {request_id(answer).int >> 80 for answer in answers} == {
            emulator.clock.now() // 1000
        }
        found.append(sorted(str(request_id(answer)) for answer in answers))
        emulator.clock.advance(0.000001)
    assert found[0][-1] < found[1][0]
    assert found[1][-1] < found[2][0]


def test_a_client_cannot_choose_its_id(store: Store) -> None:
    given_id = new_request_id(INSTANT)
    answer = store.put("key", b"body", headers=[("mo-request-id", given_id)])
    assert str(request_id(answer)) != given_id
