"""A load of PUTs and GETs that notes every answer that it should not have got."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from tests.support.client import Client
from tests.support.waiting import wait_until

T = TypeVar("T")


def body_of(key: str, number: int) -> bytes:
    return random.Random(f"{key} {number}").randbytes(200 + number % 100)


@dataclass
class Load:
    """One writer for each key, that counts up, and some readers of all keys.

    ``complaints`` is what was wrong; it is empty as long as every answer was right.
    """

    client: Client
    keys: Sequence[str]
    readers: int = 3
    unconfirmed_is_right: bool = False
    complaints: list[str] = field(default_factory=list)
    puts: int = 0
    gets: int = 0
    unconfirmed: int = 0

    def __post_init__(self) -> None:
        self._stopped = threading.Event()
        self._acknowledged = dict.fromkeys(self.keys, 0)

    @contextmanager
    def running(self) -> Iterator[Load]:
        """The load, until the end of the ``with``."""
        work = [threading.Thread(target=self._noting, args=(self._write, key)) for key in self.keys]
        work += [
            threading.Thread(target=self._noting, args=(self._read, number))
            for number in range(self.readers)
        ]
        for thread in work:
            thread.start()
        try:
            yield self
        finally:
            self._stopped.set()
            for thread in work:
                thread.join()

    def wait_for_a_put_of_each_key(self) -> None:
        """Wait until a Put of each key is acknowledged that was not so far."""
        before = dict(self._acknowledged)
        wait_until(lambda: all(self._acknowledged[key] > before[key] for key in self.keys))

    def wait_for_an_unconfirmed_put(self) -> None:
        """Wait until nobody knows what became of another Put."""
        before = self.unconfirmed
        wait_until(lambda: self.unconfirmed > before)

    def wait_for_puts(self, count: int) -> None:
        """Wait for so many more, whatever comes of them."""
        before = self.puts
        wait_until(lambda: self.puts >= before + count)

    def _noting(self, work: Callable[[T], None], argument: T) -> None:
        try:
            work(argument)
        except Exception as error:
            self.complaints.append(repr(error))

    def _write(self, key: str) -> None:
        number = 0
        with closing(self.client.connect()) as connection:
            while not self._stopped.is_set():
                number += 1
                answer = self.client.put(
                    "store",
                    key,
                    body_of(key, number),
                    metadata={"number": str(number)},
                    over=connection,
                )
                self.puts += 1
                if answer.status == 204:
                    self._acknowledged[key] = number
                elif answer.status == 500 and self.unconfirmed_is_right:
                    self.unconfirmed += 1
                else:
                    self.complaints.append(f"PUT {key} {number}: {answer}")

    def _read(self, seed: int) -> None:
        chance = random.Random(seed)
        with closing(self.client.connect()) as connection:
            while not self._stopped.is_set():
                key = chance.choice(list(self.keys))
                at_least = self._acknowledged[key]
                answer = self.client.get("store", key, over=connection)
                self.gets += 1
                if answer.status == 404 and at_least == 0:
                    continue
                if answer.status != 200:
                    self.complaints.append(f"GET {key}: {answer}")
                    continue
                number = int(answer.headers["number"])
                if number < at_least:
                    self.complaints.append(f"GET {key}: {number}, older than {at_least}")
                if answer.body != body_of(key, number):
                    self.complaints.append(f"GET {key}: {number} with another's body")
