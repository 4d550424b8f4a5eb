"""``keys``: what a user sees who makes API keys, looks at them and revokes them."""

from __future__ import annotations

import re

import pytest

from emulator import Emulator
from emulator.core.redaction import redact
from tests.support.command_line import Run
from tests.support.emulators import status_with
from tests.support.keys import envelope, is_base64, jwt_parts

from .conftest import UPLOADS

INSTANT = 1_900_000_000
"""2030-03-17T17:46:40Z, in seconds since the Unix epoch."""

MICROSECONDS = 1_000_000


def key_in(text: str) -> str:
    """The one API key in what a command printed."""
    (key,) = re.findall(r"ey[\w\-+/=.]{30,}", text)
    return str(key)


@pytest.mark.parametrize("role", ["viewer", "operator", "owner", "Viewer"])
def test_a_new_key_opens_the_service(owner: Run, emulator: Emulator, role: str) -> None:
    ended = owner("keys", "create", "--role", role)

    assert status_with(emulator, key_in("\n".join(ended.lines))) == 200


def test_a_new_key_is_printed_with_its_facts_and_a_warning(owner: Run, emulator: Emulator) -> None:
    emulator.clock.freeze(INSTANT * MICROSECONDS)

    lines = owner(
        "keys", "create", "--role", "viewer", "--expires-in", "1h", "--description", "for CI"
    ).lines

    key = key_in("\n".join(lines))
    key_id = jwt_parts(key)[1]["jti"]
    assert lines == [
        f"  id           {key_id}",
        "  role         Viewer",
        "  description  for CI",
        "  expires      2030-03-17T18:46:40Z",
        "",
        key,
        "",
        "This is the API key. It is shown only once.",
    ]


def test_a_new_key_without_an_expiry_never_expires(owner: Run) -> None:
    lines = owner("keys", "create", "--role", "viewer").lines

    assert "  expires  never" in lines
    assert not any("description" in line for line in lines)


def test_a_new_key_as_json_is_the_document_of_the_api(owner: Run, emulator: Emulator) -> None:
    created = owner("keys", "create", "--role", "operator", "--description", "é", "--json").json()

    assert created.keys() == {"api_key", "key_info"}
    assert created["key_info"]["role_id"] == "operator"
    assert created["key_info"]["description"] == "é"
    assert created["key_info"]["account_id"] == emulator.account_id
    assert "expires_at_epoch_seconds" not in created["key_info"]
    assert status_with(emulator, created["api_key"]) == 200


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [("90s", 90), ("15m", 900), ("1h", 3600), ("7d", 604_800), ("90", 90), ("1", 1)],
)
def test_the_expiry_follows_the_clock_of_the_emulator(
    owner: Run, emulator: Emulator, duration: str, seconds: int
) -> None:
    emulator.clock.freeze()
    emulator.clock.advance(400 * 24 * 3600)
    now = emulator.clock.now() // MICROSECONDS

    info = owner("keys", "create", "--role", "viewer", "--expires-in", duration, "--json").json()[
        "key_info"
    ]

    assert info["issued_at_epoch_seconds"] == now
    assert info["expires_at_epoch_seconds"] == now + seconds


def test_a_key_stops_opening_the_service_when_it_expires(owner: Run, emulator: Emulator) -> None:
    emulator.clock.freeze()
    key = owner("keys", "create", "--role", "viewer", "--expires-in", "1h", "--json").json()[
        "api_key"
    ]

    emulator.clock.advance(3599)
    before = status_with(emulator, key)
    emulator.clock.advance(1)

    assert (before, status_with(emulator, key)) == (200, 401)


def test_a_v1_key_carries_the_emulators_cell(owner: Run, emulator: Emulator) -> None:
    key = owner("keys", "create", "--role", "viewer", "--v1", "--json").json()["api_key"]

    assert envelope(key)["endpoint"] == "emulator.test"
    assert status_with(emulator, key) == 200


def test_a_key_is_a_v2_key_unless_v1_is_asked_for(owner: Run) -> None:
    assert not is_base64(owner("keys", "create", "--role", "viewer", "--json").json()["api_key"])


@pytest.mark.parametrize("by", ["id", "name"])
def test_a_key_may_have_a_custom_role_by_its_id_or_name(
    owner: Run, emulator: Emulator, by: str
) -> None:
    role_id = emulator.create_role("uploads", UPLOADS)

    lines = owner("keys", "create", "--role", role_id if by == "id" else "uploads").lines

    assert "  role     uploads" in lines


def test_a_key_for_an_unknown_role_is_refused_with_where_to_look(owner: Run) -> None:
    owner("keys", "create", "--role", "viewr").refused("404", "viewr", "roles list")


def test_a_key_beyond_the_last_year_is_refused(owner: Run) -> None:
    ended = owner("keys", "create", "--role", "viewer", "--expires-in", "99999999999d")

    ended.refused("400", "expires_in_seconds", "10000")


def test_a_list_is_a_table_with_names_and_times(owner: Run, emulator: Emulator) -> None:
    emulator.clock.freeze(INSTANT * MICROSECONDS)
    emulator.create_role("uploads", UPLOADS)
    emulator.create_api_key("uploads", description="for the app", expires_at=INSTANT + 60)

    header, *rows = owner("keys", "list").lines

    assert re.fullmatch(r"ID {32}ROLE {6}ISSUED {16}EXPIRES {15}DESCRIPTION", header)
    assert [re.split(r"\s{2,}", row)[1] for row in rows] == [
        "Owner",
        "Operator",
        "Viewer",
        "uploads",
    ]
    assert re.fullmatch(
        r"[0-9a-f]{32}  uploads   2030-03-17T17:46:40Z  2030-03-17T17:47:40Z  for the app", rows[-1]
    )
    assert re.search(r"Z  never {17}\S", rows[0])
    assert all(row == row.rstrip() for row in rows)


def test_a_list_has_no_key_and_no_expired_one(owner: Run, emulator: Emulator) -> None:
    emulator.clock.freeze()
    now = emulator.clock.now() // MICROSECONDS
    key = emulator.create_api_key("viewer", description="short-lived", expires_at=now + 60)
    emulator.clock.advance(60)

    for words in (["keys", "list"], ["keys", "list", "--json"]):
        shown = "\n".join(owner(*words).lines)
        assert redact(shown) == shown
        assert key not in shown
        assert "short-lived" not in shown


def test_a_key_that_somebody_has_described_a_key_with_is_not_shown(
    owner: Run, emulator: Emulator
) -> None:
    emulator.create_api_key("viewer", description=f"was {emulator.api_key('owner')}")

    lines = owner("keys", "list").lines

    assert emulator.api_key("owner") not in "\n".join(lines)
    assert "was [redacted]" in lines[-1]


def test_a_description_stays_in_its_line_and_moves_no_column(
    owner: Run, emulator: Emulator
) -> None:
    emulator.create_role("目録", UPLOADS)
    emulator.create_api_key("目録", description="two\nlines\x1b[31m")

    *_, viewer, row = owner("keys", "list").lines

    assert row.endswith(r"two\nlines\x1b[31m")
    assert row.index("Z  never") == viewer.index("Z  never") - len("目録")  # Each is two wide.


@pytest.mark.parametrize("keys", [100, 101, 230])
def test_a_list_has_every_page(owner: Run, emulator: Emulator, keys: int) -> None:
    for number in range(keys - 3):
        emulator.create_api_key("viewer", description=f"number {number}")

    document = owner("keys", "list", "--json").json()

    assert document.keys() == {"key_info"}
    assert len({key["key_id"] for key in document["key_info"]}) == keys
    assert len(owner("keys", "list").lines) == 1 + keys


def test_a_list_without_keys_says_so(
    owner: Run, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_list = {"rules": [{"type": "auth_management", "permissions": ["list"], "items": "*"}]}
    monkeypatch.setenv("MOMENTO_API_KEY", emulator.create_token(may_list))
    for role in ("owner", "operator", "viewer"):
        emulator.revoke_api_key(emulator.api_key(role))

    assert owner("keys", "list").lines == ["There are no API keys."]
    assert owner("keys", "list", "--json").json() == {"key_info": []}


def test_names_that_the_key_may_not_see_are_ids(
    owner: Run, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_write = {"rules": [{"type": "auth_management", "permissions": ["write"], "items": "*"}]}
    monkeypatch.setenv("MOMENTO_API_KEY", emulator.create_token(may_write))

    assert "  role     viewer" in owner("keys", "create", "--role", "viewer").lines


def test_a_revoked_key_opens_nothing(owner: Run, emulator: Emulator) -> None:
    created = owner("keys", "create", "--role", "viewer", "--json").json()
    key_id = created["key_info"]["key_id"]

    assert owner("keys", "revoke", key_id).lines == [f"Revoked the API key {key_id}."]

    assert status_with(emulator, created["api_key"]) == 401
    assert key_id not in owner("keys", "list").stdout


def test_revoking_as_json_is_the_document_of_the_api(owner: Run) -> None:
    created = owner("keys", "create", "--role", "viewer", "--json").json()

    assert owner("keys", "revoke", created["key_info"]["key_id"], "--json").json() == {}


@pytest.mark.parametrize("key_id", ["nope", "a/b", "a?b", "%2e", "..", "é", "a b"])
def test_revoking_what_is_not_there_is_refused_with_where_to_look(owner: Run, key_id: str) -> None:
    owner("keys", "revoke", key_id).refused("404", key_id, "keys list")


@pytest.mark.parametrize("v1", [False, True], ids=["v2", "v1"])
def test_a_key_in_place_of_its_id_is_not_sent_and_not_repeated(
    owner: Run, emulator: Emulator, v1: bool
) -> None:
    key = emulator.create_api_key("viewer", v1=v1)

    line = owner("keys", "revoke", key).misused("give its id", "keys list")

    assert key not in line
    assert status_with(emulator, key) == 200
