"""The JSON documents in requests: what is none, and what it may be sent as."""

from __future__ import annotations

import json

import pytest

from tests.support.raw_client import Response

from .api import JSON, KEYS, ROLES, Api
from .expect import expect_refusal
from .permission_sets import READING

pytestmark = pytest.mark.proves("Auth APIs: 400")

KEY = {"role_id": "viewer", "description": "a key", "expiry": "never"}
ROLE = {"role_name": "Readers", "permissions": READING}
MIB = 1024 * 1024

BAD_BODIES = {
    "empty": b"",
    "blank": b" \n",
    "text": b"role_id=viewer&description=&expiry=never",
    "unquoted": b"{role_id: viewer}",
    "cut-short": json.dumps(KEY).encode()[:-1],
    "twice": json.dumps(KEY).encode() * 2,
    "a-comma-too-many": b'{"role_id": "viewer", "description": "", "expiry": "never",}',
    "single-quotes": b"{'role_id': 'viewer'}",
    "a-list": json.dumps([KEY, ROLE]).encode(),
    "an-empty-list": b"[]",
    "a-text-in-json": b'"never"',
    "a-number": b"1",
    "true": b"true",
    "null": b"null",
    "an-empty-object": b"{}",
    "not-utf-8": b'{"role_id": "\xff", "role_name": "\xff"}',
    "utf-16": json.dumps(KEY).encode("utf-16"),
    "deep": b"[" * 100_000,
    "deep-object": b'{"permissions":' * 50_000,
    "a-lone-surrogate": b'{"role_id": "viewer", "description": "\\ud800", "expiry": "never", '
    b'"role_name": "\\ud800", "permissions": ' + json.dumps(READING).encode() + b"}",
    "2-MiB-of-blanks": b" " * 2 * MIB,
    "2-MiB-of-text": json.dumps({**KEY, **ROLE, "description": "x" * 2 * MIB}).encode(),
    "2-MiB-of-rules": json.dumps(
        {**ROLE, "permissions": {"rules": READING["rules"] * 30_000}}
    ).encode(),
}


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_a_bad_body_is_400_and_changes_nothing(owner: Api, body: bytes, chunked: bool) -> None:
    role = owner.new_role(READING, "a role")
    before = (owner.all_keys(), owner.all_roles())
    for method, path in [
        ("POST", KEYS),
        ("POST", ROLES),
        ("PUT", f"{ROLES}/{role['role_id']}"),
        ("POST", "/_emulator/api-keys"),
        ("POST", "/_emulator/tokens"),
    ]:
        parts = [body[at : at + 60_000] for at in range(0, len(body), 60_000)]
        sent = iter(parts) if chunked else body
        answer = owner.client.request(method, path, headers=[JSON], body=sent)
        expect_refusal(answer, 400)
        assert "Content-Type" not in answer.message
    assert (owner.all_keys(), owner.all_roles()) == before


def test_no_body_at_all_is_400(owner: Api) -> None:
    for method, path in [("POST", KEYS), ("POST", ROLES)]:
        expect_refusal(owner.client.request(method, path, headers=[JSON]), 400)


def test_an_endless_body_is_refused_before_it_ends(owner: Api) -> None:
    with owner.client.wire() as wire:
        fields = [*owner.client.fields([JSON]), ("Content-Length", str(10**12))]
        wire.send_head("POST", KEYS, fields)
        wire.send(b" " * 2 * MIB)
        expect_refusal(wire.answer("POST"), 400)


def test_a_body_that_ends_early_is_400_and_makes_nothing(owner: Api) -> None:
    before = owner.all_keys()
    body = json.dumps(KEY).encode()
    with owner.client.wire() as wire:
        wire.send_head("POST", KEYS, [*owner.client.fields([JSON]), ("Content-Length", "1000")])
        wire.send(body)
        wire.finish_sending()
        wire.read_to_end()
    assert owner.all_keys() == before


def sent_as(
    owner: Api, content_type: str | None, method: str, path: str, document: object, chunked: bool
) -> Response:
    headers = [] if content_type is None else [("Content-Type", content_type)]
    body = json.dumps(document).encode()
    parts = iter([body[:5], body[5:]]) if chunked else body
    return owner.client.request(method, path, headers=headers, body=parts)


@pytest.mark.proves("Auth APIs: Content-Type")
@pytest.mark.proves("D54")
@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/json;",
    ],
)
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_declared_as_json_is_taken(
    owner: Api, content_type: str, chunked: bool
) -> None:
    assert sent_as(owner, content_type, "POST", KEYS, KEY, chunked).status == 200
    assert sent_as(owner, content_type, "POST", ROLES, ROLE, chunked).status == 200
    path = f"{ROLES}/{owner.all_roles()[-1]['role_id']}"
    assert sent_as(owner, content_type, "PUT", path, ROLE, chunked).status == 200
    assert owner.all_keys()[-1]["description"] == "a key"


WRONG_TYPES = [
    None,
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/octet-stream",
    "multipart/form-data; boundary=x",
    "application/jsonl",
    "application/vnd.api+json",
    "text/json",
    "",
    "nonsense",
]


@pytest.mark.proves("Auth APIs: Content-Type")
@pytest.mark.proves("D54")
@pytest.mark.parametrize("content_type", WRONG_TYPES)
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_not_declared_as_json_is_400_and_changes_nothing(
    owner: Api, content_type: str | None, chunked: bool
) -> None:
    path = f"{ROLES}/{owner.new_role(READING, 'a role')['role_id']}"
    before = (owner.all_keys(), owner.all_roles())
    for method, path_, document in [
        ("POST", KEYS, KEY),
        ("POST", ROLES, ROLE),
        ("PUT", path, ROLE),
    ]:
        answer = sent_as(owner, content_type, method, path_, document, chunked)
        expect_refusal(answer, 400, mentions=["Content-Type", "application/json"])
    assert (owner.all_keys(), owner.all_roles()) == before


@pytest.mark.proves("Auth APIs: Content-Type")
def test_the_type_of_a_body_is_looked_at_after_the_permission_and_the_role(
    owner: Api, viewer: Api, nobody: Api
) -> None:
    for caller, status in ((nobody, 401), (viewer, 403)):
        expect_refusal(sent_as(caller, None, "POST", ROLES, ROLE, False), status)
    expect_refusal(sent_as(owner, None, "PUT", f"{ROLES}/unknown", ROLE, False), 404)


@pytest.mark.proves("D54")
@pytest.mark.parametrize("content_type", WRONG_TYPES)
def test_requests_that_only_an_emulator_has_take_json_whatever_it_is_declared_as(
    owner: Api, content_type: str | None
) -> None:
    for path, document in [
        ("/_emulator/api-keys", {"role": "viewer"}),
        ("/_emulator/tokens", {"permissions": READING, "expires_in_seconds": 60}),
    ]:
        assert sent_as(owner, content_type, "POST", path, document, False).status == 200


@pytest.mark.proves("D12")
def test_other_members_of_the_document_are_ignored(owner: Api) -> None:
    assert owner.call("POST", KEYS, {**KEY, "key_id": "mine", "api_key": "x"}).status == 200
    answer = owner.call("POST", ROLES, {**ROLE, "role_id": "mine", "role_type": "system"})
    assert answer.status == 200
    assert answer.json["role_id"] != "mine"
    assert answer.json["role_type"] == "custom"


def test_a_document_may_be_written_in_any_way_that_json_has(owner: Api) -> None:
    body = b"""
        {"expiry":\t"\\u006eever" ,
        "description":"\\u00e9\\ud83d\\udd11","role_id":"viewer"}  \r\n"""
    answer = owner.client.request("POST", KEYS, headers=[JSON], body=body)
    assert answer.status == 200
    assert answer.json["key_info"]["description"] == "é🔑"
