"""What the service asks of the place where the account's records are."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Generic, Protocol, TypeVar

from emulator.backends.checkpoint import Checkpoint
from emulator.core.errors import BadRequestError
from emulator.core.failures import EngineUnavailableError
from emulator.core.model import (
    DEFAULT_LIMITS,
    Account,
    ApiKey,
    Invitation,
    LogDestination,
    Member,
    MetricsDestination,
    Role,
    RoleName,
    Store,
    StoreLimits,
)
from emulator.core.permission_set import parse_permission_set

R = TypeVar("R", Account, ApiKey, Invitation, Member, Role, RoleName, Store)


_TYPES: Mapping[str, Any] = {"str": str, "int": int, "int | None": (int, type(None))}
"""The types of the members that are JSON values as they are, by their annotations."""


def _decoded(record_type: type[Any], document: Any) -> Any:
    if not isinstance(document, dict):
        raise TypeError("a record is no object")
    types = {item.name: str(item.type) for item in fields(record_type)}
    for name, value in document.items():
        if not isinstance(value, _TYPES.get(types.get(name, ""), object)):
            raise TypeError(f"{name} is not of its type")
    return record_type(**document)


@dataclass(frozen=True, slots=True)
class Table(Generic[R]):
    """A kind of record: what it is called where it is kept, and its type."""

    name: str
    record_type: type[R]

    def encode(self, record: R) -> dict[str, Any]:
        """``record`` as JSON values."""
        return asdict(record)

    def decode(self, document: dict[str, Any]) -> R:
        """The record that ``encode`` made ``document`` of.

        Raises:
            TypeError: the document has other members than such a record, or of other types.
        """
        record: R = _decoded(self.record_type, document)
        return record


class _Roles(Table[Role]):
    """Roles are kept with their permission set as it was given, and read with it understood."""

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
"""The members of a store that an older emulator has not written. They have members themselves."""


class _Stores(Table[Store]):
    """Stores are kept without what they do not have: so an emulator that knows nothing of that can
    read them."""

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


ACCOUNT = Table("account", Account)
"""One record, under ``ACCOUNT_ID``."""
ACCOUNT_ID = "account"

STORES: Table[Store] = _Stores("stores", Store)
"""By name."""

API_KEYS = Table("api_keys", ApiKey)
"""By digest: what a request brings leads to the record in one step."""

ROLES: Table[Role] = _Roles("roles", Role)
"""The custom roles, by id."""

ROLE_NAMES = Table("role_names", RoleName)
"""By the name: two roles cannot have the same."""

MEMBERS = Table("members", Member)
"""By user name."""

INVITATIONS = Table("invitations", Invitation)
"""By user name: nobody is invited twice."""

TABLES: tuple[Table[Any], ...] = (
    ACCOUNT,
    STORES,
    API_KEYS,
    ROLES,
    ROLE_NAMES,
    MEMBERS,
    INVITATIONS,
)


@dataclass(frozen=True, slots=True)
class Versioned(Generic[R]):
    """A record, and the numbers of the writes that made it what it is and that created it.

    Numbers grow with every write to the account, and none is given twice.
    """

    record: R
    version: int
    created: int


@dataclass(frozen=True, slots=True)
class Change(Generic[R]):
    """A record to write, or with None to remove, if it is still at version ``expected`` (None: if
    there is none)."""

    table: Table[R]
    record_id: str
    record: R | None
    expected: int | None


@dataclass(frozen=True, slots=True)
class Room:
    """What a commit may ask for: that the table has fewer than ``most`` records before it."""

    table: Table[Any]
    most: int


class ConflictError(Exception):
    """A record is not, or no longer, at the version that the writer expected."""


class NoRoomError(Exception):
    """A table has as many records as it may."""


class AccountBackend(Protocol):
    """Records by table and id, written by compare-and-set.

    What a write has acknowledged, every later read sees, in whatever process. Any exception other
    than ``ConflictError`` and ``NoRoomError`` is answered with 500 and logged; where the engine is
    down, that is an ``EngineUnavailableError``, and a write may or may not have been made.
    """

    name: str
    """What the engine is called on the command line."""

    @abstractmethod
    async def get(self, table: Table[R], record_id: str) -> Versioned[R] | None:
        """The record, or None where there is none."""

    @abstractmethod
    async def entries(self, table: Table[R]) -> dict[str, Versioned[R]]:
        """Every record of the table by its id, in the order of the ids."""

    @abstractmethod
    async def snapshot(self) -> dict[Table[Any], dict[str, Versioned[Any]]]:
        """The entries of every table, at one moment."""

    @abstractmethod
    async def count(self, table: Table[R]) -> int:
        """How many records the table has."""

    @abstractmethod
    async def commit(self, *changes: Change[Any], room: Room | None = None) -> None:
        """Make all the changes, in their order, in one step: nobody sees some without the others.

        Raises:
            NoRoomError: there is no such ``room``; nothing was changed.
            ConflictError: a record is not as expected; nothing was changed.
        """

    @abstractmethod
    async def replace(self, *changes: Change[Any]) -> None:
        """Have the records of these changes, and no others, in one step."""

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
    async def checkpoint(self) -> Checkpoint:
        """Every record as it is now.

        To restore it brings back the records with their versions, and not the number of the last
        write: later writes go on from there.
        """

    @abstractmethod
    async def check(self) -> None:
        """Raise an exception that names the cause if the engine cannot do its work."""

    @abstractmethod
    async def close(self) -> None:
        """Give back what the engine holds."""


async def opened_account(backend: AccountBackend) -> Account:
    """The account itself.

    Raises:
        EngineUnavailableError: it is not there: where it was kept has lost it.
    """
    found = await backend.get(ACCOUNT, ACCOUNT_ID)
    if found is None:
        raise EngineUnavailableError(
            "the account is gone, with all its stores and keys, from where it was kept; "
            "reset an emulator that has known it, or start them anew"
        )
    return found.record


def in_creation_order(entries: dict[str, Versioned[R]]) -> list[Versioned[R]]:
    """The entries from the oldest to the newest (D24)."""
    return sorted(entries.values(), key=lambda entry: entry.created)
