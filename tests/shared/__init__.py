"""Emulators that share one account in a Valkey."""
