"""Requests for objects: their bodies in both directions, in pieces.

With an API key in the environment they are requests of that key to the service: roles, limits and
fault rules apply, and they are in the journal. Without one they go to the control API, where the
same requests need no key.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import quote, urlencode

from emulator.commands.client import (
    KEY_VARIABLE,
    Client,
    Streamed,
    with_api_key_if_set,
)
from emulator.commands.errors import CommandError, UsageError
from emulator.commands.output import instant_of_text, one_line
from emulator.core.headers import METADATA_PREFIX, TAG_PREFIX

_BLOCK = 256 * 1024

_OF_HTTP = frozenset(
    ("date", "connection", "content-length", "transfer-encoding", "server", "keep-alive")
)
"""Headers of an answer that are not the object's."""

_HINTS = {
    405: f"this revision has no such operation; unset {KEY_VARIABLE} to do it by the control API"
}


class Place(NamedTuple):
    """An object: its store and its key."""

    store: str
    key: str

    def __str__(self) -> str:
        return f"{self.store}/{self.key}"


class Attributes(NamedTuple):
    """What a Put says of an object beside its body; ``ttl`` is in seconds."""

    metadata: Mapping[str, str] = {}
    tags: Mapping[str, str] = {}
    ttl: int | None = None

    def headers(self, content_type: str) -> dict[str, str | bytes]:
        """Return the headers of a Put; ``content_type`` applies unless the metadata has another.

        Raises:
            UsageError: a name or value cannot be sent in a header.
        """
        named = {f"{METADATA_PREFIX}content-type": content_type}
        named |= {f"{METADATA_PREFIX}{name.lower()}": each for name, each in self.metadata.items()}
        named |= {f"{TAG_PREFIX}{name}": each for name, each in self.tags.items()}
        for name, value in named.items():
            if not (name.isascii() and name.isprintable()) or set(name) & set(" :"):
                raise UsageError(f"{name!r} cannot be the name of a header")
            if set(value) & set("\r\n\0"):
                raise UsageError(f"the value of {name} has a line break, which no header may have")
        return {name: value.encode() for name, value in named.items()}


class Objects:
    """The objects of a running emulator.

    Args:
        control: a client of its control API.
    """

    def __init__(self, control: Client) -> None:
        self.control = control
        with_key = with_api_key_if_set(control)
        self.is_service = with_key is not None
        """Whether requests go to the service, with the environment's API key."""
        self._client = with_key or control

    def put(
        self,
        place: Place,
        body: Iterable[bytes],
        size: int | None,
        content_type: str,
        attributes: Attributes,
    ) -> None:
        """Store an object. ``size`` is the body's length, None if it is not known.

        Raises:
            CommandError: it is not stored.
        """
        headers = attributes.headers(content_type)
        if size is not None:
            headers["Content-Length"] = str(size)
        query = {} if attributes.ttl is None else {"ttl_seconds": str(attributes.ttl)}
        with self._client.streamed("PUT", self._target(place, query), body, headers) as answer:
            for _ in answer.pieces():
                pass

    @contextlib.contextmanager
    def get(self, place: Place, tier: str | None = None) -> Iterator[Streamed]:
        """Give an object, with its body to be read.

        Raises:
            CommandError: it cannot be read.
        """
        with self._client.streamed("GET", self._target(place, self._of_tier(tier))) as answer:
            yield answer

    def head(self, place: Place, tier: str | None = None) -> tuple[int, dict[str, str]]:
        """Return the length of an object's body, and what else is known of it: the headers of the
        service, or what a tier has.

        Raises:
            CommandError: it cannot be read.
        """
        if not self.is_service:
            return self._found(place, tier)
        self._of_tier(tier)
        with self._client.streamed("HEAD", self._target(place, {})) as answer:
            return answer.size or 0, _headers_of_object(answer)

    def _found(self, place: Place, tier: str | None) -> tuple[int, dict[str, str]]:
        tiers = ("storage", "cache") if tier is None else (tier,)
        document = self.control.call("GET", _target("objects", place, {}), answer={"key": str})
        for name in tiers:
            entry = document.get(name)
            if entry is not None:
                times = {
                    each: instant_of_text(entry.get(f"{each}_at"))
                    for each in ("created", "expires")
                }
                tags = " ".join(f"{key}={value}" for key, value in entry.get("tags", {}).items())
                metadata, known = entry.get("metadata", {}), {"tier": name, **times, "tags": tags}
                return int(entry["size"]), {**known, **metadata, **known}
        raise CommandError(one_line(f"the {tier} tier does not have {place}"))

    def delete(self, place: Place) -> None:
        """Delete an object.

        Raises:
            CommandError: it is not deleted.
        """
        target = self._target(place, {}) if self.is_service else _target("objects", place, {})
        with self._client.streamed("DELETE", target, hints=_HINTS) as answer:
            for _ in answer.pieces():
                pass

    def pages(self, store: str, prefix: str, page: int) -> Iterator[Mapping[str, Any]]:
        """Return the objects of a store whose keys begin with ``prefix``, from the control API.

        Raises:
            CommandError: they cannot be listed.
        """
        query = {"prefix": prefix, "limit": str(page)}
        while True:
            target = f"/_emulator/objects/{_quoted(store)}?{_query(query)}"
            document = self.control.call("GET", target, answer={"objects": list})
            yield from document["objects"]
            if document.get("next") is None:
                return
            query["after"] = str(document["next"])

    def _target(self, place: Place, query: Mapping[str, str]) -> str:
        return _target("objectstore" if self.is_service else "bodies", place, query)

    def _of_tier(self, tier: str | None) -> dict[str, str]:
        if tier is not None and self.is_service:
            raise UsageError(f"--tier is for the control API: unset {KEY_VARIABLE}")
        return {} if tier is None else {"tier": tier}


def _headers_of_object(answer: Streamed) -> dict[str, str]:
    return {
        name.lower(): value
        for name, value in answer.headers.items()
        if name.lower() not in _OF_HTTP and not name.lower().startswith("access-control-")
    }


def _target(collection: str, place: Place, query: Mapping[str, str]) -> str:
    start = "" if collection == "objectstore" else "/_emulator"
    path = f"{start}/{collection}/{_quoted(place.store)}/{_quoted(place.key)}"
    return f"{path}?{_query(query)}" if query else path


def _quoted(text: str) -> str:
    return quote(os.fsencode(text), safe="/")


def _query(query: Mapping[str, str]) -> str:
    return urlencode({name: os.fsencode(value) for name, value in query.items()})


def blocks(file: BinaryIO, size: int | None, note: Callable[[int], object]) -> Iterator[bytes]:
    """Read a file in pieces; ``note`` is called with the length of each.

    Raises:
        CommandError: it cannot be read, or has not ``size`` bytes any more.
    """
    left = size
    while left != 0:
        try:
            block = file.read(_BLOCK if left is None else min(_BLOCK, left))
        except OSError as error:
            raise CommandError(f"the file cannot be read: {error.strerror}") from None
        if not block:
            break
        if left is not None:
            left -= len(block)
        yield block
        note(len(block))
    if left:
        raise CommandError(f"the file has become shorter: {left} of {size} bytes are missing")
