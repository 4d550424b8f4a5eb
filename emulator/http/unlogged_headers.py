"""Keeps headers of ours out of the log of ``hpack``, which has every one at the level DEBUG.

Keys are among them. What ``hpack`` logs of other connections of this process is left alone.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator

_LOGGERS = ("hpack.hpack", "hpack.table")


class _Now(threading.local):
    """What this thread is doing."""

    is_ours = False
    """Whether it packs or unpacks headers of ours."""


_now = _Now()


def _is_not_ours(record: logging.LogRecord) -> bool:
    """Whether ``record`` is of another connection."""
    del record
    return not _now.is_ours


for _name in _LOGGERS:
    logging.getLogger(_name).addFilter(_is_not_ours)


@contextlib.contextmanager
def unlogged() -> Iterator[None]:
    """Pack or unpack headers inside the block, without a log of them."""
    _now.is_ours = True
    try:
        yield
    finally:
        _now.is_ours = False
