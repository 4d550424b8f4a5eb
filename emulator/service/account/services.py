"""Everything that the account consists of beside its stores."""

from __future__ import annotations

from emulator.backends.account.base import AccountBackend, opened_account
from emulator.core.clock import Clock
from emulator.service.account.api_keys import ApiKeys
from emulator.service.account.members import Members
from emulator.service.account.roles import Roles
from emulator.service.account.tokens import Tokens


class AccountServices:
    """The account's keys, roles, tokens and members.

    Args:
        max_custom_roles: how many custom roles there may be, or None for any number (D55).
    """

    def __init__(
        self, backend: AccountBackend, clock: Clock, *, max_custom_roles: int | None = None
    ) -> None:
        self.api_keys = ApiKeys(backend, clock)
        self.roles = Roles(backend, max_custom_roles=max_custom_roles)
        self.tokens = Tokens(backend, clock)
        self.members = Members(backend)
        self._backend = backend

    async def account_id(self) -> str:
        """The account's id."""
        return (await opened_account(self._backend)).account_id

    async def signing_secret(self) -> str:
        """What the account signs with."""
        return (await opened_account(self._backend)).signing_secret
