"""Redact API keys and tokens in logs, journals and documents."""

from __future__ import annotations

import re

# JSON in base64, and so a JWT and an envelope, begins like this; other texts rarely do.
_CREDENTIAL = re.compile(r"ey[AJ][A-Za-z0-9_\-+/=.]{20,}")
_IN_ANY_CASE = re.compile(_CREDENTIAL.pattern, re.IGNORECASE)


def redact(text: str, *, any_case: bool = False) -> str:
    """Replace whatever may be a key or token in ``text`` by ``[redacted]``.

    With ``any_case``, also one that was converted to upper or lower case.
    """
    return (_IN_ANY_CASE if any_case else _CREDENTIAL).sub("[redacted]", text)


def looks_like_credential(text: str) -> bool:
    """Whether ``text`` contains what may be a key or token."""
    return _CREDENTIAL.search(text) is not None
