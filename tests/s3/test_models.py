"""What AWS's library knows of its services is read once in a process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from botocore.loaders import JSONFileLoader

from emulator.aws import sessions
from tests.support.client import create_store
from tests.support.emulators import Start, client


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The files that the library has read since, in a process that had read none."""
    found: list[str] = []
    load_file = JSONFileLoader.load_file

    def noted(self: JSONFileLoader, path: str) -> object:
        found.append(path)
        return load_file(self, path)

    monkeypatch.setattr(JSONFileLoader, "load_file", noted)
    sessions._new_loader.cache_clear()
    yield found
    sessions._new_loader.cache_clear()


def test_a_second_emulator_reads_no_file_again(start: Start, reads: list[str]) -> None:
    start()
    assert any("s3" in path for path in reads)
    reads.clear()
    create_store(client(start()), "store")
    assert reads == []


def test_emulators_that_start_at_once_read_each_file_once(start: Start, reads: list[str]) -> None:
    count = 4
    barrier = Barrier(count)

    def start_one(_number: int) -> int:
        barrier.wait(30)
        emulator = start()
        create_store(client(emulator), "store")
        return client(emulator).call("PUT", "/objectstore/store/key", b"body").status

    with ThreadPoolExecutor(count) as threads:
        assert list(threads.map(start_one, range(count))) == [204] * count
    assert len(reads) == len(set(reads))


def test_models_of_ones_own_are_found_where_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "own-service" / "2026-01-01"
    folder.mkdir(parents=True)
    (folder / "service-2.json").write_text(json.dumps({"metadata": {}}))
    assert "own-service" not in sessions.new_session().get_available_services()
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    assert {"own-service", "s3"} <= set(sessions.new_session().get_available_services())
