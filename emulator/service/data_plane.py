"""The data plane: Get, Put and Delete Object."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterable, Callable, Sequence
from typing import NamedTuple

from emulator.auth.access import DELETE_OBJECT, GET_OBJECT, PUT_OBJECT
from emulator.backends.storage.base import BodyStream
from emulator.core.clock import Clock
from emulator.core.errors import ObjectNotFoundError, ServiceError, StoreNotFoundError
from emulator.core.failures import EngineUnavailableError
from emulator.core.model import Store
from emulator.core.object_info import ObjectInfo
from emulator.core.operation import Operation
from emulator.core.permission_set import Access
from emulator.core.revisions import FIRST, Feature, Revision
from emulator.service.admission import Admission, Parse
from emulator.service.body_budget import FREE_BYTES, Lost
from emulator.service.names import parse_object_names
from emulator.service.objects import Objects
from emulator.service.parameters import Parameters, SentParameters
from emulator.service.persistence import DURABLE, EPHEMERAL, ephemeral_seconds
from emulator.service.rate_limits import Limiter
from emulator.service.request_ids import new_request_id
from emulator.service.stores import Stores


def _not_here() -> None:
    """Return None, as for a body that is not here as a whole."""


class NewObject(NamedTuple):
    """The parameters of a PUT, unchecked, and its body, unread. ``declared_size`` is what
    ``Content-Length`` says, in bytes. ``lost`` tells whoever does not read yet that the rest of the
    body will not come. ``at_once`` reads all of the body if it is here, and returns None if it is
    not."""

    sent: SentParameters
    declared_size: int | None
    body: AsyncIterable[bytes]
    lost: Lost | None = None
    at_once: Callable[[], bytes | None] = _not_here


class DataPlane:
    """Get, Put and Delete Object: admission, limits, parameters, then the object itself.

    ``operation.store`` and ``operation.key`` are as in the raw path.

    Args:
        revision: decides which parameters exist.
        limiter: enforces the limits of the stores; None for no limits.
        parse_names: parses the names in the path of an object; None for ``parse_object_names``.
        parameters: checks the parameters; None for those of the revision.
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
        parse_names: Parse[None] | None = None,
        parameters: Parameters | None = None,
    ) -> None:
        self._admission = admission
        self._stores = stores
        self._objects = objects
        self._clock = clock
        self._limiter = limiter if revision.has(Feature.LIMITS) else None
        self._parse_names = parse_object_names if parse_names is None else parse_names
        self._parameters = Parameters(revision) if parameters is None else parameters
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
        if read_concern:
            self._parameters.check_get(read_concern)
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
        if self._parameters.has_persistence:
            asked_for = EPHEMERAL if new.sent.persistence == [EPHEMERAL] else DURABLE
            operation.persistence = asked_for
        store = await self._admit(operation, PUT_OBJECT)
        if self._limiter is not None:
            self._limiter.admit_write(store)
        asked = self._parameters.parse_put(new.sent)
        room = None
        if new.declared_size is None or new.declared_size > FREE_BYTES:
            room = await self._objects.reserve(
                store, new.declared_size, ephemeral=asked.ephemeral, lost=new.lost
            )
        try:
            if asked.ephemeral:
                info = await self._objects.put_ephemeral(
                    store,
                    operation.key,
                    new.body,
                    declared_size=new.declared_size,
                    ttl_seconds=ephemeral_seconds(asked.ttl_seconds),
                    metadata=asked.metadata,
                    room=room,
                )
            else:
                whole = new.at_once()
                info = await self._objects.put(
                    store,
                    operation.key,
                    new.body if whole is None else whole,
                    declared_size=new.declared_size,
                    ttl_seconds=asked.ttl_seconds,
                    metadata=asked.metadata,
                    tags=asked.tags,
                    room=room,
                )
        finally:
            if room is not None:
                room.release()
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
            await self._admission.check(operation, access, self._parse_names)
        except ServiceError:
            if self._is_watched:
                await self._look_up_store(operation)
            raise
        name = operation.store
        store = self._stores.get_now(name) or await self._stores.get(name)
        operation.configured = store
        return store

    async def _look_up_store(self, operation: Operation) -> None:
        """Look up the store of a refused operation: its access log has it (D103)."""
        with contextlib.suppress(StoreNotFoundError, EngineUnavailableError):
            operation.configured = await self._stores.get(operation.store)
