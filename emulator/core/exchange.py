"""One request and its answer, as they went over a connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from emulator.core.operation import Operation


class Counted(Protocol):
    """A body that counts its bytes as they arrive."""

    total_bytes: int


@dataclass(slots=True, eq=False)
class Exchange:
    """A request with the operation that it asks for, and its answer as far as that has come.

    ``target`` is as in the request line; the names and values of the request's headers are octets,
    as they came. ``begun``, ``answered`` (when the answer's first byte left) and ``ended`` are
    ticks of the clock, in nanoseconds, and 0 where that has not happened. ``received`` and ``sent``
    are the lengths of the two bodies in bytes, ``sent_head`` is that of the answer's head, ``body``
    counts the request's body while it is on its way, and ``whole`` says whether the answer was sent
    to its end. How the operation ended stands in ``operation`` alone. ``cut_bytes`` is how much of
    the request's headers is no longer kept, and ``counted`` how many bytes of memory the exchange
    counts as in the journal. ``refusal`` is the body of an answer that is an error, else empty.
    """

    operation: Operation
    method: str
    target: str = field(repr=False)
    version: tuple[int, int]
    request_headers: Sequence[tuple[bytes, bytes]] = field(repr=False)
    begun: int
    body: Counted | None = None
    answered: int = 0
    ended: int = 0
    response_headers: Mapping[str, str] | None = None
    received: int = 0
    sent: int = 0
    sent_head: int = 0
    whole: bool = False
    cut_bytes: int = 0
    counted: int = 0
    refusal: bytes = field(default=b"", repr=False)

    @property
    def status(self) -> int | None:
        """The status of the answer; None where none has left."""
        return self.operation.status if self.answered else None
