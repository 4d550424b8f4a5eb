"""Records of the account: stores, clusters, API keys, roles and members."""

from __future__ import annotations

import re
from dataclasses import dataclass

from emulator.core.object_info import Location
from emulator.core.permission_set import PermissionSet

LOG_GROUP_NAME = re.compile(r"[.\-_/#A-Za-z0-9]{1,512}")
"""The names of log groups that CloudWatch allows."""

LOG_GROUP_NAME_RULE = "it must have 1 to 512 characters of A-Z a-z 0-9 . - _ / #"


@dataclass(frozen=True, slots=True)
class LogDestination:
    """The CloudWatch log group of a store's access log, and the IAM role that writes it."""

    log_group_name: str
    iam_role_arn: str
    region: str


@dataclass(frozen=True, slots=True)
class MetricsDestination:
    """The region of a store's CloudWatch metrics, and the IAM role that writes them."""

    iam_role_arn: str
    region: str


@dataclass(frozen=True, slots=True)
class StoreLimits:
    """The rate limits of a store: read and write operations, and bytes of bodies, per second."""

    read_operations_per_second: int = 100
    write_operations_per_second: int = 100
    read_bytes_per_second: int = 1_048_576
    write_bytes_per_second: int = 1_048_576


DEFAULT_LIMITS = StoreLimits()


@dataclass(frozen=True, slots=True)
class Store:
    """An object store: a name for a place in S3 and the Valkey cluster in front of it.

    ``cache_namespace`` separates the store's cached objects from those of any earlier store of the
    same name, of the same store over another bucket, and of another store over the same bucket
    (D15, D28, D29).
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
        """Whether the cached objects of one store are valid for the other (D28)."""
        return (self.bucket_name, self.prefix, self.cluster_name) == (
            other.bucket_name,
            other.prefix,
            other.cluster_name,
        )

    def has_telemetry_of(self, other: Store) -> bool:
        """Whether access logs and metrics of both stores go to the same destinations."""
        return (self.access_logs, self.metrics) == (other.access_logs, other.metrics)


@dataclass(frozen=True, slots=True)
class ShardPlacement:
    """The availability zones of a shard: that of its primary, and one for each replica."""

    shard_index: int
    availability_zone: str
    replica_availability_zones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cluster:
    """A Valkey cluster, as it is once the change under way is done.

    ``change`` is the status until ``until`` (epoch microseconds): ``Creating``, ``Updating`` or
    ``Deleting``; empty for a cluster that was never changed. ``errors`` are what the creation ends
    with instead of an active cluster.
    """

    name: str
    node_instance_type: str
    shard_count: int
    replication_factor: int
    enforce_shard_multi_az: bool
    shard_placements: tuple[ShardPlacement, ...]
    change: str = ""
    until: int = 0
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key as the account stores it: everything but the key itself.

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
    """A named permission set. API keys refer to it by its id, and follow its changes.

    ``description`` is empty for a role without one.
    """

    role_id: str
    role_name: str
    permissions: PermissionSet
    description: str = ""


@dataclass(frozen=True, slots=True)
class RoleName:
    """Reserves a role name for one role."""

    role_id: str


@dataclass(frozen=True, slots=True)
class Member:
    """A person who belongs to the account, with a system role."""

    user_name: str
    role_id: str


@dataclass(frozen=True, slots=True)
class Invitation:
    """A person invited to become a member, with the system role that they will have."""

    invitation_id: str
    user_name: str
    role_id: str


@dataclass(frozen=True, slots=True)
class Account:
    """The account that the emulator serves, with the secret that signs its keys."""

    account_id: str
    signing_secret: str
