"""Objects are as private as the account: only the emulator's user can read them (D113)."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.backends.storage.filesystem import CHUNK_BYTES
from tests.support.client import create_store
from tests.support.emulators import Start, client

pytestmark = pytest.mark.proves("D113")


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def expect_privacy(data: Path) -> None:
    # What was replaced is removed in the background: `walk` does not mind.
    below = [Path(at, name) for at, *names in os.walk(data) for name in (*names[0], *names[1])]
    for path in (data, *below):
        with contextlib.suppress(FileNotFoundError):
            status = path.lstat()
            expected = 0o700 if stat.S_ISDIR(status.st_mode) else 0o600
            assert oct(stat.S_IMODE(status.st_mode)) == oct(expected), path


@pytest.mark.usefixtures("umask")
def test_files_are_0600_and_directories_0700_whatever_the_umask(
    start: Start, tmp_path: Path
) -> None:
    data = tmp_path / "above" / "data"
    emulator = start(data_dir=data)
    owner = client(emulator)
    create_store(owner, "store")
    for key, size in (("small", 10), ("large", CHUNK_BYTES + 1), ("x" * 300, 1)):
        assert owner.put("store", key, bytes(size)).status == 204
    emulator.checkpoint("before")
    expect_privacy(data)
    emulator.import_state(emulator.export_state())
    expect_privacy(data)
    emulator.restore("before")
    expect_privacy(data)
