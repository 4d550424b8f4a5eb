"""Statements of the keys and tokens on the wire."""

from __future__ import annotations

from .statement import Statement

_SOURCE = "credentials.md, table"
_GIVEN = "A run with a v2 key has no key of this kind, and no documented call makes one."

STATEMENTS = (
    Statement("CRED-KEY-01", "A v2 API key is a JWT with t equal to g.", _SOURCE),
    Statement("CRED-KEY-02", "The payload of a v2 API key has a jti.", _SOURCE),
    Statement("CRED-KEY-03", "The payload of a v2 API key has no endpoint.", _SOURCE),
    Statement("CRED-KEY-04", "A v2 API key is not base64 as a whole.", _SOURCE),
    Statement("CRED-KEY-05", "Authorization holds the key with no scheme in front.", _SOURCE),
    Statement("CRED-KEY-06", "The inner key of a v1 key is accepted.", _SOURCE, not_shown=_GIVEN),
    Statement(
        "CRED-KEY-07", "The whole string of a v1 key is accepted.", _SOURCE, not_shown=_GIVEN
    ),
    Statement("CRED-KEY-08", "A disposable token has a v1 key's form.", _SOURCE, not_shown=_GIVEN),
    Statement("CRED-KEY-09", "A legacy token has cp and c claims.", _SOURCE, not_shown=_GIVEN),
)
