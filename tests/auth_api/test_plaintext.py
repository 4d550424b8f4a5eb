"""A key is shown once, to who created it, and is found nowhere afterwards."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, unquote

import pytest

from tests.contract.stores import LIST, Store
from tests.support.keys import inner_key
from tests.support.raw_client import Response

from .api import KEYS, ROLES, Api, NewKey
from .membership import ACTING, INVITATIONS, MEMBERS
from .permission_sets import READING, allow, objects

pytestmark = pytest.mark.proves("Key lifecycle: The plaintext key is shown once")

over_files = pytest.mark.parametrize("running", ["file"], indirect=True, scope="session")
"""Has a test run over an account that is kept in a file."""


def secrets_of(key: str) -> list[str]:
    """What must not be seen of a key: itself and, of what it is or holds, payload and signature."""
    jwt = key if "." in key else inner_key(key)
    return [key, jwt, *jwt.split(".")[1:]]


def expect_none_of(secrets: list[str], text: str) -> None:
    for secret in secrets:
        assert secret not in text


@pytest.fixture(params=["v2", "v1", "v1-inner", "token", "token-inner"])
def secret(request: pytest.FixtureRequest, owner: Api) -> str:
    """A credential of every kind."""
    if request.param.startswith("token"):
        key = owner.new_token(READING)
    else:
        key = (owner.new_key() if request.param == "v2" else owner.new_v1_key()).api_key
    return inner_key(key) if request.param.endswith("inner") else key


@pytest.fixture(params=["v2", "v1"])
def new_key(request: pytest.FixtureRequest, owner: Api) -> NewKey:
    role_id = owner.new_role(READING)["role_id"]
    return owner.new_key(role_id) if request.param == "v2" else owner.new_v1_key(role_id)


@pytest.mark.proves("Auth APIs: POST /api-keys")
def test_the_answer_that_creates_a_key_holds_it_once(owner: Api) -> None:
    for answer in (
        owner.create_key("viewer"),
        owner.call("POST", "/_emulator/api-keys", {"role": "viewer", "v1": True}),
    ):
        key = answer.json["api_key"]
        assert answer.body.count(key.encode()) == 1
        assert key not in str(answer.headers)
        expect_none_of(secrets_of(key), str(answer.json["key_info"]))


@pytest.mark.proves("Key lifecycle: List")
def test_no_answer_after_its_creation_holds_a_key(owner: Api, new_key: NewKey) -> None:
    role_id = str(new_key.info["role_id"])
    for answer in (
        owner.list_keys(),
        owner.list_roles(),
        owner.create_key(role_id),
        owner.replace_role(role_id, "another", READING),
        owner.delete_role(role_id),
        owner.revoke_key(new_key.key_id),
        owner.revoke_key(new_key.key_id),
        owner.with_key(new_key.api_key).list_keys(),
        owner.client.get("/_emulator/health"),
        owner.client.get(MEMBERS),
    ):
        expect_none_of(secrets_of(new_key.api_key), f"{answer.headers}{answer.body.decode()}")


@over_files
def test_the_data_directory_holds_no_key(new_key: NewKey, data_directory: Path) -> None:
    files = [file for file in data_directory.rglob("*") if file.is_file()]
    assert data_directory / "account.json" in files
    assert new_key.key_id in (data_directory / "account.json").read_text()
    for file in files:
        expect_none_of(secrets_of(new_key.api_key), file.read_text(errors="replace"))


@over_files
def test_the_data_directory_holds_no_token(owner: Api, data_directory: Path) -> None:
    token = owner.new_token(READING)
    for file in data_directory.rglob("*"):
        if file.is_file():
            expect_none_of(secrets_of(token), file.read_text(errors="replace"))


@over_files
def test_the_first_keys_are_in_no_file_of_the_account(owner: Api, data_directory: Path) -> None:
    account = (data_directory / "account.json").read_text()
    expect_none_of(secrets_of(str(owner.client.key)), account)


MISPLACED: dict[str, Callable[[Api, str], Response]] = {
    "revoked-as-an-id": lambda api, key: api.revoke_key(key),
    "revoked-as-an-encoded-id": lambda api, key: api.revoke_key(quote(key, safe="")),
    "read-as-an-id": lambda api, key: api.client.get(f"{KEYS}/{key}"),
    "as-a-role": lambda api, key: api.create_key(key),
    "as-a-v1-role": lambda api, key: api.call("POST", "/_emulator/api-keys", {"role": key}),
    "as-an-expiry": lambda api, key: api.create_key("viewer", "", key),
    "as-a-long-description": lambda api, key: api.create_key("viewer", key + "x" * 1024),
    "as-the-role-to-replace": lambda api, key: api.replace_role(key, "another", READING),
    "as-the-role-to-delete": lambda api, key: api.delete_role(key),
    "as-a-long-role-name": lambda api, key: api.create_role(key * 2, READING),
    "as-a-member-of-a-set": lambda api, key: api.create_role("a", {**READING, key: 1}),
    "as-a-member-of-a-rule": lambda api, key: api.create_role(
        "a", allow({**objects("read"), key: 1})
    ),
    "as-a-type": lambda api, key: api.create_role("a", allow({**objects("read"), "type": key})),
    "as-a-permission": lambda api, key: api.create_role("a", allow(objects(key))),
    "as-a-selector": lambda api, key: api.create_role("a", allow(objects("read", items=key))),
    "as-a-form-of-a-selector": lambda api, key: api.create_role(
        "a", allow(objects("read", items={key: "a"}))
    ),
    "as-a-range": lambda api, key: api.create_role("a", allow(objects("read"), ranges=[key])),
    "as-a-condition": lambda api, key: api.create_role("a", {**READING, "conditions": [{key: 1}]}),
    "as-a-limit": lambda api, key: api.list_keys(limit=key),
    "as-a-type-of-roles": lambda api, key: api.list_roles(type=key),
    "as-a-next-token": lambda api, key: api.list_roles(next_token=key),
    "as-a-body": lambda api, key: api.client.request("POST", KEYS, body=key.encode()),
    "after-bearer": lambda api, key: api.with_key(f"Bearer {key}").list_keys(),
    "with-a-blank": lambda api, key: api.with_key(f"{key} x").list_keys(),
    "twice": lambda api, key: api.with_key(key).client.get(KEYS, headers=[("Authorization", key)]),
    "as-a-member": lambda api, key: api.client.delete(f"{MEMBERS}/{key}"),
    "as-an-invitation": lambda api, key: api.client.delete(f"{INVITATIONS}/{key}"),
    "as-an-invitation-to-accept": lambda api, key: api.call(
        "POST", MEMBERS, {"invitation_id": key}
    ),
    "as-who-acts": lambda api, key: api.call(
        "POST", INVITATIONS, {"user_name": "ada"}, headers=[(ACTING, key)]
    ),
    "as-a-path": lambda api, key: api.client.get(f"/{key}"),
    "as-an-encoded-path": lambda api, key: api.client.get(f"/{quote(key, safe='')}"),
    "as-more-of-a-path": lambda api, key: api.client.get(f"{ROLES}/some/{key}"),
    "as-a-method": lambda api, key: api.client.request(key[:20], ROLES),
    "as-a-store": lambda api, key: api.client.get(f"{LIST}/{key}"),
    "as-an-object": lambda api, key: api.client.get(f"{LIST}/store/{key}"),
}


def test_no_error_repeats_a_key_that_was_put_in_a_wrong_place(owner: Api, secret: str) -> None:
    for name, misplace in MISPLACED.items():
        answer = misplace(owner, secret)
        assert 400 <= answer.status < 500, name
        assert answer.message
        expect_none_of(secrets_of(secret), f"{name}: {answer.headers}{answer.body.decode()}")


@pytest.mark.parametrize("encoded", ["the-dots", "every-byte"])
def test_no_error_repeats_a_key_that_is_percent_encoded(
    owner: Api, secret: str, encoded: str
) -> None:
    spelled = "".join(
        f"%{byte:02X}" if encoded == "every-byte" or byte == ord(".") else chr(byte)
        for byte in secret.encode()
    )
    for path in (f"{KEYS}/{spelled}", f"{ROLES}/some/{spelled}", f"/{spelled}"):
        answer = owner.client.delete(path)
        assert answer.status == 404, answer
        expect_none_of(secrets_of(secret), unquote(answer.message))


def test_no_error_repeats_a_key_that_was_taken_for_a_name(owner: Api, secret: str) -> None:
    name = secret[:255]
    owner.new_role(READING, name)
    role_id = owner.new_role(READING, "another")["role_id"]
    owner.call("POST", INVITATIONS, {"user_name": name})
    for answer in (
        owner.create_role(name, READING),
        owner.replace_role(role_id, name, READING),
        owner.call("POST", INVITATIONS, {"user_name": name}),
    ):
        assert answer.status in (400, 409)
        assert name[-40:] not in answer.body.decode()


def test_the_log_has_no_key(
    owner: Api, store: Store, secret: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        created = owner.new_key("owner").api_key
        holder = owner.with_key(secret)
        holder.list_keys()
        holder.client.get(store.path_of("key"))
        store.put("key", b"body")
        for name, misplace in MISPLACED.items():
            if name not in ("as-a-store", "as-an-object"):
                misplace(owner, secret)
    records = [record for record in caplog.records if record.name.startswith("emulator")]
    assert records, "nothing was logged, so nothing was shown"
    text = "\n".join(f"{record.getMessage()} {record.args}" for record in caplog.records)
    expect_none_of(secrets_of(secret) + secrets_of(created), text)
