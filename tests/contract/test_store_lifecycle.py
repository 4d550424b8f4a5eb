"""Create, update, describe, list and delete an object store."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.raw_client import Client

from .expect import (
    OBJECT_NOT_FOUND,
    STORE_NOT_FOUND,
    expect_error,
    expect_object,
    expect_store,
)
from .stores import LIST, Configuration, Stores, configuration, listed, unique_name

CONFIGURATIONS = [
    pytest.param(configuration(), id="without-prefix"),
    pytest.param(configuration(prefix="optional/prefix/path"), id="with-prefix"),
    pytest.param(configuration(prefix="préfixe/日本/🎬"), id="beyond-ascii"),
]


@pytest.mark.proves("Create or Update Object Store: 201")
@pytest.mark.parametrize("config", CONFIGURATIONS)
def test_creating_a_store_answers_201_with_its_description(
    stores: Stores, config: Configuration
) -> None:
    store = stores.named()
    expect_store(store.configure(config), 201, store.name, config)


@pytest.mark.proves("Create or Update Object Store: 200")
@pytest.mark.parametrize("config", CONFIGURATIONS)
def test_updating_a_store_answers_200_with_its_description(
    stores: Stores, config: Configuration
) -> None:
    store = stores.create()
    for _ in range(2):
        expect_store(store.configure(config), 200, store.name, config)


@pytest.mark.proves("Describe Object Store: 200")
@pytest.mark.parametrize("config", CONFIGURATIONS)
def test_describing_a_store_answers_200_with_its_description(
    stores: Stores, config: Configuration
) -> None:
    store = stores.create(config)
    expect_store(store.describe(), 200, store.name, config)


@pytest.mark.proves("D14")
def test_an_empty_prefix_is_no_prefix(stores: Stores) -> None:
    given, expected = configuration(bucket="bucket", prefix=""), configuration(bucket="bucket")
    store = stores.named()
    expect_store(store.configure(given), 201, store.name, expected)
    expect_store(store.configure(given), 200, store.name, expected)
    expect_store(store.describe(), 200, store.name, expected)


@pytest.mark.proves("Create or Update Object Store: 200")
def test_an_update_replaces_every_member(stores: Stores) -> None:
    store = stores.create(configuration(prefix="prefix"))
    role = "arn:aws:iam::210987654321:role/Another"
    config = configuration(prefix="another/prefix", role=role, cluster="another-cluster")
    assert store.configure(config).status == 200
    expect_store(store.describe(), 200, store.name, config)


@pytest.mark.proves("Create or Update Object Store: 200")
def test_an_update_without_a_prefix_takes_the_prefix_away(stores: Stores) -> None:
    store = stores.create(configuration(prefix="prefix"))
    config = configuration()
    expect_store(store.configure(config), 200, store.name, config)
    expect_store(store.describe(), 200, store.name, config)


@pytest.mark.proves("Create or Update Object Store: 200")
def test_an_update_keeps_the_objects(stores: Stores) -> None:
    config = configuration()
    store = stores.create(config)
    store.put("key", b"body")
    assert store.configure(config).status == 200
    expect_object(store.get("key"), b"body")


@pytest.mark.proves("D12")
def test_unknown_members_of_a_configuration_are_ignored(stores: Stores) -> None:
    store, other = stores.named(), stores.named()
    config, given = configuration(bucket="bucket"), configuration(bucket="bucket")
    given |= {"name": other.name, "unknown": None, "": [{}]}
    given["storage_config"] |= {"gcs": {"bucket_name": 1}}
    given["storage_config"]["s3"] |= {"region": "us-east-1", "Prefix": 1}
    given["cache_config"]["valkey_cluster"] |= {"shards": 3}
    expect_store(store.configure(given), 201, store.name, config)
    expect_store(store.describe(), 200, store.name, config)
    expect_error(other.describe(), 404, STORE_NOT_FOUND)


@pytest.mark.proves("Create or Update Object Store: 201")
def test_of_many_creations_at_once_one_answers_201(stores: Stores) -> None:
    store, config = stores.named(), configuration()
    with ThreadPoolExecutor(max_workers=8) as pool:
        answers = list(pool.map(lambda _: store.configure(config), range(8)))
    assert sorted(answer.status for answer in answers) == [200] * 7 + [201]


@pytest.mark.proves("Describe Object Store: 404")
def test_describing_a_store_that_does_not_exist_is_404(stores: Stores) -> None:
    expect_error(stores.named().describe(), 404, STORE_NOT_FOUND)


@pytest.mark.proves("Delete Object Store: 200")
def test_deleting_a_store_answers_200_without_a_body(stores: Stores) -> None:
    answer = stores.create().delete()
    assert answer.status == 200
    assert answer.body == b""


@pytest.mark.proves("Delete Object Store: 404")
def test_deleting_a_store_that_does_not_exist_is_404(stores: Stores) -> None:
    expect_error(stores.named().delete(), 404, STORE_NOT_FOUND)


@pytest.mark.proves("Delete Object Store: 404")
def test_deleting_a_store_twice_is_404(stores: Stores) -> None:
    store = stores.create()
    assert store.delete().status == 200
    expect_error(store.delete(), 404, STORE_NOT_FOUND)


@pytest.mark.proves("Delete Object Store: 200")
def test_a_deleted_store_does_not_exist(stores: Stores, owner: Client) -> None:
    store = stores.create()
    store.put("key", b"body")
    assert store.delete().status == 200
    expect_error(store.describe(), 404, STORE_NOT_FOUND)
    expect_error(store.get("key"), 404, STORE_NOT_FOUND)
    expect_error(store.put("key", b"new"), 404, STORE_NOT_FOUND)
    assert store.name not in listed(owner)


@pytest.mark.proves("Delete Object Store: 200")
def test_deleting_a_store_leaves_the_others(stores: Stores, owner: Client) -> None:
    config = configuration()
    store, other = stores.create(), stores.create(config)
    other.put("key", b"body")
    assert store.delete().status == 200
    expect_store(other.describe(), 200, other.name, config)
    expect_object(other.get("key"), b"body")
    assert other.name in listed(owner)


@pytest.mark.proves("Create or Update Object Store: 201")
def test_a_deleted_store_can_be_created_again(stores: Stores) -> None:
    store, config = stores.create(), configuration(prefix="another")
    assert store.delete().status == 200
    expect_store(store.configure(config), 201, store.name, config)
    expect_error(store.get("key"), 404, OBJECT_NOT_FOUND)


@pytest.mark.proves("List Object Stores: 200")
def test_listing_stores_answers_200_with_their_names(stores: Stores, owner: Client) -> None:
    made = {stores.create(configuration(prefix="prefix")).name for _ in range(3)}
    answer = owner.get(LIST)
    assert answer.status == 200
    assert answer.media_type == "application/json"
    assert list(answer.json) == ["object_stores"]
    entries = answer.json["object_stores"]
    assert [entry for entry in entries if entry["name"] in made] == [
        {"name": name} for name in sorted(made)
    ]
    assert all(list(entry) == ["name"] for entry in entries)


@pytest.mark.proves("D24")
def test_stores_are_listed_by_name(stores: Stores, owner: Client) -> None:
    mark = unique_name()
    ends = ["b", "B", "a", "10", "9", "aa", "a-a", "a.a", "a_a", "a~a", "A"]
    for start in ends:
        stores.create(name=f"{start}-{mark}")
    assert listed(owner) == sorted(listed(owner))
    assert [name for name in listed(owner) if mark in name] == sorted(
        f"{start}-{mark}" for start in ends
    )


@pytest.mark.proves("List Object Stores: 200")
def test_a_store_is_listed_once_from_creation_to_deletion(stores: Stores, owner: Client) -> None:
    store = stores.named()
    assert listed(owner).count(store.name) == 0
    for _ in range(2):
        store.configure(configuration())
        assert listed(owner).count(store.name) == 1
    store.delete()
    assert listed(owner).count(store.name) == 0
