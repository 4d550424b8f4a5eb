"""Errors that do not refuse a request: failures of an engine, and of the configuration."""

from __future__ import annotations


class EngineUnavailableError(Exception):
    """The engine cannot be used just now. The text is the cause; a traceback adds nothing."""


class DamagedError(EngineUnavailableError):
    """One object cannot be read; the engine works for all others."""


class OutcomeUnknownError(EngineUnavailableError):
    """The call may have been carried out or not; the engine may be working for other calls."""


class ConfigurationError(Exception):
    """The emulator cannot start with this configuration. The text names the cause and the fix."""
