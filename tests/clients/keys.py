"""API keys of every form and origin."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import yaml

from emulator import Emulator
from tests.support.environment import ROOT

ROLES = ("owner", "operator", "viewer")
INSTANT = 4_000_000_000
"""An instant far in the future, in seconds since the Unix epoch."""

SEED_FILE = ROOT / "fixtures" / "seed.yaml"
SEEDED = [
    (entry["role"], entry["api_key"])
    for entry in yaml.safe_load(SEED_FILE.read_text(encoding="utf-8"))["api_keys"]
]

Origin = Callable[[Emulator], str]
"""Has an emulator that was started with the seed file give a key."""


def _created(*, v1: bool) -> dict[str, Origin]:
    create = partial(Emulator.create_api_key, v1=v1)
    return {
        **{f"created-{role}": partial(create, role=role) for role in ROLES},
        **{f"expiring-{role}": partial(create, role=role, expires_at=INSTANT) for role in ROLES},
    }


def _seeded(*, v1: bool) -> dict[str, Origin]:
    def given(key: str, _emulator: Emulator) -> str:
        return key

    return {
        f"seeded-{number}-{role}": partial(given, key)
        for number, (role, key) in enumerate(SEEDED)
        if is_v1(key) is v1
    }


def is_v1(key: str) -> bool:
    """Whether a key is a v1 key; otherwise it is a v2 key, which has dots."""
    return "." not in key


V2_KEYS: dict[str, Origin] = {
    **{f"first-{role}": partial(Emulator.api_key, role=role) for role in ROLES},
    **_created(v1=False),
    **_seeded(v1=False),
}
V1_KEYS: dict[str, Origin] = {**_created(v1=True), **_seeded(v1=True)}
