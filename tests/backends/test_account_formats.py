"""The account's file over the versions of its format, and the roles in it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from emulator.backends.account.base import (
    ACCOUNT,
    ACCOUNT_ID,
    API_KEYS,
    LATER_TABLES,
    MEMBERS,
    ROLES,
    STORES,
    TABLES,
    Table,
    in_creation_order,
)
from emulator.backends.account.file import FORMAT, FileAccount
from emulator.core.model import Account, ApiKey, Member, Role, Store
from emulator.core.permission_set import Access, parse_permission_set
from tests.suites import examples

from .account_records import roles

FORMAT_1: dict[str, Any] = {
    "format": 1,
    "version": 9,
    "tables": {
        "account": {
            "account": {"version": 4, "record": {"account_id": "acct-1", "signing_secret": "s"}}
        },
        "stores": {
            "videos": {
                "version": 7,
                "record": {
                    "name": "videos",
                    "bucket_name": "bucket",
                    "prefix": "",
                    "iam_role_arn": "arn:aws:iam::123456789012:role/r",
                    "cluster_name": "cluster",
                    "cache_namespace": "namespace",
                },
            }
        },
        "api_keys": {
            digest: {
                "version": version,
                "record": {
                    "key_id": f"key-{version}",
                    "digest": digest,
                    "role_id": "owner",
                    "description": "",
                    "issued_at": 1,
                    "expires_at": None,
                },
            }
            for digest, version in (("b", 1), ("c", 2), ("a", 9))
        },
    },
}
"""What the first version of the emulator has written."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "account.json"


def written(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_bytes())
    return document


async def records_of(account: FileAccount, table: Table[Any]) -> dict[str, Any]:
    return {key: entry.record for key, entry in (await account.entries(table)).items()}


async def test_a_file_of_the_first_format_is_read(path: Path) -> None:
    path.write_text(json.dumps(FORMAT_1))
    account = FileAccount(path)
    assert await records_of(account, ACCOUNT) == {ACCOUNT_ID: Account("acct-1", "s")}
    role_arn = "arn:aws:iam::123456789012:role/r"
    videos = Store("videos", "bucket", "", role_arn, "cluster", "namespace")
    assert await records_of(account, STORES) == {"videos": videos}
    assert (await records_of(account, API_KEYS))["a"] == ApiKey("key-9", "a", "owner", "", 1)
    for table in TABLES:
        if table not in (ACCOUNT, STORES, API_KEYS):
            assert await account.count(table) == 0


async def test_a_file_without_the_later_tables_is_read(path: Path) -> None:
    account = FileAccount(path)
    await account.put(MEMBERS, "a@b.c", Member("a@b.c", "owner"), expected=None)
    document = written(path)
    for name in LATER_TABLES:
        del document["tables"][name]
    path.write_text(json.dumps(document))
    assert await FileAccount(path).snapshot() == await account.snapshot()


async def test_a_file_without_another_table_is_refused(path: Path) -> None:
    await FileAccount(path).clear()
    document = written(path)
    del document["tables"]["members"]
    path.write_text(json.dumps(document))
    with pytest.raises(ValueError, match="a member is missing"):
        FileAccount(path)


@pytest.mark.proves("D24")
async def test_the_keys_of_a_file_of_the_first_format_are_in_the_order_of_their_versions(
    path: Path,
) -> None:
    path.write_text(json.dumps(FORMAT_1))
    entries = in_creation_order(await FileAccount(path).entries(API_KEYS))
    assert [entry.record.key_id for entry in entries] == ["key-1", "key-2", "key-9"]
    assert [(entry.created, entry.version) for entry in entries] == [(1, 1), (2, 2), (9, 9)]


async def test_a_file_of_the_first_format_stays_so_until_something_changes(path: Path) -> None:
    path.write_text(json.dumps(FORMAT_1))
    account = FileAccount(path)
    assert written(path) == FORMAT_1
    before = {table: await account.entries(table) for table in TABLES}
    await account.put(MEMBERS, "a", Member("a", "owner"), expected=None)
    assert written(path)["format"] == FORMAT == 2
    reopened = FileAccount(path)
    for table in TABLES:
        if table is not MEMBERS:
            assert await reopened.entries(table) == before[table]
    newcomer = (await reopened.entries(MEMBERS))["a"]
    assert newcomer.created == newcomer.version == 10


async def test_a_store_of_a_file_of_the_first_format_can_be_replaced_and_deleted(
    path: Path,
) -> None:
    path.write_text(json.dumps(FORMAT_1))
    account = FileAccount(path)
    videos = (await account.entries(STORES))["videos"]
    await account.put(STORES, "videos", videos.record, expected=videos.version)
    replaced = (await FileAccount(path).entries(STORES))["videos"]
    assert (replaced.created, replaced.version) == (7, 10)
    await account.delete(STORES, "videos", expected=10)
    assert await FileAccount(path).count(STORES) == 0


@pytest.mark.parametrize("missing", ["account", "stores", "api_keys"])
def test_a_file_of_the_first_format_that_lacks_a_table_is_refused(path: Path, missing: str) -> None:
    tables = {name: table for name, table in FORMAT_1["tables"].items() if name != missing}
    path.write_text(json.dumps({**FORMAT_1, "tables": tables}))
    with pytest.raises(ValueError, match="account"):
        FileAccount(path)


@settings(max_examples=examples(60))
@given(role=roles)
async def test_a_role_still_allows_the_same_after_a_restart(role: Role) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "account.json"
        await FileAccount(path, fsync=False).put(ROLES, "id", role, expected=None)
        entry = await FileAccount(path).get(ROLES, "id")
    assert entry is not None
    assert entry.record == role
    before, after = role.permissions, entry.record.permissions
    assert after.stores == before.stores
    names = {"store", *(before.stores or ())}
    keys = {"key", *_selected_keys(role)}
    for resource in ("store", "auth_management", "function"):
        for permission in ("read", "write", "list", "invoke"):
            access = Access(resource, permission)
            for name in names:
                for key in (*keys, *(f"{key}/" for key in keys)):
                    assert after.allows(access, name, key) == before.allows(access, name, key)
    for address in (None, "10.1.2.3", "11.1.2.3", "2001:db8::1", "::1"):
        assert after.admits(address) == before.admits(address)


def _selected_keys(role: Role) -> set[str]:
    items = [rule.get("items", "*") for rule in role.permissions.document["rules"]]
    return {key for selector in items if selector != "*" for key in selector.values()}


RIGHT: dict[str, Any] = {
    "rules": [{"type": "store", "permissions": ["read"], "stores": "*", "items": "*"}]
}

BROKEN_SETS = {
    "an unknown type of rule": {"rules": [{**RIGHT["rules"][0], "type": "bucket"}]},
    "an unknown permission": {"rules": [{**RIGHT["rules"][0], "permissions": ["delete"]}]},
    "no rules": {"rules": []},
    "a super-user": {"super_user": True},
    "a range of no addresses": {
        **RIGHT,
        "conditions": [{"ip_filter": {"allowed_cidr_ranges": ["10.0.0.0"]}}],
    },
    "null": None,
    "a text": "*",
}


async def a_file_with_a_role(path: Path, permissions: object) -> None:
    role = Role("id", "Readers", parse_permission_set(RIGHT), "who read")
    await FileAccount(path).put(ROLES, "id", role, expected=None)
    document = written(path)
    document["tables"]["roles"]["id"]["record"]["permissions"] = permissions
    path.write_text(json.dumps(document))


async def test_the_file_that_the_broken_ones_are_made_of_has_the_role(path: Path) -> None:
    await a_file_with_a_role(path, RIGHT)
    assert (await records_of(FileAccount(path), ROLES))["id"].role_name == "Readers"


@pytest.mark.parametrize("permissions", BROKEN_SETS.values(), ids=BROKEN_SETS)
async def test_a_role_that_is_none_makes_the_file_a_broken_one(
    path: Path, permissions: object
) -> None:
    await a_file_with_a_role(path, permissions)
    content = path.read_bytes()
    with pytest.raises(ValueError, match="account") as refused:
        FileAccount(path)
    assert len(str(refused.value).splitlines()) == 1
    assert path.read_bytes() == content


async def test_the_file_holds_a_permission_set_as_it_was_given(path: Path) -> None:
    await a_file_with_a_role(path, RIGHT)
    await FileAccount(path).put(MEMBERS, "a", Member("a", "owner"), expected=None)
    assert written(path)["tables"]["roles"]["id"]["record"]["permissions"] == RIGHT


IMPOSSIBLE = [0, -1, True, False, 1.5, 2.0, "2", None, [], {}, FORMAT + 1, 10**30]


@pytest.mark.parametrize("number", IMPOSSIBLE, ids=repr)
async def test_a_file_with_an_impossible_format_is_refused_with_a_sentence(
    path: Path, number: object
) -> None:
    await two_members(path)
    spoil(path, format=number)
    with pytest.raises(ValueError, match="format"):
        FileAccount(path)


@pytest.mark.parametrize("number", [each for each in IMPOSSIBLE if each != 10**30][:-1], ids=repr)
async def test_a_file_with_an_impossible_version_is_refused_with_a_sentence(
    path: Path, number: object
) -> None:
    await two_members(path)
    spoil(path, version=number)
    with pytest.raises(ValueError, match="version"):
        FileAccount(path)


@pytest.mark.parametrize("number", [0, -1, True, 1.5, "1", None, 10**30], ids=repr)
@pytest.mark.parametrize("name", ["version", "created"])
async def test_a_record_with_an_impossible_version_is_refused_with_a_sentence(
    path: Path, name: str, number: object
) -> None:
    await two_members(path)
    document = json.loads(path.read_bytes())
    document["tables"]["members"]["a"][name] = number
    path.write_text(json.dumps(document))
    with pytest.raises(ValueError, match=name):
        FileAccount(path)


async def test_a_file_without_a_format_or_version_is_refused_with_a_sentence(path: Path) -> None:
    for name in ("format", "version"):
        await two_members(path)
        document = json.loads(path.read_bytes())
        del document[name]
        path.write_text(json.dumps(document))
        with pytest.raises(ValueError, match=f"its {name} is none; it must be a whole number"):
            FileAccount(path)
        path.unlink()


async def two_members(path: Path) -> None:
    """Have a file with one record, written by the second commit."""
    account = FileAccount(path, fsync=False)
    await account.put(MEMBERS, "b", Member("b", "owner"), expected=None)
    await account.put(MEMBERS, "a", Member("a", "owner"), expected=None)


def spoil(path: Path, **members: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_bytes()), **members}))
