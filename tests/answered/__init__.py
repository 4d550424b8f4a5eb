"""Emulators that behave as another endpoint, by its answers."""
