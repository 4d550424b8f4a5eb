"""Long work on the event loop: others have their turn between two slices of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from heapq import merge
from itertools import islice
from typing import TypeVar

from emulator.core.event_loop import sleep
from emulator.core.private import perf_counter_ns

T = TypeVar("T")

SLICE_ITEMS = 200
"""How many items are worked on at a time, which takes a few milliseconds at most."""

ENCODED_ITEMS = 20
"""How many items are encoded at a time: a call with all its headers is several KiB of JSON."""

SORTED_ITEMS = 5000
"""How many items are sorted at a time."""

_TURN_NANOSECONDS = 5_000_000
"""How long work goes on, where its steps are of unknown length."""


class Pace:
    """Lets the event loop have its turn during long work: call ``step`` often."""

    def __init__(self) -> None:
        self._since = perf_counter_ns()

    async def step(self) -> None:
        """Let others run if that was long ago."""
        if perf_counter_ns() - self._since > _TURN_NANOSECONDS:
            await sleep(0)
            self._since = perf_counter_ns()


async def slices(items: Iterable[T], size: int = SLICE_ITEMS) -> AsyncIterator[list[T]]:
    """Yield the items in lists of at most ``size``, and let others run between two lists.

    The items must not change meanwhile.
    """
    iterator = iter(items)
    some = list(islice(iterator, size))
    while some:
        yield some
        some = list(islice(iterator, size))
        if some:
            await sleep(0)


async def by_key(entries: Mapping[str, T]) -> list[tuple[str, T]]:
    """Return the entries ordered by the code points of their keys."""
    ordered: list[tuple[str, T]] = []
    async for keys in slices(await in_order(entries)):
        ordered += [(key, entries[key]) for key in keys]
    return ordered


async def in_order(texts: Iterable[str]) -> list[str]:
    """Return the texts ordered by their code points."""
    runs = [sorted(some) async for some in slices(texts, SORTED_ITEMS)]
    if len(runs) == 1:
        return runs[0]
    ordered: list[str] = []
    async for some in slices(merge(*runs)):
        ordered += some
    return ordered


async def to_json(document: Mapping[str, object], size: int = ENCODED_ITEMS) -> str:
    """Encode a JSON object, as ``json.dumps`` does, with lists among its members, and among those
    of objects in it, in slices of ``size`` items."""
    members = []
    for name, value in document.items():
        if isinstance(value, list):
            parts = [json.dumps(some)[1:-1] async for some in slices(value, size)]
            members.append(f"{json.dumps(name)}: [{', '.join(parts)}]")
        elif isinstance(value, Mapping):
            members.append(f"{json.dumps(name)}: {await to_json(value, size)}")
        else:
            members.append(f"{json.dumps(name)}: {json.dumps(value)}")
    return f"{{{', '.join(members)}}}"
