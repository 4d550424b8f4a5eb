"""Pages of the objects of a store: by prefix, by folder, by search."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable
from heapq import nsmallest
from typing import NamedTuple

from emulator.core.slices import in_order, slices

_SLICE_KEYS = 10_000
"""How many keys are looked at before others have their turn: a millisecond or two."""


class Asked(NamedTuple):
    """Which objects a page is to have.

    ``prefix`` is what a key begins with, ``search`` a text in it. With ``delimiter``, keys that
    have it behind the prefix count as one entry, their common prefix up to it. A page has the first
    ``limit`` entries behind ``after``, in the order of code points; all without ``limit``.
    """

    prefix: str = ""
    delimiter: str = ""
    search: str = ""
    after: str = ""
    limit: int | None = None


class Chosen(NamedTuple):
    """The ``keys`` of a page and its common ``prefixes``, both in order; ``next`` is the ``after``
    of the next page, None on the last one; ``matching`` is how many keys match on all pages."""

    keys: list[str]
    prefixes: list[str]
    next: str | None
    matching: int


async def choose(keys: Collection[str], asked: Asked) -> Chosen:
    """Choose the page of the keys, which are in no order, and let others run meanwhile."""
    most = None if asked.limit is None else asked.limit + 1
    matching, entries = 0, set[str]()
    async for some in _matching(keys, asked):
        matching += len(some)
        entries.update(_behind(asked.after, _entries(some, asked)))
        if most is not None and len(entries) > most:
            entries = set(nsmallest(most, entries))
    first = await in_order(entries)
    page = first[: asked.limit]
    is_last = len(page) == len(first)
    prefixes = [each for each in page if _is_prefix(each, asked)]
    objects = [each for each in page if not _is_prefix(each, asked)] if prefixes else page
    return Chosen(objects, prefixes, None if is_last else page[-1], matching)


async def union_of(tiers: Iterable[Collection[str]]) -> set[str]:
    """Return the keys that any tier has, and let others run meanwhile."""
    union: set[str] = set()
    for keys in tiers:
        async for some in slices(keys, _SLICE_KEYS):
            union.update(some)
    return union


async def _matching(keys: Collection[str], asked: Asked) -> AsyncIterator[list[str]]:
    prefix, search = asked.prefix, asked.search
    async for some in slices(keys, _SLICE_KEYS):
        begun = [key for key in some if key.startswith(prefix)] if prefix else some
        found = [key for key in begun if search in key] if search else begun
        if found:
            yield found


def _entries(keys: list[str], asked: Asked) -> Collection[str]:
    """Return for each key the common prefix that it is in, or the key itself."""
    delimiter, start, length = asked.delimiter, len(asked.prefix), len(asked.delimiter)
    if not delimiter:
        return keys
    return {key if (at := key.find(delimiter, start)) < 0 else key[: at + length] for key in keys}


def _behind(after: str, entries: Collection[str]) -> Collection[str]:
    return [each for each in entries if each > after] if after else entries


def _is_prefix(entry: str, asked: Asked) -> bool:
    return bool(asked.delimiter) and entry.find(asked.delimiter, len(asked.prefix)) >= 0
