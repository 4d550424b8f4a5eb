"""Emulators over directories of files, and disks that are small."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.launch import Launcher, launcher
from tests.support.warm import WarmParent, warm_parent

from .disks import SmallDisk, small_disk


@pytest.fixture(scope="package")
def shared_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallDisk]:
    with small_disk(tmp_path_factory.mktemp("small") / "disk") as made:
        yield made


@pytest.fixture(scope="package")
def parent_on_disk(shared_disk: SmallDisk) -> Iterator[WarmParent]:
    with warm_parent(shared_disk.inside) as forking:
        yield forking


@pytest.fixture
def disk(shared_disk: SmallDisk) -> Iterator[SmallDisk]:
    """A small disk that is empty."""
    yield shared_disk
    shared_disk.make_as_new()


@pytest.fixture
def on_disk(tmp_path: Path, disk: SmallDisk, parent_on_disk: WarmParent) -> Iterator[Launcher]:  # noqa: ARG001
    """Starts emulators that see the disk, and that end before it is emptied."""
    logs = tmp_path / "on-disk"
    logs.mkdir()
    with launcher(logs, parent_on_disk.popen) as launching:
        yield launching
