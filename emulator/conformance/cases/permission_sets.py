"""The table of permission sets: what a rule of each type takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .auth_api import Document, rule

PERMISSIONS = ("read", "write", "list", "invoke")
"""Every permission that there is."""


class Row(NamedTuple):
    """A type of rule."""

    permissions: Sequence[str]
    selectors: Sequence[str]


TABLE = {
    "account_management": Row(("read", "list"), ()),
    "auth_management": Row(("read", "write", "list"), ("items",)),
    "resource_management": Row(("read", "write", "list"), ("resources",)),
    "cache": Row(("read", "write", "list"), ("caches", "items")),
    "topic": Row(("read", "write", "list"), ("caches", "topics")),
    "store": Row(("read", "write", "list"), ("stores", "items")),
    "function": Row(("invoke",), ("caches", "functions")),
    "database": Row(("read", "write"), ("databases",)),
}


def rule_of(rule_type: str, *permissions: str, **selectors: object) -> Document:
    """A rule for everything but what ``selectors`` say, with all permissions if none is given."""
    row = TABLE[rule_type]
    everything = dict.fromkeys(row.selectors, "*")
    return rule(rule_type, *(permissions or row.permissions), **(everything | selectors))
