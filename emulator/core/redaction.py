"""Keep API keys and tokens out of whatever people read later or elsewhere."""

from __future__ import annotations

import re

# JSON in base64 begins like this, and so do a JWT and an envelope: rare enough in other texts.
_CREDENTIAL = re.compile(r"ey[AJ][A-Za-z0-9_\-+/=.]{20,}")
_IN_ANY_CASE = re.compile(_CREDENTIAL.pattern, re.IGNORECASE)


def redact(text: str, *, any_case: bool = False) -> str:
    """``text`` without what may be a key or token, for what people read later or elsewhere.

    With ``any_case`` also without one whose letters have lost their case.
    """
    return (_IN_ANY_CASE if any_case else _CREDENTIAL).sub("[redacted]", text)


def looks_like_credential(text: str) -> bool:
    """Whether ``text`` holds what may be a key or token."""
    return _CREDENTIAL.search(text) is not None
