"""Make the parts of the control API that most runs do not need, when they are needed first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from emulator.control.parts import LateParts

if TYPE_CHECKING:
    from emulator.backends.storage.base import Storage
    from emulator.control.account import AccountControl
    from emulator.control.bodies import Begun, Bodies
    from emulator.control.browser import Browser
    from emulator.control.event_stream import Events
    from emulator.control.expire import Expiry
    from emulator.control.journal import Journal
    from emulator.control.overview import Overview
    from emulator.control.state import StateControl
    from emulator.control.stores import StoreControl
    from emulator.control.telemetry import Telemetry
    from emulator.core.clock import Clock
    from emulator.core.revisions import Revision
    from emulator.service.account.services import AccountServices
    from emulator.service.cache_tier import CacheTier
    from emulator.service.new_stores import NewStores
    from emulator.service.objects import Objects
    from emulator.service.rate_limits import Limiter
    from emulator.service.stores import Stores


class ServiceParts(NamedTuple):
    """The parts of the service that they use."""

    stores: Stores
    objects: Objects
    storage: Storage
    cache: CacheTier
    clock: Clock
    limiter: Limiter
    account: AccountServices
    in_flight: Begun


def late_parts(
    service: ServiceParts,
    journal: Journal,
    telemetry: Telemetry,
    state: StateControl,
    changing: asyncio.Lock,
    *,
    revision: Revision,
    new_stores: Callable[[], NewStores],
    overview: Callable[[], Overview],
) -> LateParts:
    """Return what makes the parts. ``changing`` is a lock, held while the whole state is changed;
    ``new_stores`` and ``overview`` make those."""

    def browser() -> Browser:
        from emulator.control.browser import Browser

        return Browser(service.stores, service.storage, service.cache)

    def bodies() -> Bodies:
        from emulator.control.bodies import Bodies
        from emulator.service.data_plane import DataPlane
        from emulator.service.unrestricted import UnrestrictedAdmission

        admission = UnrestrictedAdmission(is_named=True)
        stores, objects, clock = service.stores, service.objects, service.clock
        plane = DataPlane(admission, stores, objects, clock, revision=revision)
        return Bodies(stores, service.storage, service.cache, clock, plane, service.in_flight)

    def stores() -> StoreControl:
        from emulator.control.stores import StoreControl
        from emulator.service.control_plane import ControlPlane
        from emulator.service.unrestricted import UnrestrictedAdmission

        plane = ControlPlane(
            UnrestrictedAdmission(), service.stores, revision=revision, limiter=service.limiter
        )
        return StoreControl(
            plane,
            service.stores,
            new_stores(),
            service.clock,
            revision=revision,
            changing=changing,
        )

    def events() -> Events:
        from emulator.control.event_stream import Events

        return Events(journal, telemetry, lambda: state.changes, revision=revision)

    def expiry() -> Expiry:
        from emulator.control.expire import Expiry

        return Expiry(service.stores, service.objects, service.cache, service.clock, changing)

    def account() -> AccountControl:
        from emulator.control.account import AccountControl
        from emulator.service.console import Console
        from emulator.service.credential_admission import CredentialAdmission
        from emulator.service.unrestricted import UnrestrictedAdmission

        admission = UnrestrictedAdmission()
        credentials = CredentialAdmission(admission)
        console = Console(admission, credentials, service.account, service.clock)
        return AccountControl(console, service.account, service.clock, changing)

    return LateParts(browser, bodies, stores, events, overview, expiry, account)
