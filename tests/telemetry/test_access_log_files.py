"""The access log in files: a line of JSON for each entry, a file for each log group."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from emulator import Emulator
from emulator.config import ConfigurationError
from emulator.control.conditions import EntryConditions
from emulator.telemetry import log_files
from tests.files.disks import SmallDisk, small_disk
from tests.support.client import Client
from tests.support.emulators import Start
from tests.support.launch import Launcher, Running

from .stores import GROUP, REVISION, access_logging, configure, get, limited, observed, put

pytestmark = pytest.mark.proves("Access log entry")

FILE = "%2Faws%2Fobjectstore%2Fmedia.jsonl"
"""That of ``GROUP``."""


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    return tmp_path / "logs"


@pytest.fixture
def logging(start: Start, logs: Path) -> Emulator:
    """An emulator with log files and a store ``media``."""
    emulator = start(access_log_dir=logs)
    configure(owner_of(emulator), "media", **observed())
    return emulator


def owner_of(emulator: Emulator) -> Client:
    return Client(emulator.endpoint, emulator.api_key())


def lines(file: Path) -> list[Any]:
    """The entries in a file, each of which is a line."""
    text = file.read_text(encoding="utf-8")
    assert text.endswith("\n")
    return [json.loads(line) for line in text[:-1].split("\n")]


def test_each_entry_is_a_line_that_is_there_with_the_answer(logging: Emulator, logs: Path) -> None:
    owner = owner_of(logging)
    for number, key in enumerate(["a", "é\u2028\n\"'\\😀", "b/c"], start=1):
        put(owner, key)
        assert len(lines(logs / FILE)) == number
        assert lines(logs / FILE)[-1]["key"] == key
    assert lines(logs / FILE) == logging.access_logs.entries(GROUP)


@given(
    st.dictionaries(
        st.sampled_from([*EntryConditions.__annotations__]),
        st.integers() | st.text(),
    )
)
@example({"key": "a\x7f\x85\x9b\u2028\u2029\ud800b"})
def test_a_line_is_json_and_one_line_to_any_reader_whatever_is_in_it(entry: dict[str, Any]) -> None:
    line = log_files.as_line(entry)
    assert json.loads(line) == entry
    assert len(line.decode().splitlines()) == 1
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]", line.decode())


def test_a_directory_is_made_with_those_above_it(start: Start, tmp_path: Path) -> None:
    start(access_log_dir=tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    assert list((tmp_path / "a" / "b").iterdir()) == []


@pytest.mark.parametrize(
    ("group", "file"),
    [
        ("media", "media.jsonl"),
        ("/aws/media", "%2Faws%2Fmedia.jsonl"),
        ("a/../b", "a%2F..%2Fb.jsonl"),
        ("..", "...jsonl"),
        (".", "..jsonl"),
        ("/", "%2F.jsonl"),
        ("A-b_c.d#e", "A-b_c.d#e.jsonl"),
        ("g" * 249, "g" * 249 + ".jsonl"),
    ],
)
def test_each_group_has_a_file_of_its_name(
    logging: Emulator, logs: Path, group: str, file: str
) -> None:
    owner = owner_of(logging)
    configure(owner, "other", **access_logging(group))
    get(owner, store="other")
    assert [each.name for each in logs.iterdir()] == [file]
    assert len(lines(logs / file)) == 1


@pytest.mark.parametrize("start_of_name", ["g" * 249, "/" * 84])
def test_a_group_whose_name_is_too_long_for_a_file_has_one_of_its_own(
    logging: Emulator, logs: Path, start_of_name: str
) -> None:
    owner = owner_of(logging)
    for number, end in enumerate(["a", "b", "a" * (512 - len(start_of_name))]):
        configure(owner, f"other-{number}", **access_logging(start_of_name + end))
        get(owner, store=f"other-{number}")
    names = [each.name for each in logs.iterdir()]
    assert len(names) == 3
    assert all(re.fullmatch(r"=sha256-[0-9a-f]{64}\.jsonl", name) for name in names)
    stores = {lines(logs / name)[0]["store"] for name in names}
    assert stores == {"other-0", "other-1", "other-2"}


def test_there_may_be_more_groups_than_open_files(
    logging: Emulator, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_files, "MAX_OPEN_FILES", 2)
    owner = owner_of(logging)
    for number in range(5):
        configure(owner, f"other-{number}", **access_logging(f"group-{number}"))
    before = open_files(logs)
    for _ in range(3):
        for number in range(5):
            get(owner, store=f"other-{number}")
    assert open_files(logs) - before <= 2
    for number in range(5):
        stores = [each["store"] for each in lines(logs / f"group-{number}.jsonl")]
        assert stores == [f"other-{number}"] * 3


def open_files(directory: Path) -> int:
    """How many files of that directory this process has open."""
    opened = 0
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            opened += descriptor.readlink().parent == directory
        except FileNotFoundError:
            continue
    return opened


def test_a_restart_appends(start: Start, logs: Path) -> None:
    for number in range(3):
        emulator = start(access_log_dir=logs)
        owner = owner_of(emulator)
        configure(owner, "media", **observed())
        get(owner, str(number))
        emulator.stop()
        assert open_files(logs) == 0
    assert [each["key"] for each in lines(logs / FILE)] == ["0", "1", "2"]


def test_a_reset_leaves_the_files(logging: Emulator, logs: Path) -> None:
    get(owner_of(logging))
    logging.reset()
    assert len(lines(logs / FILE)) == 1
    configure(owner_of(logging), "media", **observed())
    get(owner_of(logging))
    assert len(lines(logs / FILE)) == 2


@pytest.mark.parametrize("how", ["removed", "moved"])
def test_a_file_that_was_taken_away_is_made_anew(logging: Emulator, logs: Path, how: str) -> None:
    owner = owner_of(logging)
    get(owner, "before")
    if how == "removed":
        (logs / FILE).unlink()
    else:
        (logs / FILE).rename(logs / "old")
    time.sleep(2 * log_files.LOOK_NANOSECONDS / 1e9)  # It is looked for once a millisecond.
    get(owner, "after")
    assert [each["key"] for each in lines(logs / FILE)] == ["after"]
    if how == "moved":
        assert [each["key"] for each in lines(logs / "old")] == ["before"]


def test_a_file_that_was_emptied_goes_on(logging: Emulator, logs: Path) -> None:
    owner = owner_of(logging)
    get(owner, "before")
    (logs / FILE).write_bytes(b"")
    get(owner, "after")
    assert [each["key"] for each in lines(logs / FILE)] == ["after"]


def test_two_emulators_may_share_a_directory(start: Start, logs: Path) -> None:
    both = [start(access_log_dir=logs) for _ in range(2)]
    for emulator in both:
        configure(owner_of(emulator), "media", **observed())

    def work(emulator: Emulator, number: int) -> None:
        get(owner_of(emulator), f"{number}-" + "k" * 900)

    with ThreadPoolExecutor(8) as pool:
        for future in [
            pool.submit(work, emulator, number) for number in range(60) for emulator in both
        ]:
            future.result()
    found = sorted(each["request_id"] for each in lines(logs / FILE))
    expected = [each for emulator in both for each in emulator.access_logs.entries(GROUP)]
    assert found == sorted(each["request_id"] for each in expected)
    assert len(found) == 120


def test_a_directory_that_is_a_file_is_refused_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ConfigurationError, match=r"--access-log-dir: cannot write to .*file"):
        Emulator(cache="memory", api_revision=REVISION, access_log_dir=tmp_path / "file").start()


def test_the_first_revision_has_no_such_option(logs: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"--access-log-dir: requires .* 2026-08-12 or"):
        Emulator(access_log_dir=logs)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", size="64k") as made:
        yield made


def test_a_directory_that_nobody_can_write_is_refused_at_the_start(
    emulators: Launcher, disk: SmallDisk
) -> None:
    disk.make_read_only()
    try:
        emulators.refuse(
            *("--api-revision", REVISION, "--access-log-dir", disk.path, "--port", "0"),
            through=disk.inside,
        ).says("--access-log-dir", str(disk.path), "Read-only file system", "choose a writable")
    finally:
        disk.make_writable()


@pytest.fixture
def over_disk(emulators: Launcher, disk: SmallDisk) -> Running:
    """An emulator whose log files are on a small disk."""
    running = emulators.start(
        *("--api-revision", REVISION, "--access-log-dir", disk.path),
        *("--no-strict-clusters", "--no-strict-log-groups"),
        through=disk.inside,
    )
    configure(running.client(), "media", **limited())
    return running


def test_a_full_disk_fails_no_request_and_leaves_no_part_of_a_line(
    over_disk: Running, disk: SmallDisk
) -> None:
    owner = over_disk.client()
    keys = [f"{number}-" + "k" * 900 for number in range(80)]
    assert {get(owner, key).status for key in keys} == {404}
    written = [each["key"] for each in lines(disk.seen / FILE)]
    assert 0 < len(written) < len(keys)
    assert written == keys[: len(written)]
    assert len(Client(over_disk.endpoint).call("GET", f"/_emulator/logs/{GROUP}").json()) == 4
    warnings = [line for line in over_disk.stderr.splitlines() if "access log" in line]
    assert 1 <= len(warnings) <= 10
    assert f"{disk.path}/{FILE}" in warnings[0]
    assert "No space left on device; the disk is full: make room on it" in warnings[0]
    assert "Traceback" not in over_disk.stderr


def test_with_room_again_the_log_goes_on_with_a_whole_line(
    over_disk: Running, disk: SmallDisk
) -> None:
    owner = over_disk.client()
    for number in range(80):
        get(owner, f"{number}-" + "k" * 900)
    before = lines(disk.seen / FILE)
    (disk.seen / FILE).write_bytes(b"")
    get(owner, "again")
    assert [each["key"] for each in lines(disk.seen / FILE)] == ["again"]
    assert len(before) < 80


def test_a_directory_that_is_gone_fails_no_request(logging: Emulator, logs: Path) -> None:
    owner = owner_of(logging)
    get(owner)
    (logs / FILE).unlink()
    logs.rmdir()
    time.sleep(2 * log_files.LOOK_NANOSECONDS / 1e9)
    assert get(owner).status == 404
    assert len(logging.access_logs.entries(GROUP)) == 2
    logs.mkdir()
    get(owner, "again")
    assert [each["key"] for each in lines(logs / FILE)] == ["again"]
