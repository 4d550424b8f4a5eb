"""Clients of an emulator in this process."""

from __future__ import annotations

from emulator import Emulator
from tests.process.client import Client


def client(emulator: Emulator, role: str = "owner") -> Client:
    """A client with the key of a role."""
    return Client(emulator.endpoint, emulator.api_key(role))


def status_with(emulator: Emulator, api_key: str) -> int:
    """What a request with that key is answered with: 200 or 401."""
    return Client(emulator.endpoint, api_key).list_stores().status
