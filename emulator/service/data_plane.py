"""The data plane: Get, Put and Delete Object."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterable, Iterable, Sequence
from typing import NamedTuple

from emulator.auth.access import DELETE_OBJECT, GET_OBJECT, PUT_OBJECT
from emulator.backends.storage.base import BodyStream
from emulator.core.clock import Clock
from emulator.core.errors import ObjectNotFoundError, ServiceError, StoreNotFoundError
from emulator.core.failures import EngineUnavailableError
from emulator.core.model import ObjectInfo, Store
from emulator.core.operation import Operation
from emulator.core.permission_set import Access
from emulator.core.revisions import FIRST, Feature, Revision
from emulator.service import metadata, tags
from emulator.service.admission import Admission
from emulator.service.limits import Limiter
from emulator.service.names import parse_object_names
from emulator.service.objects import Objects
from emulator.service.persistence import DURABLE, EPHEMERAL, ephemeral_seconds, parse_persistence
from emulator.service.read_concern import check_read_concern
from emulator.service.request_ids import new_request_id
from emulator.service.stores import Stores
from emulator.service.ttl import parse_ttl


class NewObject(NamedTuple):
    """The parameters of a PUT, unchecked, and its body, unread.

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
    """Get, Put and Delete Object: admission, limits, parameters, then the object itself.

    ``operation.store`` and ``operation.key`` are as in the raw path.

    Args:
        revision: decides which parameters exist.
        limiter: enforces the limits of the stores; None for no limits.
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
        self._admission = admission
        self._stores = stores
        self._objects = objects
        self._clock = clock
        self._limiter = limiter if revision.has(Feature.LIMITS) else None
        self._has_tags = revision.has(Feature.TAGS)
        self._has_persistence = revision.has(Feature.EPHEMERAL_OBJECTS)
        self._has_read_concern = revision.has(Feature.READ_CONCERN)
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
        store = await self._admit(operation, GET_OBJECT)
        if self._limiter is not None:
            self._limiter.admit_read(store)
        if self._has_read_concern and read_concern:
            check_read_concern(read_concern)
        outcome, info, body = await self._objects.get(store, operation.key)
        operation.found = outcome
        if info is not None:
            operation.object_created_at = info.created_at
        if info is None or body is None:
            raise ObjectNotFoundError(outcome)
        operation.size = info.size
        if self._limiter is not None:
            self._limiter.charge_read(store, info.size)
        return info, body

    async def put_object(self, operation: Operation, new: NewObject) -> None:
        """Put Object.

        Raises:
            ServiceError: as documented for the operation.
        """
        if self._has_persistence:
            asked_for = EPHEMERAL if list(new.persistence) == [EPHEMERAL] else DURABLE
            operation.persistence = asked_for
        store = await self._admit(operation, PUT_OBJECT)
        if self._limiter is not None:
            self._limiter.admit_write(store)
        persistence = parse_persistence(new.persistence) if self._has_persistence else DURABLE
        ttl_seconds = parse_ttl(new.ttl_seconds)
        kept = metadata.collect(new.metadata)
        tagged = tags.collect(new.tags) if self._has_tags else {}
        if persistence == EPHEMERAL:
            info = await self._objects.put_ephemeral(
                store,
                operation.key,
                new.body,
                declared_size=new.declared_size,
                ttl_seconds=ephemeral_seconds(ttl_seconds),
                metadata=kept,
            )
        else:
            info = await self._objects.put(
                store,
                operation.key,
                new.body,
                declared_size=new.declared_size,
                ttl_seconds=ttl_seconds,
                metadata=kept,
                tags=tagged,
            )
        operation.size = info.size
        if self._limiter is not None:
            self._limiter.charge_write(store, info.size)

    async def delete_object(self, operation: Operation) -> None:
        """Delete Object; deleting an absent object succeeds.

        Raises:
            ServiceError: as documented for the operation.
        """
        store = await self._admit(operation, DELETE_OBJECT)
        if self._limiter is not None:
            self._limiter.admit_deletion(store)
        await self._objects.delete(store, operation.key)

    async def _admit(self, operation: Operation, access: Access) -> Store:
        """Admit ``operation``; return its store."""
        if self._has_request_ids:
            operation.request_id = new_request_id(operation.started_at)
        try:
            await self._admission.admit(operation, access, parse_object_names)
        except ServiceError:
            if self._is_watched:
                await self._look_up_store(operation)
            raise
        store = operation.configured = await self._stores.get(operation.store)
        return store

    async def _look_up_store(self, operation: Operation) -> None:
        """Look up the store of a refused operation: its access log has it (D103)."""
        with contextlib.suppress(StoreNotFoundError, EngineUnavailableError):
            operation.configured = await self._stores.get(operation.store)
