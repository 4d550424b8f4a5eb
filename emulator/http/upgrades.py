"""Requests behind one that offers an upgrade to another protocol, which is never accepted.

aiohttp's parser stops after such a request. Depending on its version and on the protocol, it keeps
what follows in the same data for after the answer, parses it, or drops it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from emulator.http.aiohttp_parser import drops_behind_upgrade

Queued = tuple[Any, Any]
"""A parsed request, or what aiohttp has instead of one, and its body."""

_END_OF_LINE = b"\r\n"
_END_OF_HEAD = b"\r\n\r\n"


def rest_behind(queued: Sequence[Queued], data: bytes | None) -> bytes | None:
    """What is still to be parsed of ``data`` behind the last of the requests that were ``queued``;
    None where that is unknown, and lost.

    Args:
        queued: the requests with which the data begins; the last one offers an upgrade.
        data: the data, or None if the first of them began in other data.
    """
    if not drops_behind_upgrade():
        return b""
    return None if data is None else _behind(queued, data)


def _behind(queued: Sequence[Queued], data: bytes) -> bytes | None:
    position = 0
    for request, body in queued:
        while data.startswith(_END_OF_LINE, position):
            position += len(_END_OF_LINE)
        end = data.find(_END_OF_HEAD, position)
        if end < 0 or request.chunked or not body.is_eof():
            return None
        position = end + len(_END_OF_HEAD) + body.total_bytes
    return data[position:]
