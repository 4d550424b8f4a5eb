"""What fails that is no refusal of a request: an engine, or the configuration."""

from __future__ import annotations


class EngineUnavailableError(Exception):
    """The engine cannot be used just now. Its text is the cause; no traceback would tell more."""


class OutcomeUnknownError(EngineUnavailableError):
    """The engine is at work for others, as far as anybody knows, and may have done what it was
    asked or not."""


class ConfigurationError(Exception):
    """The emulator cannot start as it was asked to. The text names the cause and the way out."""
