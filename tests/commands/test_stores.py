"""``stores``: the object stores of the account, from the shell."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emulator import Emulator
from tests.support.client import Client
from tests.support.command_line import Run
from tests.support.emulators import ANY_NAMES

ROLE = "arn:aws:iam::123456789012:role/MomentoObjectStoreRole"


def test_a_store_is_created_shown_changed_and_deleted(anybody: Run, emulator: Emulator) -> None:
    created = anybody("stores", "create", "media", "--bucket", "videos", "--prefix", "live/").lines
    assert created == [
        "  name     media",
        "  bucket   videos",
        "  prefix   live/",
        f"  role     {ROLE}",
        "  cluster  my-valkey-cluster",
    ]
    assert anybody("stores", "show", "media").lines == created
    changed = anybody("stores", "update", "media", "--cluster", "other").lines
    assert changed == [*created[:4], "  cluster  other"]
    assert anybody("stores", "list").lines == [
        "NAME   BUCKET  PREFIX  CLUSTER",
        "media  videos  live/   other",
    ]
    assert Client(emulator.endpoint, emulator.api_key()).put("media", "a", b"x").status == 204
    assert anybody("stores", "delete", "media").lines == ["Deleted the store media."]
    assert anybody("stores", "list").lines == ["There are no stores."]


def test_a_store_that_is_named_alone_works(anybody: Run, emulator: Emulator) -> None:
    assert anybody("stores", "create", "media", "-q").lines == ["media"]
    assert anybody("stores", "list", "--quiet").lines == ["media"]
    assert Client(emulator.endpoint, emulator.api_key()).put("media", "a", b"x").status == 204


def test_a_configuration_is_a_file_and_options_override_it(anybody: Run, tmp_path: Path) -> None:
    document = {
        "storage_config": {"s3": {"bucket_name": "file", "prefix": "p/", "iam_role_arn": ROLE}}
    }
    (tmp_path / "store.json").write_text(json.dumps(document))
    words = ["--configuration", "store.json", "--bucket", "flag", "--json"]
    created = anybody("stores", "create", "media", *words).json()
    assert created["storage_config"]["s3"] == {
        "bucket_name": "flag",
        "prefix": "p/",
        "iam_role_arn": ROLE,
    }
    assert anybody("stores", "show", "media", "--json").json() == created
    piped = anybody("stores", "update", "media", "--configuration", "-", "-q", stdin="{}")
    assert piped.lines == []


def test_what_the_later_revision_configures_is_shown(anybody: Run) -> None:
    with Emulator(cache="memory", api_revision="latest", **ANY_NAMES) as later:
        limits = {"object_store_limits": {"read_bytes_per_second": 7}}
        words = ["--configuration", "-", "--endpoint", later.endpoint]
        ended = anybody("stores", "create", "media", *words, stdin=json.dumps(limits))
        assert any(
            line.startswith("  limits ") and "read_bytes_per_second 7" in line
            for line in ended.lines
        ), ended


@pytest.mark.parametrize("words", ["show none", "update none", "delete none"])
def test_a_store_that_is_not_there_is_refused(anybody: Run, words: str) -> None:
    anybody("stores", *words.split()).refused("404", "Store Not Found")


@pytest.mark.parametrize(
    ("words", "stdin", "fragments"),
    [
        ("create", "", ["STORE is missing"]),
        ("create media --configuration -", "{", ["--configuration", "stdin is not JSON"]),
        ("create media --configuration - --bucket b", "[]", ["storage_config.s3"]),
        ("create media --configuration - --bucket b", '{"storage_config": 1}', ["storage_config"]),
        ("create media --buckets b", "", ["did you mean --bucket?"]),
    ],
)
def test_what_is_not_quite_right_is_told_what_would_be(
    anybody: Run, words: str, stdin: str, fragments: list[str]
) -> None:
    anybody("stores", *words.split(), stdin=stdin).misused(*fragments)


def test_what_the_service_would_refuse_is_refused(anybody: Run) -> None:
    anybody("stores", "create", "a b").refused("400")
    wrong = anybody(
        "stores", "create", "media", "--configuration", "-", stdin='{"cache_config": 1}'
    )
    wrong.refused("400", "cache_config")
