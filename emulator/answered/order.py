"""Admission in the order of an endpoint's checks (D01)."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any

from emulator.auth.authentication import Authenticator, Caller
from emulator.core.errors import ServiceError
from emulator.core.operation import ON_OBJECTS, Operation
from emulator.core.permission_set import Access
from emulator.service.admission import Admission, Authorize, Parse
from emulator.service.data_plane import DataPlane, NewObject
from emulator.service.names import shown
from emulator.service.stores import Stores

_ORDERED = ON_OBJECTS | {"DescribeObjectStore", "DeleteObjectStore"}
"""The operations on a store that has to exist."""

_Parameters = Callable[[], object]
_parameters: ContextVar[_Parameters | None] = ContextVar("_parameters", default=None)
"""Checks the parameters of the operation that is being admitted."""


class OrderedAdmission(Admission):
    """Makes the checks of operations on a store in ``order``, and all of them before any fault
    rule. For others the order stays.

    A check of the parameters that is not in ``order`` is left to the plane, which makes it after
    the limits.
    """

    def __init__(self, authenticator: Authenticator, stores: Stores, order: Sequence[str]) -> None:
        super().__init__(authenticator)
        self._stores = stores
        self._order = order

    async def check(
        self,
        operation: Operation,
        access: Access | Authorize | None,
        parse: Parse[Any] | None,
        *,
        with_faults: bool = True,
    ) -> tuple[Caller, Any]:
        if operation.name in _ORDERED and parse is not None:
            try:
                await self._in_order(operation, access, parse)
            except ServiceError:
                operation.store, operation.key = shown(operation.store), shown(operation.key)
                raise
        return await super().check(operation, access, parse, with_faults=with_faults)

    async def _in_order(
        self, operation: Operation, access: Access | Authorize | None, parse: Parse[Any]
    ) -> None:
        """Make every check, each on a copy of what is asked.

        Raises:
            ServiceError: the first one that refuses the operation.
        """
        store, key = shown(operation.store), shown(operation.key)
        caller: Caller | None = None
        for check in self._order:
            if check == "key":
                caller = await self._authenticator.authenticate(operation.credentials)
                operation.key_id = caller.key_id
            elif check == "name":
                names = parse(replace(operation))
                if inspect.isawaitable(names):
                    await names
            elif check == "permission" and caller is not None and isinstance(access, Access):
                caller.require(access, store, key)
            elif check == "store":
                await self._stores.get(store)
            elif check == "parameters" and (parameters := _parameters.get()) is not None:
                parameters()


class OrderedDataPlane(DataPlane):
    """The data plane that lets its admission check the parameters."""

    async def get_object(self, operation: Operation, read_concern: Sequence[str] = ()) -> Any:
        with _checking(lambda: self._parameters.check_get(read_concern)):
            return await super().get_object(operation, read_concern)

    async def put_object(self, operation: Operation, new: NewObject) -> None:
        with _checking(lambda: self._parameters.parse_put(new.sent)):
            await super().put_object(operation, new)


@contextmanager
def _checking(parameters: _Parameters) -> Iterator[None]:
    token = _parameters.set(parameters)
    try:
        yield
    finally:
        _parameters.reset(token)
