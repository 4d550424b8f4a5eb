"""The parts of an emulator that control operations call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulator.control.clock import ClockControl
    from emulator.control.clusters import ClusterControl
    from emulator.control.faults import Faults
    from emulator.control.journal import Journal
    from emulator.control.state import StateControl
    from emulator.control.telemetry import Telemetry
    from emulator.control.tiers import Tiers


@dataclass(frozen=True)
class Control:
    """The parts that only an emulator has. Importing this module loads none of them.

    ``describe_api`` returns the document of a name, for the emulator at an endpoint. It raises
    ``NotFoundError`` if there is no such document.
    """

    clock: ClockControl
    faults: Faults
    journal: Journal
    telemetry: Telemetry
    state: StateControl
    tiers: Tiers
    clusters: ClusterControl
    describe_api: Callable[[str, str], Mapping[str, Any]]
