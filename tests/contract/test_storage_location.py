"""Where objects are: in the bucket, below the prefix, and for a while in a store's cache.

Two stores over one bucket show from outside what is in the bucket and what is in a cache.
"""

from __future__ import annotations

import pytest

from tests.support.bodies import some_bytes

from .expect import OBJECT_NOT_FOUND, expect_error, expect_object
from .stores import Stores, configuration, unique_name

LARGE = 9 * 1024 * 1024
"""More than the cache takes (D20)."""

SIZES = pytest.mark.parametrize("size", [10, LARGE])


@pytest.mark.proves("D14")
@pytest.mark.parametrize("prefix", ["prefix", "a/longer/prefix", "préfixe", "a b", "..", "%41"])
@pytest.mark.parametrize("key", ["key", "folder/key", "/key", "../key", "key/"])
def test_an_object_is_in_the_bucket_below_the_prefix(stores: Stores, prefix: str, key: str) -> None:
    bucket = unique_name()
    below = stores.create(configuration(bucket=bucket, prefix=prefix))
    whole = stores.create(configuration(bucket=bucket))
    assert below.put(key, b"body", headers=[("mo-meta-a", "1")]).status == 204
    quoted = {"préfixe": "pr%C3%A9fixe", "a b": "a%20b", "%41": "%2541"}.get(prefix, prefix)
    answer = whole.get(f"{quoted}/{key}")
    expect_object(answer, b"body")
    assert answer.headers.all("a") == ["1"]
    expect_error(whole.get(key), 404, OBJECT_NOT_FOUND)


@pytest.mark.proves("D14")
def test_stores_with_an_empty_prefix_and_with_none_share_their_objects(stores: Stores) -> None:
    bucket = unique_name()
    empty = stores.create(configuration(bucket=bucket, prefix=""))
    none = stores.create(configuration(bucket=bucket))
    assert empty.put("key", b"body").status == 204
    expect_object(none.get("key"), b"body")


@pytest.mark.proves("D14")
def test_stores_with_two_prefixes_of_one_bucket_share_nothing(stores: Stores) -> None:
    bucket = unique_name()
    one = stores.create(configuration(bucket=bucket, prefix="one"))
    other = stores.create(configuration(bucket=bucket, prefix="other"))
    assert one.put("key", b"one").status == 204
    expect_error(other.get("key"), 404, OBJECT_NOT_FOUND)
    assert other.put("key", b"other").status == 204
    expect_object(one.get("key"), b"one")


@pytest.mark.proves("D15")
@SIZES
def test_the_objects_of_a_deleted_store_stay_in_the_bucket(stores: Stores, size: int) -> None:
    config = configuration()
    store = stores.create(config)
    assert store.put("key", some_bytes(size), headers=[("mo-meta-a", "1")]).status == 204
    assert store.delete().status == 200
    for heir in (stores.create(config), stores.create(config, name=store.name)):
        answer = heir.get("key")
        expect_object(answer, some_bytes(size))
        assert answer.headers.all("a") == ["1"]


@pytest.mark.proves("D15")
def test_the_cache_of_a_deleted_store_is_never_seen_again(stores: Stores) -> None:
    config = configuration()
    store, other = stores.create(config), stores.create(config)
    assert store.put("key", b"old").status == 204
    assert store.delete().status == 200
    assert other.put("key", b"new").status == 204
    assert store.configure(config).status == 201
    expect_object(store.get("key"), b"new")


@pytest.mark.proves("D15")
def test_a_new_store_over_another_bucket_has_no_objects_of_the_old(stores: Stores) -> None:
    store = stores.create()
    assert store.put("key", b"body").status == 204
    assert store.delete().status == 200
    assert store.configure(configuration()).status == 201
    expect_error(store.get("key"), 404, OBJECT_NOT_FOUND)


@pytest.mark.proves("D19")
def test_an_object_found_in_the_bucket_is_cached(stores: Stores) -> None:
    config = configuration()
    writer, reader = stores.create(config), stores.create(config)
    assert writer.put("key", b"old", headers=[("mo-meta-a", "old")]).status == 204
    expect_object(reader.get("key"), b"old")
    assert writer.put("key", b"new", headers=[("mo-meta-a", "new")]).status == 204
    answer = reader.get("key")
    expect_object(answer, b"old")
    assert answer.headers.all("a") == ["old"]
    expect_object(writer.get("key"), b"new")


@pytest.mark.proves("D20")
def test_an_object_too_large_for_the_cache_is_read_from_the_bucket(stores: Stores) -> None:
    config = configuration()
    writer, reader = stores.create(config), stores.create(config)
    for seed in (1, 2):
        assert writer.put("key", some_bytes(LARGE, seed)).status == 204
        expect_object(reader.get("key"), some_bytes(LARGE, seed))


@pytest.mark.proves("D20")
def test_a_large_object_takes_the_small_one_out_of_the_cache(stores: Stores) -> None:
    config = configuration()
    store, other = stores.create(config), stores.create(config)
    assert store.put("key", b"small").status == 204
    assert store.put("key", some_bytes(LARGE)).status == 204
    expect_object(store.get("key"), some_bytes(LARGE))
    assert other.put("key", b"small again").status == 204
    expect_object(store.get("key"), b"small again")


@pytest.mark.proves("D29")
def test_a_write_through_one_store_is_not_seen_by_what_another_has_cached(stores: Stores) -> None:
    config = configuration()
    store, other = stores.create(config), stores.create(config)
    assert store.put("key", b"first").status == 204
    assert other.put("key", b"second").status == 204
    expect_object(store.get("key"), b"first")
    expect_object(other.get("key"), b"second")


@pytest.mark.proves("D28")
@pytest.mark.parametrize("prefix", [None, "prefix"])
def test_an_update_of_role_and_cluster_name_only_keeps_the_objects(
    stores: Stores, prefix: str | None
) -> None:
    bucket = unique_name()
    store = stores.create(configuration(bucket=bucket, prefix=prefix))
    assert store.put("key", b"body").status == 204
    role = "arn:aws:iam::210987654321:role/Another"
    moved = configuration(bucket=bucket, prefix=prefix, role=role, cluster="another-cluster")
    assert store.configure(moved).status == 200
    expect_object(store.get("key"), b"body")


@pytest.mark.proves("D28")
def test_an_update_that_leaves_bucket_and_prefix_alone_keeps_the_cache(stores: Stores) -> None:
    bucket = unique_name()
    store, other = (stores.create(configuration(bucket=bucket)) for _ in range(2))
    assert store.put("key", b"cached").status == 204
    assert other.put("key", b"in the bucket").status == 204
    role = "arn:aws:iam::210987654321:role/Another"
    for config in (configuration(bucket=bucket), configuration(bucket=bucket, role=role)):
        assert store.configure(config).status == 200
        expect_object(store.get("key"), b"cached")


@pytest.mark.proves("D28")
@pytest.mark.parametrize("change", ["bucket", "prefix"])
def test_an_update_of_bucket_or_prefix_starts_the_cache_afresh(stores: Stores, change: str) -> None:
    bucket = unique_name()
    here = configuration(bucket=bucket)
    away = configuration() if change == "bucket" else configuration(bucket=bucket, prefix="away")
    store, other = stores.create(here), stores.create(here)
    assert store.put("key", b"cached").status == 204
    assert other.put("key", b"in the bucket").status == 204
    assert store.configure(away).status == 200
    expect_error(store.get("key"), 404, OBJECT_NOT_FOUND)
    assert store.configure(here).status == 200
    expect_object(store.get("key"), b"in the bucket")
