"""Examples of requests and answers, those of the API's reference where it has one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.auth.system_roles import VIEWER

STORE_NAME = "my-store"
KEY = "images/logo.png"
CLUSTER_NAME = "my-valkey-cluster"
ROLE_ARN = "arn:aws:iam::123456789012:role/MomentoObjectStoreRole"
TTL_SECONDS = 3600

STORE_CONFIGURATION: Mapping[str, Any] = {
    "storage_config": {
        "s3": {
            "bucket_name": "my-s3-bucket",
            "prefix": "optional/prefix/path",
            "iam_role_arn": ROLE_ARN,
        }
    },
    "cache_config": {"valkey_cluster": {"cluster_name": CLUSTER_NAME}},
}

LATER_STORE_MEMBERS: Mapping[str, Any] = {
    "access_logging_config": {
        "cloudwatch": {
            "log_group_name": "/aws/objectstore/my-store",
            "iam_role_arn": "arn:aws:iam::123456789012:role/MomentoAccessLogRole",
            "region": "us-east-1",
        }
    },
    "metrics_config": {
        "cloudwatch": {
            "iam_role_arn": "arn:aws:iam::123456789012:role/MomentoMetricsRole",
            "region": "us-east-1",
        }
    },
    "object_store_limits": {
        "read_operations_per_second": 100,
        "write_operations_per_second": 100,
        "read_bytes_per_second": 1_048_576,
        "write_bytes_per_second": 1_048_576,
    },
}
"""The members of a store's configuration that not every revision has."""

STORES: Mapping[str, Any] = {"object_stores": [{"name": STORE_NAME}, {"name": "another-store"}]}

ROUTERS: Mapping[str, Any] = {"use1-az1": [{"socket_address": "127.0.0.1:8080"}]}

CLUSTER: Mapping[str, Any] = {
    "name": CLUSTER_NAME,
    "node_instance_type": "cache.m6g.large",
    "shard_count": 1,
    "replication_factor": 1,
    "enforce_shard_multi_az": True,
    "shard_placements": [
        {
            "shard_index": 0,
            "availability_zone": "use1-az1",
            "replica_availability_zones": ["use1-az2"],
        }
    ],
}
CLUSTERS: Mapping[str, Any] = {"clusters": [{"name": CLUSTER_NAME}]}

KEY_DEFINITION: Mapping[str, Any] = {
    "role_id": VIEWER.role_id,
    "description": "for dashboards",
    "expiry": 1_900_000_000,
}
KEY_INFO: Mapping[str, Any] = {
    "key_id": "b2f7c1",
    "account_id": "emulator",
    "description": "for dashboards",
    "role_id": VIEWER.role_id,
    "expires_at_epoch_seconds": 1_900_000_000,
    "issued_at_epoch_seconds": 1_800_000_000,
}

PERMISSIONS: Mapping[str, Any] = {
    "rules": [
        {
            "type": "store",
            "permissions": ["read"],
            "stores": {"name": STORE_NAME},
            "items": {"key_prefix": "images/"},
        }
    ],
    "conditions": [{"ip_filter": {"allowed_cidr_ranges": ["10.0.0.0/8", "2001:db8::/32"]}}],
}
ROLE_DEFINITION: Mapping[str, Any] = {
    "role_name": "Image reader",
    "description": "reads images",
    "permissions": PERMISSIONS,
}
ROLE: Mapping[str, Any] = {
    "role_id": "r-1",
    "role_type": "custom",
    **ROLE_DEFINITION,
}
MEMBER: Mapping[str, Any] = {
    "user_name": "owner@example.com",
    "role_id": "owner",
    "role_name": "Owner",
}
INVITATION: Mapping[str, Any] = {
    "id": "i-1",
    "account_member": {
        "user_name": "new@example.com",
        "role_id": VIEWER.role_id,
        "role_name": VIEWER.role_name,
    },
}
BLOCKED: Mapping[str, Any] = {
    "status": "blocked",
    "account_members": [],
    "invitations": [],
    "api_keys": [KEY_INFO],
}
TOKEN_DEFINITION: Mapping[str, Any] = {"permissions": PERMISSIONS, "expires_in_seconds": 3600}
