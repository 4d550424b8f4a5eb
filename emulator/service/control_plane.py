"""The control plane: the operations on stores, with their checks in the order of D01."""

from __future__ import annotations

from typing import Any

from emulator.auth.access import CHANGE_STORE, DESCRIBE_STORE, LIST_STORES
from emulator.auth.authentication import Authenticator, Credentials
from emulator.permission_set import Access
from emulator.service.bodies import ReadBody
from emulator.service.names import parse_store_name
from emulator.service.stores import Stores, describe, parse_configuration


class ControlPlane:
    """The four operations on object stores as a caller meets them.

    Store names come as the raw path has them. Every method raises a ``ServiceError`` as
    documented for its operation.
    """

    def __init__(self, authenticator: Authenticator, stores: Stores) -> None:
        self._authenticator = authenticator
        self._stores = stores

    async def put_store(
        self, credentials: Credentials, raw_name: str, read_body: ReadBody
    ) -> tuple[dict[str, Any], bool]:
        """Create or Update Object Store: its description, and whether it is new."""
        name = await self._admit(credentials, raw_name, CHANGE_STORE)
        configuration = parse_configuration(await read_body())
        store, created = await self._stores.put(name, configuration)
        return describe(store), created

    async def describe_store(self, credentials: Credentials, raw_name: str) -> dict[str, Any]:
        """Describe Object Store."""
        name = await self._admit(credentials, raw_name, DESCRIBE_STORE)
        return describe(await self._stores.get(name))

    async def delete_store(self, credentials: Credentials, raw_name: str) -> None:
        """Delete Object Store."""
        await self._stores.delete(await self._admit(credentials, raw_name, CHANGE_STORE))

    async def list_stores(self, credentials: Credentials) -> dict[str, Any]:
        """List Object Stores: those that the caller's rules name, if they name any (D41)."""
        caller = await self._authenticator.authenticate(credentials)
        caller.require(LIST_STORES)
        named = caller.permissions.stores
        return {
            "object_stores": [
                {"name": store.name}
                for store in await self._stores.list()
                if named is None or store.name in named
            ]
        }

    async def _admit(self, credentials: Credentials, raw_name: str, access: Access) -> str:
        caller = await self._authenticator.authenticate(credentials)
        name = parse_store_name(raw_name)
        caller.require(access)
        return name
