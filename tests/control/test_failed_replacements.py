"""An import, a reset or a restore that fails in some tier changes nothing in any."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.backends.storage.base import Upload
from emulator.backends.storage.filesystem import FileReplacement
from emulator.backends.storage.memory import MemoryReplacement
from emulator.core.failures import EngineUnavailableError
from emulator.core.object_info import Location
from tests.support.client import Client, create_store, store_configuration
from tests.support.emulators import Start, client, control

DOWN = "the tier is down"

WAYS = {
    "import": ("PUT", "/state"),
    "reset": ("POST", "/reset"),
    "restore": ("POST", "/checkpoints/before"),
}


def fail(*_: object, **__: object) -> Any:
    raise EngineUnavailableError(DOWN)


async def fail_later(*_: object, **__: object) -> Any:
    await asyncio.sleep(0)
    fail()


def nth_fails(number: int, call: Callable[..., Any]) -> Callable[..., Any]:
    """A function that does as ``call``, and fails when it is called for that time."""
    calls = iter(range(1, number))

    def called(*arguments: Any, **options: Any) -> Any:
        return call(*arguments, **options) if next(calls, None) else fail()

    return called


class Furnished:
    """An emulator with a state that differs from those of its checkpoint, seed and document."""

    def __init__(self, start: Start, tmp_path: Path, storage: str) -> None:
        seed = tmp_path / "seed.yaml"
        objects = [{"store": "seeded", "key": str(number), "text": "s"} for number in range(3)]
        stores = [{"name": "seeded", **store_configuration("seeded")}]
        seed.write_text(json.dumps({"stores": stores, "objects": objects}))
        directory = {} if storage == "memory" else {"data_dir": tmp_path / "data"}
        self.emulator = start(cache="memory", seed=seed, **directory)
        owner = client(self.emulator)
        create_store(owner, "store")
        owner.put("store", "gone", b"of before")
        self.emulator.checkpoint("before")
        self.document = self.emulator.export_state()
        owner.put("store", "gone", b"of now")
        owner.put("store", "cached", b"of now")
        self.emulator.tiers.put("store", "doubtful", b"of the cache", tier="cache")
        self.key = self.emulator.create_api_key("owner")
        self.emulator.faults.add("cache_down", store="other")
        self.emulator.clock.advance(100)

    def everything(self) -> object:
        emulator = self.emulator
        return (
            {**emulator.export_state(), "clock": None},
            [(each.key, each.cache, each.storage) for each in emulator.tiers.objects("store")],
            emulator.faults.all(),
            len(emulator.journal),
            emulator.clock.now() // 60_000_000 > 0,
        )

    def replace(self, way: str) -> int:
        method, path = WAYS[way]
        document = self.document if way == "import" else None
        return control(self.emulator, method, path, document).status


@pytest.fixture(params=["memory", "filesystem"])
def furnished(request: pytest.FixtureRequest, start: Start, tmp_path: Path) -> Furnished:
    return Furnished(start, tmp_path, request.param)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("tier", ["account", "storage", "cache"])
def test_a_tier_that_fails_when_the_state_is_replaced_leaves_all_of_the_old_one(
    furnished: Furnished, monkeypatch: pytest.MonkeyPatch, way: str, tier: str
) -> None:
    before = furnished.everything()
    app = furnished.emulator._app
    assert app is not None
    with monkeypatch.context() as patched:
        if tier == "account":
            patched.setattr(app._backend, "replace", fail_later)
            patched.setattr(app._backend, "_restore", fail_later)
            snapshot = app.control.state.checkpoints.require("before")
            patched.setattr(snapshot.account, "restore", fail_later)
        elif tier == "storage":
            for kind in (MemoryReplacement, FileReplacement):
                patched.setattr(kind, "take_over", fail_later)
        else:
            patched.setattr(app._cache, "clear", fail_later)
            patched.setattr(app._cache, "_restore", fail_later)
            snapshot = app.control.state.checkpoints.require("before")
            patched.setattr(snapshot.cache, "restore", fail_later)
            patched.setattr(app._cache, "checkpoint", _Nothing.checkpoint)
        assert furnished.replace(way) == 500
    assert furnished.everything() == before
    owner = Client(furnished.emulator.endpoint, furnished.key)
    assert owner.get("store", "gone").body == b"of now"
    assert furnished.replace(way) == 200
    assert owner.list_stores().status == 401, "the key is of the old state"


class _Nothing:
    """A checkpoint of a cache that was not changed."""

    @staticmethod
    async def checkpoint() -> Any:
        return _Nothing()

    async def restore(self) -> None: ...

    async def discard(self) -> None: ...


def test_a_checkpoint_that_fails_leaves_none_of_its_files(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator = start(data_dir=tmp_path / "data")
    owner = client(emulator)
    create_store(owner, "store")
    owner.put("store", "key", b"body")
    app = emulator._app
    assert app is not None
    with monkeypatch.context() as patched:
        patched.setattr(app._cache, "checkpoint", fail_later)
        assert control(emulator, "PUT", "/checkpoints/fails").status == 500
    assert [path for path in (tmp_path / "data" / "checkpoints").rglob("*") if path.is_file()] == []
    assert emulator.checkpoints == []


@pytest.mark.parametrize("way", ["import", "reset"])
def test_storage_that_fails_half_way_leaves_all_of_the_old_state(
    furnished: Furnished, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    before = furnished.everything()
    app = furnished.emulator._app
    assert app is not None
    upload: type[Upload] = type(app._storage.upload(Location("bucket", "key")))
    with monkeypatch.context() as patched:
        patched.setattr(upload, "commit", nth_fails(3, upload.commit))
        assert furnished.replace(way) == 500
    assert furnished.everything() == before
    assert furnished.replace(way) == 200


def test_a_state_that_is_not_valid_changes_nothing(furnished: Furnished) -> None:
    before = furnished.everything()
    furnished.document["objects"].append({"bucket": "b"})
    assert furnished.replace("import") == 400
    assert furnished.everything() == before


def test_a_seeded_object_is_cached_after_a_reset_as_it_is_after_a_start(
    start: Start, tmp_path: Path
) -> None:
    emulator = Furnished(start, tmp_path, "memory").emulator
    emulator.reset()
    assert [each.cache is not None for each in emulator.tiers.objects("seeded")] == [True] * 3
    client(emulator).get("seeded", "1")
    assert emulator.journal.last().outcome == "cache_hit"


def test_a_write_after_a_reset_counts_as_later_than_the_seed(start: Start, tmp_path: Path) -> None:
    emulator = Furnished(start, tmp_path, "memory").emulator
    emulator.reset()
    seeded = max(each.storage.version for each in emulator.tiers.objects("seeded") if each.storage)
    emulator.clock.freeze(1)
    client(emulator).put("seeded", "1", b"new")
    (placed,) = [each for each in emulator.tiers.objects("seeded") if each.key == "1"]
    assert placed.storage is not None
    assert placed.storage.version > seeded
