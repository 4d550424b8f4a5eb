"""The access log in files: a line of JSON for each entry, a file for each log group.

Lines wait for others: a test that reads a file calls ``deliver`` first, or does something else that
writes them.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from emulator import Emulator
from emulator.config import ConfigurationError
from emulator.core.operation import ON_OBJECTS, Operation
from emulator.core.outcome import Outcome
from emulator.core.revisions import REVISIONS, Revision, latest
from emulator.service.persistence import DURABLE, EPHEMERAL
from emulator.telemetry import log_files
from emulator.telemetry.access_log import EntryForm
from emulator.telemetry.cloudwatch_logs import event_of
from tests.files.disks import SmallDisk, small_disk
from tests.support.client import Client
from tests.support.emulators import Start, client
from tests.support.launch import Launcher, Running
from tests.support.loop_time import LoopTime
from tests.support.waiting import wait_until

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
    configure(client(emulator), "media", **observed())
    return emulator


def lines(file: Path) -> list[Any]:
    """The entries in a file, each of which is a line."""
    text = file.read_text(encoding="utf-8")
    assert text.endswith("\n")
    return [json.loads(line) for line in text[:-1].split("\n")]


def test_each_entry_is_a_line(logging: Emulator, logs: Path) -> None:
    owner = client(logging)
    for number, key in enumerate(["a", "é\u2028\n\"'\\😀", "b/c"], start=1):
        put(owner, key)
        logging.access_logs.deliver()
        assert len(lines(logs / FILE)) == number
        assert lines(logs / FILE)[-1]["key"] == key
    assert lines(logs / FILE) == logging.access_logs.entries(GROUP)


operations = st.builds(
    Operation,
    name=st.sampled_from(sorted(ON_OBJECTS)),
    store=st.text(),
    key=st.text(),
    started_at=st.integers(),
    status=st.integers(100, 599),
    outcome=st.sampled_from(Outcome),
    size=st.none() | st.integers(0),
    object_age=st.none() | st.integers(0),
    total_time=st.integers(0),
    request_id=st.none() | st.text("0123456789abcdef", min_size=1),
    persistence=st.none() | st.sampled_from([DURABLE, EPHEMERAL]),
)


@given(operations, st.sampled_from(list(REVISIONS.values())))
@example(
    Operation("GetObject", "store", "a\x7f\x85\x9b\u2028\u2029\ud800b", 0, 200, Outcome.OK),
    latest(),
)
def test_a_line_is_the_entry_and_one_line_to_any_reader(
    operation: Operation, revision: Revision
) -> None:
    form = EntryForm(revision)
    line = form.line(operation)
    entry = json.loads(line)
    assert list(entry.items()) == list(form.entry(operation).items())
    assert line == f"{event_of(form.entry(operation)).message}\n"
    assert len(line.splitlines()) == 1
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]", line)


WRITING: dict[str, Callable[[Emulator], object]] = {
    "deliver": lambda emulator: emulator.access_logs.deliver(),
    "list of groups": lambda emulator: emulator.access_logs.groups(),
    "entries": lambda emulator: emulator.access_logs.entries(GROUP),
    "entries over HTTP": lambda emulator: control(emulator, "GET", f"/_emulator/logs/{GROUP}"),
    "deliver over HTTP": lambda emulator: control(emulator, "POST", "/_emulator/deliver"),
    "clear": lambda emulator: emulator.access_logs.clear(),
    "reset": lambda emulator: emulator.reset(),
    "stop": lambda emulator: emulator.stop(),
    "a tenth of a second": lambda emulator: LoopTime.of(emulator).advance(log_files.WAIT_SECONDS),
}


def control(emulator: Emulator, method: str, path: str) -> None:
    assert Client(emulator.endpoint).call(method, path).status < 300


@pytest.mark.parametrize("how", WRITING)
def test_lines_wait_until(logging: Emulator, logs: Path, how: str) -> None:
    time = LoopTime.of(logging)
    time.stand_still()
    owner = client(logging)
    for key in ("a", "b", "c"):
        get(owner, key)
    assert not (logs / FILE).exists()
    time.go_on()
    WRITING[how](logging)
    wait_until(lambda: [each for each in logs.iterdir() if each.stat().st_size > 0])
    assert [each["key"] for each in lines(logs / FILE)] == ["a", "b", "c"]


def test_a_file_has_the_lines_of_requests_that_came_during_a_look(
    logging: Emulator, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    telemetry, owner = logging._running().control.telemetry, client(logging)
    stores = telemetry._configured

    async def slowly() -> list[str]:
        await asyncio.to_thread(get, owner, "meanwhile")
        return await stores()

    monkeypatch.setattr(telemetry, "_configured", slowly)
    LoopTime.of(logging).stand_still()
    assert [each["key"] for each in logging.access_logs.entries(GROUP)] == ["meanwhile"]
    assert [each["key"] for each in lines(logs / FILE)] == ["meanwhile"]


def test_a_file_is_written_once_for_many_lines_and_in_their_order(
    logging: Emulator, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_files, "MAX_WAITING", 4)
    LoopTime.of(logging).stand_still()
    owner = client(logging)
    for number in range(10):
        get(owner, str(number))
        there = lines(logs / FILE) if (logs / FILE).exists() else []
        assert [each["key"] for each in there] == [str(n) for n in range((number + 1) // 4 * 4)]
    logging.access_logs.deliver()
    assert [each["key"] for each in lines(logs / FILE)] == [str(n) for n in range(10)]


def test_there_is_a_timer_only_while_a_line_waits(logging: Emulator) -> None:
    files = logging._running().control.telemetry._pipeline._files
    assert files is not None
    LoopTime.of(logging).stand_still()
    assert files._timer is None
    get(client(logging))
    assert files._timer is not None
    logging.access_logs.deliver()
    assert files._timer is None


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
    owner = client(logging)
    configure(owner, "other", **access_logging(group))
    get(owner, store="other")
    logging.access_logs.deliver()
    assert [each.name for each in logs.iterdir()] == [file]
    assert len(lines(logs / file)) == 1


@pytest.mark.parametrize("start_of_name", ["g" * 249, "/" * 84])
def test_a_group_whose_name_is_too_long_for_a_file_has_one_of_its_own(
    logging: Emulator, logs: Path, start_of_name: str
) -> None:
    owner = client(logging)
    for number, end in enumerate(["a", "b", "a" * (512 - len(start_of_name))]):
        configure(owner, f"other-{number}", **access_logging(start_of_name + end))
        get(owner, store=f"other-{number}")
    logging.access_logs.deliver()
    names = [each.name for each in logs.iterdir()]
    assert len(names) == 3
    assert all(re.fullmatch(r"=sha256-[0-9a-f]{64}\.jsonl", name) for name in names)
    stores = {lines(logs / name)[0]["store"] for name in names}
    assert stores == {"other-0", "other-1", "other-2"}


def test_there_may_be_more_groups_than_open_files(
    logging: Emulator, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_files, "MAX_OPEN_FILES", 2)
    owner = client(logging)
    for number in range(5):
        configure(owner, f"other-{number}", **access_logging(f"group-{number}"))
    before = open_files(logs)
    for _ in range(3):
        for number in range(5):
            get(owner, store=f"other-{number}")
            logging.access_logs.deliver()
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
        owner = client(emulator)
        configure(owner, "media", **observed())
        get(owner, str(number))
        emulator.stop()
        assert open_files(logs) == 0
    assert [each["key"] for each in lines(logs / FILE)] == ["0", "1", "2"]


def test_a_reset_leaves_the_files(logging: Emulator, logs: Path) -> None:
    get(client(logging))
    logging.reset()
    assert len(lines(logs / FILE)) == 1
    configure(client(logging), "media", **observed())
    get(client(logging))
    logging.access_logs.deliver()
    assert len(lines(logs / FILE)) == 2


@pytest.mark.parametrize("how", ["removed", "moved"])
def test_a_file_that_was_taken_away_is_made_anew(logging: Emulator, logs: Path, how: str) -> None:
    owner = client(logging)
    get(owner, "before")
    logging.access_logs.deliver()
    if how == "removed":
        (logs / FILE).unlink()
    else:
        (logs / FILE).rename(logs / "old")
    get(owner, "after")
    logging.access_logs.deliver()
    assert [each["key"] for each in lines(logs / FILE)] == ["after"]
    if how == "moved":
        assert [each["key"] for each in lines(logs / "old")] == ["before"]


def test_a_file_that_was_emptied_goes_on(logging: Emulator, logs: Path) -> None:
    owner = client(logging)
    get(owner, "before")
    logging.access_logs.deliver()
    (logs / FILE).write_bytes(b"")
    get(owner, "after")
    logging.access_logs.deliver()
    assert [each["key"] for each in lines(logs / FILE)] == ["after"]


def test_two_emulators_may_share_a_directory(start: Start, logs: Path) -> None:
    both = [start(access_log_dir=logs) for _ in range(2)]
    for emulator in both:
        configure(client(emulator), "media", **observed())

    def work(emulator: Emulator, number: int) -> None:
        get(client(emulator), f"{number}-" + "k" * 900)

    with ThreadPoolExecutor(8) as pool:
        for future in [
            pool.submit(work, emulator, number) for number in range(60) for emulator in both
        ]:
            future.result()
    expected = [each for emulator in both for each in emulator.access_logs.entries(GROUP)]
    found = sorted(each["request_id"] for each in lines(logs / FILE))
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


def deliver(running: Running) -> None:
    assert Client(running.endpoint).call("POST", "/_emulator/deliver").status == 200


def test_a_full_disk_fails_no_request_and_leaves_no_part_of_a_line(
    over_disk: Running, disk: SmallDisk
) -> None:
    owner = over_disk.client()
    keys = [f"{number}-" + "k" * 900 for number in range(80)]
    assert {get(owner, key).status for key in keys} == {404}
    deliver(over_disk)
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
    deliver(over_disk)
    before = lines(disk.seen / FILE)
    (disk.seen / FILE).write_bytes(b"")
    get(owner, "again")
    deliver(over_disk)
    assert [each["key"] for each in lines(disk.seen / FILE)] == ["again"]
    assert len(before) < 80


def test_a_directory_that_is_gone_fails_no_request(logging: Emulator, logs: Path) -> None:
    owner = client(logging)
    get(owner)
    logging.access_logs.deliver()
    (logs / FILE).unlink()
    logs.rmdir()
    assert get(owner).status == 404
    logging.access_logs.deliver()
    assert len(logging.access_logs.entries(GROUP)) == 2
    logs.mkdir()
    get(owner, "again")
    logging.access_logs.deliver()
    assert [each["key"] for each in lines(logs / FILE)] == ["again"]
