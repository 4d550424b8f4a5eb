"""The account that an emulator begins with: found in its data directory, or made afresh."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from emulator.auth.keys import new_signing_secret
from emulator.auth.permissions import SYSTEM_ROLES
from emulator.backends.account.base import ACCOUNT, ACCOUNT_ID, API_KEYS, AccountBackend
from emulator.config import Config
from emulator.data_directory import DataDirectory
from emulator.model import Account, ApiKey
from emulator.service.api_keys import ApiKeys


@dataclass(frozen=True)
class OpenAccount:
    """The account at the start.

    ``api_keys`` holds a key for each system role, in plain, or None where only its digest is
    left; ``records`` is what the account keeps of all keys.
    """

    account: Account
    api_keys: Mapping[str, str | None]
    records: tuple[ApiKey, ...]

    async def restore(self, backend: AccountBackend) -> None:
        """Make an emptied account what it was at the start: its identity and its keys."""
        await backend.put(ACCOUNT, ACCOUNT_ID, self.account, expected=None)
        for record in self.records:
            await backend.put(API_KEYS, record.digest, record, expected=None)


async def open_account(
    backend: AccountBackend, keys: ApiKeys, config: Config, directory: DataDirectory | None
) -> OpenAccount:
    """Open the account, and make sure of a key for each system role.

    Raises:
        ConfigurationError: the data directory's file of keys cannot be read.
    """
    fixed = _fixed_keys(config)
    found = await backend.get(ACCOUNT, ACCOUNT_ID)
    known: dict[str, str] = {}
    if found is None:
        account = Account(f"acct-{secrets.token_hex(8)}", new_signing_secret())
        await backend.put(ACCOUNT, ACCOUNT_ID, account, expected=None)
        for role_id, role in SYSTEM_ROLES.items():
            if role_id not in fixed:
                description = f"{role.role_name} key made with the account"
                known[role_id] = await keys.create(role_id, description=description)
        if directory is not None and known:
            directory.save_keys(known)
    else:
        account = found.record
        if directory is not None:
            saved = directory.load_keys()
            known = {role: key for role, key in saved.items() if await keys.has(key)}
    for role_id, key in fixed.items():
        await keys.add(key, role_id, description=f"fixed {role_id} key")
    return OpenAccount(
        account,
        {role_id: fixed.get(role_id) or known.get(role_id) for role_id in SYSTEM_ROLES},
        tuple(await backend.list(API_KEYS)),
    )


def _fixed_keys(config: Config) -> dict[str, str]:
    keys = {
        "owner": config.owner_key,
        "operator": config.operator_key,
        "viewer": config.viewer_key,
    }
    return {role_id: key for role_id, key in keys.items() if key is not None}
