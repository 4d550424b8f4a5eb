"""The account that an emulator begins with: found in its data directory, or made afresh."""

from __future__ import annotations

import contextlib
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from emulator.auth.keys import mint_v2, new_signing_secret
from emulator.auth.roles import SYSTEM_ROLES
from emulator.backends.account.base import (
    ACCOUNT,
    ACCOUNT_ID,
    STORES,
    TABLES,
    AccountBackend,
    Change,
)
from emulator.config import Config
from emulator.data_directory import DataDirectory
from emulator.errors import NotFoundError
from emulator.model import Account
from emulator.service.api_keys import ApiKeys


@dataclass(frozen=True)
class OpenAccount:
    """The account at the start.

    ``api_keys`` holds a key for each system role, in plain, or None where only its digest is
    left; ``records`` is what else the account has beside its stores.
    """

    account: Account = field(repr=False)
    api_keys: Mapping[str, str | None] = field(repr=False)
    records: tuple[Change[Any], ...]

    async def restore(self, backend: AccountBackend) -> None:
        """Make the account what it was at the start: who it is, and whom it lets in.

        It signs with another secret, so that the disposable tokens end that were made meanwhile.
        """
        account = replace(self.account, signing_secret=new_signing_secret())
        await backend.replace(Change(ACCOUNT, ACCOUNT_ID, account, None), *self.records)


async def open_account(
    backend: AccountBackend, keys: ApiKeys, config: Config, directory: DataDirectory | None
) -> OpenAccount:
    """Open the account, and make sure of a key for each system role.

    Raises:
        ConfigurationError: the data directory's file of keys cannot be read.
    """
    fixed = config.fixed_keys
    found = await backend.get(ACCOUNT, ACCOUNT_ID)
    if found is None:
        account = Account(f"acct-{secrets.token_hex(8)}", new_signing_secret())
        ids = {role_id: uuid.uuid4().hex for role_id in SYSTEM_ROLES if role_id not in fixed}
        known = {
            role_id: mint_v2(key_id, account.signing_secret) for role_id, key_id in ids.items()
        }
        await _make_account(backend, keys, account, ids, known, directory)
    else:
        account = found.record
        saved = {} if directory is None else directory.load_keys()
        known = {role_id: key for role_id, key in saved.items() if await keys.has(key)}
    for role_id, key in fixed.items():
        key_id = f"fixed-{role_id}"
        with contextlib.suppress(NotFoundError):
            await keys.revoke_id(key_id)  # An earlier run may have fixed another one.
        await keys.add(key, role_id, key_id=key_id, description=f"fixed {role_id} key")
    return OpenAccount(
        account,
        {role_id: fixed.get(role_id) or known.get(role_id) for role_id in SYSTEM_ROLES},
        await _snapshot(backend),
    )


async def _snapshot(backend: AccountBackend) -> tuple[Change[Any], ...]:
    """What puts every key, role and member into an emptied account, in the order of their
    creation, in which lists show them (D24)."""
    found: list[tuple[int, Change[Any]]] = []
    for table in TABLES:
        if table not in (ACCOUNT, STORES):
            for record_id, entry in (await backend.entries(table)).items():
                found.append((entry.created, Change(table, record_id, entry.record, None)))
    return tuple(change for _, change in sorted(found, key=lambda pair: pair[0]))


async def _make_account(
    backend: AccountBackend,
    keys: ApiKeys,
    account: Account,
    key_ids: Mapping[str, str],
    plain_keys: Mapping[str, str],
    directory: DataDirectory | None,
) -> None:
    """Write the account last: where it is, its keys are too, and were told to somebody."""
    await backend.clear()
    if directory is not None and plain_keys:
        directory.save_keys(plain_keys)
    for role_id, key in plain_keys.items():
        description = f"{SYSTEM_ROLES[role_id].role_name} key made with the account"
        await keys.add(key, role_id, key_id=key_ids[role_id], description=description)
    await backend.put(ACCOUNT, ACCOUNT_ID, account, expected=None)
