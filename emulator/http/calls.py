"""Calls: requests over HTTP/2, as whoever answers them sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

LONGEST_BODY = 64 * 1024
"""Of a call, in bytes: what is longer is answered without the rest."""

Headers = Sequence[tuple[bytes, bytes]]


class Caller(Protocol):
    """The connection over which a call has come."""

    remote: str | None
    """The IP address of the client, if it has one."""

    def send_headers(self, call: Call, headers: Headers, *, is_last: bool = False) -> None:
        """Send the head of an answer, or its trailers.

        Raises:
            ConnectionError: nobody takes it any more.
        """

    async def send_data(self, call: Call, data: bytes) -> None:
        """Send a part of an answer's body as the client takes it.

        Raises:
            ConnectionError: nobody takes it any more.
        """


@dataclass(slots=True, eq=False)
class Call:
    """A request on a connection, and how to answer it.

    ``is_whole`` says whether the client has sent its end; where it has not, nobody waits for the
    rest. ``total_bytes`` counts what has come of the body, also what was not kept.
    """

    stream: int
    headers: Headers
    connection: Caller
    body: bytearray = field(default_factory=bytearray)
    total_bytes: int = 0
    is_whole: bool = False

    def header(self, name: bytes) -> list[bytes]:
        """The values of a header, whose name is in lower case."""
        return [value for each, value in self.headers if each == name]

    @property
    def is_too_long(self) -> bool:
        """Whether the body is longer than what is kept."""
        return self.total_bytes > LONGEST_BODY


class Calls(Protocol):
    """Answers calls."""

    is_draining: bool
    """Whether no new calls are taken."""

    def wants_body(self, call: Call) -> bool:
        """Whether ``call`` is to be answered only once its body has come."""

    async def answer(self, call: Call) -> None:
        """Answer ``call``, to the end of its answer.

        Raises:
            ConnectionError: the connection is lost, or is to be closed.
        """
