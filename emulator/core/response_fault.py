"""How the bytes of one request and its answer travel, where that is not as it should be."""

from __future__ import annotations

import enum
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from emulator.core.errors import ServiceError

Wait = Callable[[float], Awaitable[None]]
"""Lets so many seconds of real time go by."""


class CutOffError(ConnectionError):
    """The connection is to be closed here, whatever has gone over it; ``reset`` says whether the
    other side is to see a reset and not an orderly end."""

    def __init__(self, *, reset: bool = False) -> None:
        super().__init__("the connection is cut off")
        self.reset = reset


class Ending(enum.Enum):
    """How a body ends that is not sent whole."""

    CLOSE = "the connection is closed"
    RESET = "the connection is reset"
    UNNOTICED = "it looks like a whole one: its length is that of what was sent"


class Portion(NamedTuple):
    """A part of a body from its beginning: so many bytes, or such a fraction of it."""

    bytes: int | None = None
    fraction: float = 0.0

    def of(self, size: int) -> int:
        """Its length in bytes, in a body of ``size`` bytes."""
        return min(size, int(size * self.fraction) if self.bytes is None else self.bytes)


@dataclass(slots=True)
class ResponseFault:
    """What is to happen to the bodies of a request and of its answer.

    ``received`` is how many bytes of the request's body are taken before the connection is closed,
    ``sent`` how much of the answer's body is sent before it ends in the way of ``ending``.
    ``answer_delay`` lies between the work and the answer, ``first_byte_delay`` between the head of
    an answer and its body, both in seconds; ``rate`` is in bytes a second, and is that of the
    answer's body. ``replacement`` is what is answered in place of a success, once the work has been
    done; with ``lost`` it is nothing at all.
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

    @property
    def spares_the_body(self) -> bool:
        """Whether the answer's body travels as usual."""
        return self.sent is None and self.rate is None and not self.first_byte_delay
