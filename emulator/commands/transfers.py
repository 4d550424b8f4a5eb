"""Transfers of many objects: several at a time, with attempts, and a report of what became of them.

Memory does not grow with the number of objects, nor with their size.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any, TypeVar

from emulator.commands.errors import CommandError, RefusedError, UnreachableError
from emulator.commands.output import counted, one_line
from emulator.commands.progress import Progress, size

_T = TypeVar("_T")

_AGAIN = frozenset((429, 500, 502, 503, 504))
"""Statuses of an answer after which another attempt may succeed."""

_PAUSES = (0.1, 0.4, 1.6, 5.0)
"""Seconds of real time before the second attempt, the third and so on; then as the last."""

_GIVE_UP = 10
"""After so many failures in a row that do not lie in the object, the others would fail too."""

_SHOWN = 1000
"""The most failures that the JSON document has."""


class CancelledError(Exception):
    """The command ends, so the transfer does."""


class OddObjectError(CommandError):
    """An object cannot be transferred, and that says nothing of others."""


class GoneError(CommandError):
    """An object is not there any more, so there is nothing to be transferred."""


class Transfers:
    """Does a piece of work for each of many objects.

    Args:
        verb: what is done, as in ``sent``.
        at_once: how many are transferred at a time.
        attempts: how often one is tried at most.
        progress: told of bytes and ends.
    """

    def __init__(self, verb: str, at_once: int, attempts: int, progress: Progress) -> None:
        self._verb = verb
        self._at_once = at_once
        self._attempts = attempts
        self._progress = progress
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._in_a_row = 0
        self.done = 0
        self.bytes = 0
        self.gone = 0
        """How many have expired or were deleted before they were transferred."""
        self.failed = 0
        self.failures: list[dict[str, str]] = []

    def run(
        self, items: Iterable[_T], name: Callable[[_T], str], work: Callable[[_T, Counter], None]
    ) -> None:
        """Do ``work`` for each item, and return once all have ended.

        ``work`` raises ``CommandError`` if it fails; ``name`` names an item in messages. Failures
        are printed on stderr when they happen.
        """
        room = threading.Semaphore(2 * self._at_once)

        def one(item: _T) -> None:
            try:
                self._attempt(name(item), lambda counter: work(item, counter))
            finally:
                room.release()

        pool = ThreadPoolExecutor(self._at_once, "momento-transfer")
        with self._stopping_on_an_error(), pool, self._stopping_on_an_error():
            for item in items:
                room.acquire()
                if self._stopping.is_set():
                    break
                pool.submit(one, item)

    @contextlib.contextmanager
    def _stopping_on_an_error(self) -> Iterator[None]:
        """End what runs, on Ctrl-C too: inside of the pool, which then waits for all of it, and
        while the pool waits."""
        try:
            yield
        except BaseException:
            self._stopping.set()
            raise

    def fail(self, name: str, reason: str) -> None:
        """Note that an object was not transferred, and say so."""
        with self._lock:
            self.failed += 1
            if len(self.failures) < _SHOWN:
                self.failures.append({"name": one_line(name), "error": one_line(reason)})
        self._progress.say(one_line(f"not {self._verb}: {name}: {reason}"))

    def document(self) -> dict[str, Any]:
        """Return what became of them as JSON values."""
        return {
            self._verb: self.done,
            "bytes": self.bytes,
            "seconds": round(self._progress.seconds, 3),
            **({"gone": self.gone} if self.gone else {}),
            "failed": self.failed,
            "failures": self.failures,
        }

    def summary(self, where: str) -> str:
        """Return what became of them in one line; ``where`` is from or to where they went."""
        seconds = max(self._progress.seconds, 0.001)
        rate = f"{size(self.bytes / seconds)}/s"
        what = f"{counted(self.done, 'object')}, {size(self.bytes)}"
        gone = f" {counted(self.gone, 'object')} expired or deleted before." if self.gone else ""
        sent = f"{self._verb.capitalize()} {what}, {where} in {seconds:.1f} s ({rate})."
        return one_line(sent + gone)

    def require_success(self) -> None:
        """Check that nothing failed.

        Raises:
            CommandError: something did.
        """
        if not self.failed:
            return
        failed = f"{counted(self.failed, 'object')} not {self._verb}"
        if self._stopping.is_set():
            failed += f"; stopped after {_GIVE_UP} failures in a row"
        raise CommandError(failed)

    def _attempt(self, name: str, work: Callable[[Counter], None]) -> None:
        for attempt in range(self._attempts):
            if self._stopping.is_set():
                return
            counter = Counter(self._progress, self._stopping)
            try:
                work(counter)
            except CancelledError:
                return
            except GoneError:
                with self._lock:
                    self.gone += 1
                break
            except CommandError as error:
                counter.take_back()
                is_last = attempt + 1 == self._attempts
                if is_last or not _may_succeed(error):
                    self._note_failure(name, str(error), in_a_row=not _is_odd(error))
                    break
                self._stopping.wait(_PAUSES[min(attempt, len(_PAUSES) - 1)])
            except Exception as error:  # A mistake of ours must not hang or hide anything.
                self._note_failure(name, repr(error), in_a_row=True)
                break
            else:
                with self._lock:
                    self.done += 1
                    self.bytes += counter.count
                    self._in_a_row = 0
                break
        self._progress.end_file()

    def _note_failure(self, name: str, reason: str, *, in_a_row: bool) -> None:
        self.fail(name, reason)
        if not in_a_row:
            return
        with self._lock:
            self._in_a_row += 1
            if self._in_a_row >= _GIVE_UP:
                self._stopping.set()


class Counter:
    """Counts the bytes of one attempt, and ends it when the command ends."""

    def __init__(self, progress: Progress, stopping: threading.Event) -> None:
        self.count = 0
        self._progress = progress
        self._stopping = stopping

    def __call__(self, count: int) -> None:
        """Count bytes.

        Raises:
            CancelledError: the command ends.
        """
        if self._stopping.is_set():
            raise CancelledError
        self.count += count
        self._progress.advance(count)

    def take_back(self) -> None:
        """Forget the bytes of an attempt that failed."""
        self._progress.advance(-self.count)
        self.count = 0


def _is_odd(error: CommandError) -> bool:
    """Whether only this object fails, as one whose key or size is refused."""
    return isinstance(error, OddObjectError) or (
        isinstance(error, RefusedError) and error.code == HTTPStatus.BAD_REQUEST
    )


def _may_succeed(error: CommandError) -> bool:
    """Whether another attempt may succeed. A Put is of a whole object, so it may be repeated."""
    if isinstance(error, RefusedError):
        return error.code in _AGAIN
    return isinstance(error, UnreachableError)
