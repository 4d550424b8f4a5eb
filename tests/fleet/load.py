"""A load on a service whose processes may die at any moment, and what it finds wrong meanwhile."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from http.client import HTTPException

from tests.process.client import Answer, Client

from .objects import Found, Object

SIZES = (0, 10, 1000, 1000, 1000, 20_000, 300_000)
LARGE = 9 * 1024**2
"""More than is cached, and more than goes to S3 in one piece."""

SETTLE_SECONDS = 1.0
"""How long what a killed process had sent to S3 may still take effect there."""

Pick = Callable[[], Client]


class Worker(threading.Thread):
    """One client. ``failures`` is what it found wrong.

    Args:
        pick: a client of one of the emulators.
        objects: those that nobody else writes.
        contended: those that other workers write, too.
    """

    def __init__(
        self,
        pick: Pick,
        objects: Sequence[Object],
        contended: Sequence[Object],
        until: float,
        seed: int,
    ) -> None:
        super().__init__(daemon=True)
        self.failures: list[str] = []
        self.puts = self.gets = self.lost = 0
        self.objects = objects
        self._pick = pick
        self._contended = contended
        self._until = until
        self._chance = random.Random(seed)

    def run(self) -> None:
        try:
            while time.monotonic() < self._until and not self.failures:
                among = self._contended if self._chance.random() < 0.4 else self.objects
                one = self._chance.choice(among)
                if self._chance.random() < 0.4:
                    self._put(one)
                else:
                    self._get(one)
        except Exception as error:
            self.failures.append(repr(error))

    def _put(self, one: Object) -> None:
        size = LARGE if self._chance.random() < 0.01 else self._chance.choice(SIZES)
        number, sent = one.begin(size)
        answer = self._answer(
            lambda client: client.put(one.store, one.key, sent.body, metadata=sent.metadata)
        )
        if answer is not None and answer.status == 204:
            one.acknowledge(number)
            self.puts += 1
            return
        self._expect_loss(answer, "PUT", one)
        if not one.is_contended:
            # What the process that died had sent on may still arrive, and be taken for newer.
            time.sleep(SETTLE_SECONDS)
            one.give_up(number)

    def _get(self, one: Object) -> None:
        began = time.monotonic()
        answer = self._answer(lambda client: client.get(one.store, one.key))
        if answer is None or answer.status not in (200, 404):
            self._expect_loss(answer, "GET", one)
            return
        self.gets += 1
        fault = one.fault_of(found_in(answer), began)
        if fault is not None:
            self.failures.append(fault)

    def _answer(self, call: Callable[[Client], Answer]) -> Answer | None:
        with suppress(OSError, HTTPException):
            return call(self._pick())
        return None

    def _expect_loss(self, answer: Answer | None, what: str, one: Object) -> None:
        self.lost += 1
        if answer is not None and answer.status != 500:
            self.failures.append(f"{what} {one.key}: {answer.status} {answer.body[:200]!r}")


def found_in(answer: Answer) -> Found | None:
    """The object that the service has answered with; None where it has none."""
    if answer.status == 404:
        return None
    assert answer.status == 200, answer
    return Found({name: answer.headers[name] for name in ("number", "digest")}, answer.body)
