"""The Auth APIs as cases call them: API keys, roles, and permission sets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from emulator.conformance.answer import Answer
from emulator.conformance.target import Target

from .expecting import expect_success

KEYS = "/api-keys"
ROLES = "/roles"

Document = dict[str, Any]


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


class Call(NamedTuple):
    """One request to the Auth APIs."""

    method: str
    path: str
    document: Document | None = None


def send(target: Target, call: Call, key: str | None = "owner", *, retry: bool = True) -> Answer:
    if call.document is None:
        return target.request(call.method, call.path, key=key, retry=retry)
    return target.send_json(call.method, call.path, call.document, key=key, retry=retry)


def every_call(target: Target) -> dict[str, Call]:
    """One call of each kind, which changes nothing but a role and a key made for it."""
    role = new_role(target)
    key = target.new_key(role["role_id"])["key_info"]
    making = {"role_id": role["role_id"], "description": target.fresh_name(), "expiry": "never"}
    naming = {"role_name": target.fresh_name(), "permissions": READING}
    replacing = {"role_name": role["role_name"], "permissions": READING}
    return {
        "make-key": Call("POST", KEYS, making),
        "list-keys": Call("GET", KEYS),
        "revoke-key": Call("DELETE", f"{KEYS}/{key['key_id']}"),
        "list-roles": Call("GET", ROLES),
        "make-role": Call("POST", ROLES, naming),
        "replace-role": Call("PUT", f"{ROLES}/{role['role_id']}", replacing),
        "delete-role": Call("DELETE", f"{ROLES}/{role['role_id']}"),
    }


def create_key(target: Target, role_id: str, **changes: object) -> Answer:
    """Ask for a key. ``changes``: members of the document that differ."""
    document = {"role_id": role_id, "description": target.fresh_name(), "expiry": "never"}
    return target.send_json("POST", KEYS, document | changes)


def revoke_key(target: Target, key_id: str) -> Answer:
    return target.request("DELETE", f"{KEYS}/{key_id}")


def create_role(target: Target, permissions: object = READING, **changes: object) -> Answer:
    """Ask for a role. ``changes``: members of the document that differ or are added."""
    document = {"role_name": target.fresh_name(), "permissions": permissions}
    return target.send_json("POST", ROLES, document | changes)


def new_role(target: Target, permissions: object = READING, **changes: object) -> Document:
    """A role that is made."""
    answer = create_role(target, permissions, **changes)
    expect_success(answer)
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


def listed_keys(target: Target) -> list[Document]:
    """Every key object of the account."""
    return [key for page in target.pages(KEYS) for key in page["key_info"]]


def listed_roles(target: Target, query: str = "") -> list[Document]:
    """Every role object of the account, or those that ``query`` asks for."""
    return [role for page in target.pages(ROLES + query) for role in page["roles"]]


def listed_key(target: Target, key_id: str) -> Document | None:
    """The key object with that id in the list, or None."""
    return next((key for key in listed_keys(target) if key["key_id"] == key_id), None)


def listed_role(target: Target, role_id: str) -> Document | None:
    """The role object with that id in the list, or None."""
    return next((role for role in listed_roles(target) if role["role_id"] == role_id), None)


def listed_system_role(target: Target, name: str) -> Document:
    """The role object of a system role."""
    roles = listed_roles(target, "?type=system")
    return next(role for role in roles if role["role_name"] == name)


def eventually(target: Target, holds: Callable[[], bool]) -> bool:
    """Whether it holds within ten seconds, where no document says that it does so at once."""
    for _ in range(10):
        if holds():
            return True
        target.wait(1)
    return holds()
