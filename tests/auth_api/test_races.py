"""What many clients do at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest

from emulator import Emulator
from tests.support.raw_client import Client

from .api import Api
from .expect import expect_refusal
from .permission_sets import READING, allow, rule

_T = TypeVar("_T")


def at_once(actions: Sequence[Callable[[], _T]]) -> list[_T]:
    """What the actions give, all begun at the same moment."""
    barrier = threading.Barrier(len(actions))

    def run(action: Callable[[], _T]) -> _T:
        barrier.wait(timeout=30)
        return action()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


@pytest.mark.proves("D46")
@pytest.mark.proves("Auth APIs: POST /roles")
def test_of_many_roles_with_one_name_one_is_created(owner: Api) -> None:
    for number in range(8):
        answers = at_once([partial(owner.create_role, f"role {number}", READING)] * 16)
        assert sorted(answer.status for answer in answers) == [200] + [409] * 15
        [created] = [answer.json for answer in answers if answer.status == 200]
        for answer in answers:
            if answer.status != 200:
                expect_refusal(answer, 409)
        assert owner.all_roles()[-1] == created
    assert len(owner.all_roles(type="custom")) == 8


@pytest.mark.proves("D55")
@pytest.mark.proves("Auth APIs: POST /roles")
def test_of_many_roles_as_many_are_created_as_the_account_may_have(tmp_path: Path) -> None:
    # Over files: to write them takes a moment, in which another request may come.
    data: dict[str, Any] = {"data_dir": tmp_path / "data", "fsync": False}
    with Emulator(cache="memory", max_custom_roles=3, **data) as emulator:
        owner = Api(Client(emulator.endpoint, emulator.api_key()))
        answers = at_once(
            [partial(owner.create_role, f"role {number}", READING) for number in range(16)]
        )
        assert sorted(answer.status for answer in answers) == [200] * 3 + [429] * 13
        assert len(owner.all_roles(type="custom")) == 3


@pytest.mark.proves("D46")
@pytest.mark.proves("Auth APIs: PUT /roles")
def test_of_many_roles_that_take_one_name_one_gets_it(owner: Api) -> None:
    ids = [owner.new_role(READING, f"role {number}")["role_id"] for number in range(8)]
    for name in ("a", "b", "c", "d"):
        answers = at_once([partial(owner.replace_role, role_id, name, READING) for role_id in ids])
        assert sorted(answer.status for answer in answers) == [200] + [400] * 7
        assert owner.role_names(type="custom").count(name) == 1
        assert len(set(owner.role_names())) == 3 + len(ids)


@pytest.mark.proves("D46")
def test_a_name_goes_to_a_new_role_or_to_a_renamed_one(owner: Api) -> None:
    role_id = owner.new_role(READING, "old")["role_id"]
    for number in range(10):
        name = f"name {number}"
        created, renamed = at_once(
            [
                partial(owner.create_role, name, READING),
                partial(owner.replace_role, role_id, name, READING),
            ]
        )
        assert (created.status, renamed.status) in [(200, 400), (409, 200)]
        assert owner.role_names().count(name) == 1


@pytest.mark.proves("Auth APIs: DELETE /roles")
@pytest.mark.proves("Auth APIs: POST /api-keys")
def test_no_key_is_created_for_a_role_that_goes(owner: Api) -> None:
    for number in range(30):
        role_id = owner.new_role(READING, f"role {number}")["role_id"]
        create, delete = partial(owner.create_key, role_id), partial(owner.delete_role, role_id)
        answers = at_once([create, create, delete, create])
        deletion = answers.pop(2)
        statuses = {answer.status for answer in answers}
        assert deletion.status == 200
        there = role_id in [role["role_id"] for role in owner.all_roles(limit=100)]
        if deletion.json["status"] == "deleted":
            assert statuses == {404}
            assert not there
            assert role_id not in [key["role_id"] for key in owner.all_keys()]
        else:
            assert deletion.json["status"] == "blocked"
            assert deletion.json["api_keys"]
            assert statuses == {200}
            assert there


@pytest.mark.proves("Auth APIs: DELETE /roles")
def test_of_many_deletions_of_a_role_one_succeeds(owner: Api) -> None:
    for number in range(10):
        role_id = owner.new_role(READING, f"role {number}")["role_id"]
        answers = at_once([partial(owner.delete_role, role_id)] * 8)
        assert sorted(answer.status for answer in answers) == [200] + [404] * 7


@pytest.mark.proves("Auth APIs: PUT /roles")
def test_a_role_that_is_deleted_is_not_brought_back(owner: Api) -> None:
    for number in range(20):
        role_id = owner.new_role(READING, f"role {number}")["role_id"]
        replaced, deleted = at_once(
            [
                partial(owner.replace_role, role_id, f"new {number}", READING),
                partial(owner.delete_role, role_id),
            ]
        )
        assert replaced.status in (200, 404)
        assert deleted.json == {"status": "deleted"}
        assert owner.all_roles(type="custom") == []
        for name in (f"role {number}", f"new {number}"):
            again = owner.new_role(READING, name)
            assert owner.delete_role(again["role_id"]).json == {"status": "deleted"}


@pytest.mark.proves("Auth APIs: DELETE /api-keys")
def test_of_many_revocations_of_a_key_one_succeeds(owner: Api) -> None:
    for _ in range(10):
        key = owner.new_key()
        answers = at_once([partial(owner.revoke_key, key.key_id)] * 8)
        assert sorted(answer.status for answer in answers) == [200] + [404] * 7


@pytest.mark.proves("Auth APIs: POST /api-keys")
@pytest.mark.proves("D24")
def test_keys_that_are_created_at_once_are_all_there(owner: Api) -> None:
    answers = at_once([partial(owner.create_key, "viewer")] * 32)
    ids = [answer.json["key_info"]["key_id"] for answer in answers]
    listed = [key["key_id"] for key in owner.all_keys()][3:]
    assert len(set(ids)) == 32
    assert sorted(listed) == sorted(ids)


@pytest.mark.proves("Auth APIs: PUT /roles")
def test_a_request_sees_a_role_before_or_after_it_was_replaced(owner: Api) -> None:
    lists = allow(rule("auth_management", "list"))
    role_id = owner.new_role(READING)["role_id"]
    caller = owner.with_key(owner.new_key(role_id).api_key)

    def replace() -> set[int]:
        sets = [lists, READING] * 10
        return {owner.replace_role(role_id, "custom", given).status for given in sets}

    def ask() -> set[int]:
        return {caller.list_keys().status for _ in range(20)}

    replaced, *asked = at_once([replace, ask, ask, ask])
    assert replaced == {200}
    assert set().union(*asked) <= {200, 403}
    assert caller.list_keys().status == 403
