"""The parts of an emulator that control operations call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from emulator.control.account import AccountControl
    from emulator.control.bodies import Bodies
    from emulator.control.browser import Browser
    from emulator.control.clock import ClockControl
    from emulator.control.clusters import ClusterControl
    from emulator.control.event_stream import Events
    from emulator.control.expire import Expiry
    from emulator.control.faults import Faults
    from emulator.control.journal import Journal
    from emulator.control.overview import Overview
    from emulator.control.state import StateControl
    from emulator.control.stores import StoreControl
    from emulator.control.telemetry import Telemetry
    from emulator.control.tiers import Tiers


class LateParts(NamedTuple):
    """Functions that make, and import, the parts that most runs do not need."""

    browser: Callable[[], Browser]
    bodies: Callable[[], Bodies]
    stores: Callable[[], StoreControl]
    events: Callable[[], Events]
    overview: Callable[[], Overview]
    expiry: Callable[[], Expiry]
    account: Callable[[], AccountControl]


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
    late: LateParts

    @cached_property
    def browser(self) -> Browser:
        """Shows objects."""
        return self.late.browser()

    @cached_property
    def bodies(self) -> Bodies:
        """Gets and puts bodies."""
        return self.late.bodies()

    @cached_property
    def stores(self) -> StoreControl:
        """Controls the stores."""
        return self.late.stores()

    @cached_property
    def events(self) -> Events:
        """Tells listeners what happens."""
        return self.late.events()

    @cached_property
    def overview(self) -> Overview:
        """Describes the emulator."""
        return self.late.overview()

    @cached_property
    def expiry(self) -> Expiry:
        """Lets objects expire."""
        return self.late.expiry()

    @cached_property
    def account(self) -> AccountControl:
        """Controls keys, members and invitations."""
        return self.late.account()

    def interrupt(self) -> None:
        """End what waits or goes on without an end: the emulator stops."""
        self.faults.interrupt()
        if "events" in vars(self):
            self.events.stop()
