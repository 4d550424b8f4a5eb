"""Permission sets as the reference writes them, and a plain reading of what they mean.

Nothing here is taken from the emulator: the tests hold the emulator against it.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any, NamedTuple

from hypothesis import strategies as st

Document = dict[str, Any]


class Form(NamedTuple):
    """A line of the reference's table: the permissions, and what a member may be beside "*"."""

    permissions: tuple[str, ...]
    selectors: Mapping[str, tuple[str, ...]]


TABLE = {
    "account_management": Form(("read", "list"), {}),
    "auth_management": Form(("read", "write", "list"), {"items": ()}),
    "resource_management": Form(("read", "write", "list"), {"resources": ()}),
    "cache": Form(("read", "write", "list"), {"caches": ("name",), "items": ("key", "key_prefix")}),
    "topic": Form(("read", "write", "list"), {"caches": ("name",), "topics": ("name", "prefix")}),
    "store": Form(("read", "write", "list"), {"stores": ("name",), "items": ("key", "key_prefix")}),
    "function": Form(("invoke",), {"caches": ("name",), "functions": ("name", "prefix")}),
    "database": Form(("read", "write"), {"databases": ("name",)}),
}

PERMISSIONS = ("read", "write", "list", "invoke")
SELECTORS = ("items", "resources", "caches", "topics", "stores", "functions", "databases")
FORMS = ("name", "prefix", "key", "key_prefix")

EVERY_PERMISSION = [
    (type_name, permission) for type_name, form in TABLE.items() for permission in form.permissions
]

STORE_NAMES = ("a", "b", "ab", "A", "a.b")
KEYS = ("a", "a/", "a/b", "b", "A", "*", " ", "%", "ab", "é", "日本")


def a_rule(type_name: str = "store", **members: object) -> Document:
    """A right rule of that type, with other members where they are said."""
    form = TABLE[type_name]
    wild = dict.fromkeys(form.selectors, "*")
    return {"type": type_name, "permissions": [form.permissions[0]], **wild, **members}


def a_set(*rules: object, **members: object) -> Document:
    """A permission set of these rules, or of a right one, with other members."""
    return {"rules": list(rules) or [a_rule()], **members}


def ip_filter(*ranges: object) -> Document:
    """A condition that lets addresses of these ranges in."""
    return {"ip_filter": {"allowed_cidr_ranges": list(ranges)}}


def rules_of_each_form(type_name: str) -> list[Document]:
    """A rule of that type with each of its permissions, by each form of its selectors."""
    form = TABLE[type_name]
    choices = [
        ["*", *({choice: f"a {choice}"} for choice in selector)]
        for selector in form.selectors.values()
    ]
    return [
        a_rule(
            type_name,
            permissions=[permission],
            **dict(zip(form.selectors, selected, strict=True)),
        )
        for permission, *selected in itertools.product(form.permissions, *choices)
    ]


EVERY_RULE = [rule for type_name in TABLE for rule in rules_of_each_form(type_name)]


def _selector(values: st.SearchStrategy[str], *forms: str) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.just("*"), *(st.builds(lambda value, form=form: {form: value}, values) for form in forms)
    )


_names = st.sampled_from(STORE_NAMES)
_keys = st.sampled_from(KEYS)


def _rules_of(type_name: str) -> st.SearchStrategy[Document]:
    form = TABLE[type_name]
    return st.fixed_dictionaries(
        {
            "type": st.just(type_name),
            "permissions": st.lists(st.sampled_from(form.permissions), min_size=1, max_size=4),
            **{
                name: _selector(_keys if name == "items" else _names, *forms)
                for name, forms in form.selectors.items()
            },
        }
    )


store_rules = _rules_of("store")
rules = st.one_of(store_rules, *map(_rules_of, TABLE))
cidr_ranges = st.lists(
    st.sampled_from(["10.0.0.0/8", "2001:db8::/32", "0.0.0.0/0", "::1/128"]), min_size=1, max_size=2
)
conditions = st.lists(st.builds(lambda ranges: ip_filter(*ranges), cidr_ranges), max_size=2)
permission_sets = st.one_of(
    st.builds(lambda found: a_set(*found), st.lists(rules, min_size=1, max_size=6)),
    st.builds(
        lambda found, limits: a_set(*found, conditions=limits),
        st.lists(rules, min_size=1, max_size=3),
        conditions,
    ),
)


def allows(document: Document, type_name: str, permission: str, store: str, key: str) -> bool:
    """Whether any rule grants that permission, and for a store on that object of that store."""
    return any(
        rule["type"] == type_name
        and permission in rule["permissions"]
        and (type_name != "store" or (_selects_store(rule, store) and _selects_key(rule, key)))
        for rule in document["rules"]
    )


def _selects_store(rule: Document, store: str) -> bool:
    return bool(rule["stores"] == "*" or rule["stores"]["name"] == store)


def _selects_key(rule: Document, key: str) -> bool:
    selector = rule["items"]
    if selector == "*":
        return True
    if "key" in selector:
        return bool(selector["key"] == key)
    return key.startswith(selector["key_prefix"])


def named_stores(document: Document) -> set[str] | None:
    """The stores that its store rules name; None where it has none, or one for every store."""
    selectors = [rule["stores"] for rule in document["rules"] if rule["type"] == "store"]
    if not selectors or "*" in selectors:
        return None
    return {selector["name"] for selector in selectors}


def is_permission_set(value: object) -> bool:
    """Whether the reference calls that a permission set (addresses aside: they are right or not
    strings)."""
    return (
        isinstance(value, dict)
        and set(value) - {"conditions"} == {"rules"}
        and _is_list_of(value["rules"], _is_rule)
        and (
            "conditions" not in value
            or value["conditions"] == []
            or _is_list_of(value["conditions"], _is_condition)
        )
    )


def _is_rule(value: object) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        return False
    form = TABLE.get(value["type"])
    if form is None or set(value) != {"type", "permissions", *form.selectors}:
        return False
    return _is_list_of(value["permissions"], lambda name: name in form.permissions) and all(
        value[name] == "*" or _is_selector(value[name], forms)
        for name, forms in form.selectors.items()
    )


def _is_selector(value: object, forms: tuple[str, ...]) -> bool:
    if not isinstance(value, dict) or len(value) != 1:
        return False
    [(form, selected)] = value.items()
    if (form, selected) == ("name", "*"):
        return False  # D44: it would select nothing, and mean everything.
    return form in forms and isinstance(selected, str) and selected != ""


def _is_condition(value: object) -> bool:
    if not isinstance(value, dict) or set(value) != {"ip_filter"}:
        return False
    ranges = value["ip_filter"]
    return (
        isinstance(ranges, dict)
        and set(ranges) == {"allowed_cidr_ranges"}
        and _is_list_of(ranges["allowed_cidr_ranges"], lambda entry: "/" in str(entry))
    )


def _is_list_of(value: object, is_right: Any) -> bool:
    return isinstance(value, list) and value != [] and all(map(is_right, value))
