"""API keys and tokens are nowhere in what the journal shows."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest

from emulator import Emulator
from tests.support.emulators import client, control, wire
from tests.support.keys import inner_key
from tests.support.raw_client import Fields

from .clients import EVERYTHING

KINDS: dict[str, Callable[[Emulator], str]] = {
    "a v2 key": lambda emulator: emulator.create_api_key("owner"),
    "a v1 key": lambda emulator: emulator.create_api_key("owner", v1=True),
    "what a v1 key holds": lambda emulator: inner_key(emulator.create_api_key("owner", v1=True)),
    "a token": lambda emulator: emulator.create_token(EVERYTHING),
    "what a token holds": lambda emulator: inner_key(emulator.create_token(EVERYTHING)),
}

Where = Callable[[str], tuple[str, Fields]]

PATH = "/objectstore/store/key"
PLACES: dict[str, Where] = {
    "Authorization": lambda key: (PATH, [("Authorization", key)]),
    "authorization": lambda key: (PATH, [("authorization", key)]),
    "Authorization twice": lambda key: (PATH, [("Authorization", key), ("AUTHORIZATION", key)]),
    "Bearer": lambda key: (PATH, [("Authorization", f"Bearer {key}")]),
    "Basic": lambda key: (
        PATH,
        [("Authorization", f"Basic {base64.b64encode(f'user:{key}'.encode()).decode()}")],
    ),
    "Proxy-Authorization": lambda key: (PATH, [("Proxy-Authorization", key)]),
    "Cookie": lambda key: (PATH, [("Cookie", f"key={key}")]),
    "control token": lambda key: (PATH, [("Momento-Emulator-Control-Token", key)]),
    "another header": lambda key: (PATH, [("X-Api-Key", key), ("Via", f"a {key}, b")]),
    "metadata": lambda key: (PATH, [("mo-meta-key", key)]),
    "query": lambda key: (f"{PATH}?token={key}&x=1", []),
    "escaped query": lambda key: (f"{PATH}?token={quote(key, safe='')}", []),
    "query escaped twice": lambda key: (f"{PATH}?token={quote(quote(key, safe=''), safe='')}", []),
    "query escaped wholly and again": lambda key: (
        f"{PATH}?token=" + quote("".join(f"%{ord(each):02X}" for each in key[:200]), safe=""),
        [],
    ),
    "header escaped twice": lambda key: (
        PATH,
        [("Referer", f"http://a/?k={quote(quote(key, safe=''), safe='')}")],
    ),
    "object's key": lambda key: (f"/objectstore/store/{key}", []),
    "escaped object's key": lambda key: (f"/objectstore/store/a%2F{quote(key, safe='')}", []),
    "store's name": lambda key: (f"/objectstore/{key}/key", []),
    "id": lambda key: (f"/api-keys/{key}", []),
    "unknown path": lambda key: (f"/{key}", []),
    "absolute target": lambda key: (f"http://localhost{PATH}?{key}", []),
}


def shown(emulator: Emulator) -> str:
    """Everything that the journal has to show, in every form."""
    calls = emulator.journal.calls()
    with pytest.raises(AssertionError) as complaint:
        emulator.journal.assert_called(times=1000)
    with pytest.raises(AssertionError) as other_complaint:
        emulator.journal.assert_called(operation="ListMembers", min_status=600, target="/x")
    return "\n".join(
        [
            repr(calls),
            *map(str, calls),
            json.dumps([call.document() for call in calls], ensure_ascii=False),
            emulator.journal.to_json_lines(),
            json.dumps(emulator.journal.to_har(), ensure_ascii=False),
            str(complaint.value),
            str(other_complaint.value),
            *(
                control(emulator, "GET", f"/journal?format={form}").body.decode()
                for form in ("json", "jsonl", "har")
            ),
            control(emulator, "POST", "/journal/assert", {"times": 1000}).body.decode(),
        ]
    )


def parts_of(key: str) -> list[str]:
    """The key, and every part of it from which it could be put together or used."""
    proper = key if key.count(".") == 2 else inner_key(key)
    _, claims, signature = proper.split(".")
    return [
        key,
        quote(key, safe=""),
        proper,
        claims,
        signature,
        base64.b64encode(key.encode()).decode(),
    ]


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_credential_is_left_out_wherever_it_was_put(
    stocked: Emulator, kind: Callable[[Emulator], str], place: Where, method: str
) -> None:
    key = kind(stocked)
    path, fields = place(key)
    body: Fields = [("Content-Length", "0")] if method == "PUT" else []
    with wire(stocked) as connection:
        connection.send_head(method, path, [("Host", "localhost"), *fields, *body])
        connection.answer()
    stocked.journal.last(method=method)

    everything = shown(stocked)
    assert [part for part in parts_of(key) if part in everything] == []


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_credential_is_left_out_of_an_object_that_is_stored_with_it(
    stocked: Emulator, kind: Callable[[Emulator], str]
) -> None:
    key = kind(stocked)
    owner = client(stocked)
    assert owner.put("store", f"of {key}", b"", metadata={"by": key}).status == 204
    answer = owner.get("store", f"of {key}")
    assert (answer.status, answer.headers["by"]) == (200, key)

    everything = shown(stocked)
    assert [part for part in parts_of(key) if part in everything] == []
    assert "[redacted]" in stocked.journal.last().key


def test_the_answer_with_a_new_key_is_not_in_the_journal(stocked: Emulator) -> None:
    answer = client(stocked).call(
        "POST",
        "/api-keys",
        json.dumps({"role_id": "viewer", "description": "", "expiry": "never"}).encode(),
        {"Content-Type": "application/json"},
    )
    assert answer.status == 200
    assert answer.json()["api_key"] not in shown(stocked)


def test_the_control_token_is_not_in_the_journal(stocked: Emulator) -> None:
    headers = {"Momento-Emulator-Control-Token": "a-secret-of-mine"}
    client(stocked).call("GET", "/objectstore", headers=headers)
    assert "a-secret-of-mine" not in shown(stocked)


def test_what_is_left_out_is_marked_and_all_else_is_there(stocked: Emulator) -> None:
    key = stocked.create_api_key("owner")
    client(stocked).call("GET", f"/objectstore/store/before-{key}/after?x=1&token={key}&y=2")
    call = stocked.journal.last()
    assert call.target.startswith("/objectstore/store/before-[redacted]")
    assert call.target.endswith("&y=2")
    assert ("Authorization", "[redacted]") in call.request_headers
    assert call.role == "owner"


SECRETS = ["Authorization", "Proxy-Authorization", "Cookie", "Momento-Emulator-Control-Token"]


@pytest.mark.parametrize("name", SECRETS)
def test_a_header_for_secrets_is_left_out_whatever_it_holds(stocked: Emulator, name: str) -> None:
    for spelling in (name, name.lower(), name.upper()):
        with wire(stocked) as connection:
            fields = [("Host", "localhost"), (spelling, "a plain secret")]
            connection.send_head("GET", PATH, fields)
            assert connection.answer().status == 401
        assert (spelling, "[redacted]") in stocked.journal.last().request_headers
    assert "a plain secret" not in shown(stocked)
