"""Which refusal wins where several would be due (D01)."""

from __future__ import annotations

import pytest

from tests.support.raw_client import Response

from .api import JSON, KEYS, KEYS_OF_EITHER_VERSION, ROLES, Api
from .expect import expect_refusal
from .membership import ACTING, INVITATIONS, MEMBERS
from .permission_sets import READING, allow, rule

pytestmark = pytest.mark.proves("D01")

BAD = {"expiry": "x", "permissions": 1}
"""A body that nothing takes."""

WITH_ID = [
    ("PUT", f"{ROLES}/{{}}", BAD),
    ("DELETE", f"{ROLES}/{{}}", None),
    ("DELETE", f"{KEYS}/{{}}", None),
]
WITHOUT_ID = [
    ("POST", KEYS),
    ("POST", ROLES),
    ("POST", "/_emulator/api-keys"),
    ("POST", "/_emulator/tokens"),
]
BAD_LISTS = [
    f"{KEYS}?limit=0",
    f"{KEYS}?next_token=x",
    f"{ROLES}?limit=0",
    f"{ROLES}?type=x",
    f"{ROLES}?next_token=x",
]


@pytest.mark.parametrize(("method", "path", "body"), WITH_ID)
def test_a_request_for_an_id_is_checked_for_401_400_403_404_and_then_its_body(
    owner: Api, viewer: Api, nobody: Api, method: str, path: str, body: object
) -> None:
    def answer(api: Api, item: str) -> Response:
        return api.call(method, path.format(item), body)

    for item in ("%zz", "unknown", "owner"):
        expect_refusal(answer(nobody, item), 401)
        expect_refusal(answer(owner.with_key("unknown"), item), 401)
    for caller in (viewer, owner):
        expect_refusal(answer(caller, "%zz"), 400)
    for item in ("unknown", "owner"):
        expect_refusal(answer(viewer, item), 403)
    expect_refusal(answer(owner, "unknown"), 404)


@pytest.mark.proves("Auth APIs: PUT /roles")
@pytest.mark.parametrize("body", [BAD, {}, [], 1, {"role_name": "", "permissions": READING}])
def test_what_cannot_be_replaced_is_said_before_the_body_is_looked_at(
    owner: Api, body: object
) -> None:
    role_id = owner.new_role(READING)["role_id"]
    expect_refusal(owner.call("PUT", f"{ROLES}/unknown", body), 404)
    expect_refusal(owner.call("PUT", f"{ROLES}/viewer", body), 412)
    expect_refusal(owner.call("PUT", f"{ROLES}/{role_id}", body), 400)


@pytest.mark.parametrize(("method", "path"), WITHOUT_ID)
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"expiry": 0}', b" " * 2 * 1024 * 1024])
def test_who_may_not_write_is_told_so_before_the_body_is_looked_at(
    owner: Api, viewer: Api, nobody: Api, method: str, path: str, body: bytes
) -> None:
    expect_refusal(nobody.client.request(method, path, body=body), 401)
    expect_refusal(viewer.client.request(method, path, body=body), 403)
    expect_refusal(owner.client.request(method, path, headers=[JSON], body=body), 400)


@pytest.mark.parametrize("path", BAD_LISTS)
def test_a_request_for_a_list_is_checked_for_401_403_and_then_its_parameters(
    owner: Api, nobody: Api, path: str
) -> None:
    writer = owner.with_key(owner.key_with(allow(rule("auth_management", "read", "write"))))
    expect_refusal(nobody.client.get(path), 401)
    expect_refusal(writer.client.get(path), 403)
    expect_refusal(owner.client.get(path), 400)


def test_the_whole_body_is_looked_at_before_the_role_of_a_key(owner: Api) -> None:
    expect_refusal(owner.create_key("unknown", "a key", "x"), 400)
    expect_refusal(owner.create_key("unknown", 1, "never"), 400)
    expect_refusal(owner.create_key("unknown", "a key", "never"), 404)


@pytest.mark.parametrize("wrong", [{"description": 1}, {"expires_in_seconds": 0}, {"v1": 1}])
def test_the_whole_body_is_looked_at_before_the_role_of_a_key_of_either_version(
    owner: Api, wrong: dict[str, object]
) -> None:
    unknown = {"role": "unknown"}
    expect_refusal(owner.call("POST", KEYS_OF_EITHER_VERSION, {**unknown, **wrong}), 400)
    expect_refusal(owner.call("POST", KEYS_OF_EITHER_VERSION, unknown), 404)


def test_the_whole_body_is_looked_at_before_the_name_of_a_role(owner: Api) -> None:
    expect_refusal(owner.create_role("Owner", {"rules": []}), 400)
    expect_refusal(owner.create_role("Owner", READING, description=1), 400)
    expect_refusal(owner.create_role("Owner", READING), 409)


@pytest.mark.proves("D48")
def test_what_a_rule_does_not_allow_and_what_a_condition_does_not_admit_are_403(
    owner: Api,
) -> None:
    outside = allow(rule("auth_management", "read", "write", "list"), ranges=["10.0.0.0/8"])
    caller = owner.with_key(owner.key_with(outside))
    expect_refusal(caller.client.get(f"{KEYS}?limit=0"), 403)
    expect_refusal(caller.call("PUT", f"{ROLES}/unknown", BAD), 403)
    expect_refusal(caller.call("PUT", f"{ROLES}/%zz", BAD), 400)


@pytest.mark.proves("D52")
@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", f"{MEMBERS}/{{}}"), ("DELETE", f"{MEMBERS}/{{}}"), ("DELETE", f"{INVITATIONS}/{{}}")],
)
def test_a_request_for_a_member_is_checked_for_401_400_403_404_and_then_its_body(
    owner: Api, operator: Api, nobody: Api, method: str, path: str
) -> None:
    acting = [(ACTING, "unknown")]
    for item in ("%zz", "unknown"):
        answer = nobody.call(method, path.format(item), BAD, headers=acting)
        expect_refusal(answer, 401)
    for caller in (operator, owner):
        expect_refusal(caller.call(method, path.format("%zz"), BAD), 400)
    expect_refusal(operator.call(method, path.format("unknown"), BAD), 403)
    expect_refusal(owner.call(method, path.format("unknown"), BAD), 404)


@pytest.mark.proves("D52")
def test_who_invites_without_being_an_owner_is_told_so_before_the_body_is_looked_at(
    operator: Api, owner: Api
) -> None:
    for body in (b"", b"{", b"[]"):
        expect_refusal(operator.client.request("POST", INVITATIONS, body=body), 403)
        expect_refusal(owner.client.request("POST", INVITATIONS, body=body), 400)
