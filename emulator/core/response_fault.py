"""Faults in how the bytes of one request and its answer are transferred."""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from emulator.core.errors import ServiceError

Wait = Callable[[float], Awaitable[None]]
"""Waits for a number of seconds of real time."""


class CutOffError(ConnectionError):
    """Close the connection now, whatever was sent so far; with ``reset`` the client sees a reset
    instead of an orderly end."""

    def __init__(self, *, reset: bool = False) -> None:
        super().__init__("the connection is cut off")
        self.reset = reset


class Ending(enum.Enum):
    """How a truncated body ends."""

    CLOSE = "the connection is closed"
    RESET = "the connection is reset"
    UNNOTICED = "it looks complete: Content-Length is the length of what was sent"


class Portion(NamedTuple):
    """The first part of a body: a number of bytes, or a fraction of the whole."""

    bytes: int | None = None
    fraction: float = 0.0

    def of(self, size: int) -> int:
        """The length of this part in bytes, in a body of ``size`` bytes."""
        return min(size, int(size * self.fraction) if self.bytes is None else self.bytes)


@dataclass(slots=True)
class ResponseFault:
    """What happens to the bodies of a request and of its answer.

    Attributes:
        received: bytes of the request's body that are read before the connection is closed.
        sent: the part of the answer's body that is sent before it ends as ``ending`` says.
        answer_delay: seconds between the work and the answer.
        first_byte_delay: seconds between the head of the answer and its body.
        rate: bytes per second of the answer's body.
        replacement: the error that is answered instead of a success, after the work is done.
        lost: whether no answer is sent at all, after the work is done.
        reset: whether a closed connection is reset.
        creation_error: why the cluster that the request creates fails later, after its answer.
    """

    wait: Wait
    received: int | None = None
    sent: Portion | None = None
    ending: Ending = Ending.CLOSE
    answer_delay: float = 0.0
    first_byte_delay: float = 0.0
    rate: float | None = None
    replacement: ServiceError | None = None
    lost: bool = False
    reset: bool = False
    creation_error: str | None = None

    @property
    def resets_the_body(self) -> bool:
        """Whether the connection is reset after a part of the answer's body."""
        return self.ending is Ending.RESET

    @property
    def spares_the_body(self) -> bool:
        """Whether the answer's body is sent as usual."""
        return self.sent is None and self.rate is None and not self.first_byte_delay
