"""The operations of the service, with the errors that the reference documents for each.

Paths, features of revisions and permissions are in the tables of the code that serves them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from emulator.auth import access
from emulator.core.permission_set import Access
from emulator.core.routes import Resource
from emulator.openapi import examples
from emulator.openapi.responses import CLUSTER_NOT_FOUND, OBJECT_NOT_FOUND, STORE_NOT_FOUND

OBJECTS, STORES, CLUSTERS, AUTH, ACCOUNT, EMULATOR = (
    "Objects",
    "Object stores",
    "Valkey clusters",
    "API keys and roles",
    "Account membership",
    "Emulator",
)

TAGS: Mapping[str, str] = {
    OBJECTS: "The data plane: objects of a store.",
    STORES: "The control plane: stores, and the addresses of the service.",
    CLUSTERS: "The control plane of the clusters that stores name.",
    AUTH: "The Auth APIs.",
    ACCOUNT: "What Momento's console does; only an emulator has these paths.",
    EMULATOR: "What only an emulator has.",
}


class Shape(NamedTuple):
    """A JSON document: the name of its schema, and examples by name."""

    schema: str
    examples: Mapping[str, Any] = {}


class ServiceOperation(NamedTuple):
    """An operation of the service.

    Args:
        name: its name in the reference, the journal and fault rules.
        resource: what its path names.
        method: the method of its request.
        tag: the group that it belongs to.
        summary: what it does, in one line.
        answers: the documents of its successes by status; None for no body.
        documented: the error statuses that the reference lists.
        own: further error statuses, which decisions of docs/fidelity.md add.
        access: the permission that it needs; None where none suffices, or any key does.
        body: the JSON document of its request.
        query: the names of its parameters in the query.
        headers: those of its headers.
        not_found: the fixed messages of its 404.
        description: more than the summary says.
    """

    name: str
    resource: Resource
    method: str
    tag: str
    summary: str
    answers: Mapping[int, Shape | None]
    documented: Sequence[int]
    own: Sequence[int] = ()
    access: Access | None = None
    body: Shape | None = None
    query: Sequence[str] = ()
    headers: Sequence[str] = ()
    not_found: Sequence[str] = ()
    description: str = ""


def _change_of_cluster(name: str, resource: Resource, summary: str, body: Shape) -> Any:
    return ServiceOperation(
        name,
        resource,
        "POST",
        CLUSTERS,
        summary,
        {202: Shape("Cluster", {"updating": {**examples.CLUSTER, "status": "Updating"}})},
        (400, 401, 500),
        (403, 404),
        access.CHANGE_CLUSTER,
        body,
        not_found=(CLUSTER_NOT_FOUND,),
    )


_STORE = Shape("Store", {"store": {"name": examples.STORE_NAME, **examples.STORE_CONFIGURATION}})
_NEW_KEY = Shape(
    "NewApiKey", {"created": {"api_key": "eyJhbGciOi…", "key_info": examples.KEY_INFO}}
)
_ROLE = Shape("Role", {"role": examples.ROLE})
_ROLE_DEFINITION = Shape("RoleDefinition", {"role": examples.ROLE_DEFINITION})
_MEMBER = Shape("Member", {"member": examples.MEMBER})
_INVITATION = Shape("Invitation", {"invitation": examples.INVITATION})
_NOTHING = Shape("Nothing", {"nothing": {}})
_REPLICAS = Shape("ReplicaChange", {"two": {"replication_factor": 2}})

SERVICE_OPERATIONS: tuple[ServiceOperation, ...] = (
    ServiceOperation(
        "GetObject",
        Resource.OBJECT,
        "GET",
        OBJECTS,
        "Retrieve an object",
        {200: None},
        (400, 401, 403, 404, 429, 500),
        access=access.GET_OBJECT,
        headers=("read-concern",),
        not_found=(OBJECT_NOT_FOUND, STORE_NOT_FOUND),
        description="The stored metadata comes back as headers, without the prefix `mo-meta-`.",
    ),
    ServiceOperation(
        "PutObject",
        Resource.OBJECT,
        "PUT",
        OBJECTS,
        "Store an object",
        {204: None},
        (400, 401, 403, 404, 429, 500),
        access=access.PUT_OBJECT,
        query=("ttl_seconds",),
        headers=("mo-meta-content-type", "mo-meta-cache-control", "mo-persistence"),
        not_found=(STORE_NOT_FOUND,),
        description="It replaces body, metadata, tags and time to live of an object of this key.",
    ),
    ServiceOperation(
        "DeleteObject",
        Resource.OBJECT,
        "DELETE",
        OBJECTS,
        "Delete an object, whether it is there or not",
        {204: None},
        (401, 403, 404, 429, 500),
        (400,),
        access.DELETE_OBJECT,
        not_found=(STORE_NOT_FOUND,),
    ),
    ServiceOperation(
        "PreflightObject",
        Resource.OBJECT,
        "OPTIONS",
        OBJECTS,
        "Ask what a page of another origin may do",
        {204: None},
        (),
    ),
    ServiceOperation(
        "ListObjectStores",
        Resource.STORES,
        "GET",
        STORES,
        "List the object stores of the account",
        {200: Shape("Stores", {"stores": examples.STORES})},
        (401, 500),
        (403,),
        access.LIST_STORES,
    ),
    ServiceOperation(
        "CreateOrUpdateObjectStore",
        Resource.STORE,
        "PUT",
        STORES,
        "Create an object store, or update it",
        {201: _STORE, 200: _STORE},
        (400, 401, 403, 500),
        (429,),
        access.CHANGE_STORE,
        Shape("StoreConfiguration", {"store": examples.STORE_CONFIGURATION}),
    ),
    ServiceOperation(
        "DescribeObjectStore",
        Resource.STORE,
        "GET",
        STORES,
        "Describe an object store",
        {200: _STORE},
        (401, 404, 500),
        (400, 403),
        access.DESCRIBE_STORE,
        not_found=(STORE_NOT_FOUND,),
    ),
    ServiceOperation(
        "DeleteObjectStore",
        Resource.STORE,
        "DELETE",
        STORES,
        "Delete an object store; its objects stay in the bucket",
        {204: None},
        (401, 404, 500),
        (400, 403),
        access.CHANGE_STORE,
        not_found=(STORE_NOT_FOUND,),
    ),
    ServiceOperation(
        "ListEndpoints",
        Resource.ENDPOINTS,
        "GET",
        STORES,
        "List the addresses of the service by availability zone",
        {200: Shape("Routers", {"one": examples.ROUTERS})},
        (),
        (400, 401, 403, 500),
    ),
    ServiceOperation(
        "ListValkeyClusters",
        Resource.CLUSTERS,
        "GET",
        CLUSTERS,
        "List the Valkey clusters of the account",
        {200: Shape("Clusters", {"clusters": examples.CLUSTERS})},
        (401, 500),
        (403,),
        access.LIST_CLUSTERS,
    ),
    ServiceOperation(
        "CreateValkeyCluster",
        Resource.CLUSTERS,
        "POST",
        CLUSTERS,
        "Create a Valkey cluster, which becomes active later",
        {202: Shape("Cluster", {"creating": {**examples.CLUSTER, "status": "Creating"}})},
        (400, 401, 403, 500),
        access=access.CHANGE_CLUSTER,
        body=Shape("ClusterConfiguration", {"cluster": examples.CLUSTER}),
    ),
    ServiceOperation(
        "DescribeValkeyCluster",
        Resource.CLUSTER,
        "GET",
        CLUSTERS,
        "Describe a Valkey cluster",
        {200: Shape("Cluster", {"active": {**examples.CLUSTER, "status": "Active"}})},
        (401, 404, 500),
        (400, 403),
        access.DESCRIBE_CLUSTER,
        not_found=(CLUSTER_NOT_FOUND,),
    ),
    ServiceOperation(
        "DeleteValkeyCluster",
        Resource.CLUSTER,
        "DELETE",
        CLUSTERS,
        "Delete a Valkey cluster",
        {202: Shape("Cluster", {"deleting": {**examples.CLUSTER, "status": "Deleting"}})},
        (401, 500),
        (400, 403, 404),
        access.CHANGE_CLUSTER,
        not_found=(CLUSTER_NOT_FOUND,),
    ),
    _change_of_cluster(
        "UpdateReplicationGroup",
        Resource.REPLICATION_GROUP,
        "Change the nodes of a Valkey cluster",
        Shape("ReplicationGroupChange", {"larger": {"node_instance_type": "cache.m6g.xlarge"}}),
    ),
    _change_of_cluster(
        "UpdateShardConfiguration",
        Resource.SHARD_CONFIGURATION,
        "Add shards to a Valkey cluster, or remove some",
        Shape("ShardChange", {"two": {"shard_count": 2}}),
    ),
    _change_of_cluster(
        "IncreaseReplicaCount",
        Resource.MORE_REPLICAS,
        "Add replicas to the shards of a Valkey cluster",
        _REPLICAS,
    ),
    _change_of_cluster(
        "DecreaseReplicaCount",
        Resource.FEWER_REPLICAS,
        "Remove replicas from the shards of a Valkey cluster",
        _REPLICAS,
    ),
    ServiceOperation(
        "CreateApiKey",
        Resource.API_KEYS,
        "POST",
        AUTH,
        "Create an API key",
        {200: _NEW_KEY},
        (400, 401, 403, 404, 429, 500),
        access=access.CHANGE_CREDENTIALS,
        body=Shape("ApiKeyDefinition", {"key": examples.KEY_DEFINITION}),
    ),
    ServiceOperation(
        "ListApiKeys",
        Resource.API_KEYS,
        "GET",
        AUTH,
        "List the API keys that are active",
        {200: Shape("ApiKeyPage", {"keys": {"key_info": [examples.KEY_INFO]}})},
        (400, 401, 403, 429, 500),
        access=access.LIST_CREDENTIALS,
        query=("limit", "next_token"),
    ),
    ServiceOperation(
        "RevokeApiKey",
        Resource.API_KEY,
        "DELETE",
        AUTH,
        "Revoke an API key; it stops authenticating at once",
        {200: _NOTHING},
        (401, 403, 404, 429, 500),
        (400,),
        access.CHANGE_CREDENTIALS,
    ),
    ServiceOperation(
        "ListRoles",
        Resource.ROLES,
        "GET",
        AUTH,
        "List the roles",
        {200: Shape("RolePage", {"roles": {"roles": [examples.ROLE]}})},
        (400, 401, 403, 429, 500),
        access=access.LIST_CREDENTIALS,
        query=("limit", "next_token", "type"),
    ),
    ServiceOperation(
        "CreateRole",
        Resource.ROLES,
        "POST",
        AUTH,
        "Create a custom role",
        {200: _ROLE},
        (400, 401, 403, 409, 429, 500),
        access=access.CHANGE_CREDENTIALS,
        body=_ROLE_DEFINITION,
    ),
    ServiceOperation(
        "ReplaceRole",
        Resource.ROLE,
        "PUT",
        AUTH,
        "Replace a custom role; a missing description leaves the old one",
        {200: _ROLE},
        (400, 401, 403, 404, 412, 429, 500),
        (409,),
        access.CHANGE_CREDENTIALS,
        _ROLE_DEFINITION,
    ),
    ServiceOperation(
        "DeleteRole",
        Resource.ROLE,
        "DELETE",
        AUTH,
        "Delete a custom role, or say who still uses it",
        {
            200: Shape(
                "RoleDeletion", {"deleted": {"status": "deleted"}, "blocked": examples.BLOCKED}
            )
        },
        (401, 403, 404, 412, 429, 500),
        (400,),
        access.CHANGE_CREDENTIALS,
    ),
    ServiceOperation(
        "CreateApiKeyOfEitherVersion",
        Resource.KEYS_OF_EITHER_VERSION,
        "POST",
        ACCOUNT,
        "Create an API key of either version, with a time to live",
        {200: _NEW_KEY},
        (),
        (400, 401, 403, 404, 429, 500),
        access.CHANGE_CREDENTIALS,
        Shape("ApiKeyOfEitherVersion", {"v1": {"role": "Viewer", "v1": True}}),
    ),
    ServiceOperation(
        "CreateDisposableToken",
        Resource.TOKENS,
        "POST",
        ACCOUNT,
        "Create a disposable token",
        {
            200: Shape(
                "NewToken",
                {
                    "created": {
                        "token": "eyJlbmRwb2ludCI6…",
                        "token_id": "t-1",
                        "expires_at_epoch_seconds": 1_900_000_000,
                    }
                },
            )
        },
        (),
        (400, 401, 403, 429, 500),
        access.CHANGE_CREDENTIALS,
        Shape("TokenDefinition", {"token": examples.TOKEN_DEFINITION}),
    ),
    ServiceOperation(
        "ListMembers",
        Resource.MEMBERS,
        "GET",
        ACCOUNT,
        "List the members of the account",
        {200: Shape("Members", {"members": {"account_members": [examples.MEMBER]}})},
        (),
        (400, 401, 403, 500),
        access.LIST_MEMBERS,
        headers=("Momento-Emulator-Member",),
    ),
    ServiceOperation(
        "AcceptInvitation",
        Resource.MEMBERS,
        "POST",
        ACCOUNT,
        "Make an invited person a member",
        {200: _MEMBER},
        (),
        (400, 401, 403, 404, 409, 500),
        body=Shape("Acceptance", {"invitation": {"invitation_id": "i-1"}}),
        headers=("Momento-Emulator-Member",),
    ),
    ServiceOperation(
        "ChangeMember",
        Resource.MEMBER,
        "PUT",
        ACCOUNT,
        "Give a member another role",
        {200: _MEMBER},
        (),
        (400, 401, 403, 404, 412, 500),
        body=Shape("MemberChange", {"operator": {"role_id": "operator"}}),
        headers=("Momento-Emulator-Member",),
    ),
    ServiceOperation(
        "RemoveMember",
        Resource.MEMBER,
        "DELETE",
        ACCOUNT,
        "Remove a member",
        {200: _NOTHING},
        (),
        (400, 401, 403, 404, 412, 500),
        headers=("Momento-Emulator-Member",),
    ),
    ServiceOperation(
        "ListInvitations",
        Resource.INVITATIONS,
        "GET",
        ACCOUNT,
        "List the open invitations",
        {200: Shape("Invitations", {"invitations": {"invitations": [examples.INVITATION]}})},
        (),
        (400, 401, 403, 500),
        access.LIST_MEMBERS,
        headers=("Momento-Emulator-Member",),
    ),
    ServiceOperation(
        "InviteMember",
        Resource.INVITATIONS,
        "POST",
        ACCOUNT,
        "Invite a person, by default with the role Viewer",
        {200: _INVITATION},
        (),
        (400, 401, 403, 409, 500),
        body=Shape("InvitationDefinition", {"viewer": {"user_name": "new@example.com"}}),
        headers=("Momento-Emulator-Member",),
    ),
    ServiceOperation(
        "RevokeInvitation",
        Resource.INVITATION,
        "DELETE",
        ACCOUNT,
        "Revoke an invitation",
        {200: _NOTHING},
        (),
        (400, 401, 403, 404, 500),
        headers=("Momento-Emulator-Member",),
    ),
    ServiceOperation(
        "Health",
        Resource.HEALTH,
        "GET",
        EMULATOR,
        "Tell whether the emulator works, with the state of each tier",
        {200: Shape("Health")},
        (),
        (403, 500),
    ),
)
"""Every operation of the latest revision. HEAD is GET without a body (D17)."""
