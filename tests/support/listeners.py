"""Servers of asyncio that a test ends without losing a connection."""

from __future__ import annotations

import asyncio


async def close_listener(listener: asyncio.Server) -> None:
    """Stop accepting, and lose no connection that has been accepted.

    asyncio makes the transport of an accepted connection in a task, which fails if the listener is
    closed by then, and the socket leaks. So those tasks run before the listener is closed.
    """
    loop = listener.get_loop()
    for listening in listener.sockets:
        loop.remove_reader(listening.fileno())
    await asyncio.sleep(0)  # Each task makes its transport.
    listener.close()
