"""``stores``: the object stores of the account."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from emulator.commands.control import Answer, Handwritten, commands, quiet_list, quiet_member
from emulator.commands.errors import UsageError
from emulator.commands.files import read_json
from emulator.commands.output import facts, one_line, table
from emulator.commands.parser import Parser, not_empty

_FILE_FLAG = "--configuration"

_CREATE = """\
  python -m emulator stores create media
  python -m emulator stores create media --bucket videos --cluster my-cluster
  python -m emulator stores create media --configuration store.json"""

_UPDATE = """\
  python -m emulator stores update media --cluster other-cluster
  python -m emulator stores update media --configuration changes.json

with this changes.json, which is a JSON Merge Patch (RFC 7396):
  {"object_store_limits": null}"""


class _Member:
    """An option, and the members of the configuration that lead to its value."""

    def __init__(self, flag: str, metavar: str, help_text: str, *path: str) -> None:
        self.flag = flag
        self.metavar = metavar
        self.help = help_text
        self.path = path
        self.name = flag[2:].replace("-", "_")


_MEMBERS = (
    _Member(
        "--bucket",
        "NAME",
        "S3 bucket of the objects",
        *("storage_config", "s3", "bucket_name"),
    ),
    _Member(
        "--prefix",
        "PREFIX",
        "prefix of the objects' keys in the bucket",
        *("storage_config", "s3", "prefix"),
    ),
    _Member(
        "--role-arn",
        "ARN",
        "IAM role with access to the bucket",
        *("storage_config", "s3", "iam_role_arn"),
    ),
    _Member(
        "--cluster",
        "CLUSTER",
        "Valkey cluster that caches the objects",
        *("cache_config", "valkey_cluster", "cluster_name"),
    ),
)


def _define(parser: Parser) -> None:
    for each in _MEMBERS:
        parser.add_argument(each.flag, type=not_empty, metavar=each.metavar, help=each.help)
    parser.add_argument(
        _FILE_FLAG,
        metavar="FILE|-",
        help="JSON file with members of the configuration, or - for stdin; the other options "
        "override it",
    )


def _configuration(arguments: argparse.Namespace, _: dict[str, Any]) -> object:
    document: Any = {}
    if arguments.configuration is not None:
        document = read_json(arguments.configuration, _FILE_FLAG, "members of the configuration")
    for each in _MEMBERS:
        value = getattr(arguments, each.name)
        if value is not None:
            _set(document, each.path, value)
    return document


def _set(document: object, path: tuple[str, ...], value: str) -> None:
    *outer, last = path
    for name in outer:
        document = document.setdefault(name, {}) if isinstance(document, dict) else None
    if not isinstance(document, dict):
        raise UsageError(f"{_FILE_FLAG}: {'.'.join(outer)} must be a JSON object")
    document[last] = value


def _list(answer: Answer) -> str:
    stores = answer.document["stores"]
    if not stores:
        return "There are no stores."
    header = ("NAME", "BUCKET", "PREFIX", "CLUSTER")
    return table(header, [(store.get("name"), *_places(store)) for store in stores])


def _places(store: Mapping[str, Any]) -> tuple[str | None, str | None, str | None]:
    s3 = store["storage_config"]["s3"]
    cluster = store["cache_config"]["valkey_cluster"]["cluster_name"]
    return s3.get("bucket_name"), s3.get("prefix") or None, cluster


def _show(answer: Answer) -> str:
    store = answer.document
    bucket, prefix, cluster = _places(store)
    return facts(
        {
            "name": str(store["name"]),
            "bucket": bucket or "",
            "prefix": prefix or "",
            "role": str(store["storage_config"]["s3"].get("iam_role_arn", "")),
            "cluster": cluster or "",
            **{
                words: _members(store.get(name))
                for name, words in _OPTIONAL.items()
                if store.get(name)
            },
        }
    )


_OPTIONAL = {
    "access_logging_config": "access log",
    "metrics_config": "metrics",
    "object_store_limits": "limits",
}
"""Optional members of the configuration, and what they are called."""


def _members(found: object) -> str:
    """Format the members of an object, also those within others, by their own names."""
    if not isinstance(found, Mapping):
        return one_line(str(found))
    return ", ".join(
        _members(value) if isinstance(value, Mapping) else f"{name} {one_line(str(value))}"
        for name, value in found.items()
    )


COMMANDS = commands(
    "stores",
    {
        "list": Handwritten(_list, quiet=quiet_list("stores", "name", "the names")),
        "create": Handwritten(
            _show, _define, _configuration, examples=_CREATE, quiet=quiet_member("name", "the name")
        ),
        "show": Handwritten(_show),
        "update": Handwritten(_show, _define, _configuration, examples=_UPDATE),
        "delete": Handwritten("Deleted the store {store}."),
    },
)
