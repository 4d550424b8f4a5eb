"""The ``mo-persistence`` header of Put Object: whether S3 has the object, too."""

from __future__ import annotations

from collections.abc import Sequence

from emulator.core.errors import BadRequestError

DURABLE = "durable"
EPHEMERAL = "ephemeral"

MAX_EPHEMERAL_SECONDS = 600
"""The default and the longest TTL of an ephemeral object; a longer one is cut to it."""


def parse_persistence(values: Sequence[str]) -> str:
    """``durable`` or ``ephemeral``.

    Raises:
        BadRequestError: the header is given twice or is neither of them (D96).
    """
    if not values:
        return DURABLE
    if len(values) > 1:
        raise BadRequestError("Invalid mo-persistence: it is given more than once")
    if values[0] not in (DURABLE, EPHEMERAL):
        raise BadRequestError(f"Invalid mo-persistence: it must be {DURABLE} or {EPHEMERAL}")
    return values[0]


def check_ephemeral_size(size: int, at_most: int) -> None:
    """See that an ephemeral object of ``size`` bytes fits in a cache that takes ``at_most``.

    Raises:
        BadRequestError: it does not.
    """
    if size > at_most:
        raise BadRequestError(
            "The object is too large to be ephemeral: "
            f"the cache takes objects of at most {at_most} bytes"
        )


def ephemeral_seconds(ttl_seconds: int | None) -> int:
    """The TTL in seconds of an ephemeral object that is asked to have ``ttl_seconds``."""
    return min(ttl_seconds or MAX_EPHEMERAL_SECONDS, MAX_EPHEMERAL_SECONDS)
