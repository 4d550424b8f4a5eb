"""The data plane: Put, Get and Delete Object, with their checks in the order of D01."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterable, Iterable, Sequence
from types import TracebackType
from typing import NamedTuple

from emulator.auth.access import DELETE_OBJECT, GET_OBJECT, PUT_OBJECT
from emulator.backends.storage.base import BodyStream
from emulator.core.clock import Clock
from emulator.core.errors import ObjectNotFoundError, ServiceError, StoreNotFoundError
from emulator.core.failures import EngineUnavailableError
from emulator.core.model import ObjectInfo, Store
from emulator.core.operation import Observer, Operation
from emulator.core.outcome import Outcome
from emulator.core.permission_set import Access
from emulator.core.response_fault import CutOffError
from emulator.core.revisions import FIRST, Feature, Revision
from emulator.service.admission import Admission
from emulator.service.limits import Limiter
from emulator.service.names import parse_key, parse_store_name, shown
from emulator.service.objects import Objects
from emulator.service.parameters import Parameters
from emulator.service.persistence import DURABLE, EPHEMERAL, ephemeral_seconds
from emulator.service.request_ids import new_request_id
from emulator.service.stores import Stores

logger = logging.getLogger("emulator.operations")


class NewObject(NamedTuple):
    """What a PUT brings: its parameters unchecked, and its body unread.

    ``metadata`` and ``tags`` are the names and values of the ``mo-meta-*`` and ``mo-tag-*`` headers
    without that prefix, ``persistence`` the values of ``mo-persistence``; ``declared_size`` is what
    ``Content-Length`` says, in bytes.
    """

    ttl_seconds: Sequence[str]
    metadata: Iterable[tuple[str, str]]
    declared_size: int | None
    body: AsyncIterable[bytes]
    tags: Iterable[tuple[str, str]] = ()
    persistence: Sequence[str] = ()


class DataPlane:
    """Put, Get and Delete Object as a caller meets them.

    An operation comes with its store and key as the raw path has them. Each observer is called once
    for each operation, whatever became of it.

    Args:
        revision: says which parameters there are.
        limiter: keeps to the limits of the stores; without it there are none.
    """

    def __init__(
        self,
        admission: Admission,
        stores: Stores,
        objects: Objects,
        clock: Clock,
        *,
        revision: Revision = FIRST,
        limiter: Limiter | None = None,
    ) -> None:
        self.observers: list[Observer] = []
        self._admission = admission
        self._stores = stores
        self._objects = objects
        self._clock = clock
        self._limiter = limiter if revision.has(Feature.LIMITS) else None
        self._parameters = Parameters(revision)
        self._has_request_ids = revision.has(Feature.REQUEST_ID)
        self._is_watched = revision.has(Feature.ACCESS_LOGS) or revision.has(Feature.METRICS)

    async def get_object(
        self, operation: Operation, read_concern: Sequence[str] = ()
    ) -> tuple[ObjectInfo, bytes | BodyStream]:
        """Get Object: the object's information and body; a stream is for the caller to close.
        ``read_concern`` are the values of that header.

        Raises:
            ServiceError: as documented for the operation.
        """
        with self._observed(operation):
            store, key = await self._admit(operation, GET_OBJECT)
            if self._limiter is not None:
                self._limiter.admit_read(store)
            self._parameters.check_get(read_concern)
            lookup = await self._objects.get(store, key)
            if lookup.info is not None:
                operation.object_age = self._clock.since(lookup.info.created_at)
            if lookup.info is None or lookup.body is None:
                raise ObjectNotFoundError(lookup.outcome)
            operation.status, operation.outcome = 200, lookup.outcome
            operation.size = lookup.info.size
            if self._limiter is not None:
                self._limiter.charge_read(store, lookup.info.size)
            return lookup.info, lookup.body

    async def put_object(self, operation: Operation, new: NewObject) -> None:
        """Put Object.

        Raises:
            ServiceError: as documented for the operation.
        """
        with self._observed(operation):
            if self._parameters.has_persistence:
                asked_for = EPHEMERAL if list(new.persistence) == [EPHEMERAL] else DURABLE
                operation.persistence = asked_for
            store, key = await self._admit(operation, PUT_OBJECT)
            if self._limiter is not None:
                self._limiter.admit_write(store)
            info = await self._put(store, key, new)
            operation.status, operation.outcome = 204, Outcome.OK
            operation.size = info.size
            if self._limiter is not None:
                self._limiter.charge_write(store, info.size)

    async def delete_object(self, operation: Operation) -> None:
        """Delete Object: it is gone, whether it was there or not.

        Raises:
            ServiceError: as documented for the operation.
        """
        with self._observed(operation):
            store, key = await self._admit(operation, DELETE_OBJECT)
            if self._limiter is not None:
                self._limiter.admit_deletion(store)
            await self._objects.delete(store, key)
            operation.status, operation.outcome = 204, Outcome.OK

    async def _put(self, store: Store, key: str, new: NewObject) -> ObjectInfo:
        asked = self._parameters.parse_put(
            ttl_seconds=new.ttl_seconds,
            meta=new.metadata,
            tagged=new.tags,
            persistence=new.persistence,
        )
        if asked.ephemeral:
            return await self._objects.put_ephemeral(
                store,
                key,
                new.body,
                declared_size=new.declared_size,
                ttl_seconds=ephemeral_seconds(asked.ttl_seconds),
                metadata=asked.metadata,
            )
        return await self._objects.put(
            store,
            key,
            new.body,
            declared_size=new.declared_size,
            ttl_seconds=asked.ttl_seconds,
            metadata=asked.metadata,
            tags=asked.tags,
        )

    async def _admit(self, operation: Operation, access: Access) -> tuple[Store, str]:
        store_name, key = operation.store, operation.key
        try:
            caller = await self._admission.identify(operation)
            operation.store = parse_store_name(operation.store)
            operation.key = parse_key(operation.key)
            caller.require(access, operation.store, operation.key)
            if self._admission.gates:
                await self._admission.let_in(operation)
        except ServiceError:
            if self._is_watched:
                await self._note_refused(operation, store_name, key)
            raise
        store = operation.configured = await self._stores.get(operation.store)
        return store, operation.key

    async def _note_refused(self, operation: Operation, store_name: str, key: str) -> None:
        """Look up the store of an operation that was refused before that: its log has it, too, with
        the names that the raw path has (D103)."""
        operation.store, operation.key = shown(store_name), shown(key)
        with contextlib.suppress(StoreNotFoundError, EngineUnavailableError):
            operation.configured = await self._stores.get(operation.store)

    def _observed(self, operation: Operation) -> _Observed:
        if self._has_request_ids:
            operation.request_id = new_request_id(operation.started_at)
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
        elapsed = self._clock.since(operation.started_at)
        operation.total_time = max(0, elapsed - operation.client_time)
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
