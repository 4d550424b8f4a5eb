"""``wait``: return once an emulator accepts requests, or its start has failed (D170)."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from emulator.commands.client import (
    DEFAULT_ENDPOINT,
    ENDPOINT_VARIABLE,
    client_with_control_token,
)
from emulator.commands.errors import (
    CommandError,
    ForeignAnswerError,
    RefusedError,
    UnreachableError,
    UsageError,
)
from emulator.commands.parser import INVOCATION, Parser, of_lone_command
from emulator.config.options import ENVIRONMENT_PREFIX
from emulator.config.values import seconds
from emulator.core.private import monotonic, sleep, time_ns
from emulator.startup.ready_file import ReadyFile

NAME = "wait"

_VARIABLE = f"{ENVIRONMENT_PREFIX}READY_FILE"

_HEALTH = "/_emulator/health"

_PAUSE_SECONDS = 0.05
"""How long to wait between two looks."""

_REPLACED_SECONDS = 2.0
"""How long an older note of a failed start may still be replaced: in a script the next start may
begin at the same time as this command."""

_GATEWAY_ERRORS = range(500, 600)
"""Statuses of a server in front of an emulator that is not there yet."""

_EPILOG = f"""\
examples:
  {INVOCATION} --port 0 --ready-file ready.json &
  {INVOCATION} {NAME} --ready-file ready.json
      the port is free, and the file has the endpoint and the keys
  {INVOCATION} {NAME} --endpoint http://emulator:8080 --timeout 1m
      an emulator in another container

It prints the endpoint. With a ready file it ends at once when the start has failed, with the error
of that start: the emulator notes it in NAME.start beside the file. For a test command of your own,
'{INVOCATION} exec' starts the emulator, waits and stops it.

exit status: 0 when requests are accepted, 1 when the start has failed or the time is over, 2 when
the command itself is wrong.
"""

Look = Callable[[float], str]
"""Looks once, for so many seconds at most, and returns the endpoint where requests are accepted.
Raises ``UnreachableError`` with the cause if they are not yet, another error if they never will be.
"""


def run(words: Sequence[str]) -> None:
    """Run the command with these arguments.

    Raises:
        CommandError: the emulator is not ready.
    """
    given = parser().parse(words)
    if given.ready_file and given.endpoint:
        raise UsageError("--endpoint: --ready-file is given too; give one")
    file = given.ready_file or ("" if given.endpoint else os.environ.get(_VARIABLE))
    look = _LookAtFile(Path(file)) if file else _look_at_endpoint(given.endpoint)
    print(_wait(look, given.timeout))


def parser() -> Parser:
    """Return the parser of the arguments."""
    made = Parser(**of_lone_command(NAME, _EPILOG))
    made.add_argument(
        "--ready-file",
        metavar="FILE",
        help=f"ready file of the emulator, which --ready-file has it write (default: {_VARIABLE})",
    )
    made.add_argument(
        "--endpoint",
        metavar="URL",
        help=f"URL of the emulator (default: {ENDPOINT_VARIABLE}, or {DEFAULT_ENDPOINT})",
    )
    made.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=_timeout,
        default=30.0,
        help="how long to wait, in seconds or as in 500ms, 1m (30)",
    )
    return made


def _timeout(text: str) -> float:
    try:
        return seconds(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _wait(look: Look, timeout: float) -> str:
    """Look until the emulator is ready; return its endpoint.

    Raises:
        CommandError: it never will be, or is not after ``timeout`` seconds.
    """
    end = monotonic() + timeout
    while True:
        try:
            return look(max(end - monotonic(), _PAUSE_SECONDS))
        except UnreachableError as error:
            if monotonic() >= end:
                raise UnreachableError(f"not ready after {timeout:g} s: {error}") from None
        sleep(_PAUSE_SECONDS)


def _look_at_endpoint(endpoint: str | None) -> Look:
    """Return what looks whether an emulator answers at ``endpoint``, or that of the environment.

    Raises:
        UsageError: it is not an endpoint.
    """
    client = client_with_control_token(endpoint)

    def look(timeout: float) -> str:
        client.timeout = timeout
        try:
            client.call("GET", _HEALTH, answer={"status": str, "api_revision": str})
        except ForeignAnswerError as error:
            if error.answered in _GATEWAY_ERRORS:
                raise UnreachableError(str(error)) from None
            raise
        except RefusedError as error:
            if error.code in _GATEWAY_ERRORS:
                raise UnreachableError(str(error)) from None
            raise
        return client.endpoint

    return look


class _LookAtFile:
    """Looks into the ready file ``path``, and whether the emulator that it names answers."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._ready_file = ReadyFile(path)
        self._began, self._began_at = time_ns(), monotonic()

    def __call__(self, timeout: float) -> str:
        try:
            endpoint = self._read_endpoint()
            return _look_at_endpoint(endpoint)(timeout)
        except UnreachableError:
            self._require_no_failure()
            raise

    def _read_endpoint(self) -> str:
        try:
            endpoint = json.loads(self._path.read_bytes())["endpoint"]
        except FileNotFoundError:
            raise UnreachableError(f"there is no file {self._path}") from None
        except OSError as error:
            raise CommandError(f"cannot read {self._path}: {error.strerror}") from None
        except (ValueError, LookupError, TypeError):
            endpoint = None
        if not isinstance(endpoint, str):
            raise CommandError(f"{self._path} is not the ready file of an emulator")
        return endpoint

    def _require_no_failure(self) -> None:
        """Say why the start has failed, if it has.

        Raises:
            CommandError: it has.
        """
        note = self._ready_file.read_note()
        if note is None or note.failure is None:
            return
        is_new = note.written >= self._began
        if is_new or monotonic() - self._began_at >= _REPLACED_SECONDS:
            raise CommandError(f"the emulator could not start: {note.failure}")
