"""The account in files: what another start finds, and what a disk that fails leads to."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator import Emulator
from tests.contract.expect import expect_object
from tests.contract.stores import Stores
from tests.support.raw_client import Client

from .api import HOUR, Api
from .expect import expect_refusal
from .membership import Membership
from .permission_sets import LIST_STORES, READING, allow, objects


def started(directory: Path) -> Emulator:
    emulator = Emulator(cache="memory", data_dir=directory, fsync=False)
    emulator.start()
    return emulator


def an_owner(emulator: Emulator) -> Api:
    return Api(Client(emulator.endpoint, emulator.api_key()))


@pytest.mark.proves("Key lifecycle")
@pytest.mark.proves("D43")
@pytest.mark.proves("D24")
def test_another_start_finds_everything_as_it_was(tmp_path: Path) -> None:
    emulator = started(tmp_path / "data")
    try:
        owner = an_owner(emulator)
        store = Stores(owner.client).create(name="film")
        store.put("live/a", b"body")
        rules = objects("read", stores={"name": "film"}, items={"key_prefix": "live/"})
        roles = [
            owner.new_role(allow(rules, ranges=["127.0.0.0/8"]), name, description=name)
            for name in ("z", "a", "m")
        ]
        owner.replace_role(roles[0]["role_id"], "y", roles[0]["permissions"])
        key, revoked = owner.new_key(roles[0]["role_id"], "a key"), owner.new_key()
        owner.revoke_key(revoked.key_id)
        token = owner.new_token(allow(LIST_STORES), HOUR)
        account = Membership(owner).join("ada", "operator")
        account.api.call("POST", "/_emulator/account/invitations", {"user_name": "bob"})
        page = next(owner.pages("/roles", limit=2))
        people = (Membership(owner).members(), Membership(owner).invitations())
        before = (owner.all_keys(), owner.all_roles())
    finally:
        emulator.stop()
    emulator = started(tmp_path / "data")
    try:
        owner = an_owner(emulator)
        assert (owner.all_keys(), owner.all_roles()) == before
        assert (Membership(owner).members(), Membership(owner).invitations()) == people
        rest = owner.list_roles(next_token=page["next_token"]).json["roles"]
        assert page["roles"] + rest == before[1]
        holder = owner.client.with_key(key.api_key)
        expect_object(holder.get("/objectstore/film/live/a"), b"body")
        assert holder.get("/objectstore/film/other").status == 403
        expect_refusal(owner.with_key(revoked.api_key).list_keys(), 401)
        assert owner.client.with_key(token).get("/objectstore").status == 200
        expect_refusal(owner.create_role("y", READING), 409)
        assert owner.delete_role(roles[0]["role_id"]).json["api_keys"] == [key.info]
    finally:
        emulator.stop()


@pytest.mark.proves("Auth APIs: 500")
@pytest.mark.proves("D40")
def test_what_cannot_be_written_is_500_and_has_not_happened(tmp_path: Path) -> None:
    file = tmp_path / "data" / "account.json"
    emulator = started(tmp_path / "data")
    try:
        owner = an_owner(emulator)
        role, key = owner.new_role(READING), owner.new_key()
        before = (owner.all_keys(), owner.all_roles())
        content = file.read_bytes()
        file.unlink()
        file.mkdir()  # Nothing can be put in its place.
        (file / "taken").touch()
        for answer in (
            owner.create_key("viewer"),
            owner.revoke_key(key.key_id),
            owner.create_role("another", READING),
            owner.replace_role(role["role_id"], "another", READING),
            owner.delete_role(role["role_id"]),
        ):
            expect_refusal(answer, 500)
        assert (owner.all_keys(), owner.all_roles()) == before
        assert owner.with_key(key.api_key).list_keys().status == 200
        (file / "taken").unlink()
        file.rmdir()
        file.write_bytes(content)
        assert owner.replace_role(role["role_id"], "another", READING).status == 200
        assert owner.revoke_key(key.key_id).status == 200
        assert owner.delete_role(role["role_id"]).json == {"status": "deleted"}
    finally:
        emulator.stop()
