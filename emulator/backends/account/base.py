"""What the service asks of the place where the account's records are."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import asdict, dataclass
from typing import Any, Generic, Protocol, TypeVar

from emulator.model import Account, ApiKey, Store

R = TypeVar("R", Account, ApiKey, Store)


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
            TypeError: the document has other members than such a record.
        """
        return self.record_type(**document)


ACCOUNT = Table("account", Account)
"""One record, under ``ACCOUNT_ID``."""
ACCOUNT_ID = "account"

STORES = Table("stores", Store)
"""By name."""

API_KEYS = Table("api_keys", ApiKey)
"""By digest: what a request brings leads to the record in one step."""

TABLES: tuple[Table[Any], ...] = (ACCOUNT, STORES, API_KEYS)


@dataclass(frozen=True, slots=True)
class Versioned(Generic[R]):
    """A record, and the number of the write that made it what it is."""

    record: R
    version: int


class ConflictError(Exception):
    """The record is not, or no longer, at the version that the writer expected."""


class AccountBackend(Protocol):
    """Records by table and id, written by compare-and-set.

    What a write has acknowledged, every later read sees. Any exception other than
    ``ConflictError`` is answered with 500 and logged.
    """

    @abstractmethod
    async def get(self, table: Table[R], record_id: str) -> Versioned[R] | None:
        """The record, or None where there is none."""

    @abstractmethod
    async def list(self, table: Table[R]) -> list[R]:
        """Every record of the table, ordered by id."""

    @abstractmethod
    async def count(self, table: Table[R]) -> int:
        """How many records the table has."""

    @abstractmethod
    async def put(
        self, table: Table[R], record_id: str, record: R, *, expected: int | None
    ) -> None:
        """Write the record if it is still at version ``expected`` (None: if there is none).

        Raises:
            ConflictError: it is not; nothing was written.
        """

    @abstractmethod
    async def delete(self, table: Table[R], record_id: str, *, expected: int) -> None:
        """Remove the record if it is still at version ``expected``.

        Raises:
            ConflictError: it is not; nothing was removed.
        """

    @abstractmethod
    async def clear(self) -> None:
        """Remove every record."""

    @abstractmethod
    async def close(self) -> None:
        """Give back what the engine holds."""
