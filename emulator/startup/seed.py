"""The content of a seed file, from clusters to objects, and how to apply it.

``fixtures/seed.yaml`` shows every kind of entry.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emulator.core.errors import ServiceError
from emulator.core.failures import ConfigurationError, EngineUnavailableError
from emulator.core.model import Cluster, Member
from emulator.core.revisions import Revision
from emulator.service.account.roles import RoleDefinition
from emulator.service.account.services import AccountServices
from emulator.service.clusters import Clusters
from emulator.service.new_stores import NewStores
from emulator.service.objects import Objects
from emulator.service.store_configuration import parse_configuration
from emulator.service.stores import Stores

CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True)
class SeedStore:
    """A store to create, or to update if it exists. Required members that ``members`` does not
    have are those of the store, or of a new one that works."""

    name: str
    members: Mapping[str, Any]


@dataclass(frozen=True)
class SeedRole:
    """A custom role to create, or to replace if there is one of this name."""

    role_id: str | None
    definition: RoleDefinition


@dataclass(frozen=True)
class SeedKey:
    """An API key to accept; ``expires_at`` is in seconds since the Unix epoch.

    ``role`` is the id or name of a system role, of a role in the seed, or of an existing role.
    """

    where: str
    role: str
    api_key: str
    description: str
    expires_at: int | None


@dataclass(frozen=True)
class SeedObject:
    """An object to put; its body is in a file, or in the seed itself."""

    where: str
    store: str
    key: str
    body: Path | bytes
    metadata: Mapping[str, str]
    tags: Mapping[str, str]
    ttl_seconds: int | None

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body in pieces of bounded size."""
        if isinstance(self.body, bytes):
            yield self.body
            return
        with self.body.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                yield chunk


@dataclass(frozen=True)
class Seed:
    """The content of a seed file."""

    path: Path
    revision: Revision
    clusters: tuple[Cluster, ...]
    stores: tuple[SeedStore, ...]
    roles: tuple[SeedRole, ...]
    api_keys: tuple[SeedKey, ...]
    members: tuple[Member, ...]
    invitations: tuple[Member, ...]
    objects: tuple[SeedObject, ...]

    async def plant(
        self,
        stores: Stores,
        new: NewStores,
        clusters: Clusters,
        account: AccountServices,
        objects: Objects,
    ) -> None:
        """Create or update what the seed lists; everything else stays as it is.

        Raises:
            ConfigurationError: an object's store or a key's role does not exist, or an entry is
                refused.
        """
        for cluster in self.clusters:
            with errors_at(f"{self.path}: cluster {cluster.name!r}"):
                await clusters.put(cluster)
        for store in self.stores:
            with errors_at(f"{self.path}: store {store.name!r}"):
                members = {**await new.required(store.name), **store.members}
                await stores.put(store.name, parse_configuration(members, self.revision))
        for role in self.roles:
            with errors_at(f"{self.path}: role {role.definition.role_name!r}"):
                await account.roles.put(role.definition, role.role_id)
        for key in self.api_keys:
            with errors_at(f"{self.path}: {key.where}"):
                await account.api_keys.add(
                    key.api_key,
                    (await account.roles.find(key.role)).role_id,
                    description=key.description,
                    expires_at=key.expires_at,
                )
        for member in self.members:
            await account.members.put(member)
        for invited in self.invitations:
            await account.members.put_invitation(invited.user_name, invited.role_id)
        for item in self.objects:
            with errors_at(f"{self.path}: {item.where}, store {item.store!r}"):
                await objects.put(
                    await stores.get(item.store),
                    item.key,
                    item.chunks(),
                    metadata=item.metadata,
                    ttl_seconds=item.ttl_seconds,
                    tags=item.tags,
                )


@contextlib.contextmanager
def errors_at(place: str) -> Iterator[None]:
    """Add the place in the seed to errors of the block.

    Raises:
        ConfigurationError: instead of what the block raises.
    """
    try:
        yield
    except (ValueError, ServiceError, OSError, EngineUnavailableError) as error:
        raise ConfigurationError(f"{place}: {error}") from None
