"""A load on a service whose processes may die at any moment, and what it must have kept."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException

from tests.process.client import Answer, Client

SIZES = (0, 10, 1000, 1000, 1000, 20_000, 300_000)
LARGE = 9 * 1024**2
"""More than is cached, and more than goes to S3 in one piece."""

SETTLE_SECONDS = 1.0
"""How long what a killed process had sent to S3 may still take effect there."""

Pick = Callable[[], Client]


@dataclass
class Object:
    """One object: the number of what was sent last, and of what was acknowledged last."""

    store: str
    key: str
    sent: int = 0
    acknowledged: int = 0
    sizes: dict[int, int] = field(default_factory=dict)

    def may_be(self, number: int) -> bool:
        """Whether the object may be what was sent as ``number``, once all is quiet."""
        return self.acknowledged <= number <= self.sent

    def body(self, number: int) -> bytes:
        return body_of(self.key, number, self.sizes[number])


def body_of(key: str, number: int, size: int) -> bytes:
    start = f"{key} {number} ".encode()
    return (start * (size // len(start) + 1))[:size]


class Worker(threading.Thread):
    """One client: the only one that writes its objects. ``failures`` is what it found wrong."""

    def __init__(self, pick: Pick, objects: list[Object], until: float, seed: int) -> None:
        super().__init__(daemon=True)
        self.failures: list[str] = []
        self.puts = self.gets = self.lost = 0
        self._pick = pick
        self._objects = objects
        self._until = until
        self._chance = random.Random(seed)

    def run(self) -> None:
        try:
            while time.monotonic() < self._until and not self.failures:
                one = self._chance.choice(self._objects)
                if self._chance.random() < 0.4:
                    self._put(one)
                else:
                    self._get(one)
        except Exception as error:
            self.failures.append(repr(error))

    def _put(self, one: Object) -> None:
        number = one.sent + 1
        size = LARGE if self._chance.random() < 0.01 else self._chance.choice(SIZES)
        one.sizes[number] = size
        one.sent = number
        answer = self._answer(
            lambda client: client.put(
                one.store, one.key, one.body(number), metadata={"number": str(number)}
            )
        )
        if answer is not None and answer.status == 204:
            one.acknowledged = number
            self.puts += 1
            return
        self._expect_loss(answer, "PUT", one)
        # What the process that died had sent on may still arrive, and be taken for newer.
        time.sleep(SETTLE_SECONDS)

    def _get(self, one: Object) -> None:
        at_least = one.acknowledged
        answer = self._answer(lambda client: client.get(one.store, one.key))
        if answer is None or answer.status not in (200, 404):
            self._expect_loss(answer, "GET", one)
            return
        self.gets += 1
        if answer.status == 404:
            if at_least:
                self.failures.append(f"{one.key}: {at_least} was acknowledged, and is not found")
            return
        number = int(answer.headers["number"])
        if not at_least <= number <= one.sent:
            self.failures.append(f"{one.key}: {number} was read, {at_least} was acknowledged")
        elif answer.body != one.body(number):
            self.failures.append(f"{one.key}: the body of {number} is of something else")

    def _answer(self, call: Callable[[Client], Answer]) -> Answer | None:
        with suppress(OSError, HTTPException):
            return call(self._pick())
        return None

    def _expect_loss(self, answer: Answer | None, what: str, one: Object) -> None:
        self.lost += 1
        if answer is not None and answer.status != 500:
            self.failures.append(f"{what} {one.key}: {answer.status} {answer.body[:200]!r}")
