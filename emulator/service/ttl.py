"""The ``ttl_seconds`` parameter of Put Object."""

from __future__ import annotations

import re
from collections.abc import Sequence

from emulator.core.errors import BadRequestError

MAX_TTL_SECONDS = 10**18
"""A longer TTL is cut to this, some thirty thousand million years: to count further makes no
difference that anybody will see, and digits without end would cost time to read."""

_DECIMAL = re.compile(r"0*([1-9][0-9]*)")


def parse_ttl(values: Sequence[str]) -> int | None:
    """The TTL in seconds that the query asks for, or None for an object that stays for ever.

    Raises:
        BadRequestError: the parameter is given twice or is no decimal integer of at least 1 (D06).
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
