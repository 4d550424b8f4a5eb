"""A network between a process and its Valkey that can swallow what it is given."""

from __future__ import annotations

import asyncio
import contextlib

from tests.support.listeners import close_listener
from tests.support.ports import HOST


class Gate:
    """Passes connections on to the server at ``port``, or lets them hang and forgets their bytes.

    What comes while it is shut never arrives: once it is open again, its connections end.
    """

    def __init__(self, port: int) -> None:
        self.port = 0
        self._to = port
        self._is_shut = False
        self._open = set[asyncio.StreamWriter]()
        self._tasks = set[asyncio.Task[None]]()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    @property
    def url(self) -> str:
        return f"valkey://{HOST}:{self.port}"

    def shut(self) -> None:
        self._is_shut = True

    def open(self) -> None:
        self._is_shut = False
        for writer in tuple(self._open):
            writer.transport.abort()

    async def stop(self) -> None:
        await close_listener(self._server)
        self.open()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        there, back = await asyncio.open_connection(HOST, self._to)
        self._open.add(back)
        for work in (self._pass_on(reader, back), self._pass_on(there, writer)):
            task = asyncio.create_task(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if not self._is_shut:
                    writer.write(data)
        writer.close()
        self._open.discard(writer)
