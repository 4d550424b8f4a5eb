"""SIGKILL at any moment, while objects are written, and during imports, resets and restores.

Each object says which version it is and how long, so a torn one is recognised. After a kill, every
object has to be the last version that was acknowledged, or the one on its way; an import, a reset
or a restore that was on its way has to be complete, with the account's roles, or not begun.
"""

import hashlib
import http.client
import itertools
import json
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from tests.bench.subjects import HOST, STORE, STORE_CONFIGURATION

KEYS = tuple(f"key-{number}" for number in range(80))
WRITERS = 4
SIZES = (10, 1000, 70_000, 1_200_000)  # bytes: in memory, and through a temporary file
START_SECONDS = 60.0


@dataclass
class Kills:
    """How the kills ended."""

    count: int
    during: dict[str, int] = field(default_factory=dict)
    lost: int = 0  # objects whose acknowledged version was gone
    torn: int = 0  # objects that were no whole version
    mixed: int = 0  # states that were neither the old one nor the new one
    slowest_start: float = 0.0  # seconds


Call = Callable[..., tuple[int, bytes]]
"""Sends a request: a method, a path and perhaps a body; returns the status and the body."""


class State(NamedTuple):
    """The version of every object, and the names of the custom roles."""

    objects: dict[str, int]
    roles: frozenset[str]


def measure(count: int, progress: Callable[[str], None]) -> Kills:
    """Kill an emulator so many times. Raises `OSError`."""
    result = Kills(count)
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        run = _Run(Path(scratch), result)
        for number in range(count):
            run.life()
            if (number + 1) % 10 == 0:
                progress(f"Kills: {number + 1}, lost {result.lost}, torn {result.torn}")
        run.end()
    return result


class _Server:
    """An emulator over a data directory."""

    def __init__(self, scratch: Path) -> None:
        ready = scratch / "ready.json"
        words = ["--data-dir", str(scratch / "data"), "--port", "0", "--ready-file", str(ready)]
        words.append("--exit-with-parent")
        ready.unlink(missing_ok=True)  # The one that was killed could not remove it.
        begin = time.perf_counter()
        with (scratch / "server.log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "emulator", *words], stdout=log, stderr=log
            )
        while not ready.exists():
            if self._process.poll() is not None or time.perf_counter() - begin > START_SECONDS:
                self.kill()
                raise OSError("the emulator did not start: " + (scratch / "server.log").read_text())
            time.sleep(0.002)
        self.start_seconds = time.perf_counter() - begin
        facts = json.loads(ready.read_text())
        self._port, self._key = facts["port"], facts["api_keys"]["owner"]

    def connection(self) -> Call:
        """A function that sends requests over one connection."""
        connection = http.client.HTTPConnection(HOST, self._port, timeout=120)
        headers = {"Authorization": self._key, "Content-Type": "application/json"}

        def call(method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return response.status, response.read()

        return call

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()


class _Run:
    """One data directory through many lives."""

    def __init__(self, scratch: Path, result: Kills) -> None:
        self._scratch = scratch
        self._result = result
        self._random = random.Random(1)
        self._versions = itertools.count(1)  # Also of the roles.
        self._state = State({}, frozenset())
        self._roles_at_start: frozenset[str] = frozenset()
        self._on_the_way: dict[str, set[int]] = {}
        self._whole: list[State] = []
        self._exported: tuple[bytes, State] | None = None
        self._lasts = 0.2  # seconds that a change of the whole state took at last

    def life(self) -> None:
        """Start, look, do something, and be killed."""
        server = _Server(self._scratch)
        self._result.slowest_start = max(self._result.slowest_start, server.start_seconds)
        call = server.connection()
        self._look(call)
        kinds = ["writes", "writes", "import", "reset", "restore"]
        kind = self._random.choice(kinds)
        self._result.during[kind] = self._result.during.get(kind, 0) + 1
        self._roles_at_start = self._state.roles
        self._fill(call)
        if kind == "writes":
            self._write_until_killed(server)
        else:
            self._change_until_killed(server, call, kind)

    def end(self) -> None:
        """Look a last time."""
        server = _Server(self._scratch)
        self._look(server.connection())
        server.kill()

    def _look(self, call: Call) -> None:
        found = self._found(call)
        if self._whole:
            if found not in self._whole:
                self._result.mixed += 1
        else:
            for key in KEYS:
                allowed = {self._state.objects.get(key), *self._on_the_way.get(key, ())}
                if found.objects.get(key) not in allowed:
                    self._result.lost += 1
        self._state, self._on_the_way, self._whole = found, {}, []

    def _found(self, call: Call) -> State:
        objects = {}
        for key in KEYS:
            status, body = call("GET", f"/objectstore/{STORE}/{key}")
            if status == 200:
                version = _version(body)
                if version is None:
                    self._result.torn += 1
                else:
                    objects[key] = version
        return State(objects, _roles(call))

    def _fill(self, call: Call) -> None:
        """Have a store, some objects, a role, and an export to import."""
        call("PUT", f"/objectstore/{STORE}", json.dumps(STORE_CONFIGURATION).encode())
        objects = dict(self._state.objects)
        for key in self._random.sample(KEYS, 20):
            objects[key], body = self._new_object()
            _expect(call("PUT", f"/objectstore/{STORE}/{key}", body), 204)
        name = f"role-{next(self._versions)}"
        rule = {"type": "store", "permissions": ["read"], "stores": "*", "items": "*"}
        for old in self._state.roles:
            _expect(call("DELETE", f"/roles/{_role_id(call, old)}"), 200, 204)
        role = {"role_name": name, "permissions": {"rules": [rule]}}
        _expect(call("POST", "/roles", json.dumps(role).encode()), 200, 201)
        self._state = State(objects, frozenset({name}))

    def _new_object(self) -> tuple[int, bytes]:
        version = next(self._versions)
        return version, _body(version, self._random.choice(SIZES))

    def _write_until_killed(self, server: _Server) -> None:
        writers = [
            threading.Thread(target=self._write, args=(server.connection(), KEYS[first::WRITERS]))
            for first in range(WRITERS)
        ]
        for writer in writers:
            writer.start()
        time.sleep(self._random.uniform(0.05, 0.6))
        server.kill()
        for writer in writers:
            writer.join()

    def _write(self, call: Call, keys: tuple[str, ...]) -> None:
        choices = random.Random(keys[0])
        with suppress(OSError, http.client.HTTPException):
            while True:
                key = choices.choice(keys)
                version, body = self._new_object()
                self._on_the_way[key] = {version}
                _expect(call("PUT", f"/objectstore/{STORE}/{key}", body), 204)
                self._state.objects[key] = version
                self._on_the_way[key] = set()

    def _change_until_killed(self, server: _Server, call: Call, kind: str) -> None:
        old = self._state
        if kind == "restore":
            _expect(call("PUT", "/_emulator/checkpoints/saved"), 200, 201)
            new = old
            self._fill(call)
            old = self._state
            request = ("POST", "/_emulator/checkpoints/saved", b"")
        elif kind == "import" and self._exported is not None:
            request, new = ("PUT", "/_emulator/state", self._exported[0]), self._exported[1]
        else:
            request = ("POST", "/_emulator/reset", b"")
            new = State({}, self._roles_at_start)  # Those are the account's, not of this life.
        if self._exported is None or self._random.random() < 0.3:
            self._exported = (_expect(call("GET", "/_emulator/state"), 200), old)
        done = threading.Event()
        changing = threading.Thread(target=self._change, args=(call, request, done))
        changing.start()
        time.sleep(self._random.uniform(0, 1.2 * self._lasts))
        is_done = done.is_set()
        server.kill()
        changing.join()
        self._whole = [new] if is_done else [old, new]

    def _change(
        self,
        call: Call,
        request: tuple[str, str, bytes],
        done: threading.Event,
    ) -> None:
        begin = time.perf_counter()
        with suppress(OSError, http.client.HTTPException):
            _expect(call(*request), 200, 204)
            done.set()
            self._lasts = time.perf_counter() - begin


def _body(version: int, size: int) -> bytes:
    filler = hashlib.sha256(b"%d" % version).digest()
    body = b"%d:%d:" % (version, size) + filler * (size // len(filler))
    return body + hashlib.sha256(body).digest()


def _version(body: bytes) -> int | None:
    """The version of an object; None if it is no whole version."""
    head = body.split(b":", 2)
    if len(head) < 3 or not head[0].isdigit() or not head[1].isdigit():
        return None
    version = int(head[0])
    return version if body == _body(version, int(head[1])) else None


def _expect(answer: tuple[int, bytes], *statuses: int) -> bytes:
    if answer[0] not in statuses:
        raise RuntimeError(f"answered {answer[0]}: {answer[1][:300]!r}")
    return answer[1]


def _listed(call: Call) -> list[dict[str, Any]]:
    document = json.loads(_expect(call("GET", "/roles"), 200))
    roles: list[dict[str, Any]] = document["roles"]
    return roles


def _roles(call: Call) -> frozenset[str]:
    return frozenset(
        role["role_name"] for role in _listed(call) if role["role_name"].startswith("role-")
    )


def _role_id(call: Call, name: str) -> str:
    return next(str(role["role_id"]) for role in _listed(call) if role["role_name"] == name)
