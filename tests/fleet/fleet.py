"""Emulators that share everything, and are killed and started again one by one."""

from __future__ import annotations

import random
import signal
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.client import Client
from tests.support.keys import v2_key
from tests.support.launch import Launcher, Running

KEYS = {
    f"MOMENTO_EMULATOR_{role.upper()}_KEY": v2_key(f"fleet-{role}")
    for role in ("owner", "operator", "viewer")
}
"""The same for every emulator, so that a client of one is a client of all."""


class Fleet:
    """Emulators that are started with the same options.

    Args:
        options: how each is started.
        environment: with what environment beside the fixed keys.
        size: how many there are.
    """

    def __init__(
        self,
        emulators: Launcher,
        options: Sequence[str | Path],
        environment: Mapping[str, str],
        size: int,
    ) -> None:
        self._emulators = emulators
        self._options = options
        self._environment = {**environment, **KEYS}
        self._lock = threading.Lock()
        spawned = [self._spawn() for _ in range(size)]
        for running in spawned:
            running.wait_until_ready()
        self._running: list[Running | None] = [*spawned]
        self._spare = self._spawn()
        """The one that takes the next place: it starts while the others work."""
        self.kills = 0

    def client(self, chance: random.Random, role: str = "owner") -> Client:
        """A client of one of those that run, whichever it is."""
        return self._client(chance.choice(self.running), role)

    def clients(self) -> list[Client]:
        """An Owner's client of each that runs."""
        return [self._client(running, "owner") for running in self.running]

    @property
    def running(self) -> list[Running]:
        with self._lock:
            return [running for running in self._running if running is not None]

    def kill_one(self, chance: random.Random) -> None:
        """End one with SIGKILL, whatever it is doing, and start another in its place."""
        another = self._spare
        another.wait_until_ready()
        number = chance.randrange(len(self._running))
        with self._lock:
            victim, self._running[number] = self._running[number], None
        assert victim is not None
        assert victim.process.poll() is None, f"it had ended by itself:\n{victim.stderr}"
        victim.send(signal.SIGKILL)
        assert victim.wait() == -signal.SIGKILL
        self.kills += 1
        with self._lock:
            self._running[number] = another
        self._spare = self._spawn()

    def stop(self) -> list[str]:
        """End all in an orderly way; what each of them logged."""
        self._spare.wait_until_ready()
        return [running.end() for running in [*self.running, self._spare]]

    def _spawn(self) -> Running:
        return self._emulators.spawn(*self._options, env=self._environment)

    def _client(self, running: Running, role: str) -> Client:
        return Client(running.endpoint, KEYS[f"MOMENTO_EMULATOR_{role.upper()}_KEY"])
