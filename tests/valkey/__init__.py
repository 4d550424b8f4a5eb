"""Emulators whose cache is a real Valkey, with all that can happen to one."""
