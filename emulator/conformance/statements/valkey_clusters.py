"""Statements of the Valkey cluster HTTP API."""

from __future__ import annotations

from .statement import Statement

_CALLS = "valkey-clusters.md, calls"
_BODY = "valkey-clusters.md, Create's body"
_COSTS = "No request provokes a server error on purpose."

STATEMENTS = (
    Statement(
        "VALKEY-GENERAL-01",
        "Cluster calls take the same Authorization header as stores.",
        "valkey-clusters.md, introduction",
    ),
    Statement(
        "VALKEY-GENERAL-02",
        "Errors have the form of the object store API's errors.",
        "valkey-clusters.md, introduction",
    ),
    Statement(
        "VALKEY-GENERAL-03",
        "The cluster calls are the same in every API revision.",
        "valkey-clusters.md, introduction",
    ),
    Statement("VALKEY-CREATE-01", "Creating a cluster answers 202.", _CALLS),
    Statement("VALKEY-CREATE-02", "A created cluster becomes Active in Describe.", _CALLS),
    Statement("VALKEY-CREATE-03", "An invalid cluster configuration answers 400.", _CALLS),
    Statement("VALKEY-CREATE-04", "Creating without a valid key answers 401.", _CALLS),
    Statement(
        "VALKEY-CREATE-05", "Creating with a key that lacks the permission answers 403.", _CALLS
    ),
    Statement(
        "VALKEY-CREATE-06",
        "A failure inside the service while creating answers 500.",
        _CALLS,
        not_shown=_COSTS,
    ),
    Statement(
        "VALKEY-LIST-01",
        "Listing answers 200 with the clusters' names and no other member.",
        _CALLS,
    ),
    Statement("VALKEY-LIST-02", "Listing without a valid key answers 401.", _CALLS),
    Statement(
        "VALKEY-LIST-03",
        "A failure inside the service while listing answers 500.",
        _CALLS,
        not_shown=_COSTS,
    ),
    Statement(
        "VALKEY-DESCRIBE-01",
        "Describing answers 200 with the configuration and its status.",
        _CALLS,
    ),
    Statement("VALKEY-DESCRIBE-02", "Describing without a valid key answers 401.", _CALLS),
    Statement(
        "VALKEY-DESCRIBE-03", "Describing a cluster that does not exist answers 404.", _CALLS
    ),
    Statement(
        "VALKEY-DESCRIBE-04",
        "A failure inside the service while describing answers 500.",
        _CALLS,
        not_shown=_COSTS,
    ),
    Statement("VALKEY-DELETE-01", "Deleting a cluster answers 202.", _CALLS),
    Statement("VALKEY-DELETE-02", "Deleting without a valid key answers 401.", _CALLS),
    Statement(
        "VALKEY-DELETE-03",
        "A failure inside the service while deleting answers 500.",
        _CALLS,
        not_shown=_COSTS,
    ),
    Statement(
        "VALKEY-GROUP-01",
        "Changing the replication group answers 202; both members may be left out.",
        _CALLS,
    ),
    Statement(
        "VALKEY-GROUP-02", "A malformed change of the replication group answers 400.", _CALLS
    ),
    Statement(
        "VALKEY-GROUP-03", "Changing the replication group without a valid key answers 401.", _CALLS
    ),
    Statement(
        "VALKEY-GROUP-04",
        "A failure inside the service while changing the group answers 500.",
        _CALLS,
        not_shown=_COSTS,
    ),
    Statement("VALKEY-SHARDS-01", "Changing the number of shards answers 202.", _CALLS),
    Statement(
        "VALKEY-SHARDS-02", "A lower shard_count without shards_to_remove answers 400.", _CALLS
    ),
    Statement("VALKEY-SHARDS-03", "shard_placements places the new shards.", _CALLS),
    Statement("VALKEY-SHARDS-04", "Changing the shards without a valid key answers 401.", _CALLS),
    Statement(
        "VALKEY-SHARDS-05",
        "A failure inside the service while changing the shards answers 500.",
        _CALLS,
        not_shown=_COSTS,
    ),
    Statement("VALKEY-REPLICAS-01", "Increasing the replica count answers 202.", _CALLS),
    Statement("VALKEY-REPLICAS-02", "Decreasing the replica count answers 202.", _CALLS),
    Statement("VALKEY-REPLICAS-03", "A malformed change of the replica count answers 400.", _CALLS),
    Statement(
        "VALKEY-REPLICAS-04", "Changing the replica count without a valid key answers 401.", _CALLS
    ),
    Statement(
        "VALKEY-REPLICAS-05",
        "A failure inside the service while changing replicas answers 500.",
        _CALLS,
        not_shown=_COSTS,
    ),
    Statement("VALKEY-BODY-01", "name is required and URL-safe.", _BODY),
    Statement("VALKEY-BODY-02", "node_instance_type is required and a string.", _BODY),
    Statement("VALKEY-BODY-03", "shard_count is required and an integer.", _BODY),
    Statement(
        "VALKEY-BODY-04",
        "replication_factor is required and counts the replicas of a shard.",
        _BODY,
    ),
    Statement("VALKEY-BODY-05", "enforce_shard_multi_az is required and a boolean.", _BODY),
    Statement(
        "VALKEY-BODY-06", "shard_placements may be left out; the service then chooses them.", _BODY
    ),
    Statement(
        "VALKEY-BODY-07",
        "A placement has shard_index from 0, a zone and its replicas' zones.",
        _BODY,
    ),
    Statement("VALKEY-BODY-08", "Every body needs Content-Type application/json.", _BODY),
)
