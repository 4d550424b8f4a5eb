"""Paths and methods that the Auth APIs do not have, and HEAD, which they do."""

from __future__ import annotations

import pytest

from tests.contract.expect import expect_error

from .api import KEYS, ROLES, Api
from .expect import expect_refusal
from .membership import INVITATIONS, MEMBERS
from .permission_sets import READING

LIST = {"GET", "HEAD", "POST"}
ALLOWED = {
    KEYS: LIST,
    f"{KEYS}/some": {"DELETE"},
    f"{KEYS}/": {"DELETE"},
    ROLES: LIST,
    f"{ROLES}/some": {"PUT", "DELETE"},
    f"{ROLES}/viewer": {"PUT", "DELETE"},
    f"{ROLES}/%zz": {"PUT", "DELETE"},
    "/_emulator/api-keys": {"POST"},
    "/_emulator/tokens": {"POST"},
    MEMBERS: LIST,
    f"{MEMBERS}/some": {"PUT", "DELETE"},
    INVITATIONS: LIST,
    f"{INVITATIONS}/some": {"DELETE"},
}
BELOW_THE_AUTH_APIS = (
    KEYS,
    ROLES,
    "/_emulator/account",
    "/_emulator/tokens",
    "/_emulator/api-keys",
)
METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PURGE", "get"}


@pytest.mark.proves("D25")
@pytest.mark.proves("D40")
@pytest.mark.proves("D32")
@pytest.mark.parametrize("path", ALLOWED)
def test_another_method_is_405_with_what_is_allowed_whoever_asks(
    owner: Api, nobody: Api, path: str
) -> None:
    for caller in (owner, nobody):
        for method in METHODS - ALLOWED[path]:
            with caller.client.wire() as wire:
                answer = wire.request(method, path)
            assert answer.status == 405, method
            assert set((answer.headers.get("Allow") or "").split(", ")) == ALLOWED[path]
            if method != "HEAD":
                expect_refusal(answer, 405)


@pytest.mark.proves("D25")
def test_a_method_that_is_not_allowed_does_nothing(owner: Api) -> None:
    role, key = owner.new_role(READING), owner.new_key()
    before = (owner.all_keys(), owner.all_roles())
    for method, path in [
        ("DELETE", KEYS),
        ("PUT", f"{KEYS}/{key.key_id}"),
        ("POST", f"{KEYS}/{key.key_id}"),
        ("DELETE", ROLES),
        ("POST", f"{ROLES}/{role['role_id']}"),
        ("PATCH", f"{ROLES}/{role['role_id']}"),
    ]:
        document = {"role_name": "another", "permissions": READING}
        assert owner.call(method, path, document).status == 405
    assert (owner.all_keys(), owner.all_roles()) == before


@pytest.mark.proves("D25")
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api-key",
        "/API-KEYS",
        "/api_keys",
        "/api%2Dkeys",
        "//api-keys",
        "/api-keys/some/more",
        "/api-keys//some",
        "/api-keys/some/",
        "/role",
        "/Roles",
        "/roles/some/more",
        "/roles/some/",
        "/v1/api-keys",
        "/auth/api-keys",
        "/objectstores",
        "/_emulator",
        "/_emulator/account/roles",
        "/_emulator/tokens/some",
        "/_emulator/api-keys/some",
        "/_emulator/account",
        "/_emulator/account/members/some/more",
    ],
)
def test_an_unknown_path_is_404_whoever_asks(owner: Api, nobody: Api, path: str) -> None:
    for caller in (owner, nobody):
        for method in ("GET", "POST", "PUT", "DELETE"):
            answer = caller.client.request(method, path, body=b"{}")
            if path.startswith(BELOW_THE_AUTH_APIS):
                expect_refusal(answer, 404)
            else:
                expect_error(answer, 404)


@pytest.mark.proves("D17")
@pytest.mark.parametrize(
    "path",
    [
        KEYS,
        ROLES,
        f"{KEYS}?limit=1",
        f"{ROLES}?limit=2&type=system",
        f"{KEYS}?limit=0",
        f"{ROLES}?type=x",
        MEMBERS,
        INVITATIONS,
    ],
)
def test_head_is_get_without_the_body(owner: Api, nobody: Api, path: str) -> None:
    for caller in (owner, nobody, owner.with_key(owner.key_with(READING))):
        get = caller.client.get(path)
        with caller.client.wire() as wire:
            head = wire.request("HEAD", path)
            again = wire.request("GET", path)  # Had HEAD a body, it would be read as this answer.
        assert head.status == get.status == again.status
        assert again.body == get.body
        for name in ("Content-Type", "Content-Length"):
            assert head.headers.get(name) == get.headers.get(name)


@pytest.mark.proves("D25")
def test_the_host_and_the_form_of_the_target_do_not_matter(owner: Api) -> None:
    with owner.client.wire() as wire:
        whole = wire.request("GET", f"http://elsewhere.example{ROLES}?type=system")
        assert whole.status == 200
        assert len(whole.json["roles"]) == 3


@pytest.mark.proves("Auth APIs: errors")
def test_every_answer_is_json_and_says_so(owner: Api) -> None:
    role = owner.new_role(READING)
    for answer in (
        owner.list_keys(),
        owner.list_roles(),
        owner.create_key("viewer"),
        owner.replace_role(role["role_id"], "another", READING),
        owner.delete_role(role["role_id"]),
        owner.revoke_key(owner.new_key().key_id),
        owner.revoke_key("unknown"),
    ):
        assert answer.media_type == "application/json"
        assert isinstance(answer.json, dict)
