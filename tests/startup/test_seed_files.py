"""Seed files: what they put in place, and what is said of one that cannot be planted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from emulator.config import ConfigurationError
from emulator.startup.seed_file import read_seed
from tests.support.client import ROLE_ARN, Client
from tests.support.keys import inner_key, v1_key, v2_key

STORE: dict[str, Any] = {
    "name": "store",
    "storage_config": {"s3": {"bucket_name": "bucket", "iam_role_arn": ROLE_ARN}},
    "cache_config": {"valkey_cluster": {"cluster_name": "cluster"}},
}
V2 = v2_key("seeded")


def with_object(**members: Any) -> dict[str, Any]:
    """A seed of one store and one object, which is right but for ``members``."""
    entry = {"store": "store", "key": "key", "text": "body", **members}
    return {
        "stores": [STORE],
        "objects": [{name: value for name, value in entry.items() if value is not None}],
    }


def with_store(**members: Any) -> dict[str, Any]:
    return {"stores": [{k: v for k, v in {**STORE, **members}.items() if v is not None}]}


def with_key(**members: Any) -> dict[str, Any]:
    entry = {"role": "viewer", "api_key": V2, **members}
    return {"api_keys": [{name: value for name, value in entry.items() if value is not None}]}


def bucket(**members: Any) -> dict[str, Any]:
    return {"s3": {"bucket_name": "bucket", "iam_role_arn": ROLE_ARN, **members}}


SECTIONS = "stores, roles, api_keys, members, invitations, objects"

WRONG_SHAPES = {
    "a list": ([], [SECTIONS]),
    "a text": ("stores", [SECTIONS]),
    "a number": (0, [SECTIONS]),
    "an unknown section": ({"buckets": []}, ["'buckets'", SECTIONS]),
    "a section that is an object": ({"stores": {"name": "store"}}, ["stores", "a list"]),
    "a section that is an empty object": ({"stores": {}}, ["stores", "a list"]),
    "a section that is an empty text": ({"objects": ""}, ["objects", "a list"]),
    "a section that is false": ({"api_keys": False}, ["api_keys", "a list"]),
    "a store that is a text": ({"stores": ["store"]}, ["stores[0]"]),
    "a key that is a list": ({"api_keys": [[V2]]}, ["api_keys[0]"]),
    "an object that is nothing": ({"objects": [None]}, ["objects[0]"]),
    "a second entry": ({"stores": [STORE, 5]}, ["stores[1]"]),
}

BROKEN_STORES = {
    "without a name": (with_store(name=None), ["'name'"]),
    "with a number for a name": (with_store(name=5), ["name", "quotes"]),
    "with an unknown member": (with_store(prefix="p"), ["'prefix'"]),
    "with a misspelt member": (with_store(nme="store"), ["'nme'", "did you mean name?"]),
    "with a slash in its name": (with_store(name="a/b"), ["store name"]),
    "with a space in its name": (with_store(name="a b"), ["store name"]),
    "with an escape in its name": (with_store(name="a%62"), ["store name"]),
    "with an empty name": (with_store(name=""), ["store name"]),
    "with a name too long": (with_store(name="a" * 256), ["store name", "255"]),
    "without a bucket": (with_store(storage_config={"s3": {"iam_role_arn": ROLE_ARN}}), ["bucket"]),
    "with a bad role": (with_store(storage_config=bucket(iam_role_arn="arn")), ["iam_role_arn"]),
    "with a bad prefix": (with_store(storage_config=bucket(prefix=5)), ["prefix"]),
    "without a cluster": (with_store(cache_config={}), ["valkey_cluster"]),
    "beyond the number": (
        {"stores": [STORE, {**STORE, "name": "other"}, {**STORE, "name": "third"}]},
        ["'third'", "2"],
    ),
}

BROKEN_KEYS = {
    "without a role": (with_key(role=None), ["'role'"]),
    "of an unknown role": (with_key(role="admin"), ["'admin'", "owner, operator, viewer"]),
    "without the key": (with_key(api_key=None), ["'api_key'"]),
    "of no key's form": (with_key(api_key="no key at all"), ["api_key"]),
    "of half a key": (with_key(api_key=V2.rpartition(".")[0]), ["api_key"]),
    "of a number": (with_key(api_key=5), ["api_key", "quotes"]),
    "with an unknown member": (with_key(expiry=5), ["'expiry'"]),
    "that expires at a word": (with_key(expires_at="tomorrow"), ["expires_at", "2030-01-01T"]),
    "that expires somewhere": (
        with_key(expires_at="2030-01-01T00:00:00"),
        ["expires_at", "offset"],
    ),
    "that expires some day": (with_key(expires_at="2030-01-01"), ["expires_at", "offset"]),
    "that expires at a fraction": (with_key(expires_at=1.5), ["expires_at"]),
    "that expires at true": (with_key(expires_at=True), ["expires_at"]),
}

BROKEN_OBJECTS = {
    "without a store": (with_object(store=None), ["'store'"]),
    "in an unknown store": (with_object(store="unheard-of"), ["unheard-of"]),
    "without a key": (with_object(key=None), ["'key'"]),
    "with an empty key": (with_object(key=""), ["key"]),
    "with a number for a key": (with_object(key=5), ["key", "quotes"]),
    "with a key too long": (with_object(key="ü" * 513), ["1024"]),
    "with a NUL in its key": (with_object(key="a\0b"), ["NUL"]),
    "with half a character in its key": (with_object(key="a\ud800"), ["key"]),
    "without a body": (with_object(text=None), ["file, text, base64"]),
    "with two bodies": (with_object(base64="YQ=="), ["exactly one", "file, text, base64"]),
    "with a number for a body": (with_object(text=5), ["text", "quotes"]),
    "with half a character in its body": (with_object(text="a\ud800"), ["text"]),
    "with broken base64": (with_object(text=None, base64="Y"), ["base64"]),
    "with a file that is not there": (with_object(text=None, file="none.txt"), ["none.txt"]),
    "with a directory for a file": (with_object(text=None, file="."), ["file"]),
    "with a NUL in its file": (with_object(text=None, file="a\0b"), ["file"]),
    "with an unknown member": (with_object(ttl=5), ["'ttl'"]),
    "with metadata in a list": (with_object(metadata=["a"]), ["metadata"]),
    "with metadata in an empty text": (with_object(metadata=""), ["metadata"]),
    "with a number in its metadata": (with_object(metadata={"size": 5}), ["metadata", "quotes"]),
    "with a line end in its metadata": (with_object(metadata={"a": "b\nc"}), ["'a'"]),
    "with half a character in its metadata": (with_object(metadata={"a": "\ud800"}), ["'a'"]),
    "with a name that is no header's": (with_object(metadata={"a b": "c"}), ["'a b'"]),
    "with a TTL of nothing": (with_object(ttl_seconds=0), ["ttl_seconds"]),
    "with a TTL that is gone": (with_object(ttl_seconds=-1), ["ttl_seconds"]),
    "with a TTL in a text": (with_object(ttl_seconds="60"), ["ttl_seconds"]),
    "with a TTL of a fraction": (with_object(ttl_seconds=1.5), ["ttl_seconds"]),
    "with a TTL of true": (with_object(ttl_seconds=True), ["ttl_seconds"]),
    "too large": (with_object(text="x" * 2001), ["too large", "2000"]),
}


def refusal(seed: Path) -> str:
    """What is said of a seed that cannot be planted."""
    emulator = Emulator(seed=seed, cache="memory", max_stores=2, max_object_bytes=2000)
    with pytest.raises(ConfigurationError) as caught:
        emulator.start()
    return str(caught.value)


@pytest.fixture
def seed(tmp_path: Path) -> Path:
    return tmp_path / "seed.yaml"


@pytest.mark.parametrize(("document", "fragments"), WRONG_SHAPES.values(), ids=WRONG_SHAPES)
def test_a_seed_of_a_wrong_shape_is_refused_by_what_is_wrong(
    seed: Path, document: Any, fragments: list[str]
) -> None:
    seed.write_text(json.dumps(document))
    said = refusal(seed)

    assert [part for part in [str(seed), *fragments] if part not in said] == [], said


@pytest.mark.parametrize(("document", "fragments"), BROKEN_STORES.values(), ids=BROKEN_STORES)
def test_a_seed_with_a_wrong_store_is_refused_by_what_is_wrong(
    seed: Path, document: Any, fragments: list[str]
) -> None:
    seed.write_text(json.dumps(document))
    said = refusal(seed)

    assert [part for part in [str(seed), "store", *fragments] if part not in said] == [], said


@pytest.mark.parametrize(("document", "fragments"), BROKEN_KEYS.values(), ids=BROKEN_KEYS)
def test_a_seed_with_a_wrong_key_is_refused_by_what_is_wrong(
    seed: Path, document: Any, fragments: list[str]
) -> None:
    seed.write_text(json.dumps(document))
    said = refusal(seed)

    expected = [str(seed), "api_keys[0]", *fragments]
    assert [part for part in expected if part not in said] == [], said
    assert V2.split(".")[1] not in said


@pytest.mark.parametrize(("document", "fragments"), BROKEN_OBJECTS.values(), ids=BROKEN_OBJECTS)
def test_a_seed_with_a_wrong_object_is_refused_by_what_is_wrong(
    seed: Path, document: Any, fragments: list[str]
) -> None:
    seed.write_text(json.dumps(document))
    said = refusal(seed)

    assert [part for part in [str(seed), "objects[0]", *fragments] if part not in said] == [], said
    assert "codec" not in said, "no Python in a message for users"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"stores: [", id="cut short"),
        pytest.param(b"stores:\n\t- a", id="a tab"),
        pytest.param(b"\xff\xfe\x00", id="not UTF-8"),
        pytest.param(b"stores: !!python/object:os.system {}", id="a Python object"),
        pytest.param(b"stores: *nothing", id="an unknown alias"),
        pytest.param(b"? [a]\n: b", id="a list for a name"),
        pytest.param(b"a: 1\n---\nb: 2", id="two documents"),
        pytest.param(b"stores: 2026-99-99", id="no day"),
        pytest.param(b"[" * 3_000, id="brackets without end"),
    ],
)
def test_a_seed_that_is_not_yaml_is_refused_with_the_place(seed: Path, content: bytes) -> None:
    seed.write_bytes(content)

    said = refusal(seed)
    assert "--seed" in said
    assert f"{seed} is not YAML" in said


@pytest.mark.parametrize(
    "line", ["api_key: {}: x", "api_key: '{}' x", 'api_key: "{}" "', "{}\t: ["]
)
def test_a_seed_that_is_not_yaml_and_has_a_key_does_not_tell_it(seed: Path, line: str) -> None:
    seed.write_text(f"api_keys:\n  - role: owner\n    {line.format(V2)}\n")

    said = refusal(seed)
    signature = V2.rpartition(".")[2]
    pieces = [signature[start : start + 8] for start in range(len(signature) - 7)]
    assert not [piece for piece in pieces if piece in said], said


@pytest.mark.parametrize("content", ["", "# nothing\n", "{}", "stores:\nobjects:\napi_keys:\n"])
def test_a_seed_of_nothing_is_fine(seed: Path, content: str) -> None:
    seed.write_text(content)

    with Emulator(seed=seed, cache="memory") as emulator:
        assert Client(emulator.endpoint, emulator.api_key()).store_names() == []


def test_a_seed_that_is_a_directory_is_named(tmp_path: Path) -> None:
    said = refusal(tmp_path)

    assert "--seed" in said
    assert str(tmp_path) in said


def test_what_a_seed_names_is_as_it_says_at_every_start_and_all_else_stays(
    seed: Path, tmp_path: Path
) -> None:
    seed.write_text(json.dumps(with_object(metadata={"note": "seeded"})))
    data = tmp_path / "data"
    with Emulator(data_dir=data) as emulator:
        owner = Client(emulator.endpoint, emulator.api_key())
        owner.create_store("store")
        owner.create_store("other")
        owner.put("store", "key", b"old")
        owner.put("store", "kept", b"kept")

    for _ in range(2):
        with Emulator(data_dir=data, seed=seed) as emulator:
            owner = Client(emulator.endpoint, emulator.api_key())
            assert owner.store_names() == ["other", "store"]
            described = owner.call("GET", "/objectstore/store").json()
            assert described["storage_config"]["s3"]["bucket_name"] == "bucket"
            answer = owner.get("store", "key")
            assert (answer.body, answer.headers["note"]) == (b"body", "seeded")
            owner.put("store", "key", b"changed")


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("4070908800", 4070908800),
        ("2099-01-01T00:00:00Z", 4070908800),
        ("'2099-01-01T00:00:00Z'", 4070908800),
        ("2099-01-01T01:00:00+01:00", 4070908800),
    ],
)
def test_a_seeds_key_expires_at_its_instant(seed: Path, written: str, instant: int) -> None:
    v1 = v1_key("seeded")
    entries = [f"- {{role: viewer, api_key: '{key}', expires_at: {written}}}" for key in (V2, v1)]
    seed.write_text("\n".join(["api_keys:", *entries]))

    with Emulator(seed=seed, cache="memory") as emulator:
        emulator.clock.freeze(instant * 1_000_000 - 1)
        for key in (V2, v1, inner_key(v1)):
            assert Client(emulator.endpoint, key).list_stores().status == 200
        emulator.clock.freeze(instant * 1_000_000)
        for key in (V2, v1, inner_key(v1)):
            assert Client(emulator.endpoint, key).list_stores().status == 401


TWICE = {
    "a section": ("stores: []\nroles: []\nstores: []\n", "stores", 1, 3),
    "a member of a store": (
        "stores:\n  - name: a\n    storage_config: {}\n    name: b\n", "name", 2, 4,
    ),
    "in one line": ("objects: [{store: a, key: b, store: c}]", "store", 1, 1),
    "metadata, once in quotes": (
        "objects:\n- metadata:\n    note: a\n    'note': b\n", "note", 3, 4,
    ),
    "below an anchor": ("roles: &a\n- {x: 1,\n   x: 2}\nstores: *a\n", "x", 2, 3),
    "beside a merge key": ("stores:\n- &a {b: 1}\n- <<: *a\n  c: 1\n  c: 2\n", "c", 4, 5),
}  # fmt: skip


@pytest.mark.parametrize(("content", "name", "first", "again"), TWICE.values(), ids=TWICE)
def test_a_member_that_is_given_twice_is_refused_with_file_and_lines(
    seed: Path, content: str, name: str, first: int, again: int
) -> None:
    seed.write_text(content)
    with pytest.raises(ConfigurationError) as refused:
        read_seed(seed)
    assert str(refused.value) == (
        f"--seed: {seed} gives the member {name!r} twice in one mapping, in line {first} and "
        f"line {again}"
    )


def test_a_merge_key_brings_members_that_the_mapping_may_give_itself(seed: Path) -> None:
    seed.write_text(
        """
stores: []
objects:
  - &first {store: a, key: "1", text: one, metadata: &meta {note: x, other: y}}
  - <<: *first
    key: "2"
    metadata: {<<: *meta, note: z}
  - {<<: *first, key: "3"}
"""
    )
    objects = read_seed(seed).objects
    assert [(each.key, each.body) for each in objects] == [
        ("1", b"one"), ("2", b"one"), ("3", b"one")
    ]  # fmt: skip
    assert dict(objects[1].metadata) == {"note": "z", "other": "y"}


def test_a_store_with_a_name_alone_is_one_that_works(tmp_path: Path) -> None:
    bucket_alone = {name: STORE[name] for name in ("name", "storage_config")}
    seed = tmp_path / "seed.yaml"
    seed.write_text(
        json.dumps(
            {
                "stores": [{"name": "assets"}, bucket_alone],
                "objects": [{"store": "assets", "key": "a", "text": "seeded"}],
            }
        )
    )
    with Emulator(seed=seed) as emulator, Emulator() as other:
        assert Client(emulator.endpoint, emulator.api_key()).get("assets", "a").body == b"seeded"
        made = other.stores.create("assets")
        assert emulator.stores.get("assets") == made
        assert emulator.stores.get("store") == {
            **bucket_alone,
            "cache_config": made["cache_config"],
        }


def test_what_a_seed_does_not_say_of_a_store_that_exists_stays(tmp_path: Path) -> None:
    seed, data = tmp_path / "seed.yaml", tmp_path / "data"
    seed.write_text(json.dumps({"stores": [{"name": "store"}]}))
    with Emulator(data_dir=data) as emulator:
        before = emulator.stores.create("store", {n: v for n, v in STORE.items() if n != "name"})
    with Emulator(data_dir=data, seed=seed) as emulator:
        assert emulator.stores.get("store") == before
        emulator.stores.delete("store")
        emulator.reset()
        assert emulator.stores.get("store") != before
