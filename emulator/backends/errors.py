"""What an engine raises that knows what is wrong with it."""

from __future__ import annotations


class EngineUnavailableError(Exception):
    """The engine cannot be used just now. Its text is the cause; no traceback would tell more."""


class OutcomeUnknownError(EngineUnavailableError):
    """The engine is at work for others, as far as anybody knows, and may have done what it was
    asked or not."""
