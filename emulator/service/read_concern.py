"""The ``read-concern`` header of Get Object: which node of the cache is asked.

Here a cluster answers with its primary in any case (D98).
"""

from __future__ import annotations

from collections.abc import Sequence

from emulator.core.errors import BadRequestError

READ_CONCERNS = ("balanced", "consistent")
"""A node in the caller's zone, which is the default, or always the primary."""


def check_read_concern(values: Sequence[str]) -> None:
    """See that the header is none, or one of the two.

    Raises:
        BadRequestError: it is given twice or is neither of them.
    """
    if len(values) > 1:
        raise BadRequestError("Invalid read-concern: it is given more than once")
    if values and values[0] not in READ_CONCERNS:
        raise BadRequestError(f"Invalid read-concern: it must be {' or '.join(READ_CONCERNS)}")
