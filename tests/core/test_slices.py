"""Work in slices has the same result, and lets others run meanwhile."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.core.slices import SLICE_ITEMS, SORTED_ITEMS, by_key, in_order, slices, to_json
from tests.suites import examples

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=10,
)


async def turns_of_others(work: Any) -> int:
    """How often another task runs while this work is done."""
    task, turns = asyncio.ensure_future(work), 0
    while not task.done():
        await asyncio.sleep(0)
        turns += 1
    await task
    return turns


async def test_the_slices_have_every_item_once_and_in_order() -> None:
    for count in (0, 1, 4, 5, 6, 10, 11):
        found = [some async for some in slices(range(count), 5)]
        assert [item for some in found for item in some] == list(range(count))
        assert all(len(some) == 5 for some in found[:-1])
        assert all(found)


async def test_others_run_between_two_slices() -> None:
    entries = {str(number): number for number in range(10 * SLICE_ITEMS)}
    assert await turns_of_others(by_key(entries)) >= 10
    assert await turns_of_others(to_json({"entries": list(entries)})) >= 10
    assert await turns_of_others(to_json({"log": {"entries": list(entries)}})) >= 10


async def test_many_texts_are_ordered_as_few_are_and_others_run_meanwhile() -> None:
    texts = [str(number * 7919 % 100_003) for number in range(3 * SORTED_ITEMS + 1)]
    assert await in_order(texts) == sorted(texts)
    assert await in_order([]) == []
    assert await turns_of_others(in_order(texts)) >= len(texts) // SLICE_ITEMS


async def test_entries_are_ordered_by_the_code_points_of_their_keys() -> None:
    assert await by_key({"b": 1, "é": 2, "a": 3, "B": 4}) == [
        ("B", 4),
        ("a", 3),
        ("b", 1),
        ("é", 2),
    ]


@given(st.dictionaries(st.text(max_size=3), values, max_size=4))
@settings(max_examples=examples(200), deadline=None)
def test_a_document_is_encoded_as_the_standard_library_does(document: dict[str, object]) -> None:
    assert asyncio.run(to_json(document)) == json.dumps(document)


def test_a_long_list_is_encoded_as_the_standard_library_does() -> None:
    document = {"a": 1, "list": [{"é": str(number)} for number in range(2 * SLICE_ITEMS + 1)]}
    assert asyncio.run(to_json(document)) == json.dumps(document)
