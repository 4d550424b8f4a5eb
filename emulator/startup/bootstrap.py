"""The account that an emulator begins with: found where it is kept, or made afresh."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from emulator.auth.keys import digest, key_proper, mint_v2, new_signing_secret
from emulator.auth.system_roles import SYSTEM_ROLES
from emulator.backends.account.base import (
    ACCOUNT,
    ACCOUNT_ID,
    API_KEYS,
    STORES,
    AccountBackend,
    Change,
    ConflictError,
)
from emulator.core.clock import MICROSECONDS, Clock
from emulator.core.failures import EngineUnavailableError
from emulator.core.model import Account, ApiKey
from emulator.startup.data_directory import DataDirectory

_FIRST, _FIXED = "first-", "fixed-"


@dataclass(frozen=True)
class OpenAccount:
    """The account at the start.

    ``api_keys`` holds a key for each system role, in plain, or None where only its digest is
    left; ``records`` is what else the account has beside its stores.
    """

    account: Account = field(repr=False)
    api_keys: Mapping[str, str | None] = field(repr=False)
    records: tuple[Change[Any], ...]

    @property
    def first_keys(self) -> tuple[Change[Any], ...]:
        """The records of the keys made with the account, of the fixed ones, and of those that are
        at hand in plain."""
        digests = {digest(key) for key in self.api_keys.values() if key is not None}
        return tuple(
            change
            for change in self.records
            if isinstance(change.record, ApiKey)
            and (change.record_id in digests or change.record.key_id.startswith((_FIRST, _FIXED)))
        )

    async def restore(self, backend: AccountBackend) -> None:
        """Make the account what it was at the start: who it is, and whom it lets in.

        It signs with another secret, so that the disposable tokens end that were made meanwhile.
        """
        account = replace(self.account, signing_secret=new_signing_secret())
        await backend.replace(Change(ACCOUNT, ACCOUNT_ID, account, None), *self.records)


async def open_account(
    backend: AccountBackend,
    clock: Clock,
    fixed_keys: Mapping[str, str],
    directory: DataDirectory | None,
) -> OpenAccount:
    """Open the account, and make sure of a key for each system role.

    Any number of emulators may do so at once: one makes the account, the others find it, and they
    know its first keys in plain only where they are fixed, or in their data directory (D80).

    Raises:
        ConfigurationError: the data directory's file of keys cannot be read.
        OSError: it cannot be written.
    """
    now = clock.now() // MICROSECONDS
    known: Mapping[str, str] | None = None
    while (found := await backend.get(ACCOUNT, ACCOUNT_ID)) is None:
        known = await _make_account(backend, now, fixed_keys, directory)
    if known is None:
        there = await backend.entries(API_KEYS)
        saved = {} if directory is None else directory.load_keys()
        known = {role_id: key for role_id, key in saved.items() if _kept_as(key) in there}
    while not await _fix(backend, now, fixed_keys):
        pass  # Another emulator has changed a key meanwhile: look afresh.
    return OpenAccount(
        found.record,
        {role_id: fixed_keys.get(role_id) or known.get(role_id) for role_id in SYSTEM_ROLES},
        await _snapshot(backend),
    )


async def _make_account(
    backend: AccountBackend,
    now: int,
    fixed_keys: Mapping[str, str],
    directory: DataDirectory | None,
) -> Mapping[str, str] | None:
    """Make the account and a key for each role that has no fixed one, in one step; the keys in
    plain by role, or None where another emulator was faster."""
    before = await backend.snapshot()
    if before[ACCOUNT]:
        return None
    if any(entries for table, entries in before.items() if table is not API_KEYS):
        raise EngineUnavailableError(
            "stores or roles are there, and the account itself is not: what keeps them has lost a "
            "part of it, as one that evicts does; bring that back, or remove the rest"
        )
    account = Account(f"acct-{secrets.token_hex(8)}", new_signing_secret())
    keys = {
        role_id: mint_v2(f"{_FIRST}{role_id}", account.signing_secret)
        for role_id in SYSTEM_ROLES
        if role_id not in fixed_keys
    }
    if directory is not None and keys:
        directory.save_keys(keys)
    changes: list[Change[Any]] = [  # What an account left behind that was never finished.
        Change(table, record_id, None, entry.version)
        for table, entries in before.items()
        for record_id, entry in entries.items()
    ]
    for role_id, key in keys.items():
        description = f"{SYSTEM_ROLES[role_id].role_name} key made with the account"
        record = ApiKey(f"{_FIRST}{role_id}", digest(key), role_id, description, now)
        changes.append(Change(API_KEYS, record.digest, record, None))
    changes.append(Change(ACCOUNT, ACCOUNT_ID, account, None))
    try:
        await backend.commit(*changes)
    except ConflictError:
        if directory is not None and keys:
            directory.forget_keys()
        return None
    return keys


def _kept_as(presented: str) -> str | None:
    """The digest under which the account has the key, if it has; None of what is no key."""
    key = key_proper(presented)
    return None if key is None else digest(key)


async def _fix(backend: AccountBackend, now: int, fixed_keys: Mapping[str, str]) -> bool:
    """Have the fixed keys, and no others that an earlier run may have fixed for these roles; False
    if something was changed meanwhile. Keys that are there already are left alone, since others may
    be using them."""
    wanted = {}
    for role_id, key in fixed_keys.items():
        kept_as = _kept_as(key)
        assert kept_as is not None, "the configuration takes no others"
        record = ApiKey(f"{_FIXED}{role_id}", kept_as, role_id, f"fixed {role_id} key", now)
        wanted[record.digest] = record
    ids = {record.key_id for record in wanted.values()}
    there = await backend.entries(API_KEYS)
    changes: list[Change[Any]] = [
        Change(API_KEYS, key_digest, None, entry.version)
        for key_digest, entry in there.items()
        if entry.record.key_id in ids and key_digest not in wanted
    ]
    for key_digest, record in wanted.items():
        before = there.get(key_digest)
        if before is None or replace(before.record, issued_at=now) != record:
            version = None if before is None else before.version
            changes.append(Change(API_KEYS, key_digest, record, version))
    try:
        await backend.commit(*changes)
    except ConflictError:
        return False
    return True


async def _snapshot(backend: AccountBackend) -> tuple[Change[Any], ...]:
    """What puts every key, role and member into an emptied account, in the order of their
    creation, in which lists show them (D24)."""
    found: list[tuple[int, Change[Any]]] = []
    for table, entries in (await backend.snapshot()).items():
        if table not in (ACCOUNT, STORES):
            for record_id, entry in entries.items():
                found.append((entry.created, Change(table, record_id, entry.record, None)))
    return tuple(change for _, change in sorted(found, key=lambda pair: pair[0]))
