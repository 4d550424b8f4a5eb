"""``tiers``: what storage and cache have, from the shell."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator import Emulator
from tests.support.client import Client
from tests.support.command_line import Run
from tests.support.emulators import ANY_NAMES

STORE = "/objectstore/media"


@pytest.fixture(autouse=True)
def frozen(emulator: Emulator, client: Client) -> None:
    """There is a store, and its time stands still."""
    del client
    emulator.clock.freeze()


def test_the_list_is_a_table_of_what_each_tier_has(anybody: Run, emulator: Emulator) -> None:
    emulator.tiers.put("media", "both", b"1234")
    emulator.tiers.put("media", "cache only", b"123", tier="cache")
    emulator.tiers.put("media", "expired", b"12", ttl_seconds=5)
    emulator.tiers.put("media", "half expired", b"12", tier="cache", ttl_seconds=5)
    emulator.tiers.put("media", "half expired", b"123", tier="storage")
    emulator.tiers.put("media", "newer in the cache", b"12", tier="storage")
    emulator.tiers.put("media", "newer in the cache", b"123", tier="cache")
    emulator.tiers.put("media", "older in the cache", b"12", tier="cache")
    emulator.tiers.put("media", "older in the cache", b"123", tier="storage")
    emulator.tiers.put("media", "storage only", b"", tier="storage")
    emulator.clock.advance(5)
    assert anybody("tiers", "list", "media").lines == [
        "KEY                 SIZE  STORAGE  CACHE",
        "both                4     yes      yes",
        "cache only          3     -        yes",
        "expired             2     expired  expired",
        "half expired        3     yes      older version, expired",
        "newer in the cache  2     yes      newer version",
        "older in the cache  3     yes      older version",
        "storage only        0     yes      -",
    ]


def test_the_list_as_json_is_the_document_of_the_api(anybody: Run, emulator: Emulator) -> None:
    emulator.tiers.put("media", "é", b"1234", tier="storage", metadata={"etag": "x"})
    (placed,) = emulator.tiers.objects("media")
    assert anybody("tiers", "list", "media", "--json").json() == {"objects": [placed.document()]}


def test_a_list_of_nothing_says_so(anybody: Run) -> None:
    assert anybody("tiers", "list", "media").lines == ["The store has no objects in either tier."]


def test_a_list_is_by_prefix_and_by_pages(anybody: Run, emulator: Emulator) -> None:
    for key in ("a/1", "a/2 x", "a/3", "b"):
        emulator.tiers.put("media", key, b"", tier="storage")
    words = ["tiers", "list", "media", "--prefix", "a/"]
    assert anybody(*words, "-q").lines == ["a/1", "a/2 x", "a/3"]
    assert anybody(*words, "--limit", "2").lines[-1] == "There are more: --after 'a/2 x'"
    assert anybody(*words, "--limit", "2", "--after", "a/2 x", "-q").lines == ["a/3"]
    assert anybody("tiers", "list", "media", "--delimiter", "/").lines == [
        "KEY  SIZE  STORAGE  CACHE",
        "a/   -     -        -",
        "b    0     yes      -",
    ]
    assert anybody("tiers", "list", "media", "--prefix", "c").lines == [
        "The store has no such objects in either tier."
    ]


def test_an_object_is_shown_as_each_tier_has_it(anybody: Run, emulator: Emulator) -> None:
    emulator.clock.freeze("2030-01-01T00:00:00Z")
    emulator.tiers.put("media", "a", b"body", tier="cache", ttl_seconds=60, metadata={"etag": "x"})
    lines = anybody("tiers", "show", "media", "a").lines
    assert lines[:2] == ["storage: does not have it", ""]
    assert lines[2:6] == [
        "cache:",
        "  size     4",
        "  created  2030-01-01T00:00:00Z",
        "  expires  2030-01-01T00:01:00Z",
    ]
    assert lines[-1] == "  etag     x"


def test_an_object_expires_now(anybody: Run, emulator: Emulator, client: Client) -> None:
    emulator.tiers.put("media", "a", b"body")
    assert anybody("tiers", "expire", "media", "a").lines == ["a of media has expired."]
    assert client.call("GET", f"{STORE}/a").status == 404


def test_an_object_is_put_into_one_tier(
    anybody: Run, emulator: Emulator, client: Client, tmp_path: Path
) -> None:
    body = bytes(range(256))
    (tmp_path / "old.ts").write_bytes(body)
    words = "live/1.ts old.ts --tier cache --ttl 1m --meta content-type=video/mp2t --meta etag=a=b"
    assert anybody("tiers", "put", "media", *words.split()).lines == [
        "Put live/1.ts into the cache tier of media."
    ]
    (placed,) = emulator.tiers.objects("media")
    assert (placed.key, placed.storage) == ("live/1.ts", None)
    answer = client.call("GET", f"{STORE}/live/1.ts")
    assert (answer.body, answer.headers["content-type"]) == (body, "video/mp2t")
    assert answer.headers["etag"] == "a=b"
    emulator.clock.advance(60)
    assert client.call("GET", f"{STORE}/live/1.ts").status == 404


@pytest.mark.parametrize("key", ["a/b", "é", "a?b#c%20d", "..", "-"])
def test_an_object_is_put_from_stdin_into_both_tiers_under_any_key(
    anybody: Run, emulator: Emulator, key: str
) -> None:
    assert anybody("tiers", "put", "media", key, "-", stdin="body").lines == [
        f"Put {key} into both tiers of media."
    ]
    (placed,) = emulator.tiers.objects("media")
    assert (placed.key, placed.storage, placed.cache) == (key, placed.cache, placed.storage)
    assert anybody("tiers", "drop", "media", key, "--json").json() == {}
    assert emulator.tiers.objects("media") == []


def test_an_object_is_put_with_tags_in_the_revision_that_has_them(
    anybody: Run, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"body")
    words = ["tiers", "put", "media", "key", str(file), "--tag", "Team=video", "--tag", "empty="]
    anybody(*words).refused("tags")
    with Emulator(cache="memory", api_revision="2026-08-12", **ANY_NAMES) as later:
        Client(later.endpoint, later.api_key()).create_store("media")
        words += ["--endpoint", later.endpoint]
        assert anybody(*words).lines == ["Put key into both tiers of media."]
        (placed,) = later.tiers.objects("media")
    assert placed.storage is not None
    assert placed.storage.tags == {"team": "video", "empty": ""}


@pytest.mark.parametrize(
    ("words", "fragment"),
    [
        (["--tag", "a=b!"], "U+0021"),
        (["--tag", "aws:x=y"], "aws:"),
        (["--tag", "a=b", "--tag", "A=c"], "'a'"),
        (["--tag", "a=b", "--tier", "cache"], "only storage"),
    ],
)
def test_tags_that_the_service_would_not_take_are_refused(
    anybody: Run, tmp_path: Path, words: list[str], fragment: str
) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"body")
    anybody("tiers", "put", "media", "key", str(file), *words).refused(fragment)


def test_an_ephemeral_object_is_called_so() -> None:
    from emulator.commands.tiers import _presence

    entry = {"version": 2, "expires_at": "2026-02-05T12:00:00Z", "ephemeral": True}
    assert _presence(entry, "2026-02-05T12:00:01Z", None) == "ephemeral, expired"


@pytest.mark.parametrize(("tier", "left"), [("storage", "cache"), ("cache", "storage")])
def test_an_object_is_taken_out_of_one_tier(
    anybody: Run, emulator: Emulator, tier: str, left: str
) -> None:
    emulator.tiers.put("media", "a", b"body")
    assert anybody("tiers", "drop", "media", "a", "--tier", tier).lines == [
        f"Removed a from the {tier} tier of media."
    ]
    (placed,) = emulator.tiers.objects("media")
    assert (getattr(placed, tier), getattr(placed, left).size) == (None, 4)
    anybody("tiers", "drop", "media", "a", "--tier", tier).refused("404", "Object not found")


def test_a_flushed_cluster_has_nothing(anybody: Run, emulator: Emulator) -> None:
    cluster = "cluster-of-media"
    emulator.tiers.put("media", "a", b"body")
    assert anybody("tiers", "flush", cluster).lines == [f"Emptied the cluster {cluster}."]
    (placed,) = emulator.tiers.objects("media")
    assert placed.cache is None
    assert placed.storage is not None
    assert anybody("tiers", "flush", cluster, "--json").json() == {}


def test_the_counts_are_a_table(anybody: Run, emulator: Emulator, client: Client) -> None:
    emulator.tiers.put("media", "a", b"body", tier="storage")
    for key in ("a", "a", "none"):
        client.call("GET", f"{STORE}/{key}")
    lines = [
        "TIER     HITS  EXPIRED  MISSES",
        "cache    1     0        2",
        "storage  1     0        1",
    ]
    assert anybody("tiers", "counts").lines == lines
    assert anybody("tiers", "counts", "--store", "media").lines == lines
    assert anybody("tiers", "counts", "--json").json() == emulator.tiers.counts()


@pytest.mark.parametrize(
    "words", ["list other", "put other a -", "drop other a", "counts --store other"]
)
def test_a_store_that_is_not_there_is_refused(anybody: Run, words: str) -> None:
    anybody("tiers", *words.split()).refused("404", "Store Not Found")


def test_a_cluster_that_is_not_there_is_refused_with_those_that_are(anybody: Run) -> None:
    anybody("tiers", "flush", "other").refused("400", "cluster", "'other'", "there are")


@pytest.mark.parametrize(
    ("words", "fragments"),
    [
        ("list a/b", ["store name"]),
        ("put media a - --meta host=x", ["metadata.host"]),
        (f"put media {'k' * 1025} -", ["key", "1024"]),
    ],
)
def test_what_the_service_could_not_have_is_refused(
    anybody: Run, words: str, fragments: list[str]
) -> None:
    anybody("tiers", *words.split()).refused("400", *fragments)


@pytest.mark.parametrize(
    ("words", "fragments"),
    [
        ("list", ["STORE is missing"]),
        ("put media", ["KEY is missing"]),
        ("put media a", ["FILE|- is missing", "stdin"]),
        ("put media a nope.ts", ["FILE", "'nope.ts'", "No such file"]),
        ("put media a - --meta etag", ["--meta", "'etag'", "content-type=text/plain"]),
        ("put media a - --meta etag=1 --meta etag=2", ["--meta", "etag", "more than once"]),
        ("put media a - --tier valkey", ["--tier", "'valkey'", "storage, cache"]),
        ("put media a - --ttl soon", ["--ttl", "'soon'", "1h"]),
        ("drop media", ["KEY is missing"]),
        ("drop media a b", ["'b'", "too many"]),
        ("flush", ["CLUSTER is missing"]),
        ("counts media", ["'media'", "too many"]),
    ],
)
def test_what_is_not_quite_right_is_told_what_would_be(
    anybody: Run, emulator: Emulator, words: str, fragments: list[str]
) -> None:
    anybody("tiers", *words.split()).misused(*fragments)
    assert emulator.tiers.objects("media") == []
