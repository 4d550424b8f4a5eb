"""Stops a replacement of objects and account at each of its calls of the file system in turn.

Run as ``python -m tests.files.crashes DIRECTORY REPLACEMENT FAILURE``. It forks a process for each
call, so that a process can be killed there, and prints how many ended with the old state and how
many with the new one.
"""

from __future__ import annotations

import asyncio
import errno
import itertools
import json
import os
import shutil
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from emulator.backends.account.base import MEMBERS, Change
from emulator.backends.account.file import FileAccount
from emulator.backends.storage.filesystem import CHUNK_BYTES, FilesystemStorage
from emulator.core.failures import EngineUnavailableError
from emulator.core.model import Member
from emulator.core.object_info import Location
from emulator.startup.data_directory import DataDirectory
from tests.backends.objects import put, read
from tests.support.bodies import some_bytes

State = tuple[list[str], dict[str, bytes]]
"""The members of the account, and the bodies of the objects by bucket and key."""

CALLS = frozenset({"open", "os.rename", "os.mkdir", "os.rmdir", "os.remove", "os.link"})


class Engines:
    """The engines over one data directory."""

    def __init__(self, path: Path) -> None:
        self.directory = DataDirectory(path)
        directory = self.directory
        self.account = FileAccount(directory.account_file)
        self.storage = FilesystemStorage(
            directory.objects, directory.temporary, directory.checkpoints
        )

    async def close(self) -> None:
        await self.storage.close()
        self.directory.close()

    async def state(self) -> State:
        found = {}
        for bucket in await self.storage.buckets():
            for key, _ in await self.storage.list(bucket):
                stored = await read(self.storage, Location(bucket, key))
                assert stored is not None
                found[f"{bucket}/{key}"] = stored[1]
        return sorted(await self.account.entries(MEMBERS)), found


async def fill(engines: Engines, name: str, sizes: dict[str, int]) -> None:
    for place, size in sizes.items():
        bucket, _, key = place.partition("/")
        await put(engines.storage, Location(bucket, key), some_bytes(size))
    await engines.account.replace(*member(name))


def member(name: str) -> tuple[Change[Any]]:
    return (Change(MEMBERS, name, Member(name, "owner"), None),)


OLD = {"a/1": 10, "a/2": CHUNK_BYTES + 1, "b/1": 0}
NEW = {"a/1": 20, "c/1": 5}


Prepared = Callable[[], Awaitable[None]]


async def importing(engines: Engines) -> Prepared:
    async def work() -> None:
        async with await engines.storage.beside() as replacement:
            for place, size in NEW.items():
                bucket, _, key = place.partition("/")
                await put(replacement.storage, Location(bucket, key), some_bytes(size))
            await engines.account.replace(*member("new"), take_over=replacement.take_over)

    return work


async def resetting(engines: Engines) -> Prepared:
    async def work() -> None:
        async with await engines.storage.beside() as replacement:
            await engines.account.replace(*member("new"), take_over=replacement.take_over)

    return work


async def restoring(engines: Engines) -> Prepared:
    """Go back to the state that is there, after it was replaced by the one that counts as old."""
    objects, account = await engines.storage.checkpoint(), await engines.account.checkpoint()
    await engines.storage.clear()
    await fill(engines, "old", OLD)

    async def work() -> None:
        async with await objects.beside() as replacement:
            await account.restore(replacement.take_over)

    return work


REPLACEMENTS = {
    "import": (importing, "old", OLD, NEW),
    "reset": (resetting, "old", OLD, {}),
    "restore": (restoring, "new", NEW, NEW),
}
"""How each is prepared, the state before that, and the objects of the new state."""


class Failures:
    """Makes the calls below a directory fail, beginning with the one of a number."""

    def __init__(self, directory: Path, number: int, failure: str) -> None:
        self._below = f"{directory}/"
        self._left = number
        self._failure = failure
        self._armed = False
        self.reached = False
        vars(os)["fsync"] = self._note_descriptor
        sys.addaudithook(self._hear)

    async def during(self, work: Prepared) -> None:
        self._armed = True
        try:
            await work()
        finally:
            self._armed = False

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._armed and event in CALLS and isinstance(arguments[0], (str, Path)):
            self._note(str(arguments[0]))

    def _note_descriptor(self, descriptor: Any) -> None:
        self._note(os.readlink(f"/proc/self/fd/{descriptor}"))

    def _note(self, path: str) -> None:
        if not self._armed or not f"{path}/".startswith(self._below):
            return
        self._left -= 1
        if self._left > 0:
            return
        self.reached = True
        if self._failure == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self._failure == "once":
            self._armed = False
        raise OSError(errno.EIO, os.strerror(errno.EIO), path)


async def attempt(path: Path, replacement: str, failure: str, number: int) -> bool:
    """Replace the state, and have call ``number`` fail; return whether there was such a call."""
    engines = Engines(path)
    prepare, *_ = REPLACEMENTS[replacement]
    work = await prepare(engines)
    before = await engines.state()
    failures = Failures(path, number, failure)
    try:
        await failures.during(work)
    except (EngineUnavailableError, OSError):
        if failure == "once":
            assert await engines.state() == before, "an error has changed the state"
    else:
        assert await engines.state() != before
    await engines.close()
    return failures.reached


async def prepare(path: Path, name: str, sizes: dict[str, int]) -> None:
    engines = Engines(path)
    await fill(engines, name, sizes)
    await engines.close()


async def reopened(path: Path) -> State:
    engines = Engines(path)
    try:
        assert set(os.listdir(path)) <= {"account.json", "lock", "objects", "tmp", "checkpoints"}
        assert os.listdir(path / "tmp") == []
        return await engines.state()
    finally:
        await engines.close()


def main(directory: Path, replacement: str, failure: str) -> None:
    vars(os)["fsync"] = lambda _: (
        None
    )  # The kernel goes on when a process is killed, so nothing is lost.
    _, name, sizes, new_sizes = REPLACEMENTS[replacement]
    template = directory / "template"
    asyncio.run(prepare(template, name, sizes))
    states = {
        "old": (["old"], {place: some_bytes(size) for place, size in OLD.items()}),
        "new": (["new"], {place: some_bytes(size) for place, size in new_sizes.items()}),
    }
    ended = dict.fromkeys(states, 0)
    for number in itertools.count(1):
        path = directory / str(number)
        shutil.copytree(template, path)
        child = os.fork()
        if not child:
            os._exit(10 if asyncio.run(attempt(path, replacement, failure, number)) else 0)
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        assert code in (0, 10, -signal.SIGKILL), f"call {number} of the file system: {code}"
        state = asyncio.run(reopened(path))
        found = [each for each, expected in states.items() if state == expected]
        assert found, f"call {number} of the file system left a mixture: {state}"
        shutil.rmtree(path)
        if code == 0:
            assert found == ["new"]
            break
        ended[found[0]] += 1
    print(json.dumps(ended))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
