"""Log each kind of hint once while ``serve`` runs, without slowing requests (D166).

A thread reads the journal when the emulator has little to do. It is there only where the log shows
its lines.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator

from emulator.control.hints.hint import Hint
from emulator.embedding import Emulator

# Not late, as elsewhere, and with all that finds hints: clients may have taken every descriptor.
from emulator.handles.following_hints import FollowingHints

logger = logging.getLogger("emulator.hints")

TURN_SECONDS = 0.5


@contextlib.contextmanager
def logging_hints(emulator: Emulator) -> Iterator[None]:
    """Log hints until the end of the block."""
    if not logger.isEnabledFor(logging.INFO):
        yield
        return
    over, following = threading.Event(), emulator.journal.follow_hints()
    thread = threading.Thread(
        target=_log_all, args=(following, over), name="momento-emulator-hints", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(TURN_SECONDS)


def _log_all(following: FollowingHints, over: threading.Event) -> None:
    with contextlib.suppress(RuntimeError):  # The emulator has stopped.
        while not over.wait(TURN_SECONDS):
            _log(following.turn())
        _log(following.look())


def _log(found: list[tuple[int, Hint]]) -> None:
    for number, hint in found:
        logger.info("%s (request %d): %s See %s", hint.id, number, hint.text, hint.link)
