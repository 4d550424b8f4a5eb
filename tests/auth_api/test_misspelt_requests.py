"""The endpoints that only an emulator has: what is misspelt there is refused and not overlooked."""

from __future__ import annotations

import base64
import json

import pytest

from .api import CLOCK, JSON, KEYS_OF_EITHER_VERSION, TOKENS, Api
from .expect import expect_refusal
from .membership import INVITATIONS, MEMBERS, Membership
from .permission_sets import READING

MISSPELT = {
    "expires_in": (KEYS_OF_EITHER_VERSION, {"role": "viewer", "expires_in": 60}),
    "expiry": (KEYS_OF_EITHER_VERSION, {"role": "viewer", "expiry": 2_000_000_000}),
    "role_id": (KEYS_OF_EITHER_VERSION, {"role": "viewer", "role_id": "owner"}),
    "V1": (KEYS_OF_EITHER_VERSION, {"role": "viewer", "V1": True}),
    "ttl": (TOKENS, {"permissions": READING, "expires_in_seconds": 60, "ttl": 1}),
    "role": (INVITATIONS, {"user_name": "eve", "role": "owner"}),
    "id": (MEMBERS, {"invitation_id": "some", "id": "some"}),
}


@pytest.mark.proves("D51")
@pytest.mark.proves("D52")
@pytest.mark.parametrize(("path", "document"), MISSPELT.values(), ids=MISSPELT)
def test_a_misspelt_member_is_400_and_nothing_is_made(
    owner: Api, account: Membership, request: pytest.FixtureRequest, path: str, document: object
) -> None:
    before = (owner.all_keys(), account.members(), account.invitations())
    name = request.node.callspec.id.rpartition("-")[2]
    expect_refusal(owner.call("POST", path, document), 400, mentions=[f"unknown {name}"])
    assert (owner.all_keys(), account.members(), account.invitations()) == before


@pytest.mark.proves("D56")
def test_a_misspelt_instant_does_not_stop_the_clock(owner: Api) -> None:
    assert owner.call("POST", f"{CLOCK}/freeze", {"At": 5}).status == 400
    assert owner.client.get(CLOCK).json["frozen"] is False


@pytest.mark.proves("D52")
def test_a_members_new_role_is_not_overlooked_when_it_is_misspelt(account: Membership) -> None:
    account.join("ada")
    answer = account.call("PUT", f"{MEMBERS}/ada", {"role_id": "operator", "role": "owner"})
    expect_refusal(answer, 400, mentions=["unknown role"])
    assert account.members()["ada"] == "viewer"


WEST = "cell-4-us-west-2-1.prod.a.momentohq.com"
CELLS = {
    "localhost:8080": "emulator.test",
    "127.0.0.1:8080": "emulator.test",
    "[::1]:8080": "emulator.test",
    "emulator": "emulator.test",
    "cell-1.example.com": "emulator.test",
    "api.cache.emulator.test:8080": "emulator.test",
    f"api.cache.{WEST}": WEST,
    f"API.Cache.{WEST.upper()}:443": WEST,
    f"control.{WEST}": WEST,
    f"token.{WEST}": WEST,
    f"evil.{WEST}": "emulator.test",
    f"api.cache.{WEST}.example.com": "emulator.test",
}
"""The cell that is written into a key, by the host of the request."""


@pytest.mark.proves("D51")
@pytest.mark.parametrize("path", [KEYS_OF_EITHER_VERSION, TOKENS])
@pytest.mark.parametrize(("host", "cell"), CELLS.items(), ids=CELLS)
def test_a_credential_carries_the_cell_of_the_host_by_which_it_was_asked_for(
    owner: Api, path: str, host: str, cell: str
) -> None:
    with owner.client.wire() as wire:
        wire.send_head("POST", path, [("Host", host), *_body_of(owner, path)])
        wire.send(_document(path))
        answer = wire.answer()
    assert answer.status == 200, answer
    envelope = json.loads(base64.b64decode(answer.json.get("token") or answer.json["api_key"]))
    assert envelope["endpoint"] == cell


@pytest.mark.proves("D51")
@pytest.mark.parametrize("path", [KEYS_OF_EITHER_VERSION, TOKENS])
@pytest.mark.parametrize("host", ["", "a b", 'evil"}.com', "user@host", "host:port", "[::1"])
def test_a_host_that_is_none_is_400(owner: Api, path: str, host: str) -> None:
    with owner.client.wire() as wire:
        wire.send_head("POST", path, [("Host", host), *_body_of(owner, path)])
        wire.send(_document(path))
        answer = wire.answer()
    assert answer.status == 400, answer


@pytest.mark.proves("D01")
@pytest.mark.parametrize("path", [KEYS_OF_EITHER_VERSION, TOKENS])
def test_a_missing_key_or_permission_comes_before_a_host_that_is_none(
    owner: Api, viewer: Api, path: str
) -> None:
    keyless = [each for each in _body_of(owner, path) if each[0] != "Authorization"]
    for status, headers in ((401, keyless), (403, _body_of(viewer, path))):
        with owner.client.wire() as wire:
            wire.send_head("POST", path, [("Host", "a b"), *headers])
            wire.send(_document(path))
            assert wire.answer().status == status


@pytest.mark.proves("D44")
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/roles", b'{"role_name": "a", "role_name": "b", "permissions": %b}'),
        ("/roles", b'{"role_name": "a", "permissions": {"rules": []}, "permissions": %b}'),
        (TOKENS, b'{"expires_in_seconds": 1, "expires_in_seconds": 9, "permissions": %b}'),
    ],
)
def test_a_member_that_is_there_twice_is_400(owner: Api, path: str, body: bytes) -> None:
    document = body % json.dumps(READING).encode()
    answer = owner.client.request("POST", path, headers=[JSON], body=document)
    expect_refusal(answer, 400, mentions=["twice"])
    assert owner.all_roles(type="custom") == []


def _document(path: str) -> bytes:
    if path == TOKENS:
        return json.dumps({"permissions": READING, "expires_in_seconds": 60}).encode()
    return json.dumps({"role": "viewer", "v1": True}).encode()


def _body_of(owner: Api, path: str) -> list[tuple[str, str]]:
    length = str(len(_document(path)))
    return [("Authorization", str(owner.client.key)), ("Content-Length", length)]
