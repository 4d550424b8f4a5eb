"""What tests ask of an emulator, and what they look at in its Valkey."""

from __future__ import annotations

from emulator import Emulator
from tests.engines.valkey import ValkeyServer
from tests.support.client import Client
from tests.support.emulators import control

PREFIX = "momento:"


def outcome(emulator: Emulator) -> str | None:
    """What the last Get found."""
    return emulator.journal.last(operation="GetObject").outcome


def cache_health(emulator: Emulator) -> dict[str, str]:
    health: dict[str, dict[str, str]] = control(emulator, "GET", "/health").json()
    return health["cache"]


def names(server: ValkeyServer, *, login: str = "", database: int = 0) -> list[str]:
    """Every name in a server."""
    return sorted(server.ask("KEYS", "*", login=login, database=database).strip().splitlines())


def run_id(server: ValkeyServer) -> str:
    info = dict(line.split(":", 1) for line in server.ask("INFO", "server").split() if ":" in line)
    return info["run_id"]


def remembers(emulator: Emulator, owner: Client, key: str) -> bool:
    """Whether a Get is answered from the cache, now that the one before it may have filled it."""
    assert owner.get("store", key).status == 200
    assert owner.get("store", key).status == 200
    return outcome(emulator) == "cache_hit"
