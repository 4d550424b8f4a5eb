"""``tokens``: what a user sees who makes disposable tokens, and what those open."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator import Emulator
from tests.support.client import Client
from tests.support.command_line import Run
from tests.support.keys import envelope, jwt_parts

from .conftest import UPLOADS

INSTANT = 1_900_000_000
"""2030-03-17T17:46:40Z, in seconds since the Unix epoch."""

MICROSECONDS = 1_000_000


def permissions_in(token: str) -> Any:
    """The permission set that a token carries."""
    return jwt_parts(envelope(token)["api_key"])[1]["permissions"]


def create(owner: Run, *words: str, stdin: str = "") -> Any:
    return owner("tokens", "create", "--expires-in", "1h", *words, "--json", stdin=stdin).json()


def test_a_new_token_is_printed_with_its_facts_and_a_warning(
    owner: Run, emulator: Emulator
) -> None:
    emulator.clock.freeze(INSTANT * MICROSECONDS)

    lines = owner("tokens", "create", "--expires-in", "1h", "--store", "*", "--allow", "read").lines

    token = lines[3]
    claims = jwt_parts(envelope(token)["api_key"])[1]
    assert lines == [
        f"  id       {claims['jti']}",
        "  expires  2030-03-17T18:46:40Z",
        "",
        token,
        "",
        "This is the token. It is shown this once, and cannot be revoked.",
    ]


def test_a_new_token_as_json_is_the_document_of_the_api(owner: Run, emulator: Emulator) -> None:
    emulator.clock.freeze()
    emulator.clock.advance(400 * 24 * 3600)

    created = create(owner, "--store", "media", "--allow", "read")

    assert created.keys() == {"token", "token_id", "expires_at_epoch_seconds"}
    assert created["expires_at_epoch_seconds"] == emulator.clock.now() // MICROSECONDS + 3600


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        (
            "--store media --allow read",
            {"permissions": ["read"], "stores": {"name": "media"}, "items": "*"},
        ),
        (
            "--store * --allow write",
            {"permissions": ["write"], "stores": "*", "items": "*"},
        ),
        (
            "--store media --key a/b --allow read,write",
            {
                "permissions": ["read", "write"],
                "stores": {"name": "media"},
                "items": {"key": "a/b"},
            },
        ),
        (
            "--store media --key-prefix a/ --allow write,read",
            {
                "permissions": ["read", "write"],
                "stores": {"name": "media"},
                "items": {"key_prefix": "a/"},
            },
        ),
    ],
)
def test_a_token_allows_what_the_flags_say(owner: Run, words: str, rule: dict[str, Any]) -> None:
    created = create(owner, *words.split())

    assert permissions_in(created["token"]) == {"rules": [{"type": "store", **rule}]}


def test_a_token_may_have_the_permission_set_of_a_file_or_of_stdin(
    owner: Run, uploads_file: str
) -> None:
    from_file = create(owner, "--permissions", uploads_file)
    from_stdin = create(owner, "--permissions", "-", stdin=json.dumps(UPLOADS))

    assert permissions_in(from_file["token"]) == UPLOADS
    assert permissions_in(from_stdin["token"]) == UPLOADS


def test_a_token_opens_the_objects_that_it_is_for_until_it_expires(
    owner: Run, emulator: Emulator
) -> None:
    emulator.clock.freeze()
    Client(emulator.endpoint, emulator.api_key()).create_store("media")
    words = ["--store", "media", "--key-prefix", "uploads/", "--allow", "write"]
    holder = Client(emulator.endpoint, create(owner, *words)["token"])

    def put(key: str) -> int:
        return holder.call("PUT", f"/objectstore/media/{key}", b"body").status

    inside, outside = put("uploads/a"), put("other/a")
    emulator.clock.advance(3600)

    assert (inside, outside, put("uploads/a")) == (204, 403, 401)


def test_a_token_that_lives_too_long_is_refused_with_the_longest(owner: Run) -> None:
    words = ["--store", "*", "--allow", "read"]

    owner("tokens", "create", "--expires-in", "26h", *words).refused("400", "25 hours")
    assert owner("tokens", "create", "--expires-in", "25h", *words).lines


@pytest.mark.parametrize(
    ("words", "fragments"),
    [
        ("", ["--permissions FILE", "--store NAME with --allow"]),
        ("--allow read", ["--permissions FILE", "--store NAME with --allow"]),
        ("--store a --permissions f", ["only one", "--permissions", "--store"]),
        ("--store a", ["--allow is missing", "read,write"]),
        ("--store a --allow list", ["--allow", "'list'", "read,write"]),
        ("--store a --allow read,", ["--allow", "'read,'", "read,write"]),
        ("--store a --allow read --key k --key-prefix k", ["only one", "--key", "--key-prefix"]),
        ("--permissions f --allow read", ["--allow goes with --store"]),
        ("--permissions f --key k", ["--key goes with --store"]),
        ("--permissions f --key-prefix k", ["--key-prefix goes with --store"]),
        ("--permissions nope.json", ["'nope.json'", "No such file"]),
        ("--store= --allow read", ["--store", "empty"]),
    ],
)
def test_what_a_token_allows_has_to_be_said_in_one_way(
    owner: Run, words: str, fragments: list[str]
) -> None:
    ended = owner("tokens", "create", "--expires-in", "1h", *words.split())

    ended.misused(*fragments)


def test_a_token_has_to_expire(owner: Run) -> None:
    ended = owner("tokens", "create", "--store", "*", "--allow", "read")

    ended.misused("--expires-in is missing", "1h", "25h")
