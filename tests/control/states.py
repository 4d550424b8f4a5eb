"""Exported states, and ways to spoil one.

A path has the names of members and the numbers of items, with slashes between them; ``first``
stands for the first member of an object, whatever its name.
"""

from __future__ import annotations

from typing import Any

from emulator import Emulator
from tests.support.emulators import client

from .clients import EVERYTHING, post

Document = dict[str, Any]

INSTANT = 2_000_000_000_000_000
"""At which the clock of a furnished emulator stands still."""

HUGE = 10**30

JUNK: list[object] = [
    None, True, 0, -1, 1.5, HUGE, -HUGE, "", "x", "x\r\ny: z", "\0", [], ["x"], {}, {"x": 1},
]  # fmt: skip
"""What may stand in the place of anything."""


def furnish(emulator: Emulator) -> str:
    """Give an emulator something of everything; return the key of its custom role."""
    emulator.clock.freeze(INSTANT)
    owner = client(emulator)
    owner.create_store("store")
    owner.put("store", "key", b"hello", metadata={"colour": "red"}, ttl_seconds=60)
    owner.put("store", "other", b"\0")
    emulator.create_role("mine", EVERYTHING)
    key = emulator.create_api_key("mine")
    post(owner, "/_emulator/account/invitations", {"user_name": "a@example.com"})
    return key


def paths_of(value: Any, path: str = "") -> list[str]:
    """The path of everything in a document."""
    found = [path] if path else []
    below: Any = ()
    if isinstance(value, dict):
        below = value.items()
    elif isinstance(value, list):
        below = enumerate(value)
    for name, child in below:
        found += paths_of(child, f"{path}/{name}" if path else str(name))
    return found


def put_at(document: Document, path: str, value: object) -> None:
    """Put a value in place of the member at the path; ``first`` is the first of a table."""
    *parents, last = path.split("/")
    found: Any = document
    for name in parents:
        found = found[_step(found, name)]
    found[_step(found, last)] = value


def remove(document: Document, path: str) -> None:
    *parents, last = path.split("/")
    found: Any = document
    for name in parents:
        found = found[_step(found, name)]
    del found[_step(found, last)]


def _step(parent: Any, name: str) -> Any:
    if isinstance(parent, list):
        return int(name)
    return next(iter(parent)) if name == "first" else name
