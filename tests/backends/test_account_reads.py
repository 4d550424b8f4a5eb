"""Reading a table of an account in this process sorts nothing: its records are kept in order."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from emulator.backends.account.base import STORES, Change
from emulator.backends.account.file import FileAccount
from emulator.backends.account.memory import MemoryAccount
from emulator.core.model import Store

COUNT = 4000


class Compared(str):
    """An id that counts how often it is compared with others."""

    __slots__ = ()
    times = 0

    def __lt__(self, other: str) -> bool:
        Compared.times += 1
        return str(self) < other


def shuffled() -> list[str]:
    names = [f"store-{number:04}" for number in range(COUNT)]
    Random(1).shuffle(names)
    return names


def created(name: str) -> Change[Store]:
    return Change(STORES, name, Store(name, "bucket", "", "arn", "cluster", name), None)


@pytest.mark.parametrize("kind", ["memory", "file"])
async def test_to_read_4000_stores_compares_none(kind: str, tmp_path: Path) -> None:
    file = tmp_path / "account.json"
    account = MemoryAccount() if kind == "memory" else FileAccount(file, fsync=False)
    names = [Compared(name) for name in shuffled()]
    await account.commit(*map(created, names[: COUNT // 2]))
    await account.commit(*map(created, names[COUNT // 2 :]))
    assert Compared.times > COUNT
    Compared.times = 0
    for _ in range(2):
        assert list(await account.entries(STORES)) == sorted(map(str, names))
        assert list((await account.snapshot())[STORES]) == sorted(map(str, names))
    assert Compared.times == 0


async def test_a_file_of_records_in_another_order_is_read_in_order(tmp_path: Path) -> None:
    file = tmp_path / "account.json"
    await FileAccount(file, fsync=False).commit(*map(created, ("a", "c", "b")))
    file.write_text(file.read_text().replace('"a": {', '"d": {').replace('"a"', '"d"'))
    assert list(await FileAccount(file).entries(STORES)) == ["b", "c", "d"]
