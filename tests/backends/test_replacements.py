"""A whole new content that is built beside the current one, and takes over with the account's."""

from __future__ import annotations

import pytest

from emulator.backends.account.base import MEMBERS, AccountBackend, as_changes
from emulator.backends.account.memory import MemoryAccount
from emulator.backends.storage.base import Storage
from emulator.backends.take_over import NewFile
from emulator.core.failures import EngineUnavailableError
from emulator.core.model import Member
from emulator.core.object_info import Location
from tests.files.crashes import member

from .objects import an_info, put, read

OLD, NEW = Location("bucket", "old"), Location("other", "new")


async def test_nothing_changes_before_a_replacement_takes_over(own_storage: Storage) -> None:
    info = await put(own_storage, OLD, b"old")
    async with await own_storage.beside() as replacement:
        assert await replacement.storage.buckets() == []
        new_info = await put(replacement.storage, NEW, b"new")
        assert await read(own_storage, OLD) == (info, b"old")
        assert await read(own_storage, NEW) is None
        await replacement.take_over()
        assert await read(own_storage, OLD) is None
        assert await read(own_storage, NEW) == (new_info, b"new")
    assert await own_storage.buckets() == ["other"]


async def test_a_replacement_that_does_not_take_over_leaves_nothing(own_storage: Storage) -> None:
    await put(own_storage, OLD, b"old")
    async with await own_storage.beside() as replacement:
        await put(replacement.storage, NEW, b"new")
    assert await own_storage.buckets() == ["bucket"]
    async with await own_storage.beside() as replacement:
        assert await replacement.storage.buckets() == []


async def test_objects_can_be_written_before_and_after_a_replacement(own_storage: Storage) -> None:
    for number in range(3):
        await put(own_storage, OLD, b"%d" % number)
        async with await own_storage.beside() as replacement:
            await put(replacement.storage, NEW, b"%d" % number)
            await replacement.take_over()
        info = await put(own_storage, OLD, b"again")
        assert await read(own_storage, OLD) == (info, b"again")


async def test_an_upload_that_began_before_a_replacement_is_an_object_once_committed(
    own_storage: Storage,
) -> None:
    async with own_storage.upload(OLD) as upload:
        await upload.write(b"body")
        async with await own_storage.beside() as replacement:
            await replacement.take_over()
        await upload.commit(an_info(4))
    assert await read(own_storage, OLD) == (an_info(4), b"body")


async def test_every_object_is_walked_in_order_with_its_body(own_storage: Storage) -> None:
    places = [Location(bucket, key) for bucket in ("b", "a") for key in ("é", "b", "a", "b/c")]
    for place in places:
        await put(own_storage, place, place.key.encode())
    walked = [(location, body) async for location, _, body in own_storage.walk()]
    assert walked == [(place, place.key.encode()) for place in sorted(places)]


async def fail(_: NewFile | None) -> None:
    raise EngineUnavailableError("the objects cannot take over")


async def members(account: AccountBackend) -> list[str]:
    return sorted(await account.entries(MEMBERS))


async def test_an_account_stays_as_it_is_if_the_objects_cannot_take_over(
    account: AccountBackend,
) -> None:
    await account.replace(*member("old"))
    before = await account.snapshot()
    checkpoint = await account.checkpoint()
    with pytest.raises(EngineUnavailableError, match="objects"):
        await account.replace(*member("new"), take_over=fail)
    assert await account.snapshot() == before
    await account.put(MEMBERS, "later", Member("later", "owner"), expected=None)
    with pytest.raises(EngineUnavailableError, match="objects"):
        await checkpoint.restore(fail)
    assert await members(account) == ["later", "old"]
    await checkpoint.restore()
    assert await account.snapshot() == before
    last = before[MEMBERS]["old"].version
    await account.replace(*member("new"))
    found = await account.get(MEMBERS, "new")
    assert found is not None
    assert found.version > last


async def test_an_account_has_its_new_records_once_the_objects_have_taken_over(
    account: AccountBackend,
) -> None:
    await account.replace(*member("old"))
    seen: list[NewFile | None] = []

    async def note(file: NewFile | None) -> None:
        seen.append(file)
        if file is not None:
            file.path.write_bytes(file.content)

    await account.replace(*member("new"), take_over=note)
    assert await members(account) == ["new"]
    assert [file is not None for file in seen] == [account.name == "file"]


async def test_a_snapshot_can_be_written_into_another_account_in_the_same_order() -> None:
    one, other = MemoryAccount(), MemoryAccount()
    for name in ("c", "a", "b"):
        await one.put(MEMBERS, name, Member(name, "owner"), expected=None)
    changes = as_changes(await one.snapshot())
    assert [change.record_id for change in changes] == ["c", "a", "b"]
    await other.replace(*changes)
    assert as_changes(await other.snapshot()) == changes
    assert as_changes(await other.snapshot(), without=(MEMBERS,)) == ()
