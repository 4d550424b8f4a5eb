"""``clusters``: the Valkey clusters of the account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.commands.control import Answer, Handwritten, commands, quiet_list, quiet_member
from emulator.commands.output import facts, table


def _list(answer: Answer) -> str:
    clusters = answer.document["clusters"]
    if not clusters:
        return "There are no clusters."
    members = ("name", "status", "node_instance_type", "shard_count", "replication_factor")
    rows = [[str(cluster.get(name, "")) for name in members] for cluster in clusters]
    return table(("NAME", "STATUS", "NODES", "SHARDS", "REPLICAS"), rows)


def _show(answer: Answer) -> str:
    return _described(answer.document)


def _described(cluster: Mapping[str, Any]) -> str:
    return facts(
        {
            "name": str(cluster["name"]),
            "status": str(cluster["status"]),
            "nodes": str(cluster.get("node_instance_type", "")),
            "shards": str(cluster.get("shard_count", "")),
            "replicas": str(cluster.get("replication_factor", "")),
            "errors": ", ".join(map(str, cluster.get("errors", []))),
        }
    )


COMMANDS = commands(
    "clusters",
    {
        "list": Handwritten(_list, quiet=quiet_list("clusters", "name", "the names")),
        "create": Handwritten(_show),
        "show": Handwritten(_show, quiet=quiet_member("status", "the status")),
        "delete": Handwritten("Deleted the cluster {name}."),
    },
)
