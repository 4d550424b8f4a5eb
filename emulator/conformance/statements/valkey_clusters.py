"""Statements of the Valkey cluster HTTP API."""

from __future__ import annotations

from .document import Document
from .reasons import FAILURE

_NO_FAILED_CREATION = "No request makes the creation of a cluster fail on purpose."

_CALLS = "Valkey cluster HTTP API"
_CLIENT = "What a known client does"

VALKEY = Document("VALKEY", "Valkey cluster API of 2026-08-22", (_CALLS, _CLIENT))

_GENERAL = VALKEY.states(
    _CALLS,
    {
        "VALKEY-GENERAL-01": "Cluster calls take the same Authorization header as stores.",
        "VALKEY-GENERAL-02": "Errors have the form of the object store API's errors.",
        "VALKEY-GENERAL-03": "The cluster calls are the same in every API revision.",
    },
)

_CREATE = (
    *VALKEY.states(
        _CALLS,
        {
            "VALKEY-CREATE-01": "Creating a cluster answers 202.",
            "VALKEY-CREATE-02": "A created cluster becomes Active in Describe.",
            "VALKEY-CREATE-03": "A wrong body answers 400, Invalid cluster configuration.",
            "VALKEY-CREATE-04": "Creating without a valid key answers 401.",
            "VALKEY-CREATE-05": "Creating with a key that lacks the permission answers 403.",
        },
    ),
    *VALKEY.states(
        _CALLS,
        {"VALKEY-CREATE-06": "A failure inside the service while creating answers 500."},
        not_shown=FAILURE,
    ),
)

_LIST = (
    *VALKEY.states(
        _CALLS,
        {
            "VALKEY-LIST-01": "Listing answers 200 with the clusters' names and no other member.",
            "VALKEY-LIST-02": "Listing without a valid key answers 401.",
        },
    ),
    *VALKEY.states(
        _CALLS,
        {"VALKEY-LIST-03": "A failure inside the service while listing answers 500."},
        not_shown=FAILURE,
    ),
)

_DESCRIBE = (
    *VALKEY.states(
        _CALLS,
        {
            "VALKEY-DESCRIBE-01": "Describing answers 200 with the configuration and its status.",
            "VALKEY-DESCRIBE-02": "Describing without a valid key answers 401.",
            "VALKEY-DESCRIBE-03": "Describing a cluster that does not exist answers 404.",
        },
    ),
    *VALKEY.states(
        _CALLS,
        {"VALKEY-DESCRIBE-04": "A failure inside the service while describing answers 500."},
        not_shown=FAILURE,
    ),
)

_DELETE = (
    *VALKEY.states(
        _CALLS,
        {
            "VALKEY-DELETE-01": "Deleting a cluster answers 202.",
            "VALKEY-DELETE-02": "Deleting without a valid key answers 401.",
        },
    ),
    *VALKEY.states(
        _CALLS,
        {"VALKEY-DELETE-03": "A failure inside the service while deleting answers 500."},
        not_shown=FAILURE,
    ),
)

_GROUP = (
    *VALKEY.states(
        _CALLS,
        {
            "VALKEY-GROUP-01": "Changing the replication group answers 202.",
            "VALKEY-GROUP-02": "A wrong change of the replication group answers 400.",
            "VALKEY-GROUP-03": "Changing the replication group without a valid key answers 401.",
        },
    ),
    *VALKEY.states(
        _CALLS,
        {"VALKEY-GROUP-04": "A failure inside the service while changing the group answers 500."},
        not_shown=FAILURE,
    ),
    *VALKEY.states(
        _CALLS,
        {
            "VALKEY-GROUP-05": "node_instance_type may be left out.",
            "VALKEY-GROUP-06": "enforce_shard_multi_az may be left out.",
        },
    ),
)

_SHARDS = (
    *VALKEY.states(
        _CALLS,
        {
            "VALKEY-SHARDS-01": "Changing the number of shards answers 202.",
            "VALKEY-SHARDS-02": "A lower shard_count without shards_to_remove answers 400.",
            "VALKEY-SHARDS-03": "shard_placements places the new shards.",
            "VALKEY-SHARDS-04": "Changing the shards without a valid key answers 401.",
        },
    ),
    *VALKEY.states(
        _CALLS,
        {"VALKEY-SHARDS-05": "A failure inside the service while changing shards answers 500."},
        not_shown=FAILURE,
    ),
    *VALKEY.states(
        _CALLS,
        {
            "VALKEY-SHARDS-06": "shards_to_remove names the shards that go, by their indexes.",
            "VALKEY-SHARDS-07": "A wrong change of the shards answers 400.",
        },
    ),
)

_REPLICAS = (
    *VALKEY.states(
        _CALLS,
        {
            "VALKEY-REPLICAS-01": "Increasing the replica count answers 202.",
            "VALKEY-REPLICAS-02": "Decreasing the replica count answers 202.",
            "VALKEY-REPLICAS-03": "A wrong change of the replica count, either way, answers 400.",
            "VALKEY-REPLICAS-04": "Either change without a valid key answers 401.",
        },
    ),
    *VALKEY.states(
        _CALLS,
        {"VALKEY-REPLICAS-05": "A failure inside the service in either change answers 500."},
        not_shown=FAILURE,
    ),
    *VALKEY.states(
        _CALLS,
        {
            "VALKEY-REPLICAS-06": "replication_factor is the new count, and is required.",
            "VALKEY-REPLICAS-07": "shard_placements may be given with either change.",
        },
    ),
)

_BODY = VALKEY.states(
    _CALLS,
    {
        "VALKEY-BODY-01": "name is required and URL-safe.",
        "VALKEY-BODY-02": "node_instance_type is required and a string.",
        "VALKEY-BODY-03": "shard_count is required and an integer.",
        "VALKEY-BODY-04": "replication_factor is required and counts the replicas of a shard.",
        "VALKEY-BODY-05": "enforce_shard_multi_az is required and a boolean.",
        "VALKEY-BODY-06": "shard_placements may be left out; the service then chooses them.",
        "VALKEY-BODY-07": "A placement has shard_index from 0, a zone and its replicas' zones.",
        "VALKEY-BODY-08": "Every body needs Content-Type application/json.",
    },
)

_KNOWN_CLIENT = (
    *VALKEY.states(
        _CLIENT,
        {
            "VALKEY-CLIENT-01": "A changed cluster becomes Active again.",
            "VALKEY-CLIENT-02": "A deleted cluster answers 404 in the end.",
            "VALKEY-CLIENT-03": "Describe has a placement for each shard.",
            "VALKEY-CLIENT-04": "A placement has as many replicas' zones as replication_factor.",
        },
    ),
    *VALKEY.states(
        _CLIENT,
        {
            "VALKEY-CLIENT-05": "A cluster that cannot be created has the status CreationFailed.",
            "VALKEY-CLIENT-06": "errors of a description is a list of texts.",
        },
        not_shown=_NO_FAILED_CREATION,
    ),
)

STATEMENTS = (
    *_GENERAL,
    *_CREATE,
    *_LIST,
    *_DESCRIBE,
    *_DELETE,
    *_GROUP,
    *_SHARDS,
    *_REPLICAS,
    *_BODY,
    *_KNOWN_CLIENT,
)
