"""``tiers``: what storage and cache have, looked at and changed past the service's own door."""

from __future__ import annotations

import argparse
import base64
from collections.abc import Mapping
from typing import Any

from emulator.commands.client import Client
from emulator.commands.clock import CLOCK
from emulator.commands.command import WITH_CONTROL_TOKEN, Command, Request
from emulator.commands.control import Told, asking, item, saying, with_query
from emulator.commands.files import FILE, read_bytes
from emulator.commands.output import print_json, table
from emulator.commands.parser import Parser, assignments, duration, not_empty, one_of

OBJECTS = "/_emulator/objects"
FLUSH = "/_emulator/flush"
COUNTS = "/_emulator/counts"

_TIERS = ("storage", "cache")
_NOTHING = "-"


def _define_store(parser: Parser) -> None:
    parser.add_argument("store", type=not_empty, metavar="STORE", help="the store's name")


def _define_object(parser: Parser) -> None:
    _define_store(parser)
    parser.add_argument("key", type=not_empty, metavar="KEY", help="the object's key")


def _define_tier(parser: Parser, action: str) -> None:
    parser.add_argument(
        "--tier",
        type=one_of(*_TIERS),
        metavar="|".join(_TIERS),
        help=f"{action} this tier alone (default: both)",
    )


def _prepare_list(arguments: argparse.Namespace) -> Request:
    path = item(OBJECTS, arguments.store)

    def show(client: Client) -> None:
        told = client.call("GET", path, answer={"objects": list})
        if arguments.json:
            print_json(told)
        elif not told["objects"]:
            print("Neither tier has an object of that store.")
        else:
            now = client.call("GET", CLOCK, answer={"now": str})["now"]
            rows = [_row(each, now) for each in told["objects"]]
            print(table(("KEY", "SIZE", "STORAGE", "CACHE"), rows))

    return show


def _row(placed: Mapping[str, Any], now: str) -> tuple[str, str, str, str]:
    stored, cached = placed.get("storage"), placed.get("cache")
    size = (stored or cached or {}).get("size", "")
    return (
        str(placed.get("key")),
        str(size),
        _presence(stored, now),
        _presence(cached, now, stored),
    )


def _presence(
    entry: Mapping[str, Any] | None, now: str, other: Mapping[str, Any] | None = None
) -> str:
    """What a tier has, in words; ``now`` and the entry's instants are in ISO 8601 alike, and so
    compare as texts. ``other`` is what the other tier has."""
    if entry is None:
        return _NOTHING
    facts = ["ephemeral"] if entry.get("ephemeral") else []
    if other is not None and entry["version"] != other["version"]:
        facts.append("older version" if entry["version"] < other["version"] else "newer version")
    if entry["expires_at"] is not None and entry["expires_at"] <= now:
        facts.append("expired")
    return ", ".join(facts) or "yes"


def _define_put(parser: Parser) -> None:
    _define_object(parser)
    parser.add_argument(
        "file", type=not_empty, metavar="FILE|-", help="the file that is its body, or - for stdin"
    )
    _define_tier(parser, "put it into")
    parser.add_argument(
        "--ttl",
        type=duration,
        metavar="DURATION",
        help="its time to live, as in 90s, 15m, 1h or 7d (default: the service's)",
    )
    parser.add_argument(
        "--meta",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="metadata, as in content-type=text/plain; may be given again",
    )
    parser.add_argument(
        "--tag",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a tag, which storage keeps, as in team=video; may be given again",
    )


def _prepare_put(arguments: argparse.Namespace) -> Request:
    metadata = assignments(arguments.meta, "--meta", "--meta content-type=text/plain")
    tags = assignments(arguments.tag, "--tag", "--tag team=video")
    body = read_bytes(arguments.file, FILE)
    document: dict[str, Any] = {"base64": base64.b64encode(body).decode(), "metadata": metadata}
    if tags:
        document["tags"] = tags
    if arguments.ttl is not None:
        document["ttl_seconds"] = arguments.ttl
    if arguments.tier is not None:
        document["tier"] = arguments.tier
    return saying(
        arguments,
        "PUT",
        item(OBJECTS, arguments.store, arguments.key),
        document,
        done=f"Put {arguments.key} into {_where(arguments)}.",
    )


def _define_drop(parser: Parser) -> None:
    _define_object(parser)
    _define_tier(parser, "take it out of")


def _prepare_drop(arguments: argparse.Namespace) -> Request:
    path = item(OBJECTS, arguments.store, arguments.key)
    return saying(
        arguments,
        "DELETE",
        with_query(path, {"tier": arguments.tier} if arguments.tier else {}),
        done=f"Took {arguments.key} out of {_where(arguments)}.",
    )


def _where(arguments: argparse.Namespace) -> str:
    tier = f"the {arguments.tier} tier" if arguments.tier else "both tiers"
    return f"{tier} of {arguments.store}"


def _define_flush(parser: Parser) -> None:
    parser.add_argument(
        "cluster",
        type=not_empty,
        metavar="CLUSTER",
        help="the cluster's name, as in the cache_config of its stores",
    )


def _prepare_flush(arguments: argparse.Namespace) -> Request:
    cluster: str = arguments.cluster
    done = f"The cluster {cluster} has forgotten all that it had."
    return saying(arguments, "POST", FLUSH, {"cluster": cluster}, done=done)


def _define_counts(parser: Parser) -> None:
    parser.add_argument(
        "--store", type=not_empty, metavar="STORE", help="of this store alone (default: of all)"
    )


def _prepare_counts(arguments: argparse.Namespace) -> Request:
    parameters = {"store": arguments.store} if arguments.store else {}
    return asking(
        arguments,
        "GET",
        with_query(COUNTS, parameters),
        answer=dict.fromkeys(_TIERS, dict),
        shown=_counts,
    )


def _counts(told: Told) -> str:
    columns = ("hits", "expired", "misses")
    rows = [[tier, *(str(told[tier].get(each)) for each in columns)] for tier in sorted(_TIERS)]
    return table(("TIER", *(each.upper() for each in columns)), rows)


COMMANDS: Mapping[str, Command] = {
    "list": Command(
        _define_store,
        _prepare_list,
        "  python -m emulator tiers list media",
        WITH_CONTROL_TOKEN,
    ),
    "put": Command(
        _define_put,
        _prepare_put,
        "  python -m emulator tiers put media live/1.ts old.ts --tier cache --ttl 10s",
        WITH_CONTROL_TOKEN,
    ),
    "drop": Command(
        _define_drop,
        _prepare_drop,
        "  python -m emulator tiers drop media live/1.ts --tier cache",
        WITH_CONTROL_TOKEN,
    ),
    "flush": Command(
        _define_flush,
        _prepare_flush,
        "  python -m emulator tiers flush my-valkey-cluster",
        WITH_CONTROL_TOKEN,
    ),
    "counts": Command(
        _define_counts,
        _prepare_counts,
        "  python -m emulator tiers counts --store media",
        WITH_CONTROL_TOKEN,
    ),
}
