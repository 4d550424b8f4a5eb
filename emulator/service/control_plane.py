"""The control plane: the operations on object stores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator.auth.access import CHANGE_STORE, DESCRIBE_STORE, LIST_STORES
from emulator.core.operation import Operation
from emulator.core.permission_set import Access
from emulator.core.revisions import FIRST, Revision
from emulator.service.admission import Admission, ReadBody
from emulator.service.names import parse_store_name
from emulator.service.rate_limits import Limiter
from emulator.service.store_configuration import describe, parse_configuration
from emulator.service.stores import Stores


class ControlPlane:
    """The operations on object stores, and the list of endpoints.

    ``operation.store`` is as in the raw path. Every method raises a ``ServiceError`` as documented
    for its operation.

    Args:
        revision: decides which members a store has.
        limiter: learns the limits of stores that are created or updated.
        parse_name: parses the name in the path of a store.
    """

    def __init__(
        self,
        admission: Admission,
        stores: Stores,
        *,
        revision: Revision = FIRST,
        limiter: Limiter | None = None,
        parse_name: Callable[[str], str] = parse_store_name,
    ) -> None:
        self._admission = admission
        self._stores = stores
        self._revision = revision
        self._limiter = limiter
        self._parse_name = parse_name

    async def put_store(
        self, operation: Operation, read_body: ReadBody
    ) -> tuple[dict[str, Any], bool]:
        """Create or Update Object Store: its description, and whether it is new."""
        name = await self._admit(operation, CHANGE_STORE)
        configuration = parse_configuration(await read_body(), self._revision)
        store, created = await self._stores.put(name, configuration)
        if self._limiter is not None:
            self._limiter.follow(store)
        return describe(store, self._revision), created

    async def describe_store(self, operation: Operation) -> dict[str, Any]:
        """Describe Object Store."""
        name = await self._admit(operation, DESCRIBE_STORE)
        return describe(await self._stores.get(name), self._revision)

    async def delete_store(self, operation: Operation) -> None:
        """Delete Object Store."""
        name = await self._admit(operation, CHANGE_STORE)
        await self._stores.delete(name)
        if self._limiter is not None:
            self._limiter.drop(name)

    async def list_stores(self, operation: Operation) -> dict[str, Any]:
        """List Object Stores: those that the caller's rules name, if they name any (D41)."""
        admitted = await self._admission.admit(operation, LIST_STORES)
        named = admitted.caller.permissions.stores
        return {
            "object_stores": [
                {"name": store.name}
                for store in await self._stores.list()
                if named is None or store.name in named
            ]
        }

    async def list_endpoints(self, operation: Operation) -> None:
        """Admit a caller of any role to the list of endpoints (D110)."""
        await self._admission.admit(operation)

    async def _admit(self, operation: Operation, access: Access) -> str:
        await self._admission.admit(operation, access, self._parse)
        return operation.store

    def _parse(self, operation: Operation) -> None:
        operation.store = self._parse_name(operation.store)
