"""API keys: their forms on the wire, their roles, and when they cease to open anything."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest

from emulator import Emulator
from tests.support.client import Client
from tests.support.emulators import Start, client, status_with
from tests.support.keys import envelope, inner_key, is_base64, jwt_parts

SECOND = 1_000_000
"""In microseconds, which is what the clock counts in."""

INSTANT = 1_900_000_000
"""An instant in the future, in seconds since the Unix epoch."""


def forms(api_key: str) -> list[str]:
    """The ways in which a key may be sent: a v1 key whole, or as what it holds."""
    return [api_key, inner_key(api_key)] if is_base64(api_key) else [api_key]


either_version = pytest.mark.parametrize("v1", [False, True], ids=["v2", "v1"])
every_role = pytest.mark.parametrize("role", ["owner", "operator", "viewer"])


@every_role
def test_a_v2_key_is_a_marked_jwt_without_an_endpoint(emulator: Emulator, role: str) -> None:
    for key in (emulator.api_key(role), emulator.create_api_key(role)):
        header, payload = jwt_parts(key)
        assert header == {"alg": "HS512", "typ": "JWT"}
        assert payload["t"] == "g"
        assert payload["jti"]
        assert not payload.keys() & {"c", "cp", "endpoint", "exp"}
        assert not is_base64(key)


@every_role
def test_a_v1_key_is_base64_of_the_emulators_cell_and_a_jwt(emulator: Emulator, role: str) -> None:
    key = emulator.create_api_key(role, v1=True)

    document = envelope(key)
    assert document.keys() == {"endpoint", "api_key"}
    assert document["endpoint"] == "emulator.test"
    header, payload = jwt_parts(document["api_key"])
    assert header["alg"] == "HS512"
    assert payload.get("t") != "g"
    assert is_base64(key)


def test_a_key_is_listed_under_the_id_that_it_carries(emulator: Emulator) -> None:
    made = [emulator.create_api_key("viewer"), emulator.create_api_key("viewer", v1=True)]
    keys = [*(emulator.api_key(role) for role in ("owner", "operator", "viewer")), *made]

    listed = client(emulator).call("GET", "/api-keys").json()["key_info"]
    carried = [jwt_parts(forms(key)[-1])[1]["jti"] for key in keys]
    assert [info["key_id"] for info in listed] == carried


def test_every_key_has_an_id_of_its_own(emulator: Emulator) -> None:
    keys = [emulator.create_api_key("viewer") for _ in range(5)]
    keys += [key for key in emulator.api_keys.values() if key is not None]

    assert len({jwt_parts(key)[1]["jti"] for key in keys}) == len(keys)


@either_version
def test_a_keys_expiry_is_in_the_key_too(emulator: Emulator, v1: bool) -> None:
    key = emulator.create_api_key("viewer", expires_at=INSTANT, v1=v1)

    assert jwt_parts(forms(key)[-1])[1]["exp"] == INSTANT


@either_version
@pytest.mark.parametrize(("role", "may_create"), [("operator", 201), ("viewer", 403)])
def test_a_created_key_has_its_role_in_every_form(
    emulator: Emulator, role: str, may_create: int, v1: bool
) -> None:
    for number, key in enumerate(forms(emulator.create_api_key(role, v1=v1))):
        made = Client(emulator.endpoint, key)
        assert made.list_stores().status == 200
        assert made.create_store(f"store-{number}").status == may_create


def test_a_key_without_expiry_is_good_for_ever(emulator: Emulator) -> None:
    key = emulator.create_api_key("viewer")

    emulator.clock.advance(1000 * 365 * 86400)

    assert status_with(emulator, key) == 200
    assert status_with(emulator, emulator.api_key()) == 200


@either_version
def test_a_key_is_refused_from_exactly_its_second_on(emulator: Emulator, v1: bool) -> None:
    key = emulator.create_api_key("viewer", expires_at=INSTANT, v1=v1)

    emulator.clock.freeze(INSTANT * SECOND - 1)
    assert [status_with(emulator, form) for form in forms(key)] == [200] * len(forms(key))
    emulator.clock.advance(1e-6)
    assert [status_with(emulator, form) for form in forms(key)] == [401] * len(forms(key))
    emulator.clock.advance(1e9)
    assert status_with(emulator, key) == 401


def test_a_key_expires_also_while_the_clock_runs(emulator: Emulator) -> None:
    key = emulator.create_api_key("viewer", expires_at=int(time.time()) + 3600)

    emulator.clock.advance(3590)
    assert status_with(emulator, key) == 200
    emulator.clock.advance(11)
    assert status_with(emulator, key) == 401


def test_a_key_may_be_made_that_has_expired_already(emulator: Emulator) -> None:
    assert status_with(emulator, emulator.create_api_key("owner", expires_at=1)) == 401


def test_an_expired_key_is_told_so_and_its_message_holds_no_key(emulator: Emulator) -> None:
    key = emulator.create_api_key("owner", expires_at=1)

    answer = Client(emulator.endpoint, key).list_stores()

    assert "expired" in answer.json()["message"]
    assert key.encode() not in answer.body


@either_version
def test_a_revoked_key_is_refused_at_the_next_request_on_an_open_connection(
    emulator: Emulator, v1: bool
) -> None:
    key = emulator.create_api_key("viewer", v1=v1)
    for form in forms(key):
        revoked = Client(emulator.endpoint, form)
        with contextlib.closing(revoked.connect()) as connection:
            assert revoked.list_stores(over=connection).status == 200
            open_socket = connection.sock
            if form == forms(key)[0]:
                emulator.revoke_api_key(key)
                assert revoked.list_stores(over=connection).status == 401
                assert connection.sock is open_socket
                break
    assert {status_with(emulator, form) for form in forms(key)} == {401}


def test_a_v1_key_can_be_revoked_by_what_it_holds(emulator: Emulator) -> None:
    key = emulator.create_api_key("viewer", v1=True)

    emulator.revoke_api_key(inner_key(key))

    assert {status_with(emulator, form) for form in forms(key)} == {401}


def test_to_revoke_one_key_leaves_the_others(emulator: Emulator) -> None:
    one, other = (emulator.create_api_key("viewer") for _ in range(2))

    emulator.revoke_api_key(one)

    assert (status_with(emulator, one), status_with(emulator, other)) == (401, 200)
    assert status_with(emulator, emulator.api_key("viewer")) == 200


@pytest.mark.parametrize("key", ["", "no key", "a.b.c"])
def test_to_revoke_what_is_no_key_of_the_account_is_an_error(emulator: Emulator, key: str) -> None:
    with pytest.raises(KeyError):
        emulator.revoke_api_key(key)


def test_to_revoke_a_key_twice_is_an_error(emulator: Emulator) -> None:
    key = emulator.create_api_key("viewer")
    emulator.revoke_api_key(key)

    with pytest.raises(KeyError):
        emulator.revoke_api_key(key)


def test_created_revoked_and_expiring_keys_are_so_after_a_restart(
    start: Start, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    first = start(data_dir=data)
    kept = [first.create_api_key("viewer", v1=v1) for v1 in (False, True)]
    revoked = first.create_api_key("viewer")
    first.revoke_api_key(revoked)
    expiring = first.create_api_key("viewer", expires_at=INSTANT)
    first.stop()

    second = start(data_dir=data)
    second.clock.freeze(INSTANT * SECOND - 1)

    assert {status_with(second, form) for key in kept for form in forms(key)} == {200}
    assert status_with(second, revoked) == 401
    assert status_with(second, expiring) == 200
    second.clock.freeze(INSTANT * SECOND)
    assert status_with(second, expiring) == 401
    for key in [*kept, revoked, expiring]:
        assert not [
            path
            for path in data.rglob("*")
            if path.is_file() and any(form.encode() in path.read_bytes() for form in forms(key))
        ]


def test_a_key_made_while_a_connection_is_open_opens_it(emulator: Emulator) -> None:
    client(emulator).create_store("store")
    with contextlib.closing(client(emulator).connect()) as connection:
        assert Client(emulator.endpoint, "a.b.c").list_stores(over=connection).status == 401
        made = Client(emulator.endpoint, emulator.create_api_key("viewer"))
        assert made.list_stores(over=connection).status == 200
