"""Ranges and conditional requests, where an endpoint honours them (D27)."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator import Emulator
from tests.support.client import Answer, Client
from tests.support.emulators import client

from .conftest import Answering

BODY = bytes(range(200)) + b"end"
HONOURED = "honoured"
BIG = 9 * 1024**2
"""More than the cache takes: such a body is a stream."""


def stored(emulator: Emulator, body: bytes = BODY, **metadata: str) -> Client:
    owner = client(emulator)
    assert owner.create_store("film").status == 201
    named = {name.replace("_", "-"): value for name, value in metadata.items()}
    assert owner.put("film", "key", body, metadata=named).status == 204
    return owner


def get(owner: Client, **headers: str) -> Answer:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return owner.call("GET", "/objectstore/film/key", headers=sent)


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=2-4", 2, 4),
        ("bytes=200-", 200, 202),
        ("bytes=-3", 200, 202),
        ("bytes=-1000", 0, 202),
        ("bytes=100-100000", 100, 202),
        ("bytes=0-", 0, 202),
        (" bytes=1-2 ", 1, 2),
    ],
)
def test_one_range_is_answered_with_that_part(
    asked: str, first: int, last: int, emulator_with: Answering
) -> None:
    answer = get(stored(emulator_with({"D27.range": HONOURED}), note="kept"), range=asked)

    assert answer.status == 206
    assert answer.body == BODY[first : last + 1]
    assert answer.header("content-range") == f"bytes {first}-{last}/{len(BODY)}"
    assert answer.header("note") == "kept"


@pytest.mark.parametrize(
    "asked",
    ["bytes=0-1,3-4", "bytes=-", "bytes=4-2", "lines=1-2", "bytes=a-b", "bytes=+1-2", "bytes", ""],
)
def test_what_is_not_one_valid_range_gets_the_whole_object(
    asked: str, emulator_with: Answering
) -> None:
    answer = get(stored(emulator_with({"D27.range": HONOURED})), range=asked)

    assert (answer.status, answer.body) == (200, BODY)


@pytest.mark.parametrize("asked", ["bytes=203-", "bytes=500-600", "bytes=-0"])
def test_a_range_behind_the_end_is_416(asked: str, emulator_with: Answering) -> None:
    answer = get(stored(emulator_with({"D27.range": HONOURED})), range=asked)

    assert answer.status == 416
    assert answer.header("content-range") == f"bytes */{len(BODY)}"


@pytest.mark.parametrize(("body", "status"), [(b"", 416), (b"x", 206)])
def test_an_empty_object_has_no_range(body: bytes, status: int, emulator_with: Answering) -> None:
    owner = stored(emulator_with({"D27.range": HONOURED}), body)

    assert get(owner, range="bytes=0-").status == status


@pytest.mark.parametrize(
    ("first", "last"), [(0, 9), (65_535, 65_540), (BIG - 10, BIG - 1), (1_000_000, 5_000_000)]
)
def test_a_part_of_a_streamed_body_is_that_part(
    first: int, last: int, emulator_with: Answering, tmp_path: Path
) -> None:
    body = bytes(range(256)) * (BIG // 256)
    emulator = emulator_with(
        {"D27.range": HONOURED}, no_limits=True, data_dir=tmp_path / "data", fsync=False
    )
    owner = stored(emulator, body)

    answer = get(owner, range=f"bytes={first}-{last}")

    assert answer.status == 206
    assert answer.body == body[first : last + 1]
    [call] = emulator.journal.calls(status=206)
    assert call.response_size == last - first + 1


def test_a_head_has_no_range(emulator_with: Answering) -> None:
    owner = stored(emulator_with({"D27.range": HONOURED}))

    answer = owner.call("HEAD", "/objectstore/film/key", headers={"range": "bytes=0-1"})

    assert (answer.status, answer.header("content-length")) == (200, str(len(BODY)))


@pytest.mark.parametrize(("condition", "status"), [('"v1"', 206), ('"v2"', 200)])
def test_if_range_asks_for_the_whole_of_another_version(
    condition: str, status: int, emulator_with: Answering
) -> None:
    owner = stored(emulator_with({"D27.range": HONOURED}), etag='"v1"')

    assert get(owner, range="bytes=0-1", if_range=condition).status == status


@pytest.mark.parametrize(
    ("tags", "status"),
    [
        ('"v1"', 304),
        ('W/"v1"', 304),
        ('"v0", "v1"', 304),
        ("*", 304),
        ('"v0"', 200),
        ("v1", 200),
        ('"V1"', 200),
    ],
)
def test_if_none_match_compares_tags(tags: str, status: int, emulator_with: Answering) -> None:
    emulator = emulator_with({"D27.if-none-match": HONOURED})
    owner = stored(emulator, etag='"v1"', cache_control="no-cache", note="left out")

    answer = get(owner, if_none_match=tags)

    assert answer.status == status
    if status == 304:
        assert answer.body == b""
        assert answer.header("etag") == '"v1"'
        assert answer.header("cache-control") == "no-cache"
        assert answer.header("note") is None


def test_without_a_tag_nothing_matches(emulator_with: Answering) -> None:
    owner = stored(emulator_with({"D27.if-none-match": HONOURED}))

    assert get(owner, if_none_match="*").status == 200


@pytest.mark.parametrize(
    ("since", "status"),
    [
        ("Wed, 01 Jan 2020 00:00:00 GMT", 304),
        ("Thu, 02 Jan 2020 00:00:00 GMT", 304),
        ("Tue, 31 Dec 2019 23:59:59 GMT", 200),
        ("yesterday", 200),
        ("", 200),
    ],
)
def test_if_modified_since_compares_dates(
    since: str, status: int, emulator_with: Answering
) -> None:
    owner = stored(
        emulator_with({"D27.if-modified-since": HONOURED}),
        last_modified="Wed, 01 Jan 2020 00:00:00 GMT",
    )

    assert get(owner, if_modified_since=since).status == status


def test_a_date_that_is_none_is_no_condition(emulator_with: Answering) -> None:
    owner = stored(emulator_with({"D27.if-modified-since": HONOURED}), last_modified="once")

    assert get(owner, if_modified_since="Wed, 01 Jan 2020 00:00:00 GMT").status == 200


def test_a_tag_goes_before_a_date(emulator_with: Answering) -> None:
    answers = dict.fromkeys(("D27.if-none-match", "D27.if-modified-since"), HONOURED)
    date = "Wed, 01 Jan 2020 00:00:00 GMT"
    owner = stored(emulator_with(answers), etag='"v1"', last_modified=date)

    assert get(owner, if_none_match='"v2"', if_modified_since=date).status == 200


def test_each_put_has_a_tag_of_its_own(emulator_with: Answering) -> None:
    owner = stored(emulator_with({"D27.etag": "sent"}))
    before = get(owner).header("etag")

    assert get(owner).header("etag") == before
    owner.put("film", "key", BODY)
    assert get(owner).header("etag") != before


def test_validators_of_the_metadata_win(emulator_with: Answering) -> None:
    emulator = emulator_with({"D27.etag": "sent", "D27.last-modified": "sent"})
    owner = stored(emulator, etag='"mine"')

    answer = get(owner)

    assert answer.header("etag") == '"mine"'
    assert answer.header("last-modified") is not None


def test_a_date_is_that_of_the_put_on_the_emulators_clock(emulator_with: Answering) -> None:
    emulator = emulator_with({"D27.last-modified": "sent"})
    emulator.clock.freeze("2026-08-12T12:00:00Z")

    assert get(stored(emulator)).header("last-modified") == "Wed, 12 Aug 2026 12:00:00 GMT"
