"""Parse and describe the configuration of a Valkey cluster, as JSON."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from emulator.core.documents import as_object, invalid, items, member, text, whole_number
from emulator.core.model import Cluster, ShardPlacement
from emulator.service.names import check_cluster_name

ACTIVE = "Active"
CREATION_FAILED = "CreationFailed"
CREATING, UPDATING, DELETING = "Creating", "Updating", "Deleting"
CHANGES = ("", CREATING, UPDATING, DELETING)
"""What can be under way (D134)."""

MAX_SHARDS = 500
MAX_REPLICAS = 5
"""The most shards, and the most replicas of a shard, that a cluster can have (D137)."""

ZONES = ("use1-az1", "use1-az2", "use1-az4")
"""The availability zones that the emulator places shards in (D137)."""


class ShardChange(NamedTuple):
    """A change of the number of shards: the indexes of those removed, and those added."""

    shard_count: int
    removed: frozenset[int]
    added: tuple[ShardPlacement, ...]


class ReplicaChange(NamedTuple):
    """A change of the number of replicas. ``placements`` are those of some shards, or empty."""

    replication_factor: int
    placements: tuple[ShardPlacement, ...]


class GroupChange(NamedTuple):
    """A change of the nodes: None leaves a member as it is."""

    node_instance_type: str | None
    enforce_shard_multi_az: bool | None


def parse_cluster(document: object, *, may_have_gaps: bool = False) -> Cluster:
    """Parse the body of Create. Members that the reference does not know are ignored (D12).

    Args:
        document: the body.
        may_have_gaps: whether numbers of shards may be missing, as after a removal (D137).

    Raises:
        BadRequestError: a member is missing or not valid. The message names it.
    """
    body = as_object(document, "request body")
    name = text(member(body, "name"), "name")
    check_cluster_name(name)
    shards = _within(body, "shard_count", 1, MAX_SHARDS)
    replicas = _replicas(body)
    cluster = Cluster(
        name=name,
        node_instance_type=text(member(body, "node_instance_type"), "node_instance_type"),
        shard_count=shards,
        replication_factor=replicas,
        enforce_shard_multi_az=_boolean(body, "enforce_shard_multi_az"),
        shard_placements=tuple(placed(index, replicas) for index in range(shards)),
    )
    given = _placements(body, None if may_have_gaps else range(shards), replicas)
    if given:
        _require_all(given, shards)
        cluster = replace(cluster, shard_placements=in_order(given))
    require_zones(cluster)
    return cluster


def parse_group_change(document: object) -> GroupChange:
    """Parse the body of a change of the replication group.

    Raises:
        BadRequestError: a member is not valid. The message names it.
    """
    body = as_object(document, "request body")
    node_type = body.get("node_instance_type")
    return GroupChange(
        None if node_type is None else text(node_type, "node_instance_type"),
        None
        if body.get("enforce_shard_multi_az") is None
        else _boolean(body, "enforce_shard_multi_az"),
    )


def parse_shard_change(document: object, cluster: Cluster) -> ShardChange:
    """Parse the body of a change of the number of shards of ``cluster``.

    Raises:
        BadRequestError: a member is missing or not valid. The message names it.
    """
    body = as_object(document, "request body")
    before, after = cluster.shard_count, _within(body, "shard_count", 1, MAX_SHARDS)
    removed = _removed(body, _indexes(cluster))
    if len(removed) != max(0, before - after):
        invalid(
            "shards_to_remove",
            f"to go from {before} to {after} shards, it must name {max(0, before - after)} of them",
        )
    return ShardChange(after, removed, _added(body, cluster, max(0, after - before)))


def parse_replica_change(document: object, cluster: Cluster, *, increase: bool) -> ReplicaChange:
    """Parse the body of an increase or decrease of the number of replicas of ``cluster``.

    Raises:
        BadRequestError: a member is missing or not valid. The message names it.
    """
    body = as_object(document, "request body")
    before, after = cluster.replication_factor, _replicas(body)
    if increase and after <= before:
        invalid("replication_factor", f"it must be more than the present {before}")
    if not increase and after >= before:
        invalid("replication_factor", f"it must be less than the present {before}")
    return ReplicaChange(after, _placements(body, _indexes(cluster), after))


def describe(cluster: Cluster, status: str) -> dict[str, Any]:
    """Return the body of the answer to Describe. Only a failed creation has errors (D138)."""
    has_errors = cluster.errors and status == CREATION_FAILED
    errors = {"errors": list(cluster.errors)} if has_errors else {}
    return {
        "name": cluster.name,
        "node_instance_type": cluster.node_instance_type,
        "shard_count": cluster.shard_count,
        "replication_factor": cluster.replication_factor,
        "enforce_shard_multi_az": cluster.enforce_shard_multi_az,
        "shard_placements": [
            {
                "shard_index": each.shard_index,
                "availability_zone": each.availability_zone,
                "replica_availability_zones": list(each.replica_availability_zones),
            }
            for each in cluster.shard_placements
        ],
        "status": status,
        **errors,
    }


def placed(index: int, replicas: int) -> ShardPlacement:
    """The placement of a shard that the service chooses: neighbours in different zones."""
    zones = [ZONES[(index + offset) % len(ZONES)] for offset in range(replicas + 1)]
    return ShardPlacement(index, zones[0], tuple(zones[1:]))


def resized(placement: ShardPlacement, replicas: int) -> ShardPlacement:
    """Return the placement with so many replicas: the first ones stay, new ones go into the zones
    that the shard uses least."""
    zones = list(placement.replica_availability_zones[:replicas])
    while len(zones) < replicas:
        used = [placement.availability_zone, *zones]
        zones.append(min(ZONES, key=used.count))
    return replace(placement, replica_availability_zones=tuple(zones))


def with_placements(cluster: Cluster, given: Iterable[ShardPlacement]) -> Cluster:
    """Return the cluster with these placements instead of its own for the same shards."""
    chosen = {each.shard_index: each for each in given}
    return replace(
        cluster,
        shard_placements=tuple(
            chosen.get(each.shard_index, each) for each in cluster.shard_placements
        ),
    )


def in_order(placements: Iterable[ShardPlacement]) -> tuple[ShardPlacement, ...]:
    """Return the placements by the numbers of their shards."""
    return tuple(sorted(placements, key=lambda each: each.shard_index))


def require_zones(cluster: Cluster) -> None:
    """Refuse a shard with all its nodes in one zone if the cluster enforces more than one.

    Raises:
        BadRequestError: there is such a shard (D137).
    """
    if not cluster.enforce_shard_multi_az:
        return
    for each in cluster.shard_placements:
        zones = each.replica_availability_zones
        if zones and {each.availability_zone} == set(zones):
            invalid(
                "shard_placements",
                f"with enforce_shard_multi_az, shard {each.shard_index} must be in more than one "
                "availability zone",
            )


def _placements(
    body: Mapping[str, object], shards: Collection[int] | None, replicas: int
) -> tuple[ShardPlacement, ...]:
    """The placements in a body, of shards whose numbers are in ``shards``; None allows any."""
    given = body.get("shard_placements")
    if given is None:
        return ()
    found = tuple(
        _placement(as_object(value, f"shard_placements[{index}]"), f"shard_placements[{index}]")
        for index, value in enumerate(items(given, "shard_placements"))
    )
    indexes = [each.shard_index for each in found]
    for each in found:
        if each.shard_index < 0 or (shards is not None and each.shard_index not in shards):
            which = ", ".join(map(str, sorted(shards or ()))) or "none"
            invalid("shard_placements", f"shard {each.shard_index} is not to be placed: {which}")
        if len(each.replica_availability_zones) != replicas:
            invalid(
                "shard_placements",
                f"shard {each.shard_index} must have {replicas} replica_availability_zones",
            )
    if len(set(indexes)) < len(indexes):
        invalid("shard_placements", "a shard is given twice")
    return found


def _placement(body: Mapping[str, object], path: str) -> ShardPlacement:
    zones = items(
        member(body, f"{path}.replica_availability_zones"), f"{path}.replica_availability_zones"
    )
    return ShardPlacement(
        whole_number(member(body, f"{path}.shard_index"), f"{path}.shard_index"),
        text(member(body, f"{path}.availability_zone"), f"{path}.availability_zone"),
        tuple(text(zone, f"{path}.replica_availability_zones") for zone in zones),
    )


def _require_all(given: Sequence[ShardPlacement], shards: int) -> None:
    if len(given) != shards:
        invalid("shard_placements", f"it must have one entry for each of {shards} shards")


def _added(body: Mapping[str, object], cluster: Cluster, count: int) -> tuple[ShardPlacement, ...]:
    """The placements of so many new shards: those given, or in the lowest free numbers (D137)."""
    present = _indexes(cluster)
    free = [each for each in range(max(present) + 1 + count) if each not in present]
    replicas = cluster.replication_factor
    given = _placements(body, {*present, *free} if count else (), replicas)
    if not given:
        return tuple(placed(index, replicas) for index in free[:count])
    new = tuple(each for each in given if each.shard_index not in present)
    _require_all(new, count)
    _require_unmoved(given, cluster)
    return new


def _indexes(cluster: Cluster) -> Collection[int]:
    return {each.shard_index for each in cluster.shard_placements}


def _require_unmoved(given: Iterable[ShardPlacement], cluster: Cluster) -> None:
    """Refuse to move shards: the Terraform provider gives the placements of all, and those that
    exist must be where they are (D137)."""
    present = {each.shard_index: each for each in cluster.shard_placements}
    for each in given:
        if each != present.get(each.shard_index, each):
            invalid("shard_placements", f"shard {each.shard_index} exists and cannot be moved")


def _removed(body: Mapping[str, object], present: Collection[int]) -> frozenset[int]:
    value = body.get("shards_to_remove")
    if value is None:
        return frozenset()
    given = [whole_number(each, "shards_to_remove") for each in items(value, "shards_to_remove")]
    if len(set(given)) < len(given):
        invalid("shards_to_remove", "a shard is given twice")
    for each in given:
        if each not in present:
            known = ", ".join(map(str, sorted(present)))
            invalid("shards_to_remove", f"there is no shard {each}; there are {known}")
    return frozenset(given)


def _replicas(body: Mapping[str, object]) -> int:
    return _within(body, "replication_factor", 0, MAX_REPLICAS)


def _within(body: Mapping[str, object], name: str, least: int, most: int) -> int:
    number = whole_number(member(body, name), name)
    if not least <= number <= most:
        invalid(name, f"it must be at least {least} and at most {most}")
    return number


def _boolean(body: Mapping[str, object], name: str) -> bool:
    value = member(body, name)
    if not isinstance(value, bool):
        invalid(name, "it must be true or false")
    return value
