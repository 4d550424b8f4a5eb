"""Emulators over one account are one service: what is done at one is felt at the others."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest

from emulator import Emulator
from tests.auth_api.api import Api
from tests.auth_api.membership import Membership
from tests.engines.valkey import ValkeyServer
from tests.support.client import Client
from tests.support.emulators import Start
from tests.support.raw_client import Client as ContractClient

T = TypeVar("T")

READING = {
    "rules": [{"type": "resource_management", "permissions": ["read", "list"], "resources": "*"}]
}
NOTHING_MUCH = {"rules": [{"type": "function", "permissions": ["invoke"], "caches": "*",
                           "functions": "*"}]}  # fmt: skip


def at(emulator: Emulator, key: str) -> Client:
    return Client(emulator.endpoint, key)


def api_at(emulator: Emulator, key: str) -> Api:
    return Api(ContractClient(emulator.endpoint, key))


@pytest.fixture
def pair(start: Start, anywhere: str) -> tuple[Emulator, Emulator, str]:
    """Two emulators, and a key of the Owner."""
    one = start(account=anywhere)
    return one, start(account=anywhere), one.api_key()


def test_the_second_emulator_finds_the_account_that_the_first_has_made(
    start: Start, anywhere: str
) -> None:
    one, other = start(account=anywhere), start(account=anywhere)
    assert other.account_id == one.account_id
    assert other.api_keys == dict.fromkeys(("owner", "operator", "viewer"))
    for role in ("owner", "operator", "viewer"):
        assert at(other, one.api_key(role)).list_stores().status == 200


def test_a_store_is_there_and_gone_at_once_for_both(pair: tuple[Emulator, Emulator, str]) -> None:
    one, other, key = pair
    for number in range(3):
        assert at(one, key).create_store(f"store-{number}").status == 201
        assert at(other, key).store_names() == [f"store-{each}" for each in range(number + 1)]
        assert at(other, key).put(f"store-{number}", "key", b"body").status == 204
    assert at(other, key).create_store("store-1").status == 200
    assert at(other, key).call("DELETE", "/objectstore/store-1").status == 200
    assert at(one, key).put("store-1", "key", b"body").status == 404
    assert at(one, key).store_names() == ["store-0", "store-2"]


def test_a_key_that_is_revoked_at_one_is_refused_by_the_other_on_the_next_request(
    pair: tuple[Emulator, Emulator, str],
) -> None:
    one, other, key = pair
    for _ in range(5):
        new = api_at(one, key).new_key("viewer")
        assert at(other, new.api_key).list_stores().status == 200
        assert at(one, new.api_key).list_stores().status == 200
        assert api_at(one, key).revoke_key(new.key_id).status == 200
        assert at(other, new.api_key).list_stores().status == 401


def test_a_role_that_is_changed_at_one_is_felt_at_the_other_on_the_next_request(
    pair: tuple[Emulator, Emulator, str],
) -> None:
    one, other, key = pair
    role = api_at(one, key).new_role(READING, "Readers")
    new = api_at(other, key).new_key(role["role_id"]).api_key
    for permissions, status in [(NOTHING_MUCH, 403), (READING, 200)] * 3:
        assert api_at(one, key).replace_role(role["role_id"], "Readers", permissions).status == 200
        assert at(other, new).list_stores().status == status
        one, other = other, one
    assert api_at(one, key).delete_role(role["role_id"]).json["status"] == "blocked"
    assert api_at(other, key).create_role("Readers", READING).status == 409


def test_members_and_invitations_are_the_same_for_both(
    pair: tuple[Emulator, Emulator, str],
) -> None:
    one, other = (Membership(api_at(each, pair[2])) for each in pair[:2])
    invitation = one.new_invitation("ada@example.com", "owner")
    assert other.invite("ada@example.com").status == 409
    assert other.accept(invitation).status == 200
    assert one.accept(invitation).status == 404
    assert one.members() == other.members()
    assert one.remove("owner@example.com").status == 200
    assert other.change("ada@example.com", "viewer").status == 412


def test_a_token_made_at_one_is_valid_at_the_other(pair: tuple[Emulator, Emulator, str]) -> None:
    one, other, _ = pair
    token = one.create_token(READING)
    assert at(other, token).list_stores().status == 200
    one.reset()  # It signs with another secret from here on, and the other has to know.
    assert at(other, token).list_stores().status == 401
    assert at(one, other.create_token(READING)).list_stores().status == 200


def test_a_page_that_one_has_given_leads_on_at_the_other(
    pair: tuple[Emulator, Emulator, str],
) -> None:
    one, other, key = pair
    for number in range(7):
        api_at(one, key).new_key("viewer", str(number))
    query, found = "limit=3", []
    for emulator in [one, other] * 2:
        page = api_at(emulator, key).client.get(f"/api-keys?{query}").json
        found += [info["key_id"] for info in page["key_info"]]
        if "next_token" not in page:
            break
        query = f"limit=3&next_token={page['next_token']}"
    assert found == [info["key_id"] for info in api_at(one, key).all_keys()]
    assert len(set(found)) == 10


def test_a_reset_at_one_leaves_the_other_with_the_state_that_it_brings(
    start: Start, anywhere: str
) -> None:
    one, other = start(account=anywhere), start(account=anywhere)
    key = one.api_key()
    assert at(other, key).create_store("store").status == 201
    stranger = api_at(other, key).new_key("owner").api_key
    for resetting, remaining in ((other, one), (one, other)):
        resetting.reset()
        assert at(remaining, key).store_names() == []
        assert at(remaining, stranger).list_stores().status == 401
        assert at(remaining, key).create_store("store").status == 201


def test_an_import_at_one_lets_the_first_keys_in_at_all(start: Start, anywhere: str) -> None:
    one, other = start(account=anywhere), start(account=anywhere)
    key = one.api_key()
    assert at(one, key).create_store("store").status == 201
    state = one.export_state()
    assert at(one, key).create_store("second").status == 201
    other.import_state(state)
    assert at(one, key).store_names() == at(other, key).store_names() == ["store"]
    one.import_state(state)
    assert at(other, key).store_names() == ["store"]


def test_a_checkpoint_of_one_is_restored_for_all(pair: tuple[Emulator, Emulator, str]) -> None:
    one, other, key = pair
    at(one, key).create_store("before")
    one.checkpoint("moment")
    at(other, key).create_store("after")
    one.restore("moment")
    assert at(other, key).store_names() == ["before"]
    assert at(other, key).create_store("after").status == 201


def all_at_once(calls: Sequence[Callable[[], T]]) -> list[T]:
    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


def test_of_many_creators_at_three_emulators_one_creates_the_store(
    start: Start, anywhere: str
) -> None:
    emulators = [start(account=anywhere) for _ in range(3)]
    key = emulators[0].api_key()
    for number in range(5):
        store = f"s-{number}"
        answers = all_at_once(
            [partial(at(each, key).create_store, store) for each in emulators * 3]
        )
        assert sorted(answer.status for answer in answers) == [200] * 8 + [201]


def test_of_many_creators_at_three_emulators_one_gets_the_name_of_the_role(
    start: Start, anywhere: str
) -> None:
    emulators = [start(account=anywhere) for _ in range(3)]
    key = emulators[0].api_key()
    for number in range(5):
        name = f"role-{number}"
        calls = [partial(api_at(each, key).create_role, name, READING) for each in emulators * 3]
        assert sorted(answer.status for answer in all_at_once(calls)) == [200] + [409] * 8


@pytest.mark.proves("D23")
@pytest.mark.proves("D55")
def test_three_emulators_let_in_no_more_stores_and_roles_than_one(
    start: Start, anywhere: str
) -> None:
    emulators = [start(account=anywhere, max_stores=4, max_custom_roles=3) for _ in range(3)]
    key = emulators[0].api_key()
    numbered = list(enumerate(emulators * 4))
    new_stores = [partial(at(each, key).create_store, f"s-{n}") for n, each in numbered]
    new_roles = [partial(api_at(each, key).create_role, f"r-{n}", READING) for n, each in numbered]
    stores = [answer.status for answer in all_at_once(new_stores)]
    roles = [answer.status for answer in all_at_once(new_roles)]
    assert (stores.count(201), stores.count(429)) == (4, 8)
    assert (roles.count(200), roles.count(429)) == (3, 9)
    assert len(at(emulators[1], key).store_names()) == 4


def test_of_two_owners_who_remove_each_other_at_two_emulators_one_stays(
    start: Start, url: str
) -> None:
    one, other = start(account=url), start(account=url)
    key = one.api_key()
    for number in range(5):
        names = [f"{name}-{number}@example.com" for name in ("ada", "alan")]
        people = [Membership(api_at(each, key)) for each in (one, other)]
        before = people[0].members()
        for name in names:
            people[0].join(name, "owner")
        for name, role in before.items():
            if role == "owner":
                assert people[0].remove(name).status == 200
        removals = [partial(each.remove, name) for each, name in zip(people, names, strict=True)]
        assert sorted(answer.status for answer in all_at_once(removals)) == [200, 412]
        assert list(people[0].members().values()).count("owner") == 1


def together(start: Start, url: str, count: int, **options: Any) -> list[Emulator]:
    """Emulators that all start at the same time."""
    return all_at_once([lambda: start(account=url, **options)] * count)


@pytest.mark.parametrize("attempt", range(3))
def test_emulators_that_start_at_once_on_an_empty_valkey_agree_on_one_account(
    start: Start, anywhere: str, attempt: int
) -> None:
    emulators = together(start, anywhere, 4)
    assert len({each.account_id for each in emulators}) == 1
    (maker,) = [each for each in emulators if each.api_keys["owner"] is not None]
    for role in ("owner", "operator", "viewer"):
        for each in emulators:
            assert at(each, maker.api_key(role)).list_stores().status == 200
    assert len(api_at(maker, maker.api_key()).all_keys()) == 3, attempt


FIXED = {
    f"{role}_key": f"eyJhbGciOiJIUzI1NiJ9.{role}Payload_0123456789.signature{role}"
    for role in ("owner", "operator", "viewer")
}


def test_fixed_keys_of_all_are_there_once_and_never_refused(start: Start, url: str) -> None:
    first = start(account=url, **FIXED)
    key = first.api_key()
    before = api_at(first, key).all_keys()
    statuses: list[int] = []
    with ThreadPoolExecutor(1) as pool:
        running = True

        def ask() -> None:
            while running:
                statuses.append(at(first, key).list_stores().status)

        asking = pool.submit(ask)
        try:
            others = together(start, url, 3, **FIXED)
        finally:
            running = False
        asking.result()
    assert set(statuses) == {200}
    assert api_at(others[0], key).all_keys() == before
    assert [each.api_keys for each in others] == [first.api_keys] * 3
    assert len(before) == 3


def test_another_fixed_key_takes_the_place_of_the_one_before_in_one_step(
    start: Start, url: str
) -> None:
    first = start(account=url, **FIXED)
    swapped = {**FIXED, "owner_key": FIXED["viewer_key"], "viewer_key": f"{FIXED['owner_key']}x"}
    second = start(account=url, **swapped)
    assert at(first, FIXED["owner_key"]).list_stores().status == 401
    assert at(first, swapped["viewer_key"]).create_store("store").status == 403
    assert at(first, swapped["owner_key"]).create_store("store").status == 201
    assert len(api_at(second, swapped["owner_key"]).all_keys()) == 3


SEED = """
stores:
  - name: seeded
    storage_config:
      s3: {bucket_name: b, iam_role_arn: "arn:aws:iam::123456789012:role/R"}
    cache_config: {valkey_cluster: {cluster_name: c}}
roles:
  - role_name: Seeded
    permissions: {rules: [{type: function, permissions: [invoke], caches: "*", functions: "*"}]}
api_keys:
  - {role: Seeded, api_key: "eyJhbGciOiJIUzI1NiJ9.seededPayload_0123456789.signature"}
members: [{user_name: ada@example.com, role: owner}]
invitations: [{user_name: alan@example.com, role: viewer}]
"""


@pytest.mark.parametrize("attempt", range(4))
def test_emulators_that_plant_one_seed_at_once_agree(
    start: Start, anywhere: str, tmp_path: Path, attempt: int
) -> None:
    (tmp_path / "seed.yaml").write_text(SEED)
    emulators = together(start, anywhere, 3, seed=tmp_path / "seed.yaml", **FIXED)
    key = FIXED["owner_key"]
    api = api_at(emulators[attempt % 3], key)
    assert at(emulators[0], key).store_names() == ["seeded"]
    assert api.role_names(type="custom") == ["Seeded"]
    assert len(api.all_keys()) == 4
    people = Membership(api)
    assert people.members() == {"ada@example.com": "owner"}
    assert [each["account_member"]["user_name"] for each in people.invitations()] == [
        "alan@example.com"
    ]


def test_with_a_data_directory_the_first_keys_are_known_again_and_objects_are_in_files(
    start: Start, url: str, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    options = {"data_dir": data, "fsync": False}
    first = start(account=url, **options)
    keys = dict(first.api_keys)
    at(first, first.api_key()).create_store("store")
    at(first, first.api_key()).put("store", "key", b"body")
    first.stop()
    again = start(account=url, **options)
    assert dict(again.api_keys) == keys
    assert at(again, again.api_key()).get("store", "key").body == b"body"
    assert not (data / "account.json").exists()
    other = start(account=url, data_dir=tmp_path / "other", fsync=False)
    assert other.api_keys == dict.fromkeys(keys)
    assert other.api_keys_file is None


def test_the_account_of_a_data_directory_keeps_its_keys_while_another_is_used(
    start: Start, url: str, tmp_path: Path
) -> None:
    options: dict[str, Any] = {"data_dir": tmp_path / "data", "fsync": False}
    with Emulator(cache="memory", **options) as own:
        keys = dict(own.api_keys)
    shared = start(account=url, **options)
    assert dict(shared.api_keys) != keys
    shared.stop()
    with Emulator(cache="memory", **options) as own:
        assert dict(own.api_keys) == keys


def test_a_person_can_read_the_account(start: Start, url: str, valkey_server: ValkeyServer) -> None:
    emulator = start(account=url)
    at(emulator, emulator.api_key()).create_store("videos")
    tables = ["account", "api_keys", "members", "state", "stores"]
    names = sorted(valkey_server.cli("KEYS", "{momento-emulator}:[^c]*").split())
    assert names == [f"{{momento-emulator}}:{table}" for table in tables]
    store = json.loads(valkey_server.cli("HGET", "{momento-emulator}:stores", "videos"))
    assert store["record"]["bucket_name"] == "bucket-of-videos"
    everything = valkey_server.cli("EVAL", _ALL, "0")
    assert emulator.api_key() not in everything


_ALL = """
local all = {}
for _, key in ipairs(redis.call('KEYS', '*')) do
  all[#all + 1] = key
  if redis.call('TYPE', key).ok == 'hash' then
    all[#all + 1] = table.concat(redis.call('HGETALL', key), ' ')
  end
end
return table.concat(all, ' ')
"""


def test_what_remembers_a_commit_goes_away(
    url: str, start: Start, valkey_server: ValkeyServer
) -> None:
    emulator = start(account=url)
    at(emulator, emulator.api_key()).create_store("store")
    names = valkey_server.ask("KEYS", "{momento-emulator}:commit:*").split()
    assert names
    for name in names:
        assert 0 < int(valkey_server.ask("PTTL", name)) <= 60_000


def test_under_changes_at_two_emulators_a_third_is_never_wrong(start: Start, url: str) -> None:
    """Each key is made, used and revoked by turns at emulators that chance picks."""
    emulators = [start(account=url) for _ in range(3)]
    key = emulators[0].api_key()

    def live(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(8):
            new = api_at(chance.choice(emulators), key).new_key("viewer")
            for _ in range(2):
                assert at(chance.choice(emulators), new.api_key).list_stores().status == 200
            assert api_at(chance.choice(emulators), key).revoke_key(new.key_id).status == 200
            for each in emulators:
                assert at(each, new.api_key).list_stores().status == 401

    all_at_once([partial(live, seed) for seed in range(6)])


def test_health_says_where_the_account_is(start: Start, anywhere: str) -> None:
    emulator = start(account=anywhere)
    health = Client(emulator.endpoint).call("GET", "/_emulator/health").json()
    assert health["account"] == {"engine": "valkey", "status": "ok"}
