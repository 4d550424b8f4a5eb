"""Schemas of stores and Valkey clusters, as a revision of the API has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from emulator.core.model import (
    DEFAULT_LIMITS,
    LOG_GROUP_NAME,
    LogDestination,
    MetricsDestination,
    StoreLimits,
)
from emulator.core.revisions import Feature, Revision
from emulator.openapi.json_schema import (
    Schema,
    Schemas,
    flag,
    listed,
    nullable,
    one_of,
    pattern_of,
    record,
    ref,
    text,
    whole,
)
from emulator.service.cluster_configuration import (
    ACTIVE,
    CHANGES,
    CREATION_FAILED,
    MAX_REPLICAS,
    MAX_SHARDS,
)
from emulator.service.names import MAX_KEY_BYTES, STORE_NAME
from emulator.service.store_configuration import MAX_LIMIT, REGION, ROLE_ARN

NAME = text("a URL-safe string", pattern=pattern_of(STORE_NAME))
"""The name of a store or a cluster."""

KEY = text(
    f"at most {MAX_KEY_BYTES} bytes of UTF-8, without NUL",
    minLength=1,
    maxLength=MAX_KEY_BYTES,
    pattern=r"^[^\u0000]*$",
)
"""The key of an object."""

_ARN = text("the ARN of an IAM role", pattern=pattern_of(ROLE_ARN))
_CLOUDWATCH: Mapping[str, Schema] = {
    "log_group_name": text(pattern=pattern_of(LOG_GROUP_NAME)),
    "iam_role_arn": _ARN,
    "region": text("a region of AWS", pattern=pattern_of(REGION)),
}
_LATER: Mapping[str, tuple[Feature, str]] = {
    "access_logging_config": (Feature.ACCESS_LOGS, "AccessLogging"),
    "metrics_config": (Feature.METRICS, "Metrics"),
    "object_store_limits": (Feature.LIMITS, "StoreLimits"),
}
"""The members of a store that not every revision has, with their schemas."""

_NODES: Mapping[str, Schema] = {
    "node_instance_type": text("as in cache.m6g.large", minLength=1),
    "shard_count": whole(minimum=1, maximum=MAX_SHARDS),
    "replication_factor": whole("replicas of a shard", minimum=0, maximum=MAX_REPLICAS),
    "enforce_shard_multi_az": flag("whether the nodes of a shard are in more than one zone"),
}
_PLACEMENTS = listed(ref("ShardPlacement"))


def _chosen(description: str) -> Schema:
    """The placements in a request: null counts as left out."""
    return {**nullable(_PLACEMENTS), "description": description}


def _destination(record_type: type[LogDestination] | type[MetricsDestination]) -> Schema:
    members = {each.name: _CLOUDWATCH[each.name] for each in fields(record_type)}
    return record({"cloudwatch": record(members)})


def _limits() -> Schema:
    defaults = {each.name: getattr(DEFAULT_LIMITS, each.name) for each in fields(StoreLimits)}
    return record(
        {},
        {
            name: whole(minimum=1, maximum=MAX_LIMIT, default=default)
            for name, default in defaults.items()
        },
    )


def store_members(revision: Revision) -> tuple[dict[str, Schema], dict[str, Schema]]:
    """The required and the optional members of a store's configuration."""
    later = {
        name: ref(schema) for name, (feature, schema) in _LATER.items() if revision.has(feature)
    }
    return {"storage_config": ref("StorageConfig"), "cache_config": ref("CacheConfig")}, later


def store_schemas(revision: Revision) -> Schemas:
    """The schemas of stores, by name."""
    required, later = store_members(revision)
    always = {name: later.pop(name) for name in ("object_store_limits",) if name in later}
    return {
        "StorageConfig": record(
            {
                "s3": record(
                    {
                        "bucket_name": text("the name of the S3 bucket", minLength=1),
                        "iam_role_arn": _ARN,
                    },
                    {"prefix": text("a path within the bucket")},
                )
            }
        ),
        "CacheConfig": record({"valkey_cluster": record({"cluster_name": text(minLength=1)})}),
        "AccessLogging": _destination(LogDestination),
        "Metrics": _destination(MetricsDestination),
        "StoreLimits": _limits(),
        "StoreConfiguration": record(required, {**later, **always}),
        "Store": record({"name": NAME, **required, **always}, later),
        "Stores": record({"object_stores": listed(record({"name": NAME}))}),
        "Routers": {
            "type": "object",
            "description": "addresses by availability zone",
            "additionalProperties": listed(record({"socket_address": text("host:port")})),
        },
    }


CLUSTER_SCHEMAS: Schemas = {
    "ShardPlacement": record(
        {
            "shard_index": whole("from 0", minimum=0, maximum=MAX_SHARDS - 1),
            "availability_zone": text(minLength=1),
            "replica_availability_zones": listed(text(minLength=1)),
        }
    ),
    "ClusterConfiguration": record(
        {"name": NAME, **_NODES},
        {"shard_placements": _chosen("chosen by the service if left out")},
    ),
    "Cluster": record(
        {
            "name": NAME,
            **_NODES,
            "shard_placements": _PLACEMENTS,
            "status": one_of([ACTIVE, *filter(None, CHANGES), CREATION_FAILED]),
        },
        {"errors": listed(text(), "of a creation that has failed")},
    ),
    "Clusters": record({"clusters": listed(record({"name": NAME}))}),
    "ReplicationGroupChange": record(
        {}, {name: _NODES[name] for name in ("node_instance_type", "enforce_shard_multi_az")}
    ),
    "ShardChange": record(
        {"shard_count": _NODES["shard_count"]},
        {
            "shards_to_remove": listed(whole(minimum=0), "when the count goes down"),
            "shard_placements": _chosen("of the new shards"),
        },
    ),
    "ReplicaChange": record(
        {"replication_factor": _NODES["replication_factor"]},
        {"shard_placements": _chosen("of some shards")},
    ),
}
"""The schemas of Valkey clusters, by name."""
