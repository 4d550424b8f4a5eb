"""A request for each operation of the service. What they ask for need not be there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from tests.contract.stores import JSON, configuration
from tests.support.raw_client import Client, Response

STORE = "/objectstore/store"
OBJECT = f"{STORE}/key"
CLUSTER = "/ec-cluster"
PERMISSIONS = {"rules": [{"type": "store", "stores": "*", "items": "*", "permissions": ["read"]}]}


class Request(NamedTuple):
    """A request that is in order."""

    method: str
    path: str
    document: object = None

    def send(self, client: Client) -> Response:
        body = None if self.document is None else json.dumps(self.document).encode()
        return client.request(self.method, self.path, headers=JSON, body=body)

    @property
    def has_code(self) -> bool:
        """Whether errors have the form of the Auth APIs here."""
        return not self.path.startswith(("/objectstore", CLUSTER))


OPERATIONS: Mapping[str, Request] = {
    "GetObject": Request("GET", OBJECT),
    "PutObject": Request("PUT", OBJECT, "body"),
    "CreateOrUpdateObjectStore": Request("PUT", STORE, configuration(bucket="bucket")),
    "DescribeObjectStore": Request("GET", STORE),
    "DeleteObjectStore": Request("DELETE", STORE),
    "ListObjectStores": Request("GET", "/objectstore"),
    "CreateApiKey": Request(
        "POST", "/api-keys", {"role_id": "viewer", "description": "", "expiry": "never"}
    ),
    "ListApiKeys": Request("GET", "/api-keys"),
    "RevokeApiKey": Request("DELETE", "/api-keys/some"),
    "CreateRole": Request("POST", "/roles", {"role_name": "custom", "permissions": PERMISSIONS}),
    "ListRoles": Request("GET", "/roles"),
    "ReplaceRole": Request(
        "PUT", "/roles/some", {"role_name": "custom", "permissions": PERMISSIONS}
    ),
    "DeleteRole": Request("DELETE", "/roles/some"),
    "CreateApiKeyOfEitherVersion": Request("POST", "/_emulator/api-keys", {"role": "viewer"}),
    "CreateDisposableToken": Request(
        "POST", "/_emulator/tokens", {"permissions": PERMISSIONS, "expires_in_seconds": 60}
    ),
    "ListMembers": Request("GET", "/_emulator/account/members"),
    "AcceptInvitation": Request("POST", "/_emulator/account/members", {"invitation_id": "some"}),
    "ChangeMember": Request("PUT", "/_emulator/account/members/some", {"role_id": "viewer"}),
    "RemoveMember": Request("DELETE", "/_emulator/account/members/some"),
    "ListInvitations": Request("GET", "/_emulator/account/invitations"),
    "InviteMember": Request("POST", "/_emulator/account/invitations", {"user_name": "a@b.c"}),
    "RevokeInvitation": Request("DELETE", "/_emulator/account/invitations/some"),
    "CreateValkeyCluster": Request(
        "POST",
        CLUSTER,
        {
            "name": "cluster",
            "node_instance_type": "cache.m6g.large",
            "shard_count": 1,
            "replication_factor": 1,
            "enforce_shard_multi_az": True,
        },
    ),
    "ListValkeyClusters": Request("GET", CLUSTER),
    "DescribeValkeyCluster": Request("GET", f"{CLUSTER}/some"),
    "DeleteValkeyCluster": Request("DELETE", f"{CLUSTER}/some"),
    "UpdateReplicationGroup": Request("POST", f"{CLUSTER}/some/replication-group", {}),
    "UpdateShardConfiguration": Request(
        "POST", f"{CLUSTER}/some/shard-configuration", {"shard_count": 2}
    ),
    "IncreaseReplicaCount": Request(
        "POST", f"{CLUSTER}/some/increase-replica-count", {"replication_factor": 2}
    ),
    "DecreaseReplicaCount": Request(
        "POST", f"{CLUSTER}/some/decrease-replica-count", {"replication_factor": 0}
    ),
}
