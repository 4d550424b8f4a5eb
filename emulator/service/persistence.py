"""The ``mo-persistence`` header of Put Object: whether the object is also in S3."""

from __future__ import annotations

from collections.abc import Sequence

from emulator.core.errors import BadRequestError

DURABLE = "durable"
EPHEMERAL = "ephemeral"

MAX_EPHEMERAL_SECONDS = 600
"""The default and the longest TTL of an ephemeral object; a longer one is reduced to it."""


def parse_persistence(values: Sequence[str]) -> str:
    """Parse the values of the header: ``durable``, the default, or ``ephemeral``.

    Raises:
        BadRequestError: the header is given twice or has another value (D96).
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
    """The TTL in seconds of an ephemeral object for which ``ttl_seconds`` is requested."""
    if ttl_seconds is None:
        return MAX_EPHEMERAL_SECONDS
    return min(ttl_seconds, MAX_EPHEMERAL_SECONDS)
