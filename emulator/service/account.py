"""The account itself: who it is, and the secret that its credentials are signed with."""

from __future__ import annotations

from emulator.backends.account.base import ACCOUNT, ACCOUNT_ID, AccountBackend
from emulator.model import Account


async def opened_account(backend: AccountBackend) -> Account:
    """The account.

    Raises:
        RuntimeError: it has not been opened yet, or is gone.
    """
    found = await backend.get(ACCOUNT, ACCOUNT_ID)
    if found is None:
        raise RuntimeError("the account has not been opened")
    return found.record
