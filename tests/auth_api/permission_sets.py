"""Permission sets as a user writes them, and the table of the reference to hold others against."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

Rule = dict[str, Any]
PermissionSet = dict[str, Any]

READ_WRITE_LIST = ("read", "write", "list")
NAME = ({"name": "some"},)
NAME_OR_PREFIX = ({"name": "some"}, {"prefix": "so"})
KEY = ({"key": "some"}, {"key_prefix": "so"})


class Row(NamedTuple):
    """A row of the table: what a rule may permit, and what else than `"*"` selects what on."""

    permissions: Sequence[str]
    selectors: dict[str, Sequence[dict[str, str]]]


TABLE = {
    "account_management": Row(("read", "list"), {}),
    "auth_management": Row(READ_WRITE_LIST, {"items": ()}),
    "resource_management": Row(READ_WRITE_LIST, {"resources": ()}),
    "cache": Row(READ_WRITE_LIST, {"caches": NAME, "items": KEY}),
    "topic": Row(READ_WRITE_LIST, {"caches": NAME, "topics": NAME_OR_PREFIX}),
    "store": Row(READ_WRITE_LIST, {"stores": NAME, "items": KEY}),
    "function": Row(("invoke",), {"caches": NAME, "functions": NAME_OR_PREFIX}),
    "database": Row(("read", "write"), {"databases": NAME}),
}
"""Every type of rule ("Permission set")."""

EVERY_PERMISSION = ("read", "write", "list", "invoke")
EVERY_SELECTOR = ("items", "resources", "caches", "topics", "stores", "functions", "databases")
EVERY_FORM = tuple({name: "some"} for name in ("name", "prefix", "key", "key_prefix"))


def rule(rule_type: str, *permissions: str, **selectors: object) -> Rule:
    """A rule of that type, on everything unless `selectors` say otherwise."""
    everything = dict.fromkeys(TABLE[rule_type].selectors, "*")
    return {"type": rule_type, "permissions": list(permissions), **everything, **selectors}


def objects(*permissions: str, stores: object = "*", items: object = "*") -> Rule:
    """A `store` rule."""
    return rule("store", *permissions, stores=stores, items=items)


def allow(*rules: Rule, ranges: Sequence[str] | None = None) -> PermissionSet:
    """A permission set of these rules, for callers from these ranges where there are any."""
    if ranges is None:
        return {"rules": list(rules)}
    return {"rules": list(rules), "conditions": [ip_filter(*ranges)]}


def ip_filter(*ranges: str) -> dict[str, Any]:
    return {"ip_filter": {"allowed_cidr_ranges": list(ranges)}}


def every_rule() -> Iterator[Rule]:
    """Each cell of the table once: each permission alone, each form of each selector."""
    for rule_type, row in TABLE.items():
        for permission in row.permissions:
            yield rule(rule_type, permission)
        yield rule(rule_type, *row.permissions)
        for selector, forms in row.selectors.items():
            for form in forms:
                yield rule(rule_type, row.permissions[0], **{selector: form})


LIST_STORES = rule("resource_management", "list")
READ_OBJECTS = objects("read")
READING = allow(READ_OBJECTS)
"""A permission set to be had where it does not matter which."""

EVERYTHING = allow(*(rule(rule_type, *row.permissions) for rule_type, row in TABLE.items()))
"""All that a permission set can permit."""
