"""The data plane: Put Object and Get Object, with their checks in the order of D01."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterable, Iterable, Sequence
from types import TracebackType
from typing import NamedTuple

from emulator.auth.access import GET_OBJECT, PUT_OBJECT
from emulator.backends.storage.base import BodyStream
from emulator.clock import Clock
from emulator.errors import ObjectNotFoundError, ServiceError
from emulator.model import ObjectInfo, Store
from emulator.operation import Observer, Operation, Outcome
from emulator.permission_set import Access
from emulator.service import metadata
from emulator.service.admission import Admission
from emulator.service.names import parse_key, parse_store_name
from emulator.service.objects import Objects
from emulator.service.stores import Stores
from emulator.service.ttl import parse_ttl
from emulator.transfer import CutOffError

logger = logging.getLogger("emulator.operations")


class NewObject(NamedTuple):
    """What a PUT brings: its parameters unchecked, and its body unread.

    ``metadata`` are the names and values of the ``mo-meta-*`` headers without that prefix,
    ``declared_size`` is what ``Content-Length`` says, in bytes.
    """

    ttl_seconds: Sequence[str]
    metadata: Iterable[tuple[str, str]]
    declared_size: int | None
    body: AsyncIterable[bytes]


class DataPlane:
    """Put Object and Get Object as a caller meets them.

    An operation comes with its store and key as the raw path has them. Each observer is called once
    for each operation, whatever became of it.
    """

    def __init__(
        self, admission: Admission, stores: Stores, objects: Objects, clock: Clock
    ) -> None:
        self.observers: list[Observer] = []
        self._admission = admission
        self._stores = stores
        self._objects = objects
        self._clock = clock

    async def get_object(self, operation: Operation) -> tuple[ObjectInfo, bytes | BodyStream]:
        """Get Object: the object's information and body; a stream is for the caller to close.

        Raises:
            ServiceError: as documented for the operation.
        """
        with self._observed(operation):
            store, key = await self._admit(operation, GET_OBJECT)
            lookup = await self._objects.get(store, key)
            if lookup.info is not None:
                operation.object_age = self._clock.now() - lookup.info.created_at
            if lookup.info is None or lookup.body is None:
                raise ObjectNotFoundError(lookup.outcome)
            operation.status, operation.outcome = 200, lookup.outcome
            operation.size = lookup.info.size
            return lookup.info, lookup.body

    async def put_object(self, operation: Operation, new: NewObject) -> None:
        """Put Object.

        Raises:
            ServiceError: as documented for the operation.
        """
        with self._observed(operation):
            store, key = await self._admit(operation, PUT_OBJECT)
            info = await self._objects.put(
                store,
                key,
                new.body,
                declared_size=new.declared_size,
                ttl_seconds=parse_ttl(new.ttl_seconds),
                metadata=metadata.collect(new.metadata),
            )
            operation.status, operation.outcome = 204, Outcome.OK
            operation.size = info.size

    async def _admit(self, operation: Operation, access: Access) -> tuple[Store, str]:
        caller = await self._admission.identify(operation)
        operation.store = parse_store_name(operation.store)
        operation.key = parse_key(operation.key)
        caller.require(access, operation.store, operation.key)
        if self._admission.gates:
            await self._admission.let_in(operation)
        return await self._stores.get(operation.store), operation.key

    def _observed(self, operation: Operation) -> _Observed:
        return _Observed(operation, self.observers, self._clock)


class _Observed:
    """Completes the record of an operation when it ends, and tells those who want to know."""

    __slots__ = ("_clock", "_observers", "_operation")

    def __init__(self, operation: Operation, observers: list[Observer], clock: Clock) -> None:
        self._operation = operation
        self._observers = observers
        self._clock = clock

    def __enter__(self) -> None:
        """The operation has begun before."""

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        operation = self._operation
        if isinstance(exc, ServiceError):
            operation.status, operation.outcome = exc.status, exc.outcome
        elif exc is not None and not isinstance(exc, CutOffError):
            operation.status, operation.outcome = 500, Outcome.INTERNAL_ERROR
        operation.total_time = self._clock.now() - operation.started_at
        for observer in self._observers:
            try:
                observer(operation)
            except Exception:  # What watches an operation has no part in it.
                logger.exception("An observer failed")


def log_operation(operation: Operation) -> None:
    """An observer that writes one debug line for each operation."""
    logger.debug(
        "%s %s/%s %d %s size=%s time=%dus by=%s",
        operation.name,
        operation.store,
        operation.key.encode("unicode_escape").decode(),
        operation.status,
        operation.outcome,
        operation.size,
        operation.total_time,
        operation.key_id,
    )
