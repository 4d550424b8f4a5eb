"""Seed files with what the later revision has: members of stores, and tags of objects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from emulator.config import ConfigurationError
from tests.contract.expect import expect_object
from tests.contract.stores import Store, configuration
from tests.support.emulators import Start, raw_client

from .expect import expect_description
from .stores import FIRST, LIMITS, MEMBERS, extended, tags_of


@pytest.fixture
def seed(tmp_path: Path) -> Path:
    return tmp_path / "seed.yaml"


def store_entry(**members: Any) -> dict[str, Any]:
    return {"name": "store", **extended(configuration(bucket="bucket"), **members)}


def with_tags(tags: Any) -> dict[str, Any]:
    entry = {"store": "store", "key": "key", "text": "body", "tags": tags}
    return {"stores": [store_entry()], "objects": [entry]}


def refusal(start: Start, seed: Path, document: object, **options: Any) -> str:
    seed.write_text(json.dumps(document))
    with pytest.raises(ConfigurationError) as caught:
        start(seed=seed, **options)
    return str(caught.value)


@pytest.mark.proves("Store configuration: seeds")
@pytest.mark.parametrize(
    "members",
    [*({name: value} for name, value in MEMBERS.items()), MEMBERS, {"object_store_limits": {}}],
    ids="+".join,
)
def test_a_seed_has_the_later_members_of_a_store(
    start: Start, seed: Path, members: dict[str, Any]
) -> None:
    seed.write_text(json.dumps({"stores": [store_entry(**members)]}))
    store = Store(raw_client(start(seed=seed)), "store")
    expected = extended(configuration(bucket="bucket"), **members)
    expect_description(store.describe(), 200, "store", expected)


@pytest.mark.proves("Store configuration: seeds, D94")
@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"access_logging_config": {}}, "access_logging_config.cloudwatch"),
        ({"metrics_config": {"cloudwatch": {"region": "local"}}}, "iam_role_arn"),
        ({"object_store_limits": {"read_bytes_per_second": 0}}, "read_bytes_per_second"),
        ({"object_store_limits": None}, "object_store_limits"),
        ({"limits": {}}, "'limits'"),
    ],
    ids=str,
)
def test_a_seed_with_a_broken_member_is_refused(
    start: Start, seed: Path, members: dict[str, Any], said: str
) -> None:
    message = refusal(start, seed, {"stores": [store_entry(**members)]})
    assert "stores[0]" in message
    assert said in message


@pytest.mark.proves("Store configuration: the first revision")
@pytest.mark.parametrize("name", MEMBERS)
def test_a_seed_of_the_first_revision_has_no_later_members(
    start: Start, seed: Path, name: str
) -> None:
    """A client's request has them ignored; who writes a seed should hear of it."""
    document = {"stores": [store_entry(**{name: MEMBERS[name]})]}
    assert f"'{name}'" in refusal(start, seed, document, api_revision=FIRST)


@pytest.mark.proves("Store configuration: seeds")
def test_a_seed_that_would_change_what_cannot_change_is_refused(
    start: Start, seed: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    for limits in (LIMITS, {"read_operations_per_second": 5}):
        seed.write_text(json.dumps({"stores": [store_entry(object_store_limits=limits)]}))
        emulator = start(seed=seed, data_dir=data)
        described = Store(raw_client(emulator), "store").describe().json
        assert described["object_store_limits"].items() >= limits.items()
        emulator.stop()
    moved = {"name": "store", **configuration(bucket="another")}
    said = refusal(start, seed, {"stores": [moved]}, data_dir=data)
    assert "storage_config.s3.bucket_name" in said


@pytest.mark.proves("Put Object: mo-tag-*, seeds")
@pytest.mark.parametrize(
    "tags", [{}, {"team": "video"}, {"Größe": "2 m", "a:b/c=d@e": ""}, {"k" * 128: "v" * 256}]
)
def test_a_seed_has_tags_of_objects(start: Start, seed: Path, tags: dict[str, str]) -> None:
    seed.write_text(json.dumps(with_tags(tags)))
    store = Store(raw_client(start(seed=seed)), "store")
    expect_object(store.get("key"), b"body")
    assert tags_of(store) == {name.lower(): value for name, value in tags.items()}


BROKEN_TAGS = {
    "eleven": ({f"tag-{n}": "" for n in range(11)}, "10"),
    "a key too long": ({"k" * 129: ""}, "128"),
    "a value too long": ({"key": "v" * 257}, "256"),
    "an empty key": ({"": "value"}, "empty"),
    "a reserved key": ({"aws:x": "value"}, "aws:"),
    "a reserved key in capitals": ({"AWS:x": "value"}, "aws:"),
    "a forbidden character in a key": ({"a&b": ""}, "U+0026"),
    "a forbidden character in a value": ({"a": "b;c"}, "U+003B"),
    "half a character": ({"a": "\ud800"}, "tag"),
    "the same key twice": ({"a": "1", "A": "2"}, "more than once"),
    "a number": ({"a": 5}, "quotes"),
    "a list": (["a"], "tags"),
    "nothing": (None, "tags"),
}


@pytest.mark.proves("Put Object: mo-tag-*, seeds")
@pytest.mark.parametrize(("tags", "said"), BROKEN_TAGS.values(), ids=BROKEN_TAGS)
def test_a_seed_with_broken_tags_is_refused(
    start: Start, seed: Path, tags: object, said: str
) -> None:
    message = refusal(start, seed, with_tags(tags))
    assert "objects[0]" in message
    assert said in message
