"""Parse and describe the configuration of an object store, as JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from emulator.core.documents import as_object, invalid, member, text, whole_number
from emulator.core.model import (
    DEFAULT_LIMITS,
    LOG_GROUP_NAME,
    LOG_GROUP_NAME_RULE,
    LogDestination,
    MetricsDestination,
    Store,
    StoreLimits,
)
from emulator.core.revisions import FIRST, Feature, Revision

ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[\x21-\x7e]{1,576}")
REGION = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

MAX_LIMIT = 2**63 - 1
"""The highest limit of a store that is accepted."""


@dataclass(frozen=True, slots=True)
class StoreConfiguration:
    """The configuration in a request that creates or updates a store."""

    bucket_name: str
    prefix: str
    iam_role_arn: str
    cluster_name: str
    access_logs: LogDestination | None = None
    metrics: MetricsDestination | None = None
    limits: StoreLimits = DEFAULT_LIMITS


def parse_configuration(document: object, revision: Revision = FIRST) -> StoreConfiguration:
    """Parse the body of Create or Update Object Store.

    Members that the revision does not know are ignored (D12).

    Raises:
        BadRequestError: a member is missing or of the wrong type, an ARN is not that of a role, or
            a region, log group or limit is not valid (D13, D94). The message names the member.
    """
    body = as_object(document, "request body")
    storage = as_object(member(body, "storage_config"), "storage_config")
    s3 = as_object(member(storage, "storage_config.s3"), "storage_config.s3")
    cache = as_object(member(body, "cache_config"), "cache_config")
    cluster = as_object(member(cache, "cache_config.valkey_cluster"), "cache_config.valkey_cluster")
    has = revision.has
    return StoreConfiguration(
        iam_role_arn=_role_arn(s3, "storage_config.s3.iam_role_arn"),
        bucket_name=_text(s3, "storage_config.s3.bucket_name"),
        prefix=text(s3.get("prefix", ""), "storage_config.s3.prefix", may_be_empty=True),
        cluster_name=_text(cluster, "cache_config.valkey_cluster.cluster_name"),
        access_logs=_access_logs(body) if has(Feature.ACCESS_LOGS) else None,
        metrics=_metrics(body) if has(Feature.METRICS) else None,
        limits=_limits(body) if has(Feature.LIMITS) else DEFAULT_LIMITS,
    )


def describe(store: Store, revision: Revision = FIRST) -> dict[str, Any]:
    """Return the body of the answer to create, update and describe."""
    s3 = {"bucket_name": store.bucket_name}
    if store.prefix:
        s3["prefix"] = store.prefix
    s3["iam_role_arn"] = store.iam_role_arn
    description: dict[str, Any] = {
        "name": store.name,
        "storage_config": {"s3": s3},
        "cache_config": {"valkey_cluster": {"cluster_name": store.cluster_name}},
    }
    if store.access_logs is not None and revision.has(Feature.ACCESS_LOGS):
        description["access_logging_config"] = {"cloudwatch": asdict(store.access_logs)}
    if store.metrics is not None and revision.has(Feature.METRICS):
        description["metrics_config"] = {"cloudwatch": asdict(store.metrics)}
    if revision.has(Feature.LIMITS):
        description["object_store_limits"] = asdict(store.limits)
    return description


def immutable_fields(configuration: StoreConfiguration, store: Store) -> list[str]:
    """Return the immutable members in which ``configuration`` differs from the store.

    The region of the bucket is not among them: no member names it.
    """
    was_and_is = {
        "storage_config.s3.bucket_name": (store.bucket_name, configuration.bucket_name),
        "storage_config.s3.prefix": (store.prefix, configuration.prefix),
        CLUSTER: (store.cluster_name, configuration.cluster_name),
    }
    return [path for path, (was, now) in was_and_is.items() if was != now]


CLUSTER = "cache_config.valkey_cluster.cluster_name"
LOG_GROUP = "access_logging_config.cloudwatch.log_group_name"


def _access_logs(body: Mapping[str, object]) -> LogDestination | None:
    path = "access_logging_config.cloudwatch"
    cloudwatch = _cloudwatch(body, path)
    if cloudwatch is None:
        return None
    log_group = _text(cloudwatch, LOG_GROUP)
    if not LOG_GROUP_NAME.fullmatch(log_group):
        invalid(LOG_GROUP, LOG_GROUP_NAME_RULE)
    return LogDestination(
        log_group, _role_arn(cloudwatch, f"{path}.iam_role_arn"), _region(cloudwatch, path)
    )


def _metrics(body: Mapping[str, object]) -> MetricsDestination | None:
    path = "metrics_config.cloudwatch"
    cloudwatch = _cloudwatch(body, path)
    if cloudwatch is None:
        return None
    return MetricsDestination(
        _role_arn(cloudwatch, f"{path}.iam_role_arn"), _region(cloudwatch, path)
    )


def _cloudwatch(body: Mapping[str, object], path: str) -> Mapping[str, object] | None:
    """The object at ``path`` in the body; None if its outer member is missing."""
    outer = path.partition(".")[0]
    if outer not in body:
        return None
    return as_object(member(as_object(body[outer], outer), path), path)


def _limits(body: Mapping[str, object]) -> StoreLimits:
    if "object_store_limits" not in body:
        return DEFAULT_LIMITS
    given = as_object(body["object_store_limits"], "object_store_limits")
    limits: dict[str, int] = {}
    for item in fields(StoreLimits):
        if item.name in given:
            path = f"object_store_limits.{item.name}"
            limits[item.name] = whole_number(given[item.name], path)
            if not 1 <= limits[item.name] <= MAX_LIMIT:
                invalid(path, f"it must be at least 1 and at most {MAX_LIMIT}")
    return StoreLimits(**limits)


def _role_arn(parent: Mapping[str, object], path: str) -> str:
    arn = _text(parent, path)
    if not ROLE_ARN.fullmatch(arn):
        invalid(
            path,
            "it must be the ARN of an IAM role, "
            "as in arn:aws:iam::123456789012:role/MomentoObjectStoreRole",
        )
    return arn


def _region(parent: Mapping[str, object], path: str) -> str:
    region = _text(parent, f"{path}.region")
    if not REGION.fullmatch(region):
        invalid(f"{path}.region", "it must be a region of AWS, as in us-east-1")
    return region


def _text(parent: Mapping[str, object], path: str) -> str:
    return text(member(parent, path), path)
