"""The identities with which services are called: the emulator's own, or that of a store's role."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

from botocore.credentials import Credentials, ReadOnlyCredentials

from emulator.aws.calls import current_call


class Identity(Protocol):
    """An identity with which a service is called, such as a role."""

    async def credentials(self) -> ReadOnlyCredentials:
        """Return credentials that are valid now."""


_IDENTITY: ContextVar[Identity] = ContextVar("identity")


@contextmanager
def acting_as(identity: Identity | None) -> Iterator[None]:
    """Make the calls inside with ``identity``; if None, with the emulator's own credentials."""
    if identity is None:
        yield
        return
    token = _IDENTITY.set(identity)
    try:
        yield
    finally:
        _IDENTITY.reset(token)


class CurrentCredentials(Credentials):  # type: ignore[misc]  # The library has no types.
    """The credentials of the running call's identity, so that all identities share one client.

    The object is its own provider. ``own`` are the emulator's credentials.
    """

    def __init__(self, own: Any) -> None:
        super().__init__("placeholder", "placeholder")
        self._own = own

    def load_credentials(self) -> CurrentCredentials:
        return self

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        """Return the credentials. In a call's thread, which may have to wait for them."""
        identity = _IDENTITY.get(None)
        if identity is None:
            return self._own.get_frozen_credentials()
        return current_call().wait_for(identity.credentials)
