"""Make the parts of the service and of its HTTP interface that the answers of an endpoint change.

``emulator/answered`` makes others of the same kinds, with ``--answers``.
"""

from __future__ import annotations

from emulator.auth.authentication import Authenticator
from emulator.backends.account.base import AccountBackend
from emulator.core.clock import Clock
from emulator.core.revisions import Revision
from emulator.http.auth_handlers import AuthHandlers
from emulator.http.endpoint import Table
from emulator.http.guard import Guard
from emulator.http.handlers import Handlers, Health
from emulator.http.request import CellOf
from emulator.http.server import OnUnknown
from emulator.service.account.services import AccountServices
from emulator.service.admission import Admission
from emulator.service.auth_apis import AuthApis
from emulator.service.cache_tier import CacheTier
from emulator.service.console import Console
from emulator.service.control_plane import ControlPlane
from emulator.service.data_plane import DataPlane
from emulator.service.objects import Objects
from emulator.service.rate_limits import AuthLimiter, Limiter, limiter_of
from emulator.service.stores import ExistingClusters, LogGroups, Stores


class Parts:
    """Makes the parts with the decisions of ``docs/fidelity.md``."""

    def __init__(self, revision: Revision, clock: Clock) -> None:
        self.revision = revision
        self.clock = clock

    def stores(
        self,
        account: AccountBackend,
        cache: CacheTier,
        *,
        max_stores: int | None,
        clusters: ExistingClusters | None,
        log_groups: LogGroups | None,
    ) -> Stores:
        """Make the stores of an account."""
        return Stores(
            account,
            cache,
            max_stores=max_stores,
            revision=self.revision,
            clusters=clusters,
            log_groups=log_groups,
        )

    def connect(self, stores: Stores, objects: Objects) -> None:
        """Let ``stores`` know their objects, if they need to.

        Raises:
            ConfigurationError: they would do what the storage does not allow.
        """

    def account_services(
        self, account: AccountBackend, clock: Clock, max_custom_roles: int | None
    ) -> AccountServices:
        """Make the keys, roles, tokens and members of an account."""
        return AccountServices(account, clock, max_custom_roles=max_custom_roles)

    def admission(self, account: AccountBackend, stores: Stores) -> Admission:  # noqa: ARG002
        """Make what admits operations."""
        return Admission(Authenticator(account, self.clock))

    def limiter(self) -> Limiter:
        """Make what enforces the limits of stores."""
        return limiter_of(self.revision, self.clock)

    def auth_limiter(self) -> AuthLimiter:
        """Make what enforces the limit of the Auth APIs."""
        return AuthLimiter(self.clock)

    def data_plane(
        self, admission: Admission, stores: Stores, objects: Objects, limiter: Limiter | None
    ) -> DataPlane:
        """Make the data plane; without a limiter, nothing is limited."""
        return DataPlane(
            admission, stores, objects, self.clock, revision=self.revision, limiter=limiter
        )

    def control_plane(self, admission: Admission, stores: Stores, limiter: Limiter) -> ControlPlane:
        """Make the control plane."""
        return ControlPlane(admission, stores, revision=self.revision, limiter=limiter)

    def handlers(
        self,
        data_plane: DataPlane,
        control_plane: ControlPlane,
        health: Health,
        guard: Guard,
        routers: int,
    ) -> Handlers:
        """Make the handlers of the operations on objects and stores."""
        return Handlers(
            data_plane, control_plane, health, guard, revision=self.revision, routers=routers
        )

    def auth_handlers(self, auth_apis: AuthApis, console: Console, cell_of: CellOf) -> AuthHandlers:
        """Make the handlers of the operations on credentials."""
        return AuthHandlers(auth_apis, console, cell_of)

    def table(self, table: Table) -> Table:
        """Return the endpoints that the server is to have, given all of them."""
        return table

    def on_unknown(self, account: AccountBackend) -> OnUnknown | None:  # noqa: ARG002
        """Return what changes the answers to unknown paths and methods, if anything does."""
        return None

    def clear(self) -> None:
        """Forget what a restored state does not have."""
