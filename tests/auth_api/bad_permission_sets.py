"""Permission sets that are none, by what is wrong with them (D44)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .permission_sets import (
    EVERY_FORM,
    EVERY_PERMISSION,
    EVERY_SELECTOR,
    READ_OBJECTS,
    READING,
    TABLE,
    Rule,
    allow,
    ip_filter,
    rule,
)

NO_PERMISSIONS: tuple[Any, ...] = (
    "delete",
    "*",
    "READ",
    "read ",
    "admin",
    "",
    None,
    1,
    True,
    ["read"],
    {},
)
NO_SELECTORS: tuple[Any, ...] = (
    None,
    True,
    0,
    "",
    "**",
    "some",
    [],
    ["*"],
    {},
    {"name": "*", "prefix": "a"},
    {"key": "a", "key_prefix": "a"},
    {"name": "a", "more": 1},
    {"*": "*"},
    {"NAME": "a"},
)
NO_CIDR_RANGES: tuple[Any, ...] = (
    "10.0.0.0",
    "2001:db8::",
    "10.0.0.0/",
    "10.0.0.0/33",
    "10.0.0.0/-1",
    "10.0.0.0/+8",
    "10.0.0.0/8 ",
    " 10.0.0.0/8",
    "10.0.0/8",
    "10/8",
    "10.0.0.256/8",
    "10.0.0.0/8/8",
    "10.0.0.0/255.0.0.0",
    "10.0.0.0/\u0668",
    "1\u0660.0.0.0/8",
    "010.0.0.0/8",
    "2001:db8::/129",
    "2001:db8::1::/32",
    "2001:dg8::/32",
    "fe80::1%eth0/64",
    "[2001:db8::]/32",
    "localhost/8",
    "*",
    "*/0",
    "/8",
    "",
    None,
    8,
    ["10.0.0.0/8"],
    {"cidr": "10.0.0.0/8"},
)


def with_rule(given: object) -> dict[str, Any]:
    return {"rules": [READ_OBJECTS, given]}


def with_condition(given: object) -> dict[str, Any]:
    return {"rules": [READ_OBJECTS], "conditions": [given]}


def without(given: Rule, member: str) -> Rule:
    return {name: value for name, value in given.items() if name != member}


def _sets() -> Iterator[tuple[str, Any]]:
    value: Any
    for value in (None, True, 1, "", "*", "super_user", [], [READ_OBJECTS], {}):
        yield f"set-{value}", value
    yield "super-user", {"super_user": True}
    yield "super-user-with-rules", {"super_user": True, **READING}
    yield "no-super-user-with-rules", {"super_user": False, **READING}
    yield "super-user-rule", with_rule({"type": "super_user"})
    yield "unknown-member", {**READING, "more": 1}
    yield "unknown-member-condition", {**READING, "condition": []}
    for value in ([], None, {}, "*", READ_OBJECTS, True):
        yield f"rules-{value}", {"rules": value}
    for value in (None, {}, "*", False, ip_filter("10.0.0.0/8")):
        yield f"conditions-{value}", {**READING, "conditions": value}


def _rules() -> Iterator[tuple[str, Any]]:
    value: Any
    for value in (None, [], "read", 1, {}, [READ_OBJECTS]):
        yield f"rule-{value}", with_rule(value)
    for value in ("objectstore", "Store", "stores", "*", "", "store ", None, 1, ["store"], {}):
        yield f"type-{value}", with_rule({**READ_OBJECTS, "type": value})
    for member in READ_OBJECTS:
        yield f"without-{member}", with_rule(without(READ_OBJECTS, member))
    for value in ([], None, {}, "read", True):
        yield f"permissions-{value}", with_rule({**READ_OBJECTS, "permissions": value})
    yield "unknown-member-of-a-rule", with_rule({**READ_OBJECTS, "effect": "allow"})
    yield "the-second-of-two-rules", allow(READ_OBJECTS, rule("store", "delete"))


def _permissions() -> Iterator[tuple[str, Any]]:
    for name, row in TABLE.items():
        for permission in (*EVERY_PERMISSION, *NO_PERMISSIONS):
            if permission not in row.permissions:
                given = {**rule(name), "permissions": [row.permissions[0], permission]}
                yield f"{name}-{permission}", with_rule(given)


def _selectors() -> Iterator[tuple[str, Any]]:
    for name, row in TABLE.items():
        good = rule(name, row.permissions[0])
        for selector in EVERY_SELECTOR:
            if selector not in row.selectors:
                yield f"{name}-with-{selector}", with_rule({**good, selector: "*"})
                continue
            yield f"{name}-without-{selector}", with_rule(without(good, selector))
            known = {next(iter(form)) for form in row.selectors[selector]}
            for form in (*EVERY_FORM, *NO_SELECTORS):
                if not (isinstance(form, dict) and len(form) == 1 and known & set(form)):
                    yield f"{name}-{selector}-{form}", with_rule({**good, selector: form})
            for form in known:
                for value in ("", None, 1, [], {}, ["a"], {"name": "a"}):
                    given = {**good, selector: {form: value}}
                    yield f"{name}-{selector}-{form}-{value}", with_rule(given)


def _conditions() -> Iterator[tuple[str, Any]]:
    value: Any
    for value in (None, [], {}, "10.0.0.0/8", 1, {"ip_filters": {}}):
        yield f"condition-{value}", with_condition(value)
    good = ip_filter("10.0.0.0/8")
    yield "unknown-member-of-a-condition", with_condition({**good, "more": 1})
    for value in (None, [], {}, "10.0.0.0/8", ["10.0.0.0/8"]):
        yield f"ip-filter-{value}", with_condition({"ip_filter": value})
    more = {**good["ip_filter"], "denied_cidr_ranges": ["10.1.0.0/16"]}
    yield "unknown-member-of-an-ip-filter", with_condition({"ip_filter": more})
    for value in (None, [], {}, "10.0.0.0/8", 1):
        empty = {"ip_filter": {"allowed_cidr_ranges": value}}
        yield f"ranges-{value}", with_condition(empty)
    for value in NO_CIDR_RANGES:
        ranges = {"ip_filter": {"allowed_cidr_ranges": ["127.0.0.0/8", value]}}
        yield f"range-{value}", with_condition(ranges)
    yield (
        "the-second-of-two-conditions",
        allow(READ_OBJECTS, ranges=["10.0.0.0/8"]) | {"conditions": [good, ip_filter("10.0.0.0")]},
    )


BAD_SETS = dict([*_sets(), *_rules(), *_conditions()])
BAD_RULES = dict([*_permissions(), *_selectors()])
"""One for each cell of the table that is empty."""
