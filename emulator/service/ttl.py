"""The ``ttl_seconds`` parameter of Put Object.

``ObjectInfo.is_expired`` (``core/object_info.py``) says whether an object has expired.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from emulator.core.errors import BadRequestError

MAX_TTL_SECONDS = 10**18
"""A longer TTL is reduced to this, about 30 billion years. Without a limit, a TTL of very many
digits would take long to parse."""

_DECIMAL = re.compile(r"0*([1-9][0-9]*)")


def parse_ttl(values: Sequence[str]) -> int | None:
    """Parse the TTL in seconds; None for an object that never expires.

    Raises:
        BadRequestError: the parameter is given twice or is not a decimal integer of at least 1
            (D06).
    """
    if not values:
        return None
    if len(values) > 1:
        raise BadRequestError("Invalid ttl_seconds: it is given more than once")
    decimal = _DECIMAL.fullmatch(values[0])
    if decimal is None:
        raise BadRequestError("Invalid ttl_seconds: it must be a decimal integer of at least 1")
    digits = decimal.group(1)
    return int(digits) if len(digits) <= 18 else MAX_TTL_SECONDS
