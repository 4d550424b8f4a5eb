"""What a run has made at the endpoint and has yet to delete."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import NamedTuple

_NAME = r"[^/?]+"
_STORE = re.compile(rf"/objectstore/{_NAME}")
_OBJECT = re.compile(rf"/objectstore/{_NAME}/.+", re.DOTALL)

Send = Callable[[str, str], int]
"""Sends a method to a path, and returns the status."""


class Made(NamedTuple):
    """One thing that a run has made."""

    kind: str
    path: str
    """The path whose DELETE removes it."""


_ORDER = ("object", "store", "key", "role", "cluster")
"""What uses another comes before it."""

_GONE = range(200, 300)
_NOT_ALLOWED = 405


class Ledger:
    """Notes from the requests of a run what it has made."""

    def __init__(self, entries: list[Made] | None = None) -> None:
        self._entries = dict.fromkeys(entries or [])

    @property
    def entries(self) -> list[Made]:
        """What is there now, in the order in which it is to be deleted."""
        return sorted(self._entries, key=lambda made: _ORDER.index(made.kind))

    def note(self, method: str, path: str, sent: bytes, status: int, answered: bytes) -> None:
        """Take notice of a request with the body ``sent``, and of its answer."""
        if status not in _GONE:
            return
        path = path.partition("?")[0]
        if method in ("PUT", "POST"):
            made = _made(method, path, sent, answered)
            if made is not None and not made.path.endswith("/"):
                self._entries[made] = None
        elif method == "DELETE":
            self._entries = {made: None for made in self._entries if made.path != path}

    def objects_of(self, store: str) -> list[Made]:
        """The objects in the store with this path."""
        return [made for made in self._entries if made.path.startswith(f"{store}/")]

    def clear(self, send: Send) -> list[Made]:
        """Delete all of it. Returns what could not be deleted.

        Objects are given up where the endpoint has no way to delete them: 405 for the first.
        """
        for made in self.entries:
            if made not in self._entries:
                continue
            status = send("DELETE", made.path)
            if status in _GONE or status == 404:
                self._entries.pop(made, None)
            elif made.kind == "object" and status == _NOT_ALLOWED:
                self._entries = {each: None for each in self._entries if each.kind != "object"}
        return self.entries


def _made(method: str, path: str, sent: bytes, answered: bytes) -> Made | None:
    if method == "PUT":
        if _STORE.fullmatch(path):
            return Made("store", path)
        return Made("object", path) if _OBJECT.fullmatch(path) else None
    if path == "/ec-cluster":
        return Made("cluster", f"{path}/{_member(sent, 'name')}")
    if path == "/api-keys":
        return Made("key", f"{path}/{_member(answered, 'key_info', 'key_id')}")
    if path == "/roles":
        return Made("role", f"{path}/{_member(answered, 'role_id')}")
    return None


def _member(body: bytes, *names: str) -> str:
    """Return a member of a document; empty where an answer is not what it should be."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return str(found or "")
