"""Writers that go on until the emulator dies under them."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException

from tests.support.client import JSON, Client

from .model import History

KIB, MIB = 1024, 1024**2

STORES = ("store", "other-store")
SIZES = (0, 10, 900, 40 * KIB, 300 * KIB, MIB - 1, MIB + 17, 3 * MIB)
"""The last two are more than the cache takes, and go to a file as they come."""

DAY = 86400


@dataclass
class Names:
    """Things of the account that a writer has asked for, and those that it was promised."""

    sent: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)


@dataclass
class Load:
    """What has been written to one data directory, by all emulators over it."""

    history: History = field(default_factory=History)
    stores: Names = field(default_factory=Names)
    keys: Names = field(default_factory=Names)
    api_keys: dict[str, str] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    unexpected: list[str] = field(default_factory=list)
    """Answers that no emulator should give, however it dies."""

    def start(
        self, client: Client, randomness: random.Random
    ) -> tuple[list[threading.Thread], threading.Event]:
        """Start the writers; the event is set once the first request is on its way."""
        begun = threading.Event()
        works: list[Callable[[HTTPConnection, random.Random], None]] = [
            self._writer(client, number, begun) for number in range(4)
        ]
        works.append(self._account_writer(client))
        threads = [
            threading.Thread(
                target=_until_it_dies, args=(client, work, random.Random(randomness.random()))
            )
            for work in works
        ]
        for thread in threads:
            thread.start()
        return threads, begun

    def _writer(
        self, client: Client, number: int, begun: threading.Event
    ) -> Callable[[HTTPConnection, random.Random], None]:
        def write(over: HTTPConnection, randomness: random.Random) -> None:
            own = f"{number}/{randomness.randrange(40)}"
            key = f"{randomness.choice(STORES)} {randomness.choice([own, own, 'Für alle'])}"
            size = randomness.choice(SIZES)
            version = self.history.begin(key, size, randomness.choice([None, DAY]))
            self.touched.add(key)
            begun.set()
            store, _, name = key.partition(" ")
            answer = client.put(
                store,
                name,
                version.body,
                ttl_seconds=version.ttl_seconds,
                metadata=version.metadata,
                over=over,
            )
            if answer.status != 204:
                self.unexpected.append(f"PUT {key}: {answer}")
            self.history.end(version)

        return write

    def _account_writer(self, client: Client) -> Callable[[HTTPConnection, random.Random], None]:
        def write(over: HTTPConnection, randomness: random.Random) -> None:
            name = f"n-{randomness.getrandbits(60):x}"
            if randomness.random() < 0.5:
                self.stores.sent.add(name)
                answer = client.create_store(name, over=over)
                names = self.stores
            else:
                self.keys.sent.add(name)
                document = {"role_id": "viewer", "description": name, "expiry": "never"}
                body = json.dumps(document).encode()
                answer = client.call("POST", "/api-keys", body, JSON, over=over)
                names = self.keys
                if answer.status in (200, 201):
                    self.api_keys[name] = answer.json()["api_key"]
            if answer.status not in (200, 201):
                self.unexpected.append(f"{name}: {answer}")
            names.kept.add(name)

        return write


def _until_it_dies(
    client: Client,
    work: Callable[[HTTPConnection, random.Random], None],
    randomness: random.Random,
) -> None:
    try:
        with closing(client.connect()) as over:
            while True:
                work(over, randomness)
    except (HTTPException, OSError):
        """It is dead."""
