"""Questions about keys, roles and permissions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from emulator.conformance.outcome import UNCLEAR
from emulator.conformance.target import Target

from .question import Question, by_status, of_switch
from .stores import key_with

_STEPS = (*[1] * 10, *[10] * 5)
"""The pauses, in seconds, after which a revoked key is tried again."""

_FOREIGN = "203.0.113.7"
"""An address that no client has (RFC 5737)."""

_LIST = {"type": "resource_management", "permissions": ["list"], "resources": "*"}


def _bearer(target: Target) -> str:
    answer = target.request("GET", "/objectstore", key=f"Bearer {target.owner}")
    return by_status(answer.status, s200="accepted", s401="refused")


def _describe_with_list(target: Target) -> str:
    """Describe a store with a key that may only list them."""
    answer = target.store.describe(api_key=key_with(target, [_LIST]))
    return by_status(answer.status, s200="list is enough", s403="needs read")


def _expired_is_listed(target: Target) -> str:
    made = target.new_key(target.role_id("viewer"), int(target.now()) + 2)
    target.wait(3)
    listed = [each["key_id"] for page in target.pages("/api-keys") for each in page["key_info"]]
    return "listed" if made["key_info"]["key_id"] in listed else "not listed"


def _wrong_page(target: Target) -> str:
    return by_status(target.request("GET", "/api-keys?next_token=conformance").status)


def _no_rules(target: Target) -> str:
    document = {"role_name": target.fresh_name(), "permissions": {"rules": []}}
    answer = target.send_json("POST", "/roles", document)
    return by_status(answer.status, s200="accepted", s400="refused")


def _super_user(target: Target) -> str:
    roles = target.request("GET", "/roles?type=system").json()["roles"]
    found = [each.get("permissions") for each in roles if each["role_name"].lower() == "owner"]
    if not found:
        return UNCLEAR
    return '{"super_user": true}' if found[0] == {"super_user": True} else "another"


def _forwarded(target: Target) -> str:
    """Come from an address that is not allowed, and say that it is another."""
    conditions = [{"ip_filter": {"allowed_cidr_ranges": [f"{_FOREIGN}/32"]}}]
    key = key_with(target, [_LIST], conditions)
    headers = [("X-Forwarded-For", _FOREIGN)]
    answer = target.request("GET", "/objectstore", headers=headers, key=key)
    return by_status(answer.status, s200="counts", s403="does not count")


def _new_key(role: str, key: str, change: Callable[[Target], dict[str, Any]]) -> Any:
    """Return a probe that creates a key with something changed."""

    def probe(target: Target) -> str:
        document = {
            "role_id": target.role_id(role),
            "description": target.fresh_name(),
            "expiry": "never",
            **change(target),
        }
        answer = target.send_json("POST", "/api-keys", document, key=key)
        return by_status(answer.status, s200="accepted", s400="refused", s403="refused")

    return probe


def _revoked(target: Target) -> str:
    """Revoke a key, and use it until it is refused."""
    made = target.new_key(target.role_id("viewer"))
    key, path = made["api_key"], f"/api-keys/{made['key_info']['key_id']}"
    assert target.store.describe(api_key=key).status == 200, "a new key is refused"
    assert target.request("DELETE", path).status == 200, "a key is not revoked"
    spent = 0
    for step in (*_STEPS, 0):
        if target.store.describe(api_key=key).status == 401:
            return str(spent)
        target.wait(step)
        spent += step
    return f"more than {spent}"


QUESTIONS = (
    of_switch("D03", "Is Bearer before the key accepted?", _bearer),
    Question(
        "D18",
        "Is list on resource_management enough to describe a store?",
        ("needs read",),
        _describe_with_list,
        "one answer does not tell which permission each operation needs",
    ),
    Question(
        "D42",
        "Are expired API keys listed?",
        ("not listed",),
        _expired_is_listed,
        "the deletion of roles rests on the same list of active keys",
    ),
    Question(
        "D43",
        "What does it answer to a page token that it has not given?",
        ("400",),
        _wrong_page,
        "a token of another form does not say where a page begins",
    ),
    Question(
        "D44",
        "Can a role have no rules?",
        ("refused",),
        _no_rules,
        "roles are kept, exported and read back in the form that is checked here",
    ),
    Question(
        "D45",
        "What are the permissions of Owner in JSON?",
        ('{"super_user": true}',),
        _super_user,
        "permissions can have any form, and each would be a switch of its own",
    ),
    Question(
        "D48",
        "Does X-Forwarded-For count for an ip_filter?",
        ("does not count",),
        _forwarded,
        "a header that anybody can send decides nothing",
    ),
    Question(
        "D49",
        "Can a key expire after the year 9999?",
        ("refused",),
        _new_key("viewer", "owner", lambda target: {"expiry": int(target.now()) * 1000}),
        "logs and exports write instants in four digits of the year",
    ),
    Question(
        "D50",
        "Can a description have more than 1024 characters?",
        ("refused",),
        _new_key("viewer", "owner", lambda _target: {"description": "x" * 1025}),
        "exports and seeds have the same limit, so that every emulator reads them",
    ),
    Question(
        "D53",
        "Can an Operator create a key of the role Owner?",
        ("accepted",),
        _new_key("owner", "operator", lambda _target: {}),
        "one answer does not tell which roles each role may grant",
    ),
    of_switch("D167", "For how many seconds does a revoked key still work?", _revoked),
)
