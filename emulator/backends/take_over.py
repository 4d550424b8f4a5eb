"""How storage and account take over a new state together."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, NamedTuple

from emulator.core.failures import EngineUnavailableError
from emulator.core.files import explain, write_atomically
from emulator.core.threads import run


class NewFile(NamedTuple):
    """The next content of a file; ``fsync`` is whether it has to survive a crash of the machine."""

    path: Path
    content: bytes
    fsync: bool


TakeOver = Callable[[NewFile | None], Coroutine[Any, Any, None]]
"""Puts a new state in place: all of it, or on an error nothing of it. An account engine calls it
with its own new file, if it has one, and then shows the new records; storage engines provide one
that puts new objects in place in the same step."""


async def write_file(file: NewFile | None) -> None:
    """Write the file alone: no objects are to be replaced.

    Raises:
        EngineUnavailableError: the disk refuses; an old file is unchanged.
    """
    if file is None:
        return
    try:
        await run(None, lambda: write_atomically(file.path, file.content, fsync=file.fsync))
    except OSError as error:
        raise EngineUnavailableError(explain(error, file.path)) from error
