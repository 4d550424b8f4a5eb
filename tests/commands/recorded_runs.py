"""Runs of requests that can be repeated against an emulator of another revision."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any, NamedTuple

from emulator import Emulator
from emulator.core.revisions import FIRST, latest
from tests.support.client import Client, store_configuration
from tests.support.emulators import ANY_NAMES

START = 1_893_456_000 * 1_000_000
"""2030-01-01T00:00:00Z, in microseconds since the Unix epoch."""

STORE = "/objectstore/media"


class Ask(NamedTuple):
    """A request, sent after the clock has been moved on by so many seconds.

    Without ``role`` it shows no key.
    """

    method: str
    path: str
    headers: Mapping[str, str] = {}
    body: bytes | None = None
    role: str | None = "owner"
    after: float = 0


def create(store: str = "media", **changes: str) -> Ask:
    """Create a store, or update it with another ``bucket``."""
    configuration = store_configuration(store)
    configuration["storage_config"]["s3"]["bucket_name"] = changes.get("bucket", "bucket")
    body = json.dumps(configuration).encode()
    return Ask("PUT", f"/objectstore/{store}", {"Content-Type": "application/json"}, body)


def put(key: str, body: bytes = b"body", /, **options: Any) -> Ask:
    """Put an object of the store ``media``."""
    return Ask("PUT", f"{STORE}/{key}", options.pop("headers", {}), body, **options)


def get(key: str, **options: Any) -> Ask:
    """Get an object of the store ``media``."""
    return Ask("GET", f"{STORE}/{key}", **options)


def delete(key: str, **options: Any) -> Ask:
    """Delete an object of the store ``media``."""
    return Ask("DELETE", f"{STORE}/{key}", **options)


@contextmanager
def both_revisions() -> Iterator[dict[str, Emulator]]:
    """An emulator of the first revision and one of the latest, by their dates."""
    older = Emulator(cache="memory", api_revision=FIRST.date, **ANY_NAMES)
    newer = Emulator(cache="memory", api_revision=latest().date, **ANY_NAMES)
    with older, newer:
        yield {FIRST.date: older, latest().date: newer}


def statuses(emulator: Emulator, asks: Iterable[Ask]) -> list[int]:
    """What a fresh state of the emulator answers. Its clock moves only as the requests say."""
    emulator.reset()
    emulator.clock.freeze(START)
    emulator.journal.clear()
    clients = {
        role: Client(emulator.endpoint, None if role is None else emulator.api_key(role))
        for role in ("owner", "viewer", None)
    }
    found = []
    with closing(clients[None].connect()) as over:
        for ask in asks:
            emulator.clock.advance(ask.after)
            client = clients[ask.role]
            answer = client.call(ask.method, ask.path, ask.body, ask.headers, over=over)
            found.append(answer.status)
    return found


def limits_of_gets(count: int) -> Sequence[Ask]:
    """That many Gets at one instant, of an object that is there."""
    return [create(), put("a"), *[get("a") for _ in range(count)]]
