"""Load the account at the start, or create it with its first API keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from emulator.auth.keys import digest, inner_key, mint_v2, new_signing_secret
from emulator.auth.system_roles import SYSTEM_ROLES
from emulator.auth.well_known import WELL_KNOWN_KEYS
from emulator.backends.account.base import (
    ACCOUNT,
    ACCOUNT_ID,
    API_KEYS,
    CLUSTERS,
    STORES,
    AccountBackend,
    Change,
    ConflictError,
    as_changes,
)
from emulator.core.clock import MICROSECONDS, Clock
from emulator.core.failures import EngineUnavailableError
from emulator.core.model import Account, ApiKey
from emulator.core.private import random_hex
from emulator.startup.data_directory import DataDirectory

_FIRST, _FIXED = "first-", "fixed-"

_WELL_KNOWN = frozenset(map(digest, WELL_KNOWN_KEYS.values()))
"""The digests of the keys that everybody knows."""


@dataclass(frozen=True)
class OpenAccount:
    """The account at the start.

    ``api_keys`` has a key for each system role, in plain text, or None if only its digest is left;
    ``records`` are the other records of the account, without its stores and clusters.
    """

    account: Account = field(repr=False)
    api_keys: Mapping[str, str | None] = field(repr=False)
    records: tuple[Change[Any], ...]

    @property
    def first_keys(self) -> tuple[Change[Any], ...]:
        """The records of the keys created with the account, of the fixed keys, and of those that
        are known in plain text."""
        digests = {digest(key) for key in self.api_keys.values() if key is not None}
        return tuple(
            change
            for change in self.records
            if isinstance(change.record, ApiKey)
            and (change.record_id in digests or change.record.key_id.startswith((_FIRST, _FIXED)))
        )

    async def restore(self, backend: AccountBackend) -> None:
        """Reset the account to its state at the start, without stores and clusters.

        The signing secret is replaced, so that disposable tokens created meanwhile are invalid.
        """
        account = replace(self.account, signing_secret=new_signing_secret())
        await backend.replace(Change(ACCOUNT, ACCOUNT_ID, account, None), *self.records)


async def open_account(
    backend: AccountBackend,
    clock: Clock,
    fixed_keys: Mapping[str, str],
    directory: DataDirectory | None,
) -> OpenAccount:
    """Open or create the account, and ensure a key for each system role.

    Any number of emulators may do so at the same time: one creates the account, the others find it.
    They know its first keys in plain text only if these are fixed or in their data directory (D80).

    Raises:
        ConfigurationError: the data directory's file of keys cannot be read.
        OSError: that file cannot be written.
    """
    now = clock.now() // MICROSECONDS
    known: Mapping[str, str] | None = None
    while (found := await backend.get(ACCOUNT, ACCOUNT_ID)) is None:
        known = await _make_account(backend, now, fixed_keys, directory)
    if known is None:
        stored = await backend.entries(API_KEYS)
        saved = {} if directory is None else directory.load_keys()
        known = {role_id: key for role_id, key in saved.items() if _stored_digest(key) in stored}
    while not await _store_fixed_keys(backend, now, fixed_keys):
        pass  # Another emulator has changed a key meanwhile: try again.
    return OpenAccount(
        found.record,
        {role_id: fixed_keys.get(role_id) or known.get(role_id) for role_id in SYSTEM_ROLES},
        as_changes(await backend.snapshot(), without=(ACCOUNT, CLUSTERS, STORES)),
    )


async def _make_account(
    backend: AccountBackend,
    now: int,
    fixed_keys: Mapping[str, str],
    directory: DataDirectory | None,
) -> Mapping[str, str] | None:
    """Create the account, and a key for each role that has no fixed key, in one step; return the
    keys in plain text by role, or None if another emulator was faster."""
    before = await backend.snapshot()
    if before[ACCOUNT]:
        return None
    if any(entries for table, entries in before.items() if table is not API_KEYS):
        raise EngineUnavailableError(
            "there are stores or roles, but no account: the account backend has lost a part of its "
            "data, for instance by eviction; restore that part, or remove the rest"
        )
    account = Account(f"acct-{random_hex(8)}", new_signing_secret())
    keys = {
        role_id: mint_v2(f"{_FIRST}{role_id}", account.signing_secret)
        for role_id in SYSTEM_ROLES
        if role_id not in fixed_keys
    }
    if directory is not None and keys:
        directory.save_keys(keys)
    changes: list[Change[Any]] = [  # Remove what an incomplete account left behind.
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


def _stored_digest(presented: str) -> str | None:
    """The digest under which the account stores a key; None if ``presented`` is not a key."""
    key = inner_key(presented)
    return None if key is None else digest(key)


async def _store_fixed_keys(
    backend: AccountBackend, now: int, fixed_keys: Mapping[str, str]
) -> bool:
    """Store the fixed keys, and remove those that an earlier run fixed for these roles, and
    well-known keys that are not wanted any more (D169). Keys that are stored already are not
    written again, since other emulators may be using them.

    Returns False if a key was changed meanwhile.
    """
    wanted = {}
    for role_id, key in fixed_keys.items():
        key_digest = _stored_digest(key)
        assert key_digest is not None, "the configuration accepts only valid keys"
        record = ApiKey(f"{_FIXED}{role_id}", key_digest, role_id, f"fixed {role_id} key", now)
        wanted[record.digest] = record
    ids = {record.key_id for record in wanted.values()}
    stored = await backend.entries(API_KEYS)
    changes: list[Change[Any]] = [
        Change(API_KEYS, key_digest, None, entry.version)
        for key_digest, entry in stored.items()
        if (entry.record.key_id in ids or key_digest in _WELL_KNOWN) and key_digest not in wanted
    ]
    for key_digest, record in wanted.items():
        before = stored.get(key_digest)
        if before is None or replace(before.record, issued_at=now) != record:
            version = None if before is None else before.version
            changes.append(Change(API_KEYS, key_digest, record, version))
    try:
        await backend.commit(*changes)
    except ConflictError:
        return False
    return True
