"""Control of the object stores, by the service's own rules and without an API key (D156)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from emulator.core.clock import Clock
from emulator.core.documents import as_object
from emulator.core.operation import Operation
from emulator.core.revisions import Revision
from emulator.service.control_plane import ControlPlane
from emulator.service.new_stores import NewStores
from emulator.service.store_configuration import describe
from emulator.service.stores import Stores


class StoreControl:
    """The stores of the account.

    Args:
        plane: does the operations on stores, for callers without a key.
        new: completes the configurations of stores.
        changing: a lock, held while the whole state is changed.
    """

    def __init__(
        self,
        plane: ControlPlane,
        stores: Stores,
        new: NewStores,
        clock: Clock,
        *,
        revision: Revision,
        changing: asyncio.Lock,
    ) -> None:
        self._plane = plane
        self._stores = stores
        self._new = new
        self._clock = clock
        self._revision = revision
        self._changing = changing

    async def all(self) -> list[dict[str, Any]]:
        """Describe every store, ordered by name."""
        return [describe(each, self._revision) for each in await self._stores.list()]

    async def describe(self, name: str) -> dict[str, Any]:
        """Describe a store.

        Raises:
            StoreNotFoundError: there is none of this name.
        """
        return describe(await self._stores.get(name), self._revision)

    async def put(self, name: str, document: object) -> tuple[dict[str, Any], bool]:
        """Create or update a store; return its description, and whether it is new. Required members
        that are missing are those of the store, or of a new one that works.

        Raises:
            ServiceError: as documented for Create or Update Object Store.
        """
        given = as_object(document, "request body")
        async with self._changing:
            return await self._write(name, _patched(await self._new.required(name), given))

    async def update(self, name: str, document: object) -> dict[str, Any]:
        """Change the given members of a store, as a JSON Merge Patch does (RFC 7396): null removes
        a member. Return its description.

        Raises:
            StoreNotFoundError: there is none of this name.
            ServiceError: as documented for Create or Update Object Store.
        """
        given = as_object(document, "request body")
        async with self._changing:
            current = describe(await self._stores.get(name), self._revision)
            return (await self._write(name, _patched(current, given)))[0]

    async def delete(self, name: str) -> None:
        """Delete a store. Its objects stay in the bucket, as with the service.

        Raises:
            StoreNotFoundError: there is none of this name.
        """
        async with self._changing:
            await self._plane.delete_store(self._operation("DeleteObjectStore", name))

    async def _write(self, name: str, document: object) -> tuple[dict[str, Any], bool]:
        async def read_body() -> object:
            return document

        operation = self._operation("CreateOrUpdateObjectStore", name)
        return await self._plane.put_store(operation, read_body)

    def _operation(self, operation: str, store: str) -> Operation:
        return Operation(operation, store, "", self._clock.now())


def _patched(document: Mapping[str, Any], patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``document`` with the members of ``patch``, as RFC 7396 merges them."""
    merged = dict(document)
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, Mapping):
            before = merged.get(name)
            merged[name] = _patched(before if isinstance(before, Mapping) else {}, value)
        else:
            merged[name] = value
    return merged
