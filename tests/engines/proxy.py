"""A way to a server on which answers get lost."""

from __future__ import annotations

import contextlib
import socket
import threading

from tests.support.ports import HOST


class LossyWay:
    """Listens on a free port and passes everything on to another port of this machine.

    ``lose`` has it close the connection in place of the next answers to what holds certain bytes:
    the server has done what it was asked to, and nobody hears of it.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server((HOST, 0))
        self._lock = threading.Lock()
        self._wanted, self._left = b"", 0
        self.lost = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def lose(self, wanted: bytes, times: int = 1) -> None:
        """Lose the next answers to requests that hold ``wanted``."""
        with self._lock:
            self._wanted, self._left = wanted, times

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with (
            contextlib.suppress(OSError),
            client,
            socket.create_connection((HOST, self._target)) as server,
        ):
            self._pass_on(client, server)

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        """One request and its answer at a time: that is how the client of the emulator speaks."""
        while request := client.recv(1 << 20):
            server.sendall(request)
            answer = server.recv(1 << 20)
            if self._is_lost(request):
                return
            client.sendall(answer)

    def _is_lost(self, request: bytes) -> bool:
        with self._lock:
            if not self._left or self._wanted not in request:
                return False
            self._left -= 1
            self.lost += 1
            return True
