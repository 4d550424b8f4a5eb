"""Log each kind of hint once while ``serve`` runs, without slowing requests (D166).

A thread reads the last requests of the journal from time to time, and only when there was one. It
is there only where the log shows its lines.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator

from emulator.embedding import Emulator
from emulator.handles.journal import FollowingHints

logger = logging.getLogger("emulator.hints")

LOOK_SECONDS = 0.5


@contextlib.contextmanager
def logging_hints(emulator: Emulator) -> Iterator[None]:
    """Log hints until the end of the block."""
    if not logger.isEnabledFor(logging.INFO):
        yield
        return
    over, following = threading.Event(), emulator.journal.follow_hints()
    thread = threading.Thread(
        target=_log, args=(following, over), name="momento-emulator-hints", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(LOOK_SECONDS)


def _log(following: FollowingHints, over: threading.Event) -> None:
    with contextlib.suppress(RuntimeError):  # The emulator has stopped.
        while True:
            is_over = over.wait(LOOK_SECONDS)
            if not following.is_quiet:
                for number, hint in following.found():
                    logger.info("%s (request %d): %s See %s", hint.id, number, hint.text, hint.link)
            if is_over:
                return
