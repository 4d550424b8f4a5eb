"""``objects``: one object at a time, and folders of them, from the shell."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from emulator.commands import bodies, client, transfers
from tests.support.client import Client
from tests.support.command_line import Run
from tests.support.emulators import ANY_NAMES
from tests.support.terminals import at_terminal

BYTES = bytes(range(256))

MODES = {"with a key": "owner", "without a key": "anybody"}


@pytest.fixture(params=[*MODES.values()], ids=[*MODES])
def somebody(request: pytest.FixtureRequest) -> Run:
    """Runs a command with an Owner's API key, and without any."""
    run: Run = request.getfixturevalue(request.param)
    return run


@pytest.fixture(autouse=True)
def store(client: Client) -> Client:
    """There is a store ``media``."""
    return client


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a stream in it."""
    folder = tmp_path / "stream"
    (folder / "low").mkdir(parents=True)
    (folder / "index.m3u8").write_bytes(b"#EXTM3U")
    for number in range(3):
        (folder / "low" / f"{number}.ts").write_bytes(BYTES * number)
    return folder


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no pause before another attempt."""
    monkeypatch.setattr(transfers, "_PAUSES", (0.0,))


def test_an_object_is_put_shown_read_and_deleted(
    somebody: Run, emulator: Emulator, tmp_path: Path
) -> None:
    (tmp_path / "body").write_bytes(BYTES)
    words = ["--ttl", "1m", "--metadata", "etag=a=b", "--metadata", "colour=red"]
    words += ["--cache-control", "max-age=2"]

    assert somebody("objects", "put", "media/live/1.ts", "body", *words).lines == [
        "Put media/live/1.ts: 256 B, video/mp2t."
    ]
    (placed,) = emulator.tiers.objects("media")
    assert placed.storage is not None
    assert placed.cache is not None
    assert placed.storage.metadata == {
        "content-type": "video/mp2t",
        "etag": "a=b",
        "colour": "red",
        "cache-control": "max-age=2",
    }
    assert placed.storage.expires_at == placed.storage.created_at + 60_000_000
    shown = dict(
        line.split(maxsplit=1) for line in somebody("objects", "head", "media/live/1.ts").lines
    )
    assert (
        shown.items()
        >= {
            "store": "media",
            "key": "live/1.ts",
            "size": "256",
            **placed.storage.metadata,
        }.items()
    )
    assert somebody("objects", "get", "media/live/1.ts", "copy").lines == [
        "Wrote media/live/1.ts to copy: 256 B."
    ]
    assert (tmp_path / "copy").read_bytes() == BYTES


def test_an_object_is_deleted_past_the_service(anybody: Run, emulator: Emulator) -> None:
    emulator.tiers.put("media", "a/b", b"body")
    assert anybody("objects", "delete", "media/a/b").lines == ["Deleted media/a/b."]
    assert emulator.tiers.objects("media") == []


def test_the_service_deletes_an_object_in_the_revision_that_does(
    owner: Run, emulator: Emulator
) -> None:
    emulator.tiers.put("media", "a", b"body")
    owner("objects", "delete", "media/a").refused("405", "unset MOMENTO_API_KEY")
    with Emulator(cache="memory", api_revision="latest", **ANY_NAMES) as later:
        Client(later.endpoint, later.api_key()).create_store("media")
        later.tiers.put("media", "a", b"body")
        own = {"MOMENTO_ENDPOINT": later.endpoint, "MOMENTO_API_KEY": later.api_key()}
        assert owner("objects", "delete", "media/a", "--json", env=own).json() == {
            "store": "media",
            "key": "a",
        }
        assert later.tiers.objects("media") == []


@pytest.mark.parametrize("key", ["a/b", "é", "a?b#c%20d", "..", "-", "a//b", "a b"])
def test_any_key_can_be_put_and_read(somebody: Run, emulator: Emulator, key: str) -> None:
    assert somebody("objects", "put", f"media/{key}", "-", "-q", stdin="body").lines == []
    assert [placed.key for placed in emulator.tiers.objects("media")] == [key]
    assert somebody("objects", "get", f"media/{key}").stdout == "body"
    assert somebody("objects", "head", f"media/{key}", "--quiet").lines == ["4"]


def test_requests_of_a_key_are_those_of_production(owner: Run, emulator: Emulator) -> None:
    viewer = {"MOMENTO_API_KEY": emulator.api_key("viewer")}
    owner("objects", "put", "media/a", "-", stdin="x", env=viewer).refused("403", "role permits")
    emulator.faults.add({"type": "status", "status": 503}, operation="PutObject", times=1)
    owner("objects", "put", "media/a", "-", stdin="x").refused("503")
    assert [call.status for call in emulator.journal.calls(operation="PutObject")] == [403, 503]


def test_requests_without_a_key_pass_limits_faults_and_the_journal(
    anybody: Run, emulator: Emulator
) -> None:
    emulator.faults.add({"type": "status", "status": 503})
    emulator.journal.clear()
    assert anybody("objects", "put", "media/a", "-", stdin="x").lines
    assert anybody("objects", "get", "media/a").stdout == "x"
    assert len(emulator.journal) == 0


def test_an_object_is_read_from_one_tier(anybody: Run, emulator: Emulator) -> None:
    emulator.tiers.put("media", "a", b"old", tier="cache")
    emulator.tiers.put("media", "a", b"newer", tier="storage")
    assert anybody("objects", "get", "media/a").stdout == "newer"
    assert anybody("objects", "get", "media/a", "--tier", "cache").stdout == "old"
    assert anybody("objects", "head", "media/a", "--tier", "cache", "-q").lines == ["3"]


def test_an_object_is_shown_with_what_a_tier_knows(anybody: Run, emulator: Emulator) -> None:
    emulator.clock.freeze("2030-01-01T00:00:00Z")
    emulator.tiers.put("media", "a", b"old", tier="cache", ttl_seconds=60, metadata={"etag": "1"})
    assert anybody("objects", "head", "media/a").lines == [
        "  store    media",
        "  key      a",
        "  size     3",
        "  tier     cache",
        "  created  2030-01-01T00:00:00Z",
        "  expires  2030-01-01T00:01:00Z",
        "  etag     1",
    ]
    anybody("objects", "head", "media/a", "--tier", "storage").refused("storage tier", "media/a")


def test_a_tier_is_not_for_the_service(owner: Run) -> None:
    owner("objects", "get", "media/a", "--tier", "cache").misused("--tier", "unset MOMENTO_API_KEY")


def test_the_list_shows_what_a_store_has(anybody: Run, emulator: Emulator, store: Client) -> None:
    emulator.clock.freeze("2030-01-01T00:00:00Z")
    store.put("media", "live/1.ts", b"x" * 2000, metadata={"content-type": "video/mp2t"})
    emulator.tiers.put("media", "live/2.ts", b"", tier="cache", ttl_seconds=60)
    assert anybody("objects", "list", "media").lines == [
        "KEY        SIZE     TYPE        CREATED               EXPIRES               TIERS",
        "live/1.ts  2.0 KiB  video/mp2t  2030-01-01T00:00:00Z  never                 storage+cache",
        "live/2.ts  0 B      -           2030-01-01T00:00:00Z  2030-01-01T00:01:00Z  cache",
    ]
    assert anybody("objects", "list", "media", "-q").lines == ["live/1.ts", "live/2.ts"]
    assert anybody("objects", "list", "media", "--search", "2", "-q").lines == ["live/2.ts"]
    folders = anybody("objects", "list", "media", "--delimiter", "/").lines
    assert folders[1:] == ["live/  -     -     -        -        -"]
    page = anybody("objects", "list", "media", "--limit", "1").lines
    assert page[-1] == "There are more: --after live/1.ts"
    left = anybody("objects", "list", "media", "--limit", "1", "--after", "live/1.ts", "-q")
    assert left.lines == ["live/2.ts"]


def test_a_list_of_nothing_says_so(anybody: Run) -> None:
    assert anybody("objects", "list", "media").lines == ["The store has no objects."]
    assert anybody("objects", "list", "media", "--prefix", "x").lines == [
        "The store has no such objects."
    ]
    assert anybody("objects", "list", "media", "-q").lines == []


def test_a_folder_is_sent_and_received(
    somebody: Run, emulator: Emulator, folder: Path, tmp_path: Path
) -> None:
    sent = somebody("objects", "upload", "stream", "media/live", "--ttl", "1h", "--metadata", "a=b")
    (line,) = sent.lines
    assert line.startswith("Sent 4 objects, 775 B, to media/live/ in ")
    placed = {each.key: each.storage for each in emulator.tiers.objects("media")}
    assert {key: each and each.metadata for key, each in placed.items()} == {
        "live/index.m3u8": {"content-type": "application/vnd.apple.mpegurl", "a": "b"},
        **{f"live/low/{n}.ts": {"content-type": "video/mp2t", "a": "b"} for n in range(3)},
    }
    assert all(each and each.expires_at for each in placed.values())
    emulator.tiers.put("media", "lively", b"not below the prefix")

    (line,) = somebody("objects", "download", "media/live", "copy").lines

    assert line.startswith("Received 4 objects, 775 B, from media/live/ in ")
    assert contents(tmp_path / "copy") == contents(folder)


def contents(folder: Path) -> dict[str, bytes]:
    """The bodies of all files below a folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_a_whole_store_is_received(
    owner: Run, emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emulator.commands.objects._PAGE", 2)
    for number in range(5):
        emulator.tiers.put("media", f"{number}", b"x" * number)
    document = owner("objects", "download", "media", "copy", "--json").json()
    assert (document["received"], document["bytes"], document["failed"]) == (5, 10, 0)
    assert contents(tmp_path / "copy") == {f"{n}": b"x" * n for n in range(5)}


def test_a_manifest_is_sent_after_what_it_lists(
    owner: Run, emulator: Emulator, folder: Path
) -> None:
    (folder / "a.mpd").write_bytes(b"<MPD/>")
    emulator.journal.clear()
    assert owner("objects", "upload", "stream", "media", "-q").lines == []
    keys = [call.key for call in emulator.journal.calls(operation="PutObject")]
    assert sorted(keys[:3]) == ["low/0.ts", "low/1.ts", "low/2.ts"]
    assert sorted(keys[3:]) == ["a.mpd", "index.m3u8"]


def test_nothing_to_send_or_to_receive_is_no_failure(owner: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (line,) = owner("objects", "upload", "empty", "media").lines
    assert line.startswith("Sent 0 objects, 0 B, to media/ in ")
    assert owner("objects", "download", "media/x", "empty", "--quiet").lines == []


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    "effect",
    [
        {"type": "status", "status": 429},
        {"type": "status", "status": 503},
        {"type": "close", "where": "before_answer"},
    ],
)
def test_what_fails_for_a_while_is_sent_again(
    owner: Run, emulator: Emulator, folder: Path, effect: dict[str, Any]
) -> None:
    rule = emulator.faults.add(effect, operation="PutObject", times=2)
    document = owner("objects", "upload", "stream", "media", "--json").json()
    assert (document["sent"], document["bytes"], document["failed"]) == (4, 775, 0)
    assert rule.fired == 2
    stored = {
        each.key: each.storage and each.storage.size for each in emulator.tiers.objects("media")
    }
    assert stored == {key: len(body) for key, body in contents(folder).items()}


@pytest.mark.usefixtures("hasty")
def test_a_truncated_body_is_received_again_and_never_a_file(
    owner: Run, emulator: Emulator, tmp_path: Path
) -> None:
    emulator.tiers.put("media", "a", BYTES)
    truncate = {"type": "truncate", "after_bytes": 10}
    emulator.faults.add(truncate, times=1)
    owner("objects", "get", "media/a", "copy").refused("246 bytes before")
    assert not (tmp_path / "copy").exists()
    emulator.faults.clear()
    emulator.faults.add(truncate, times=2)
    document = owner("objects", "download", "media", "whole", "--json").json()
    assert (document["received"], document["bytes"]) == (1, 256)
    assert contents(tmp_path / "whole") == {"a": BYTES}


@pytest.mark.usefixtures("hasty")
def test_what_is_not_sent_is_named_and_the_status_says_so(
    owner: Run, emulator: Emulator, folder: Path
) -> None:
    (folder / "circle").symlink_to(folder)
    os.mkfifo(folder / "pipe")
    emulator.faults.add({"type": "status", "status": 503}, key="low/1.ts")
    ended = owner("objects", "upload", "stream", "media")
    assert ended.status == 1
    assert ended.stdout.startswith("Sent 3 objects, 519 B, to media/ in ")
    *failures, last = ended.stderr.splitlines()
    assert [line.split(": ")[:2] for line in failures] == [
        ["not sent", "low/1.ts"],
        ["not sent", "circle"],
        ["not sent", "pipe"],
    ]
    assert "503" in failures[0]
    assert last.endswith("3 objects not sent")
    assert emulator.journal.calls(operation="PutObject", key="low/1.ts", status=503)[3:] == []


@pytest.mark.usefixtures("hasty")
def test_a_refusal_is_not_tried_again(owner: Run, emulator: Emulator, folder: Path) -> None:
    ended = owner("objects", "upload", str(folder), "none", "--json")
    assert ended.status == 1
    calls = emulator.journal.calls(operation="PutObject", store="none")
    assert sorted(call.key for call in calls) == sorted(contents(folder))


@pytest.mark.usefixtures("hasty", "store")
def test_a_transfer_ends_when_nothing_goes_well(owner: Run, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(100):
        (folder / f"{number}").write_bytes(b"")
    ended = owner("objects", "upload", "many", "none", "--quiet", "--at-once", "2")
    assert ended.status == 1
    assert ended.stdout == ""
    *failures, last = ended.stderr.splitlines()
    assert 10 <= len(failures) <= 12
    assert last.endswith("stopped after 10 failures in a row")


@pytest.mark.usefixtures("store")
def test_objects_that_have_expired_end_no_transfer(owner: Run, emulator: Emulator) -> None:
    for number in range(20):
        emulator.tiers.put("media", f"old/{number}", b"")
        emulator.tiers.expire("media", f"old/{number}")
    emulator.tiers.put("media", "old/z", b"body")
    ended = owner("objects", "download", "media", "copy")
    assert (ended.status, ended.stderr) == (0, "")
    assert ended.stdout.startswith("Received 1 object, 4 B, ")
    assert ended.stdout.endswith(" 20 objects expired or deleted before.\n")
    document = json.loads(owner("objects", "download", "media", "copy", "--json").stdout)
    assert (document["received"], document["gone"], document["failed"]) == (1, 20, 0)


@pytest.mark.usefixtures("store")
def test_keys_that_are_no_paths_end_no_transfer(
    owner: Run, emulator: Emulator, tmp_path: Path
) -> None:
    for number in range(20):
        emulator.tiers.put("media", f"../{number}", b"")
    emulator.tiers.put("media", "z", b"body")
    ended = owner("objects", "download", "media", str(tmp_path / "copy"))
    assert ended.stderr.splitlines()[-1].endswith("20 objects not received")
    assert contents(tmp_path / "copy") == {"z": b"body"}


def test_ctrl_c_ends_a_transfer_and_leaves_no_part_of_a_file(
    emulator: Emulator, tmp_path: Path
) -> None:
    for number in range(20):
        emulator.tiers.put("media", str(number), bytes(100_000))
    emulator.faults.add({"type": "trickle", "bytes_per_second": 20_000})
    emulator.journal.clear()
    variables = {"MOMENTO_ENDPOINT": emulator.endpoint, "MOMENTO_API_KEY": emulator.api_key()}
    words = ["objects", "download", "media", str(tmp_path / "copy")]
    with at_terminal(sys.executable, "-m", "emulator", *words, env=variables) as terminal:
        terminal.wait_for("KiB")
        terminal.type("\x03")
        terminal.read_to_end()
        assert terminal.process.wait(30) == 130
    assert contents(tmp_path / "copy") == {}


HOSTILE = [
    "../outside",
    "/outside",
    "a/../../outside",
    "./inside",
    "a//b",
    "a/",
    "link/outside",
    "file",
    "file.txt/below",
    "x" * 300,
]
"""Keys that are no paths of files below a folder, or that something there is in the way of."""


def test_a_hostile_key_never_leads_out_of_the_folder(
    owner: Run, emulator: Emulator, tmp_path: Path
) -> None:
    around = tmp_path / "around"
    copy = around / "copy"
    copy.mkdir(parents=True)
    (around / "elsewhere").mkdir()
    (copy / "link").symlink_to(around / "elsewhere")
    (copy / "file").mkdir()
    (copy / "file.txt").write_bytes(b"mine")
    (copy / "last").symlink_to(around / "target")
    for key in (*HOSTILE, "last", "good/one"):
        emulator.tiers.put("media", key, b"theirs")

    ended = owner("objects", "download", "media", str(copy))

    assert ended.status == 1
    assert ended.stdout.startswith("Received 2 objects, 12 B, ")
    *failures, last = ended.stderr.splitlines()
    assert last.endswith(f"{len(HOSTILE)} objects not received")
    assert all(line.startswith("not received: ") for line in failures)
    assert contents(around) == {
        "copy/file.txt": b"mine",
        "copy/last": b"theirs",  # In the place of the link, and not where that led.
        "copy/good/one": b"theirs",
    }
    assert not (copy / "last").is_symlink()


def test_an_escape_sequence_in_a_key_is_not_shown(owner: Run, emulator: Emulator) -> None:
    emulator.tiers.put("media", "\x1b[2J/../x", b"")
    ended = owner("objects", "download", "media", "copy")
    assert "\x1b" not in ended.stdout + ended.stderr
    assert r"\x1b[2J" in ended.stderr


def test_the_body_of_a_large_file_is_never_in_memory(
    owner: Run, emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    largest = 0

    def noted(*given: Any) -> Iterator[bytes]:
        nonlocal largest
        for block in read(*given):
            largest = max(largest, len(block))
            yield block

    read = bodies.blocks
    monkeypatch.setattr("emulator.commands.objects.blocks", noted)
    (tmp_path / "large").write_bytes(bytes(3_000_000))
    owner("objects", "put", "media/large", "large", "-q")
    assert 0 < largest <= 256 * 1024
    owner("objects", "get", "media/large", "copy", "-q")
    assert (tmp_path / "copy").stat().st_size == 3_000_000
    assert client._BLOCK <= 256 * 1024
    assert len(emulator.tiers.objects("media")) == 1


def test_a_file_that_becomes_shorter_is_not_sent(owner: Run, emulator: Emulator) -> None:
    from emulator.commands.errors import CommandError

    with open("/dev/null", "rb") as file, pytest.raises(CommandError, match="2 of 2 bytes"):
        list(bodies.blocks(file, 2, lambda _: None))
    assert emulator.tiers.objects("media") == []
    assert owner("objects", "list", "media", "-q").lines == []


@pytest.mark.parametrize(
    ("words", "fragments"),
    [
        ("list", ["STORE is missing"]),
        ("get", ["STORE/KEY is missing"]),
        ("get media", ["STORE/KEY", "'media'", "as in media/live/1.ts"]),
        ("get media/", ["STORE/KEY", "'media/'"]),
        ("get /key", ["STORE/KEY", "'/key'"]),
        ("get media/a --json", ["--json requires a FILE"]),
        ("put media/a", ["FILE|- is missing", "stdin"]),
        ("put media/a none", ["FILE", "'none'", "No such file"]),
        ("put media/a - --metadata x", ["--metadata", "'x'", "etag=1"]),
        ("put media/a - --metadata é=x", ["'mo-meta-é'"]),
        ("put media/a - --ttl soon", ["--ttl", "'soon'", "1h"]),
        ("upload none media", ["DIR", "'none'", "no directory"]),
        ("upload . /x", ["STORE[/PREFIX]", "'/x'"]),
        ("upload . media --at-once 0", ["--at-once", "at least 1"]),
        ("download media", ["DIR is missing"]),
        ("download media /dev/null/x", ["DIR", "'/dev/null/x'"]),
    ],
)
def test_what_is_not_quite_right_is_told_what_would_be(
    owner: Run, words: str, fragments: list[str]
) -> None:
    owner("objects", *words.split()).misused(*fragments)


def test_a_file_that_cannot_be_written_is_named(owner: Run, emulator: Emulator) -> None:
    emulator.tiers.put("media", "a", b"")
    owner("objects", "get", "media/a", "none/copy").misused("FILE", "'none/copy'", "No such file")
    owner("objects", "get", "media/a", "/").misused("FILE", "'/'", "Is a directory")


def test_a_line_break_in_metadata_is_not_sent(owner: Run) -> None:
    owner("objects", "put", "media/a", "-", "--metadata", "a=b\nc").misused("line break")


@pytest.mark.parametrize("words", ["get media/none", "head media/none", "delete media/none"])
def test_an_object_that_is_not_there_is_refused(anybody: Run, words: str) -> None:
    anybody("objects", *words.split()).refused("404")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("index.m3u8", "application/vnd.apple.mpegurl"),
        ("1.ts", "video/mp2t"),
        ("INIT.MP4", "video/mp4"),
        ("1.m4s", "video/iso.segment"),
        ("a.mpd", "application/dash+xml"),
        ("a.vtt", "text/vtt"),
        ("a.cmfv", "video/mp4"),
        ("a.jpg", "image/jpeg"),
        ("a.html", "text/html"),
        ("a.tar.gz", "application/gzip"),
        ("a/b.css", "text/css"),
        ("ts", "application/octet-stream"),
        (".ts", "application/octet-stream"),
        ("dir.ts/file", "application/octet-stream"),
        ("a.unknown-suffix", "application/octet-stream"),
    ],
)
def test_the_content_type_is_by_the_end_of_the_name(name: str, expected: str) -> None:
    from emulator.commands.content_types import content_type

    assert content_type(name) == expected
