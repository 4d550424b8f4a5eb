"""A load on a service whose processes may die at any moment, and what it finds wrong meanwhile."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from http.client import HTTPException
from typing import NamedTuple

from tests.support.client import Answer, Client

from .objects import Found, Object

SIZES = (0, 10, 1000, 1000, 1000, 20_000, 300_000)
LARGE = 9 * 1024**2
"""More than is cached, and more than goes to S3 in one piece."""

SETTLE_SECONDS = 3.0
"""How long what a killed process had sent to S3 may still take effect there."""

Pick = Callable[[], Client]


class _Lost(NamedTuple):
    """A write that was not acknowledged, and when it has taken effect if it ever does. Nobody
    writes the object before."""

    object: Object
    number: int
    settled_at: float


class Worker(threading.Thread):
    """One client. ``failures`` is what it found wrong.

    Args:
        pick: a client of one of the emulators.
        objects: those that nobody else writes.
        contended: those that other workers write, too.
        stop: says that it has done enough.
    """

    def __init__(
        self,
        pick: Pick,
        objects: Sequence[Object],
        contended: Sequence[Object],
        stop: threading.Event,
        seed: int,
    ) -> None:
        super().__init__(daemon=True)
        self.failures: list[str] = []
        self.puts = self.gets = self.lost = 0
        self.objects = objects
        self._pick = pick
        self._contended = contended
        self._stop_asked = stop
        self._chance = random.Random(seed)
        self._resting: dict[str, _Lost] = {}

    @property
    def answered(self) -> int:
        """How many of its calls were done."""
        return self.puts + self.gets

    def run(self) -> None:
        try:
            while not self._stop_asked.is_set() and not self.failures:
                among = self._contended if self._chance.random() < 0.4 else self.objects
                one = self._chance.choice(among)
                self._give_up_what_has_settled()
                if self._chance.random() < 0.4 and one.key not in self._resting:
                    self._put(one)
                else:
                    self._get(one)
            while self._resting:
                time.sleep(0.05)
                self._give_up_what_has_settled()
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
            self._resting[one.key] = _Lost(one, number, time.monotonic() + SETTLE_SECONDS)

    def _give_up_what_has_settled(self) -> None:
        now = time.monotonic()
        for lost in [lost for lost in self._resting.values() if lost.settled_at <= now]:
            lost.object.give_up(lost.number)
            del self._resting[lost.object.key]

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
