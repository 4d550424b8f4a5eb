"""The Auth APIs as cases call them: API keys, roles, and permission sets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from emulator.conformance.answer import Answer
from emulator.conformance.target import Target

KEYS = "/api-keys"
ROLES = "/roles"

Document = dict[str, Any]

_MOST_PAGES = 100
"""More pages than the lists of an account have: the pages go round in circles."""


def rule(rule_type: str, *permissions: str, **selectors: object) -> Document:
    """A rule of a permission set."""
    return {"type": rule_type, "permissions": list(permissions), **selectors}


def objects(*permissions: str, stores: object = "*", items: object = "*") -> Document:
    """A rule about objects."""
    return rule("store", *permissions, stores=stores, items=items)


def allow(*rules: Document) -> Document:
    """A permission set of these rules, without a condition."""
    return {"rules": list(rules)}


READING = allow(objects("read"))
"""A permission set for cases where it does not matter which."""


def create_key(target: Target, role_id: str, **changes: object) -> Answer:
    """Ask for a key. ``changes``: members of the document that differ."""
    document = {"role_id": role_id, "description": target.fresh_name(), "expiry": "never"}
    return target.send_json("POST", KEYS, document | changes)


def revoke_key(target: Target, key_id: str, *, key: str | None = "owner") -> Answer:
    return target.request("DELETE", f"{KEYS}/{key_id}", key=key)


def create_role(target: Target, permissions: object = READING, **changes: object) -> Answer:
    """Ask for a role. ``changes``: members of the document that differ or are added."""
    document = {"role_name": target.fresh_name(), "permissions": permissions}
    return target.send_json("POST", ROLES, document | changes)


def new_role(target: Target, permissions: object = READING, **changes: object) -> Document:
    """A role that is made."""
    answer = create_role(target, permissions, **changes)
    assert answer.status == 200, answer
    role: Document = answer.json()
    return role


def replace_role(target: Target, role_id: str, role_name: str, permissions: object) -> Answer:
    document = {"role_name": role_name, "permissions": permissions}
    return target.send_json("PUT", f"{ROLES}/{role_id}", document)


def delete_role(target: Target, role_id: str) -> Answer:
    return target.request("DELETE", f"{ROLES}/{role_id}")


def key_with(target: Target, *rules: Document) -> str:
    """A key of a new role with these rules."""
    key: str = target.new_key(new_role(target, allow(*rules))["role_id"])["api_key"]
    return key


def pages(target: Target, path: str) -> Iterator[Document]:
    """The pages of a list. ``path`` may have a query."""
    more = "&" if "?" in path else "?"
    following = ""
    for _ in range(_MOST_PAGES):
        answer = target.request("GET", path + following)
        assert answer.status == 200, answer
        page: Document = answer.json()
        yield page
        if "next_token" not in page:
            return
        following = f"{more}next_token={quote(page['next_token'], safe='')}"
    raise AssertionError(f"{path} has no last page")


def listed_keys(target: Target, query: str = "") -> list[Document]:
    """Every key object of the account."""
    return [key for page in pages(target, KEYS + query) for key in page["key_info"]]


def listed_roles(target: Target, query: str = "") -> list[Document]:
    """Every role object of the account."""
    return [role for page in pages(target, ROLES + query) for role in page["roles"]]


def listed_key(target: Target, key_id: str) -> Document | None:
    """The key object with that id in the list, or None."""
    return next((key for key in listed_keys(target) if key["key_id"] == key_id), None)


def system_role(target: Target, name: str) -> Document:
    """The role object of a system role."""
    return next(each for each in listed_roles(target, "?type=system") if each["role_name"] == name)
