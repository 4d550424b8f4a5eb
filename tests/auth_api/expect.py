"""What tests expect of the answers of the Auth APIs, said in one place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.support.raw_client import Response

CODES = {
    400: "Bad Request",
    401: "Unauthenticated",
    403: "PermissionDenied",
    404: "NotFound",
    405: "MethodNotAllowed",
    409: "AlreadyExists",
    412: "FailedPrecondition",
    429: "LimitExceeded",
    500: "InternalError",
}
"""The class of error that goes with each status (D40)."""


def expect_refusal(response: Response, status: int, *, mentions: Iterable[str] = ()) -> None:
    """`response` is an error in the form of D40; `mentions` are compared without case."""
    assert response.status == status, response
    assert response.media_type == "application/json", response
    document = response.json
    assert isinstance(document, dict), response
    assert document.keys() == {"code", "message"}, response
    assert document["code"] == CODES[status], response
    assert isinstance(document["message"], str), response
    assert document["message"], response
    for word in mentions:
        assert word.lower() in document["message"].lower()


def expect_document(response: Response, document: object) -> None:
    """`response` is a success with exactly that JSON document."""
    assert response.status == 200, response
    assert response.media_type == "application/json", response
    assert response.json == document


def expect_page(response: Response, member: str) -> list[dict[str, Any]]:
    """`response` is a page of a list, whose entries are given back."""
    assert response.status == 200, response
    assert response.media_type == "application/json", response
    assert response.json.keys() - {"next_token"} == {member}, response
    entries = response.json[member]
    assert isinstance(entries, list), response
    return entries


def expect_key_object(entry: dict[str, Any], *, expires_at: int | None = None) -> None:
    """`entry` has the members of a key object, and no others."""
    expiry = set() if expires_at is None else {"expires_at_epoch_seconds"}
    texts = {"key_id", "account_id", "description", "role_id"}
    assert entry.keys() == texts | expiry | {"issued_at_epoch_seconds"}
    assert all(isinstance(entry[name], str) for name in texts)
    assert entry["key_id"]
    assert entry["account_id"]
    assert entry["role_id"]
    assert type(entry["issued_at_epoch_seconds"]) is int
    assert entry.get("expires_at_epoch_seconds") == expires_at


def expect_role_object(entry: dict[str, Any]) -> None:
    """`entry` has the members of a role object, and no others."""
    names = {"role_id", "role_name", "role_type", "permissions"}
    assert entry.keys() - {"description"} == names
    assert all(isinstance(entry[name], str) and entry[name] for name in names - {"permissions"})
    assert isinstance(entry["permissions"], dict)
    assert entry.get("description", "said") != "", "no description is left out"
