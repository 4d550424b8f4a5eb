"""What lies in which tier, and which of them has answered."""

from __future__ import annotations

from emulator import Emulator


def outcome(emulator: Emulator, key: str = "key") -> str | None:
    """Where the last Get of the key found it."""
    return emulator.journal.last(operation="GetObject", key=key).outcome


def cached(emulator: Emulator, store: str = "store") -> list[str]:
    return [each.key for each in emulator.tiers.objects(store) if each.cache is not None]


def stored(emulator: Emulator, store: str = "store") -> list[str]:
    return [each.key for each in emulator.tiers.objects(store) if each.storage is not None]
