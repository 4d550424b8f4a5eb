"""The protocol of account engines, and the tables of records that they store."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Container, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Generic, Protocol, TypeVar

from emulator.backends.checkpoint import Checkpoint
from emulator.backends.take_over import TakeOver, write_file
from emulator.core.errors import BadRequestError
from emulator.core.failures import EngineUnavailableError
from emulator.core.model import (
    DEFAULT_LIMITS,
    Account,
    ApiKey,
    Cluster,
    Invitation,
    LogDestination,
    Member,
    MetricsDestination,
    Role,
    RoleName,
    ShardPlacement,
    Store,
    StoreLimits,
)
from emulator.core.permission_set import parse_permission_set

T = TypeVar("T")
R = TypeVar("R", Account, ApiKey, Cluster, Invitation, Member, Role, RoleName, Store)


_TYPES: Mapping[str, Any] = {
    "str": str,
    "int": int,
    "bool": bool,
    "int | None": (int, type(None)),
}
"""By its annotation, the type of each member that is stored as a plain JSON value."""


def _decoded(record_type: type[Any], document: Any) -> Any:
    if not isinstance(document, dict):
        raise TypeError("a record is not a JSON object")
    types = {item.name: str(item.type) for item in fields(record_type)}
    for name, value in document.items():
        if not isinstance(value, _TYPES.get(types.get(name, ""), object)):
            raise TypeError(f"{name} has the wrong type")
    return record_type(**document)


@dataclass(frozen=True, slots=True)
class Table(Generic[R]):
    """A kind of record: the name under which it is stored, and its type."""

    name: str
    record_type: type[R]

    def encode(self, record: R) -> dict[str, Any]:
        """``record`` as JSON values."""
        return asdict(record)

    def decode(self, document: dict[str, Any]) -> R:
        """Decode a document of ``encode``.

        Raises:
            TypeError: the document has other members than such a record, or members of other types.
        """
        record: R = _decoded(self.record_type, document)
        return record


class _Roles(Table[Role]):
    """Stores a role's permission set as it was given, and parses it on reading."""

    def encode(self, record: Role) -> dict[str, Any]:
        return {
            "role_id": record.role_id,
            "role_name": record.role_name,
            "permissions": record.permissions.document,
            "description": record.description,
        }

    def decode(self, document: dict[str, Any]) -> Role:
        role = super().decode(document)
        try:
            return replace(role, permissions=parse_permission_set(role.permissions))
        except BadRequestError as error:
            raise TypeError(error.message) from None


LATER_STORE_FIELDS: Mapping[str, type[Any]] = {
    "access_logs": LogDestination,
    "metrics": MetricsDestination,
    "limits": StoreLimits,
}
"""The members of a store that older emulators do not write. Each is a record itself."""


class _Stores(Table[Store]):
    """Omits the members that a store does not have, so that an older emulator can read it."""

    def encode(self, record: Store) -> dict[str, Any]:
        document = asdict(record)
        if record.limits == DEFAULT_LIMITS:
            del document["limits"]
        return {name: value for name, value in document.items() if value is not None}

    def decode(self, document: dict[str, Any]) -> Store:
        nested = {
            name: _decoded(record_type, document[name])
            for name, record_type in LATER_STORE_FIELDS.items()
            if name in document
        }
        return super().decode({**document, **nested})


class _Clusters(Table[Cluster]):
    """Turns the tuples of a cluster into JSON's lists, and back."""

    def encode(self, record: Cluster) -> dict[str, Any]:
        placements = [
            {**asdict(each), "replica_availability_zones": [*each.replica_availability_zones]}
            for each in record.shard_placements
        ]
        document = asdict(record)
        return {**document, "shard_placements": placements, "errors": [*record.errors]}

    def decode(self, document: dict[str, Any]) -> Cluster:
        cluster = super().decode(document)
        return replace(
            cluster,
            shard_placements=tuple(map(_shard_placement, _listed(cluster.shard_placements))),
            errors=_texts(cluster.errors),
        )


def _shard_placement(document: object) -> ShardPlacement:
    placement: ShardPlacement = _decoded(ShardPlacement, document)
    zones = _texts(placement.replica_availability_zones)
    return replace(placement, replica_availability_zones=zones)


def _listed(value: object) -> Sequence[Any]:
    if not isinstance(value, (list, tuple)):
        raise TypeError("a list has the wrong type")
    return value


def _texts(value: object) -> tuple[str, ...]:
    found = tuple(_listed(value))
    if not all(isinstance(each, str) for each in found):
        raise TypeError("a list has something else than texts")
    return found


ACCOUNT = Table("account", Account)
"""One record, with the id ``ACCOUNT_ID``."""
ACCOUNT_ID = "account"

STORES: Table[Store] = _Stores("stores", Store)
"""By name."""

API_KEYS = Table("api_keys", ApiKey)
"""By digest, so that the key in a request leads to the record in one step."""

ROLES: Table[Role] = _Roles("roles", Role)
"""The custom roles, by id."""

ROLE_NAMES = Table("role_names", RoleName)
"""By name: two roles cannot have the same name."""

MEMBERS = Table("members", Member)
"""By user name."""

INVITATIONS = Table("invitations", Invitation)
"""By user name: a user has at most one invitation."""

CLUSTERS: Table[Cluster] = _Clusters("clusters", Cluster)
"""The Valkey clusters, by name."""

TABLES: tuple[Table[Any], ...] = (
    ACCOUNT,
    STORES,
    API_KEYS,
    ROLES,
    ROLE_NAMES,
    MEMBERS,
    INVITATIONS,
    CLUSTERS,
)

LATER_TABLES: frozenset[str] = frozenset({CLUSTERS.name})
"""The tables that older emulators do not write: where one is missing, it is empty."""


@dataclass(frozen=True, slots=True)
class Versioned(Generic[R]):
    """A record with the numbers of the last write to it and of the write that created it.

    Numbers grow with every write to the account, and are never reused.
    """

    record: R
    version: int
    created: int


Records = dict[str, dict[str, Versioned[Any]]]
"""Records by table name and id, ordered by id: they are read more often than written. The
dictionaries are replaced, never changed: so checkpoints can share them, and all tables of one
``Records`` are of the same moment."""


@dataclass(frozen=True, slots=True)
class Change(Generic[R]):
    """A record to write, or to remove if it is None, provided that the stored version is
    ``expected`` (None: that there is no such record)."""

    table: Table[R]
    record_id: str
    record: R | None
    expected: int | None


@dataclass(frozen=True, slots=True)
class Room:
    """A condition of a commit: the table has fewer than ``most`` records before it."""

    table: Table[Any]
    most: int


class ConflictError(Exception):
    """A record does not have the version that the writer expected."""


class NoRoomError(Exception):
    """A table is full: it has the most records that the commit allows."""


class AccountCheckpoint(Checkpoint, Protocol):
    """A checkpoint of all records."""

    @abstractmethod
    async def restore(self, take_over: TakeOver = write_file) -> None:
        """Restore exactly these records, and call ``take_over``, as ``AccountBackend.replace``.

        Raises:
            RuntimeError: the checkpoint has been discarded.
        """


class HeldAccount(AccountCheckpoint, Generic[T]):
    """A checkpoint that keeps the records as a value that is never changed.

    Args:
        held: the value.
        restore: puts the value back into the engine.
    """

    def __init__(self, held: T, restore: Callable[[T, TakeOver], Awaitable[None]]) -> None:
        self._held: T | None = held
        self._restore = restore

    async def restore(self, take_over: TakeOver = write_file) -> None:
        if self._held is None:
            raise RuntimeError("The checkpoint has been discarded")
        await self._restore(self._held, take_over)

    async def discard(self) -> None:
        self._held = None


class AccountBackend(Protocol):
    """Records by table and id, written by compare-and-set.

    Every read after an acknowledged write sees it, in every process. Any exception other than
    ``ConflictError`` and ``NoRoomError`` is answered with 500 and logged; if the engine is down,
    it is an ``EngineUnavailableError``, and a write may or may not have been made.
    """

    name: str
    """The engine's name on the command line."""

    records: Records | None = None
    """All records as they are now, where no other process changes them; else None. After a change
    this is another object."""

    @abstractmethod
    async def get(self, table: Table[R], record_id: str) -> Versioned[R] | None:
        """Return the record, or None if there is none."""

    @abstractmethod
    async def entries(self, table: Table[R]) -> dict[str, Versioned[R]]:
        """Return every record of the table by its id, ordered by id."""

    @abstractmethod
    async def snapshot(self) -> dict[Table[Any], dict[str, Versioned[Any]]]:
        """Return the entries of all tables, at one moment."""

    @abstractmethod
    async def count(self, table: Table[R]) -> int:
        """Return the number of records in the table."""

    @abstractmethod
    async def commit(self, *changes: Change[Any], room: Room | None = None) -> None:
        """Make all changes, in their order, atomically: nobody sees only some of them.

        Raises:
            NoRoomError: the table of ``room`` is full; nothing was changed.
            ConflictError: a record does not have the expected version; nothing was changed.
        """

    @abstractmethod
    async def replace(self, *changes: Change[Any], take_over: TakeOver = write_file) -> None:
        """Replace all records by those of the changes, atomically, and call ``take_over``.

        If either fails, the old records stay, and what ``take_over`` replaces too. An engine
        outside of this process may have the new records in the meantime, and keeps them if the
        process is killed then, or if it cannot be reached to bring the old ones back.
        """

    async def put(
        self, table: Table[R], record_id: str, record: R, *, expected: int | None
    ) -> None:
        """Write one record.

        Raises:
            ConflictError: it is not at version ``expected``; nothing was written.
        """
        await self.commit(Change(table, record_id, record, expected))

    async def delete(self, table: Table[R], record_id: str, *, expected: int) -> None:
        """Remove one record.

        Raises:
            ConflictError: it is not at version ``expected``; nothing was removed.
        """
        await self.commit(Change(table, record_id, None, expected))

    @abstractmethod
    async def clear(self) -> None:
        """Remove every record."""

    @abstractmethod
    async def checkpoint(self) -> AccountCheckpoint:
        """Take a checkpoint of all records.

        Restoring it brings back the records with their versions, but not the number of the last
        write: later writes continue from the current one.
        """

    @abstractmethod
    async def check(self) -> None:
        """Raise an exception that names the cause if the engine does not work."""

    @abstractmethod
    async def close(self) -> None:
        """Release the engine's resources."""


async def require_account(backend: AccountBackend) -> Account:
    """Return the account record.

    Raises:
        EngineUnavailableError: there is none: the engine has lost its data.
    """
    found = await backend.get(ACCOUNT, ACCOUNT_ID)
    if found is None:
        raise EngineUnavailableError(
            "the account is missing in its backend, with all its stores and keys; "
            "reset an emulator that has used it, or restart the emulators"
        )
    return found.record


def as_changes(
    snapshot: Mapping[Table[Any], Mapping[str, Versioned[Any]]],
    *,
    without: Container[Table[Any]] = (),
) -> tuple[Change[Any], ...]:
    """Return changes that write the records of a snapshot into an empty account, in the order of
    their creation, which is the order of lists (D24)."""
    found: list[tuple[int, Change[Any]]] = []
    for table, entries in snapshot.items():
        if table not in without:
            for record_id, entry in entries.items():
                found.append((entry.created, Change(table, record_id, entry.record, None)))
    return tuple(change for _, change in sorted(found, key=lambda pair: pair[0]))


def in_creation_order(entries: dict[str, Versioned[R]]) -> list[Versioned[R]]:
    """Sort the entries from the oldest to the newest (D24)."""
    return sorted(entries.values(), key=lambda entry: entry.created)
