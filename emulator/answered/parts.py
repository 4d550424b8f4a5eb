"""Make the parts of an emulator that behaves as an endpoint did."""

from __future__ import annotations

import logging
from pathlib import Path

from emulator.backends.account.base import AccountBackend
from emulator.core.answers import CHECKS
from emulator.core.answers_file import read_answers
from emulator.core.clock import Clock
from emulator.core.failures import ConfigurationError
from emulator.core.revisions import Revision
from emulator.http.endpoint import Table
from emulator.http.guard import Guard
from emulator.http.handlers import Handlers, Health
from emulator.http.request import CellOf
from emulator.http.server import OnUnknown
from emulator.parts import Parts
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

from .control_plane import AnsweredControlPlane
from .errors import Errors
from .handlers import AnsweredAuthHandlers, AnsweredHandlers
from .keys import AnsweredApiKeys, AnsweredAuthenticator, RevokedKeys
from .names import AnsweredNames
from .order import OrderedAdmission, OrderedDataPlane
from .parameters import AnsweredParameters
from .stores import AnsweredStores, remover
from .unknown import Unknown

logger = logging.getLogger(__name__)

_HINTS = {
    "D03": "bearer-refused",
    "D09": "put-header-ignored",
    "D10": "metadata-blocked",
    "D27.range": "range-ignored",
    "D27.if-none-match": "if-none-match-ignored",
    "D27.if-modified-since": "if-modified-since-ignored",
    "D38": "content-encoding-stored",
}
"""By a switch, the hint at what the emulator does by default."""


class AnsweredParts(Parts):
    """Makes the parts by the answers in the file of ``--answers``.

    Raises:
        ConfigurationError: the file cannot be read, or says something that is not possible.
    """

    def __init__(self, revision: Revision, clock: Clock, file: Path) -> None:
        super().__init__(revision, clock)
        read = read_answers(file, revision.date)
        self._answers = read.answers
        different = ", ".join(self._answers.different()) or "nothing"
        logger.info("Answers as %s does; other than by default: %s", read.endpoint, different)
        self._names = AnsweredNames(self._answers)
        self._revoked = RevokedKeys(clock, self._answers.number("D167"))

    def stores(
        self,
        account: AccountBackend,
        cache: CacheTier,
        *,
        max_stores: int | None,
        clusters: ExistingClusters | None,
        log_groups: LogGroups | None,
    ) -> Stores:
        return AnsweredStores(
            account,
            cache,
            self._answers,
            max_stores=max_stores,
            revision=self.revision,
            clusters=clusters,
            log_groups=log_groups,
        )

    def connect(self, stores: Stores, objects: Objects) -> None:
        if not self._answers.has("D15.objects", "removed"):
            return
        if not objects.storage_tier.can_be_emptied:
            raise ConfigurationError(
                "--answers: D15.objects is 'removed', which requires --storage memory or "
                "filesystem: the objects in S3 are in buckets that others use too"
            )
        assert isinstance(stores, AnsweredStores)
        stores.remove_objects = remover(objects)

    def account_services(
        self, account: AccountBackend, clock: Clock, max_custom_roles: int | None
    ) -> AccountServices:
        services = super().account_services(account, clock, max_custom_roles)
        services.api_keys = AnsweredApiKeys(account, clock, self._revoked)
        return services

    def admission(self, account: AccountBackend, stores: Stores) -> Admission:
        authenticator = self._authenticator(account)
        order = str(self._answers["D01"]).split(" ")
        if order[-1] == CHECKS[-1] and self._answers.has("D99", "before the parameters"):
            order.pop()
        if order == list(CHECKS[:-1]):
            return Admission(authenticator)
        return OrderedAdmission(authenticator, stores, order)

    def limiter(self) -> Limiter:
        return limiter_of(self.revision, self.clock, burst=self._answers.number("D26"))

    def auth_limiter(self) -> AuthLimiter:
        return AuthLimiter(self.clock, burst=self._answers.number("D145"))

    def data_plane(
        self, admission: Admission, stores: Stores, objects: Objects, limiter: Limiter | None
    ) -> DataPlane:
        return OrderedDataPlane(
            admission,
            stores,
            objects,
            self.clock,
            revision=self.revision,
            limiter=limiter,
            parse_names=self._names.parse_object_names,
            parameters=AnsweredParameters(self.revision, self._answers),
        )

    def control_plane(self, admission: Admission, stores: Stores, limiter: Limiter) -> ControlPlane:
        return AnsweredControlPlane(
            admission,
            stores,
            self._answers,
            revision=self.revision,
            limiter=limiter,
            parse_name=self._names.parse_store_name,
        )

    def handlers(
        self,
        data_plane: DataPlane,
        control_plane: ControlPlane,
        health: Health,
        guard: Guard,
        routers: int,
    ) -> Handlers:
        return AnsweredHandlers(
            data_plane,
            control_plane,
            health,
            guard,
            self._answers,
            revision=self.revision,
            routers=routers,
        )

    def auth_handlers(
        self, auth_apis: AuthApis, console: Console, cell_of: CellOf
    ) -> AnsweredAuthHandlers:
        return AnsweredAuthHandlers(auth_apis, console, cell_of, self._answers)

    def table(self, table: Table) -> Table:
        return Errors(self._answers).table(table)

    def on_unknown(self, account: AccountBackend) -> OnUnknown:
        return Unknown(self._answers, self._authenticator(account))

    def untrue_hints(self) -> frozenset[str]:
        return frozenset(_HINTS[id] for id in self._answers.different() if id in _HINTS)

    def clear(self) -> None:
        self._revoked.clear()

    def _authenticator(self, account: AccountBackend) -> AnsweredAuthenticator:
        return AnsweredAuthenticator(account, self.clock, self._answers, self._revoked)
