"""The keys of a tier and what is known of some of them, without a list of it all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from emulator.core.object_info import ObjectInfo


def _unknown() -> bool:
    return False


class Browsed(NamedTuple):
    """The objects of one moment: their ``keys``, in no order, and a function that looks one up,
    which returns None for an object that is gone meanwhile. ``is_current`` says whether the keys
    are certainly still the same."""

    keys: Collection[str]
    find: Callable[[str], ObjectInfo | None]
    is_current: Callable[[], bool] = _unknown


def of_list(listed: Iterable[tuple[str, ObjectInfo]]) -> Browsed:
    """Browse what an engine has listed."""
    found = dict(listed)
    return Browsed(found.keys(), found.get)


def with_others(browsed: Browsed, others: dict[str, ObjectInfo]) -> Browsed:
    """Add ``others`` whose keys are not there; nobody can tell whether they are current."""
    return Browsed({*browsed.keys, *others}, lambda key: browsed.find(key) or others.get(key))
