"""The parts of an emulator that control operations call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator.control.bodies import Bodies
    from emulator.control.browser import Browser
    from emulator.control.clock import ClockControl
    from emulator.control.clusters import ClusterControl
    from emulator.control.faults import Faults
    from emulator.control.journal import Journal
    from emulator.control.state import StateControl
    from emulator.control.stores import StoreControl
    from emulator.control.telemetry import Telemetry
    from emulator.control.tiers import Tiers


@dataclass(frozen=True)
class Control:
    """The parts that only an emulator has. Importing this module loads none of them."""

    clock: ClockControl
    faults: Faults
    journal: Journal
    telemetry: Telemetry
    state: StateControl
    tiers: Tiers
    clusters: ClusterControl
    browser: Browser
    bodies: Bodies
    stores: StoreControl
