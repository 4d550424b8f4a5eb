"""The limit of the account on operations on API keys, roles and tokens."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from emulator import Emulator
from tests.support.emulators import Start, raw_client
from tests.support.raw_client import Client, Response

from .stores import FIRST, INSTANT, LATER

pytestmark = pytest.mark.proves("D145")

JSON = [("Content-Type", "application/json")]
RULE = {"type": "store", "permissions": ["read"], "stores": "*", "items": "*"}


def send(method: str, path: str, document: object = None) -> Callable[[Client], Response]:
    body = None if document is None else json.dumps(document).encode()
    headers = JSON if document is not None else []
    return lambda client: client.request(method, path, headers=headers, body=body)


OPERATIONS: dict[str, Callable[[Client], Response]] = {
    "create a key": send(
        "POST", "/api-keys", {"role_id": "viewer", "description": "", "expiry": "never"}
    ),
    "list keys": send("GET", "/api-keys"),
    "revoke a key": send("DELETE", "/api-keys/none"),
    "create a role": send(
        "POST", "/roles", {"role_name": "Taken", "permissions": {"rules": [RULE]}}
    ),
    "list roles": send("HEAD", "/roles"),
    "replace a role": send("PUT", "/roles/none", {}),
    "delete a role": send("DELETE", "/roles/none"),
    "create a v1 key": send("POST", "/_emulator/api-keys", {"role": "viewer", "v1": True}),
    "create a token": send(
        "POST", "/_emulator/tokens", {"permissions": {"rules": [RULE]}, "expires_in_seconds": 60}
    ),
    "send what is no JSON": lambda client: client.request("POST", "/roles", body=b"{"),
}


@pytest.fixture(scope="module")
def serving() -> Iterator[Emulator]:
    with Emulator(cache="memory", api_revision=LATER) as emulator:
        yield emulator


@pytest.fixture
def emulator(serving: Emulator) -> Emulator:
    serving.reset()
    serving.clock.freeze(INSTANT)
    return serving


@pytest.fixture
def owner(emulator: Emulator) -> Client:
    return raw_client(emulator)


def exhaust(client: Client) -> None:
    assert [client.get("/roles").status for _ in range(6)] == [200] * 5 + [429]


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_the_sixth_operation_of_a_second_is_429(
    owner: Client, operation: Callable[[Client], Response]
) -> None:
    assert [operation(owner).status == 429 for _ in range(7)] == [False] * 5 + [True] * 2


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_all_operations_and_all_keys_share_the_limit(
    emulator: Emulator, owner: Client, operation: Callable[[Client], Response]
) -> None:
    exhaust(owner.with_key(emulator.api_key("viewer")))
    assert operation(owner).status == 429
    emulator.clock.advance(0.2)
    assert operation(owner).status != 429
    assert operation(owner).status == 429


def test_a_refusal_has_the_form_of_the_auth_apis(emulator: Emulator, owner: Client) -> None:
    exhaust(owner)
    answer = owner.get("/api-keys")
    assert answer.json == {"code": "LimitExceeded", "message": "Request rate exceeded."}
    emulator.journal.assert_called(operation="ListApiKeys", status=429, times=1)
    assert [call.outcome for call in emulator.journal.calls()][-1] == "operations_rate_limited"


def test_an_operation_that_is_refused_changes_nothing_and_does_not_count(
    emulator: Emulator, owner: Client
) -> None:
    exhaust(owner)
    for _ in range(20):
        assert OPERATIONS["create a key"](owner).status == 429
    emulator.clock.advance(0.2)
    assert len(owner.get("/api-keys").json["key_info"]) == 3


def test_who_may_not_do_it_does_not_count(emulator: Emulator, owner: Client) -> None:
    viewer = owner.with_key(emulator.api_key("viewer"))
    for _ in range(10):
        assert OPERATIONS["create a role"](viewer).status == 403
        assert owner.with_key("wrong").get("/roles").status == 401
        assert owner.request("PATCH", "/roles").status == 405
    exhaust(owner)


def test_neither_stores_nor_members_nor_python_are_limited(
    emulator: Emulator, owner: Client
) -> None:
    exhaust(owner)
    for _ in range(10):
        assert owner.get("/objectstore").status == 200
        assert owner.get("/endpoints").status == 200
        assert owner.get("/_emulator/account/members").status == 200
        key = emulator.create_api_key("viewer")
        assert owner.with_key(key).get("/objectstore").status == 200


def test_what_is_saved_up_is_one_second(emulator: Emulator, owner: Client) -> None:
    emulator.clock.advance(3600)
    exhaust(owner)


@pytest.mark.parametrize("way", ["reset", "restore"])
def test_a_reset_and_a_restore_leave_the_whole_allowance(
    emulator: Emulator, owner: Client, way: str
) -> None:
    emulator.checkpoint("before")
    exhaust(owner)
    if way == "reset":
        emulator.reset()
        emulator.clock.freeze(INSTANT)
    else:
        emulator.restore("before")
    exhaust(owner)


@pytest.mark.parametrize(
    "options", [{"api_revision": FIRST}, {"no_limits": True}], ids=["first revision", "no limits"]
)
def test_where_no_limits_are_watched_there_is_none(start: Start, options: dict[str, str]) -> None:
    emulator = start(**options)
    emulator.clock.freeze(INSTANT)
    assert {raw_client(emulator).get("/roles").status for _ in range(20)} == {200}
