"""Configurations of stores, and what their PUT and their description answer."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from emulator.conformance.answer import Answer
from emulator.conformance.statements import FIRST
from emulator.conformance.target import Target

Configuration = dict[str, Any]

BUCKET = "storage_config.s3.bucket_name"
PREFIX = "storage_config.s3.prefix"
ROLE = "storage_config.s3.iam_role_arn"
CLUSTER = "cache_config.valkey_cluster.cluster_name"


def smallest(target: Target) -> Configuration:
    """A configuration of bucket, role and cluster alone."""
    s3 = {"bucket_name": target.options.bucket, "iam_role_arn": target.options.role_arn}
    return {
        "storage_config": {"s3": s3},
        "cache_config": {"valkey_cluster": {"cluster_name": target.options.cluster}},
    }


def changed(target: Target, body: Configuration) -> Configuration:
    """``body`` with a change that the revision permits: of the prefix, later of the limits."""
    if target.revision == FIRST:
        return with_value(body, PREFIX, f"{target.run}/{target.fresh_name()}")
    limits = {
        "read_operations_per_second": 501,
        "write_operations_per_second": 502,
        "read_bytes_per_second": 5_000_003,
        "write_bytes_per_second": 5_000_004,
    }
    return {**body, "object_store_limits": limits}


def without(body: Configuration, path: str) -> Configuration:
    """``body`` without the member at ``path``."""
    copied = copy.deepcopy(body)
    parent, member = _found(copied, path)
    del parent[member]
    return copied


def with_value(body: Configuration, path: str, value: object) -> Configuration:
    """``body`` with another value of the member at ``path``."""
    copied = copy.deepcopy(body)
    parent, member = _found(copied, path)
    parent[member] = value
    return copied


def expect_configuration(answer: Answer, body: Mapping[str, Any]) -> None:
    """The answer has every member of the configuration ``body``, as it was sent."""
    document = answer.json()
    for member, value in body.items():
        assert document.get(member) == value, f"{member} is {document.get(member)!r}, not {value!r}"


def _found(body: Configuration, path: str) -> tuple[Configuration, str]:
    *parents, member = path.split(".")
    for parent in parents:
        body = body[parent]
    return body, member
