"""The records of the service: the account, its stores, keys, roles and members, and what is kept
with an object's body."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from emulator.core.permission_set import PermissionSet

CACHED_BYTES = 8 * 1024**2
"""The largest object, in bytes, that the cache takes unless it is told otherwise (D20)."""


class Location(NamedTuple):
    """Where an object lies in the storage tier: a bucket, and the object's key in it (D14)."""

    bucket: str
    key: str


LOG_GROUP_NAME = re.compile(r"[.\-_/#A-Za-z0-9]{1,512}")
"""What the names of log groups are like, in CloudWatch."""

LOG_GROUP_NAME_RULE = "a log group has 1 to 512 of A-Z a-z 0-9 . - _ / #"


@dataclass(frozen=True, slots=True)
class LogDestination:
    """Where a store's access log goes in CloudWatch, and as which role it is written."""

    log_group_name: str
    iam_role_arn: str
    region: str


@dataclass(frozen=True, slots=True)
class MetricsDestination:
    """Where a store's metrics go in CloudWatch, and as which role they are written."""

    iam_role_arn: str
    region: str


@dataclass(frozen=True, slots=True)
class StoreLimits:
    """What a store takes in a second: operations, and bytes of bodies, that read and that write."""

    read_operations_per_second: int = 100
    write_operations_per_second: int = 100
    read_bytes_per_second: int = 1_048_576
    write_bytes_per_second: int = 1_048_576


DEFAULT_LIMITS = StoreLimits()


@dataclass(frozen=True, slots=True)
class Store:
    """An object store: a name for a place in S3 and the Valkey cluster in front of it.

    ``cache_namespace`` separates what the store has cached from what any earlier store of the
    same name, the same store over another bucket, or another store over the same bucket has
    cached (D15, D28, D29).
    """

    name: str
    bucket_name: str
    prefix: str
    iam_role_arn: str
    cluster_name: str
    cache_namespace: str
    access_logs: LogDestination | None = None
    metrics: MetricsDestination | None = None
    limits: StoreLimits = DEFAULT_LIMITS

    def location(self, key: str) -> Location:
        """The place of the object ``key`` in the storage tier (D14)."""
        return Location(self.bucket_name, f"{self.prefix}/{key}" if self.prefix else key)

    def caches_same_objects_as(self, other: Store) -> bool:
        """Whether what either store has cached is right for both (D28)."""
        return (self.bucket_name, self.prefix, self.cluster_name) == (
            other.bucket_name,
            other.prefix,
            other.cluster_name,
        )


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key as the account keeps it: everything but the key itself.

    ``digest`` is the SHA-256 of the key in hexadecimal, ``issued_at`` and ``expires_at`` are
    seconds since the Unix epoch; a key without ``expires_at`` is valid until it is revoked.
    """

    key_id: str
    digest: str
    role_id: str
    description: str
    issued_at: int
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """A named permission set, which the API keys that refer to it by its id follow.

    A role without a description has an empty one.
    """

    role_id: str
    role_name: str
    permissions: PermissionSet
    description: str = ""


@dataclass(frozen=True, slots=True)
class RoleName:
    """Whose a role's name is: a name belongs to one role."""

    role_id: str


@dataclass(frozen=True, slots=True)
class Member:
    """A person who belongs to the account, with a system role."""

    user_name: str
    role_id: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """A person who may become a member, with the role that they would have."""

    invitation_id: str
    user_name: str
    role_id: str


@dataclass(frozen=True, slots=True)
class Account:
    """The account that the emulator serves, with the secret that signs its keys."""

    account_id: str
    signing_secret: str


NOTHING: Mapping[str, str] = MappingProxyType({})
"""No metadata, or no tags."""


class ObjectInfo(NamedTuple):
    """What is kept with an object's body.

    ``created_at`` and ``expires_at`` are microseconds since the Unix epoch, ``size`` is the
    length of the body in bytes, ``version`` orders the writes to one key. ``tags`` are kept in
    storage alone. An ``ephemeral`` object is in the cache alone.
    """

    size: int
    created_at: int
    version: int
    expires_at: int | None = None
    metadata: Mapping[str, str] = NOTHING
    tags: Mapping[str, str] = NOTHING
    ephemeral: bool = False

    def is_expired(self, now: int) -> bool:
        """Whether the object is gone at ``now``: its last instant is the one before (D06)."""
        return self.expires_at is not None and now >= self.expires_at
