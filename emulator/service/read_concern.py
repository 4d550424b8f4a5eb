"""The ``read-concern`` header of Get Object: which node of the cache is read.

The emulator always reads the primary of a cluster (D98).
"""

from __future__ import annotations

from collections.abc import Sequence

from emulator.core.errors import BadRequestError

READ_CONCERNS = ("balanced", "consistent")
"""``balanced`` is a node in the caller's zone, the default; ``consistent`` is the primary."""


def check_read_concern(values: Sequence[str]) -> None:
    """Check the values of the header, which may be missing.

    Raises:
        BadRequestError: the header is given twice or has another value.
    """
    if len(values) > 1:
        raise BadRequestError("Invalid read-concern: it is given more than once")
    if values and values[0] not in READ_CONCERNS:
        raise BadRequestError(f"Invalid read-concern: it must be {' or '.join(READ_CONCERNS)}")
