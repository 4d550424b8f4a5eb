"""Custom roles and disposable tokens, made from Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from tests.support.client import Client
from tests.support.emulators import Start, client, status_with
from tests.support.keys import envelope, inner_key, jwt_parts

LIST_STORES = {
    "rules": [{"type": "resource_management", "permissions": ["list"], "resources": "*"}]
}


def drafts(*permissions: str) -> dict[str, Any]:
    """What is below drafts/ in the store."""
    rule = {
        "type": "store",
        "permissions": list(permissions),
        "stores": {"name": "store"},
        "items": {"key_prefix": "drafts/"},
    }
    return {"rules": [rule]}


@pytest.mark.parametrize("by", ["id", "name"])
def test_a_key_of_a_custom_role_may_do_what_the_role_says(emulator: Emulator, by: str) -> None:
    role_id = emulator.create_role("Author", drafts("read", "write"), description="writes drafts")
    client(emulator).create_store("store")
    author = Client(emulator.endpoint, emulator.create_api_key(role_id if by == "id" else "Author"))

    assert author.put("store", "drafts/a", b"a").status == 204
    assert author.get("store", "drafts/a").body == b"a"
    assert author.put("store", "final/a", b"a").status == 403
    assert author.list_stores().status == 403


@pytest.mark.parametrize("name", ["Owner", "owner"])
def test_a_key_can_be_made_by_the_id_or_name_of_a_system_role(
    emulator: Emulator, name: str
) -> None:
    made = Client(emulator.endpoint, emulator.create_api_key(name))
    assert made.create_store("store").status == 201


@pytest.mark.parametrize(
    ("name", "permissions", "cause"),
    [
        ("Author", {"rules": []}, "permissions.rules"),
        ("Author", {"super_user": True}, "Owner"),
        ("", LIST_STORES, "role_name"),
        ("Viewer", LIST_STORES, "'Viewer'"),
        ("Taken", LIST_STORES, "'Taken'"),
    ],
)
def test_a_role_that_cannot_be_made_is_a_value_error(
    emulator: Emulator, name: str, permissions: dict[str, Any], cause: str
) -> None:
    emulator.create_role("Taken", LIST_STORES)
    with pytest.raises(ValueError, match=cause):
        emulator.create_role(name, permissions)


def test_a_token_has_the_form_of_a_v1_key_and_names_the_emulator(emulator: Emulator) -> None:
    token = emulator.create_token(LIST_STORES, expires_in=60)

    assert envelope(token)["endpoint"] == "emulator.test"
    header, payload = jwt_parts(inner_key(token))
    assert header == {"alg": "HS512", "typ": "JWT"}
    assert payload["t"] != "g"
    assert payload["permissions"] == LIST_STORES


def test_a_token_opens_what_it_says_until_it_expires(emulator: Emulator) -> None:
    emulator.clock.freeze(at=1_900_000_000_000_000)
    token = emulator.create_token(drafts("read"), expires_in=60)
    client(emulator).create_store("store")
    holder = Client(emulator.endpoint, token)

    assert holder.get("store", "drafts/a").status == 404
    assert holder.put("store", "drafts/a", b"a").status == 403
    assert holder.get("store", "final/a").status == 403
    emulator.clock.advance(59.999999)
    assert holder.get("store", "drafts/a").status == 404
    emulator.clock.advance(0.000001)
    assert holder.get("store", "drafts/a").status == 401


@pytest.mark.parametrize(
    ("permissions", "expires_in", "cause"),
    [
        (LIST_STORES, 0, "expires_in_seconds"),
        (LIST_STORES, 25 * 3600 + 1, "25 hours"),
        ({"rules": LIST_STORES["rules"] * 21}, 60, "20 rules"),
        ({"super_user": True}, 60, "Owner"),
        ({"rules": []}, 60, "permissions.rules"),
    ],
)
def test_a_token_that_cannot_be_made_is_a_value_error(
    emulator: Emulator, permissions: dict[str, Any], expires_in: int, cause: str
) -> None:
    with pytest.raises(ValueError, match=cause):
        emulator.create_token(permissions, expires_in=expires_in)


def test_the_longest_token_is_taken_and_a_longer_one_not_made(emulator: Emulator) -> None:
    def rules(characters: int) -> dict[str, Any]:
        names = [{"name": "s" * characters}] * 20
        return {
            "rules": [
                {"type": "store", "permissions": ["read"], "stores": name, "items": "*"}
                for name in names
            ]
        }

    longest = max(n for n in range(200, 400) if not _is_too_long(emulator, rules(n)))
    token = emulator.create_token(rules(longest))
    assert len(token) > 12_000
    assert status_with(emulator, token) == 403
    with pytest.raises(ValueError, match="header"):
        emulator.create_token(rules(longest + 20))


def _is_too_long(emulator: Emulator, permissions: dict[str, Any]) -> bool:
    try:
        emulator.create_token(permissions)
    except ValueError:
        return True
    return False


def test_a_reset_forgets_the_roles_keys_and_tokens_that_were_made(emulator: Emulator) -> None:
    emulator.create_role("Lister", LIST_STORES)
    key, token = emulator.create_api_key("Lister"), emulator.create_token(LIST_STORES)
    assert (status_with(emulator, key), status_with(emulator, token)) == (200, 200)
    emulator.reset()

    assert (status_with(emulator, key), status_with(emulator, token)) == (401, 401)
    with pytest.raises(ValueError, match="'Lister'"):
        emulator.create_api_key("Lister")
    emulator.create_role("Lister", LIST_STORES)


def test_a_data_directory_keeps_roles_keys_and_what_tokens_are_signed_with(
    start: Start, tmp_path: Path
) -> None:
    first = start(data_dir=tmp_path / "data")
    first.create_role("Lister", LIST_STORES)
    key, token = first.create_api_key("Lister"), first.create_token(LIST_STORES)
    first.stop()

    second = start(data_dir=tmp_path / "data")
    assert (status_with(second, key), status_with(second, token)) == (200, 200)
    second.reset()
    assert (status_with(second, key), status_with(second, token)) == (200, 401)
    assert status_with(second, second.create_api_key("Lister")) == 200


def test_a_reset_keeps_the_roles_that_were_there_at_the_start(start: Start, tmp_path: Path) -> None:
    first = start(data_dir=tmp_path / "data")
    first.create_role("Lister", LIST_STORES)
    first.stop()

    second = start(data_dir=tmp_path / "data")
    listed = client(second).call("GET", "/roles").json()
    second.create_role("Other", LIST_STORES)
    second.reset()
    assert client(second).call("GET", "/roles").json() == listed
    with pytest.raises(ValueError, match="'Lister'"):
        second.create_role("Lister", LIST_STORES)


def test_a_token_of_one_emulator_opens_no_other(start: Start) -> None:
    token = start().create_token(LIST_STORES)
    assert status_with(start(), token) == 401
