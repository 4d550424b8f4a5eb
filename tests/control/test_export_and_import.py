"""The state as a document: what is in it, how it diffs, and what another emulator makes of it."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator import Emulator
from tests.suites import examples
from tests.support.client import JSON, Client, create_store
from tests.support.emulators import Start, client, control
from tests.support.keys import v2_key

from .clients import EVERYTHING, post

SECOND = 1_000_000
INSTANT = 2_000_000_000 * SECOND


@pytest.fixture(scope="module")
def running_other() -> Iterator[Emulator]:
    with Emulator(cache="memory") as other:
        yield other


@pytest.fixture
def other(running_other: Emulator) -> Emulator:
    """Another emulator, in its first state."""
    running_other.reset()
    return running_other


@pytest.fixture
def furnished(stocked: Emulator) -> Emulator:
    """An emulator with something of everything, whose clock stands still."""
    owner = client(stocked)
    stocked.clock.freeze(INSTANT)
    create_store(owner, "other", prefix="media")
    owner.put("store", "text", b"one\ntwo\nthree\n", metadata={"b": "2", "a": "1"})
    owner.put("other", "binary", bytes(range(256)), ttl_seconds=60)
    stocked.create_role("mine", EVERYTHING, description="a role")
    stocked.create_api_key("mine", description="a key", expires_at=2_100_000_000)
    post(owner, "/_emulator/account/invitations", {"user_name": "b@example.com"})
    invited = post(owner, "/_emulator/account/invitations", {"user_name": "a@example.com"})
    post(owner, "/_emulator/account/members", {"invitation_id": invited["id"]})
    return stocked


def exported(emulator: Emulator) -> str:
    """The text of the export."""
    answer = control(emulator, "GET", "/state")
    assert answer.status == 200
    return answer.body.decode()


def test_an_export_is_the_same_until_something_changes(furnished: Emulator) -> None:
    first = exported(furnished)
    client(furnished).get("store", "text")
    furnished.tiers.flush("cluster")
    furnished.checkpoint("x")
    assert exported(furnished) == first
    assert json.loads(first) == furnished.export_state()


def test_an_import_and_an_export_give_the_same_text(furnished: Emulator, other: Emulator) -> None:
    text = exported(furnished)
    other.import_state(furnished.export_state())
    assert exported(other) == text
    other.import_state(json.loads(text))
    assert exported(other) == text


def test_a_file_is_the_same_as_the_door_gives_and_can_be_imported(
    furnished: Emulator, other: Emulator, tmp_path: Path
) -> None:
    for path in (tmp_path / "as path.json", str(tmp_path / "as text.json")):
        document = furnished.export_state(path)
        assert Path(path).read_bytes().decode() == exported(furnished)
        assert json.loads(Path(path).read_text(encoding="utf-8")) == document
        other.reset()
        other.import_state(path)
        assert exported(other) == exported(furnished)
    with pytest.raises(OSError, match="nowhere"):
        furnished.export_state(tmp_path / "nowhere" / "state.json")
    with pytest.raises(OSError, match="nowhere"):
        furnished.import_state(tmp_path / "nowhere.json")


def test_a_door_takes_what_a_door_gave(furnished: Emulator, other: Emulator) -> None:
    text = exported(furnished)
    answer = Client(other.endpoint).call("PUT", "/_emulator/state", text.encode(), JSON)
    assert (answer.status, answer.json()) == (200, {})
    assert exported(other) == text


def test_an_export_goes_into_the_same_emulator_again(furnished: Emulator) -> None:
    document = furnished.export_state()
    key = furnished.create_api_key("owner")
    client(furnished).put("store", "new", b"")
    furnished.import_state(document)
    assert furnished.export_state() == document
    assert Client(furnished.endpoint, key).list_stores().status == 401
    assert client(furnished).get("store", "new").status == 404


def test_the_stores_and_objects_after_an_import_are_those_of_the_export(
    furnished: Emulator, other: Emulator
) -> None:
    client(other).create_store("own")
    other.import_state(furnished.export_state())
    owner = client(other)
    assert owner.store_names() == ["other", "store"]
    for store in ("store", "other"):
        path = f"/objectstore/{store}"
        assert owner.call("GET", path).json() == client(furnished).call("GET", path).json()
    assert owner.get("store", "key").body == b"hello"
    answer = owner.get("store", "text")
    assert answer.body == b"one\ntwo\nthree\n"
    assert (answer.headers["a"], answer.headers["b"]) == ("1", "2")
    assert owner.get("other", "binary").body == bytes(range(256))


@pytest.mark.parametrize("cache", ["memory", "fakeredis"])
def test_caches_are_cold_after_an_import(furnished: Emulator, start: Start, cache: str) -> None:
    other = start(cache=cache)
    create_store(client(other), "store")
    client(other).put("store", "text", b"of before")
    other.import_state(furnished.export_state())
    assert [placed.cache for placed in other.tiers.objects("store")] == [None, None]
    for outcome in ("storage_hit", "cache_hit"):
        client(other).get("store", "text")
        assert other.journal.last().outcome == outcome


def test_an_object_lives_as_long_after_an_import_as_it_would_have(
    furnished: Emulator, other: Emulator
) -> None:
    furnished.clock.advance(20)
    other.import_state(furnished.export_state())
    assert other.clock.frozen
    assert other.clock.now() == INSTANT + 20 * SECOND
    other.clock.advance(39)
    assert client(other).get("other", "binary").status == 200
    assert other.journal.last().object_age == 59 * SECOND
    other.clock.advance(1)
    assert client(other).get("other", "binary").status == 404


def test_an_object_that_had_expired_at_its_export_has_expired_after_an_import(
    furnished: Emulator, other: Emulator
) -> None:
    furnished.clock.advance(60)
    other.import_state(furnished.export_state())
    client(other).get("other", "binary")
    assert other.journal.last().outcome == "storage_hit_expired"


def test_an_import_brings_a_clock_that_is_ahead(stocked: Emulator, other: Emulator) -> None:
    stocked.clock.advance(1e6)
    other.clock.freeze(5)
    other.import_state(stocked.export_state())
    assert not other.clock.frozen
    assert abs(other.clock.now() - stocked.clock.now()) < 60 * SECOND
    assert stocked.export_state()["clock"] == other.export_state()["clock"]


def test_a_write_after_an_import_counts_as_later(furnished: Emulator, other: Emulator) -> None:
    document = furnished.export_state()
    other.import_state(document)
    other.clock.freeze(1)
    client(other).put("store", "key", b"later")
    (placed,) = [each for each in other.tiers.objects("store") if each.key == "key"]
    assert placed.storage is not None
    assert placed.storage.version > max(each["version"] for each in document["objects"])


def test_keys_roles_and_tokens_of_the_export_are_valid_after_an_import(
    stocked: Emulator, other: Emulator
) -> None:
    role_id = stocked.create_role("mine", EVERYTHING)
    keys = [
        stocked.create_api_key("owner"),
        stocked.create_api_key("viewer", v1=True),
        stocked.create_api_key("mine"),
    ]
    token = stocked.create_token(EVERYTHING)
    other.import_state(stocked.export_state())
    for key in (*keys, token):
        assert Client(other.endpoint, key).get("store", "key").body == b"hello"
    assert Client(other.endpoint, keys[2]).list_stores().status == 403
    assert other.journal.last().role == role_id
    other.revoke_api_key(keys[0])
    assert Client(other.endpoint, keys[0]).get("store", "key").status == 401
    assert other.create_token(EVERYTHING)
    assert other.create_api_key("mine")


def test_an_imported_key_expires_when_it_would_have_before(
    stocked: Emulator, other: Emulator
) -> None:
    stocked.clock.freeze(INSTANT)
    key = stocked.create_api_key("viewer", expires_at=2_000_000_060)
    other.import_state(stocked.export_state())
    who = Client(other.endpoint, key)
    assert who.list_stores().status == 200
    other.clock.advance(60)
    assert who.list_stores().status == 401


def test_an_imported_token_ends_when_it_would_have_before(
    stocked: Emulator, other: Emulator
) -> None:
    stocked.clock.freeze(INSTANT)
    token = stocked.create_token(EVERYTHING, expires_in=60)
    other.import_state(stocked.export_state())
    who = Client(other.endpoint, token)
    assert who.get("store", "key").status == 200
    other.clock.advance(60)
    assert who.get("store", "key").status == 401


def test_the_first_keys_of_each_emulator_are_its_own(stocked: Emulator, other: Emulator) -> None:
    first = dict(other.api_keys)
    other.import_state(stocked.export_state())
    assert other.api_keys == first
    for role in ("owner", "operator", "viewer"):
        assert client(other, role).list_stores().status == 200
        assert Client(other.endpoint, stocked.api_key(role)).list_stores().status == 401
    assert client(other, "viewer").put("store", "key", b"").status == 403


def test_a_first_key_that_was_revoked_is_valid_after_an_import(
    stocked: Emulator, other: Emulator
) -> None:
    other.revoke_api_key(other.api_key("viewer"))
    other.import_state(stocked.export_state())
    assert client(other, "viewer").list_stores().status == 200


def test_keys_that_were_given_to_both_emulators_stay_valid_in_both(start: Start) -> None:
    keys = {f"{role}_key": v2_key(f"given {role}") for role in ("owner", "operator", "viewer")}
    one, other = start(**keys), start(**keys)
    create_store(client(one), "store")
    other.import_state(one.export_state())
    for key in keys.values():
        assert Client(other.endpoint, key).list_stores().status == 200
    assert exported(one) == exported(other)


def test_members_and_invitations_after_an_import_are_those_of_the_export(
    furnished: Emulator, other: Emulator
) -> None:
    other.import_state(furnished.export_state())
    for path in ("/_emulator/account/members", "/_emulator/account/invitations", "/roles"):
        there = client(furnished).call("GET", path).json()
        assert client(other).call("GET", path).json() == there
    (invitation,) = (
        client(other).call("GET", "/_emulator/account/invitations").json()["invitations"]
    )
    post(client(other), "/_emulator/account/members", {"invitation_id": invitation["id"]})


def test_the_account_after_an_import_is_that_of_the_export_until_a_reset(
    stocked: Emulator, other: Emulator
) -> None:
    own = other.account_id
    assert own != stocked.account_id
    other.import_state(stocked.export_state())
    assert other.account_id == stocked.account_id
    other.reset()
    assert other.account_id == own


def test_a_reset_goes_back_to_the_emulators_own_start(start: Start, tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    s3 = {"bucket_name": "b", "iam_role_arn": "arn:aws:iam::123456789012:role/r"}
    store = {
        "name": "seeded",
        "storage_config": {"s3": s3},
        "cache_config": {"valkey_cluster": {"cluster_name": "c"}},
    }
    seed.write_text(json.dumps({"stores": [store]}))
    one, other = start(), start(seed=seed)
    client(one).create_store("store")
    one.clock.freeze(INSTANT)
    key = one.create_api_key("owner")
    other.import_state(one.export_state())
    other.reset()
    assert client(other).store_names() == ["seeded"]
    assert not other.clock.frozen
    assert Client(other.endpoint, key).list_stores().status == 401
    for role in ("owner", "operator", "viewer"):
        assert client(other, role).list_stores().status == 200


def test_an_import_leaves_fault_rules_checkpoints_and_the_journal(
    stocked: Emulator, other: Emulator
) -> None:
    other.faults.add("cache_down", id="rule")
    other.checkpoint("before")
    client(other).list_stores()
    other.import_state(stocked.export_state())
    assert [each["id"] for each in other.faults.all()] == ["rule"]
    assert other.checkpoints == ["before"]
    assert len(other.journal) == 1
    other.restore("before")
    assert client(other).store_names() == []


def test_no_key_can_be_read_from_an_export(stocked: Emulator) -> None:
    keys = [stocked.create_api_key("owner"), *stocked.api_keys.values()]
    text = exported(stocked)
    assert [key for key in keys if key is not None and key in text] == []


BODIES = {
    "empty": b"",
    "text": b"hello",
    "a line": b"hello\n",
    "lines": b"one\ntwo",
    "empty lines": b"\n\n\n",
    "Windows lines": b"one\r\ntwo\r\n",
    "old Mac lines": b"one\rtwo",
    "tab": b"a\tb",
    "separators": "a\u2028b\u2029c\x85d\x0be\x0cf".encode(),
    "line separator": "a\u2028b".encode(),
    "mark of byte order": b"\xef\xbb\xbftext",
    "unicode": "grüße 日本 😀\n".encode(),
    "NUL": b"a\0b",
    "escape": b"\x1b[31m",
    "surrogate": b"\xed\xa0\x80",
    "half a character": "ü".encode()[:1],
    "every byte": bytes(range(256)),
    "57 bytes": bytes(57),
    "58 bytes": bytes(58),
    "quotes": b'"\\/',
    "large": bytes(range(256)) * 40_000,
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_comes_through_byte_for_byte(
    emulator: Emulator, other: Emulator, tmp_path: Path, body: bytes
) -> None:
    create_store(client(emulator), "store")
    client(emulator).put("store", "key", body)
    emulator.export_state(tmp_path / "state.json")
    other.import_state(tmp_path / "state.json")
    assert client(other).get("store", "key").body == body
    assert exported(other) == exported(emulator)


@given(body=st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode()))
@settings(max_examples=examples(150))
def test_any_body_comes_through_byte_for_byte(
    running_emulator: Emulator, running_other: Emulator, body: bytes
) -> None:
    running_emulator.reset()
    create_store(client(running_emulator), "store")
    running_emulator.tiers.put("store", "key", body, tier="storage")
    running_other.import_state(running_emulator.export_state())
    assert client(running_other).get("store", "key").body == body
    assert running_other.export_state() == running_emulator.export_state()


@pytest.mark.parametrize("key", ["a/b", "a\nb", "\u2028", "100%", "é", " ", "a" * 1024, "\x85"])
def test_a_key_of_any_text_comes_through(
    emulator: Emulator, other: Emulator, tmp_path: Path, key: str
) -> None:
    create_store(client(emulator), "store", prefix="ü/p")
    client(emulator).put("store", key, b"hello", metadata={"of": "caf\xc3\xa9"})
    emulator.export_state(tmp_path / "state.json")
    other.import_state(tmp_path / "state.json")
    assert client(other).get("store", key).body == b"hello"
    assert exported(other) == exported(emulator)


def changed_lines(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.split("\n"), after.split("\n"), lineterm="", n=0)
    return [line for line in lines if line[0] in "+-" and line[:3] not in ("+++", "---")]


def test_an_export_diffs_by_lines(furnished: Emulator) -> None:
    owner = client(furnished)
    owner.put("store", "long", b"".join(b"line %d\n" % number for number in range(1000)))
    before = exported(furnished)
    text = b"".join(b"line %d\n" % number for number in range(1000))
    owner.put("store", "long", text.replace(b"line 500\n", b"another line\n"))
    changes = changed_lines(before, exported(furnished))
    assert len(changes) <= 6
    assert [line.strip('+- ",') for line in changes if "line" in line] == [
        "line 500",
        "another line",
    ]


def test_a_new_object_is_all_that_a_diff_shows_of_it(furnished: Emulator) -> None:
    before = exported(furnished)
    client(furnished).put("store", "new", b"hello")
    changes = changed_lines(before, exported(furnished))
    assert all(line[0] == "+" for line in changes)
    assert len(changes) < 12


def test_a_byte_in_a_large_binary_object_is_one_line(furnished: Emulator) -> None:
    owner, body = client(furnished), bytearray(100_000)
    body[0] = 255
    owner.put("store", "binary", bytes(body))
    before = exported(furnished)
    body[50_000] = 1
    owner.put("store", "binary", bytes(body))
    assert len(changed_lines(before, exported(furnished))) <= 6


def test_no_line_of_an_export_of_binary_objects_is_long(furnished: Emulator) -> None:
    client(furnished).put("store", "binary", bytes(100_000))
    assert max(len(line) for line in exported(furnished).split("\n")) < 300


def test_an_export_ends_with_a_line(furnished: Emulator) -> None:
    assert exported(furnished).endswith("}\n")


def test_a_store_that_is_gone_leaves_its_objects_in_the_export(
    stocked: Emulator, other: Emulator
) -> None:
    client(stocked).call("DELETE", "/objectstore/store")
    other.import_state(stocked.export_state())
    assert client(other).create_store("store").status == 201
    assert client(other).get("store", "key").body == b"hello"


def test_what_was_imported_can_be_used(furnished: Emulator, other: Emulator) -> None:
    other.import_state(furnished.export_state())
    owner = client(other)
    assert owner.put("store", "key", b"new").status == 204
    assert owner.get("store", "key").body == b"new"
    assert owner.create_store("third").status == 201
    other.create_role("another", EVERYTHING)
    with pytest.raises(ValueError, match="mine"):
        other.create_role("mine", EVERYTHING)
    roles: list[Any] = owner.call("GET", "/roles").json()["roles"]
    assert [role["role_name"] for role in roles][-2:] == ["mine", "another"]
