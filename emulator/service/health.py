"""The health of an emulator: its version, its revision, and the state of each tier."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Protocol

from emulator.core.version import __version__

logger = logging.getLogger(__name__)


class Tier(Protocol):
    """An engine that can be checked."""

    name: str

    async def check(self) -> None:
        """Raise an exception that names the cause if the engine cannot do its work."""


class Health:
    """Reports the state of the tiers, by their names."""

    def __init__(self, api_revision: str, tiers: Mapping[str, Tier]) -> None:
        self._api_revision = api_revision
        self._tiers = tiers

    async def report(self, *, with_causes: bool = True) -> dict[str, Any]:
        """The body of ``/_emulator/health``. Causes may contain paths and addresses."""
        states = {name: await _state(tier) for name, tier in self._tiers.items()}
        if not with_causes:
            for state in states.values():
                state.pop("cause", None)
        is_well = all(state["status"] == "ok" for state in states.values())
        return {
            "status": "ok" if is_well else "failing",
            "version": __version__,
            "api_revision": self._api_revision,
            **states,
        }

    async def warn_of_failures(self, *names: str) -> None:
        """Log a warning for each of these tiers that fails: an emulator starts without them."""
        for name in names:
            state = await _state(self._tiers[name])
            if state["status"] != "ok":
                logger.warning("The %s fails: %s", name, state["cause"])


async def _state(tier: Tier) -> dict[str, str]:
    try:
        await tier.check()
    except Exception as error:
        return {"engine": tier.name, "status": "failing", "cause": str(error)}
    return {"engine": tier.name, "status": "ok"}
