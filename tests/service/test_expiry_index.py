"""The index of what expires: what it finds, when, and that writing does not make it grow."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.core.clock import MICROSECONDS
from emulator.core.object_info import ObjectInfo
from emulator.service.expiry_index import KEPT_MICROSECONDS, KEPT_TEXT, ExpiryIndex
from tests.suites import examples

from .harness import NOW

EVERYTHING = 10**9

places = st.sampled_from("abcdef")
instants = st.integers(NOW, NOW + 3 * MICROSECONDS)

steps = st.lists(
    st.one_of(
        st.tuples(st.just("note"), places, instants),
        st.tuples(st.just("suspect"), places, instants),
        st.tuples(st.just("forget"), places, st.none()),
        st.tuples(st.just("take"), st.integers(1, 3), instants),
    ),
    max_size=60,
)


@given(steps)
@settings(max_examples=examples(300), deadline=None)
def test_what_is_due_is_found_whatever_was_noted_and_forgotten(
    steps: list[tuple[str, object, int | None]],
) -> None:
    index: ExpiryIndex[object] = ExpiryIndex()
    model: dict[object, int] = {}
    for step, what, at in steps:
        if step == "note":
            index.note(what, at or 0)
            model[what] = at or 0
        elif step == "suspect":
            index.suspect(what, at or 0)
            model[what] = min(model.get(what, at or 0), at or 0)
        elif step == "forget":
            index.forget(what)
            model.pop(what, None)
        else:
            assert isinstance(what, int)
            taken = index.take(at or 0, what)
            due = {place for place, due_at in model.items() if due_at <= (at or 0)}
            assert len(set(taken)) == len(taken) == min(what, len(due))
            assert set(taken) <= due
            for place in taken:
                del model[place]
        assert index.due == model
        assert index.is_idle == (not model)
    assert set(index.take(NOW + 10 * MICROSECONDS, EVERYTHING)) == model.keys()
    assert index._buckets == {}


def test_a_place_is_due_at_its_microsecond_and_not_before() -> None:
    index: ExpiryIndex[str] = ExpiryIndex()
    index.note("first", NOW + 5)
    index.note("second", NOW + 6)
    assert index.take(NOW + 4, EVERYTHING) == []
    assert index.take(NOW + 5, EVERYTHING) == ["first"]
    assert index.take(NOW + 6, EVERYTHING) == ["second"]


def test_an_object_that_is_written_each_second_has_one_entry() -> None:
    index: ExpiryIndex[str] = ExpiryIndex()
    for second in range(10_000):
        index.note("playlist", NOW + second * MICROSECONDS)
    assert len(index.due) == len(index._buckets) == 1
    assert len(index._seconds) <= 70
    assert index.take(NOW + 9_999 * MICROSECONDS, EVERYTHING) == ["playlist"]


def test_objects_that_are_written_again_leave_few_entries_behind() -> None:
    index: ExpiryIndex[int] = ExpiryIndex()
    for written in range(10_000):
        index.note(written % 50, NOW + written // 7 % 20 * MICROSECONDS)
        assert sum(map(len, index._buckets.values())) <= 2 * len(index.due) + 9 * 20
    for place in range(50):
        index.forget(place)
    assert index._buckets == {} == index._left


def test_a_place_that_came_back_to_a_second_is_found_once() -> None:
    index: ExpiryIndex[str] = ExpiryIndex()
    for second in (1, 2, 1, 2, 1):
        index.note("playlist", NOW + second * MICROSECONDS)
    index.note("other", NOW + MICROSECONDS)
    assert sorted(index.take(NOW + MICROSECONDS, EVERYTHING)) == ["other", "playlist"]
    assert index.take(NOW + 9 * MICROSECONDS, EVERYTHING) == []
    assert index._buckets == {} == index._left


def test_all_that_is_due_within_a_second_is_found_a_few_at_a_time() -> None:
    index: ExpiryIndex[int] = ExpiryIndex()
    start = NOW - NOW % MICROSECONDS
    for number in range(100):
        index.note(number, start + number * 7919 % 100)
    found: list[int] = []
    while taken := index.take(start + 49, 3):
        assert len(taken) <= 3
        found += taken
    assert sorted(found) == [number for number in range(100) if number * 7919 % 100 <= 49]
    assert len(index.take(start + 99, EVERYTHING)) == 50


def freed(number: int, **more: Any) -> ObjectInfo:
    return ObjectInfo(1, NOW + number, number, NOW + number, **more)


def test_the_oldest_freed_objects_are_forgotten_first() -> None:
    index: ExpiryIndex[int] = ExpiryIndex(kept_objects=3)
    for number in range(10):
        index.bury(number, freed(number), NOW + number)
    index.bury(7, freed(7), NOW + 10)
    index.bury(10, freed(10), NOW + 10)
    assert list(index.freed) == [9, 7, 10]
    assert index.due.keys() == {7, 9, 10}
    assert index.freed_at(9, NOW + 9) == freed(9)
    assert index.freed_at(9, NOW + 8) is None
    assert index.take(NOW + 10 + KEPT_MICROSECONDS - 1, EVERYTHING) == [9]


def test_long_metadata_of_a_freed_object_is_not_remembered() -> None:
    index: ExpiryIndex[str] = ExpiryIndex()
    fits = freed(1, metadata={"a": "x" * (KEPT_TEXT - 2)}, tags={"b": ""})
    index.bury("fits", fits, NOW)
    index.bury("long", freed(2, metadata={"a": "x" * (KEPT_TEXT - 2)}, tags={"b": "x"}), NOW)
    assert dict(index.freed_now(NOW + 2)) == {"fits": fits, "long": freed(2)}


def test_what_replaces_the_index_of_a_checkpoint_is_let_go_a_few_entries_at_a_time() -> None:
    index: ExpiryIndex[int] = ExpiryIndex()
    for number in range(10):
        index.note(number, NOW + number * MICROSECONDS)
    index.bury(10, freed(10), NOW)
    state = index.save()
    index.clear()
    assert (index.due, index.freed, index.take(NOW + EVERYTHING, EVERYTHING)) == ({}, {}, [])
    assert not index.is_idle
    rounds = 1
    while index.release(3):
        rounds += 1
    assert rounds >= 7
    assert index.is_idle
    index.clear(state)
    assert index.unread
    assert dict(index.freed_now(NOW + 10)) == {10: freed(10)}
    assert index.due == {10: NOW + KEPT_MICROSECONDS}
