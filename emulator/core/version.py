"""The version of the emulator."""

__version__ = "1.0.0"
