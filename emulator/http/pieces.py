"""Write a large body in pieces, each after its client has taken most of the one before.

asyncio copies what a socket does not take at once. So a body that is written as a whole would be
copied for every client that does not read it.
"""

from __future__ import annotations

from emulator.core.event_loop import sleep
from emulator.core.exchange import Exchange
from emulator.http.message import Peer

WHOLE_BYTES = 64 * 1024
"""A body up to this size is written at once, with its head."""

PIECE_BYTES = 256 * 1024
"""The size of a piece. A client that does not read holds at most one, and the 64 KiB after which
asyncio lets a writer wait."""


async def write_in_pieces(peer: Peer, body: bytes | memoryview, exchange: Exchange) -> None:
    """Write ``body`` as the next part of the answer, and count it in ``exchange``."""
    rest = memoryview(body)
    while rest:
        piece, rest = rest[:PIECE_BYTES], rest[PIECE_BYTES:]
        peer.write(piece)
        exchange.sent += len(piece)
        await peer.drain()
        if rest:
            await sleep(0)  # A client that takes every piece at once must not delay others.
