"""``tiers``: list and change the objects in storage and in the cache without the service."""

from __future__ import annotations

import argparse
import base64
import shlex
from collections.abc import Mapping
from typing import Any

from emulator.commands.control import Answer, Handwritten, commands, quiet_list
from emulator.commands.files import FILE, read_bytes
from emulator.commands.output import facts, instant_of_text, one_line, table
from emulator.commands.parser import Parser, assignments, not_empty
from emulator.control.operations import BY_NAME


def _objects(answer: Answer) -> str:
    objects, folders = answer.document["objects"], answer.document.get("prefixes", [])
    if not (objects or folders):
        return f"The store has no {'such ' if is_filtered(answer) else ''}objects in either tier."
    clock = BY_NAME["clock.show"]
    now = answer.client.call(clock.method, clock.path, answer=clock.answer)["now"]
    rows = [(folder, None, None, None) for folder in folders]
    rows += [_row(each, now) for each in objects]
    return table(("KEY", "SIZE", "STORAGE", "CACHE"), rows) + more(answer)


def is_filtered(answer: Answer) -> bool:
    """Whether a list has only some of the objects of a store."""
    return any(getattr(answer.arguments, name) for name in ("prefix", "search", "after"))


def more(answer: Answer) -> str:
    """Return what a list ends with, if it is not all: how to see more."""
    following = answer.document.get("next")
    if following is None:
        return ""
    return f"\nThere are more: --after {shlex.quote(one_line(str(following)))}"


def _one(answer: Answer) -> str:
    document = answer.document
    blocks = []
    for tier in ("storage", "cache"):
        entry = document.get(tier)
        if entry is None:
            blocks.append(f"{tier}: does not have it")
            continue
        known = {
            "size": str(entry["size"]),
            "created": instant_of_text(entry.get("created_at")),
            "expires": instant_of_text(entry.get("expires_at")),
            "version": str(entry["version"]),
            "ephemeral": "yes" if entry.get("ephemeral") else "",
            "tags": " ".join(f"{name}={value}" for name, value in entry.get("tags", {}).items()),
        }
        blocks.append(f"{tier}:\n{facts({**known, **entry.get('metadata', {}), **known})}")
    return "\n\n".join(blocks)


def _expired(answer: Answer) -> str:
    return one_line(f"{answer.arguments.key} of {answer.arguments.store} has expired.")


def _row(placed: Mapping[str, Any], now: str) -> tuple[Any, Any, Any, Any]:
    stored, cached = placed.get("storage"), placed.get("cache")
    size = (stored or cached or {}).get("size")
    return placed.get("key"), size, _presence(stored, now), _presence(cached, now, stored)


def _presence(
    entry: Mapping[str, Any] | None, now: str, other: Mapping[str, Any] | None = None
) -> str | None:
    """Describe the entry of a tier in words. ``now`` and the entry's instants have the same format,
    so they compare as texts. ``other`` is the entry of the other tier."""
    if entry is None:
        return None
    facts = ["ephemeral"] if entry.get("ephemeral") else []
    if other is not None and entry["version"] != other["version"]:
        facts.append("older version" if entry["version"] < other["version"] else "newer version")
    if entry["expires_at"] is not None and entry["expires_at"] <= now:
        facts.append("expired")
    return ", ".join(facts) or "yes"


def _define_put(parser: Parser) -> None:
    parser.add_argument(
        "file", type=not_empty, metavar="FILE|-", help="file with the body, or - for stdin"
    )
    parser.add_argument(
        "--meta",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="metadata, as in content-type=text/plain; may be given several times",
    )
    parser.add_argument(
        "--tag",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a tag, as in team=video, kept only in storage; may be given several times",
    )


def _new(arguments: argparse.Namespace, given: dict[str, Any]) -> object:
    metadata = assignments(arguments.meta, "--meta", "--meta content-type=text/plain")
    tags = assignments(arguments.tag, "--tag", "--tag team=video")
    body = base64.b64encode(read_bytes(arguments.file, FILE)).decode()
    return {**given, "base64": body, "metadata": metadata, **({"tags": tags} if tags else {})}


def _put(answer: Answer) -> str:
    return one_line(f"Put {answer.arguments.key} into {_where(answer)}.")


def _dropped(answer: Answer) -> str:
    return one_line(f"Removed {answer.arguments.key} from {_where(answer)}.")


def _where(answer: Answer) -> str:
    tier = answer.arguments.tier
    return f"{f'the {tier} tier' if tier else 'both tiers'} of {answer.arguments.store}"


def _counts(answer: Answer) -> str:
    columns = ("hits", "expired", "misses")
    rows = [
        [tier, *(answer.document[tier].get(each) for each in columns)]
        for tier in ("cache", "storage")
    ]
    return table(("TIER", *(each.upper() for each in columns)), rows)


COMMANDS = commands(
    "tiers",
    {
        "list": Handwritten(_objects, quiet=quiet_list("objects", "key", "the keys")),
        "show": Handwritten(_one),
        "expire": Handwritten(_expired),
        "put": Handwritten(_put, _define_put, _new),
        "drop": Handwritten(_dropped),
        "flush": Handwritten("Emptied the cluster {cluster}."),
        "counts": Handwritten(_counts),
    },
)
