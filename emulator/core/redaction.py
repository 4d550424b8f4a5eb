"""Redact API keys and tokens in logs, journals and documents."""

from __future__ import annotations

import re
from urllib.parse import unquote

# JSON in base64, and so a JWT and an envelope, begins like this; other texts rarely do.
_CREDENTIAL = re.compile(r"ey[AJ][A-Za-z0-9_\-+/=.]{20,}")
_IN_ANY_CASE = re.compile(_CREDENTIAL.pattern, re.IGNORECASE)

_REDACTED = "[redacted]"

_NESTED = re.compile(r"%(?:25)+(?=[0-9A-Fa-f]{2})")
"""A percent sign that was itself percent-encoded, any number of times."""

_MAX_ROUNDS = 20
"""How often a text is decoded. Each round of an encoder that encodes every character makes a text
three times as long, and ``_NESTED`` undoes all rounds of one that encodes percent signs only."""


def redact(text: str, *, any_case: bool = False) -> str:
    """Replace whatever may be a key or token in ``text`` by ``[redacted]``.

    If a key or token shows, wholly or in part, only once the text is percent-decoded, any number of
    times, the decoded text is returned. With ``any_case``, also one that was converted to upper or
    lower case is replaced.
    """
    credential = _IN_ANY_CASE if any_case else _CREDENTIAL
    shown = credential.sub(_REDACTED, text)
    if "%" not in shown:
        return shown
    decoded = decoded_wholly(text)
    if decoded is None:
        return _REDACTED
    hidden = credential.sub(_REDACTED, decoded)
    return shown if decoded_wholly(shown) == hidden else hidden


def looks_like_credential(text: str) -> bool:
    """Whether ``text`` contains what may be a key or token."""
    return redact(text) != text


def decoded_wholly(text: str) -> str | None:
    """Percent-decode ``text`` until nothing is left to decode; None if that has no end in sight."""
    for _ in range(_MAX_ROUNDS):
        decoded = unquote(_NESTED.sub("%", text))
        if decoded == text:
            return text
        text = decoded
    return None
