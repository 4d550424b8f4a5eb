"""The page Checkpoints: the state is kept, restored, reset, written to a file and read again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.emulators import control, starting

from .browser import IN_BROWSER, expect
from .objects import create_store, open_store
from .pages import Console, console_in

if TYPE_CHECKING:
    from playwright.async_api import Browser

pytestmark = IN_BROWSER


async def _take(console: Console, name: str) -> None:
    await console.page.get_by_label("Name of the checkpoint").fill(name)
    await console.button("Take checkpoint").click()
    await expect(console.toast(f"Took the checkpoint {name}")).to_be_visible()


async def test_a_checkpoint_is_taken_and_restored(console: Console) -> None:
    owner = create_store(console.emulator)
    owner.put("media", "key", b"before")
    await console.open("checkpoints")
    await expect(console.page.get_by_text("No checkpoints yet")).to_be_visible()
    await _take(console, "with key")
    owner.put("media", "key", b"after")
    await console.button("Restore with key").click()
    await console.dialog.get_by_role("button", name="Restore").click()
    await expect(console.toast("Went back to with key")).to_be_visible()
    assert owner.get("media", "key").body == b"before"
    await console.button("Undo").click()
    await expect(console.toast("Undone")).to_be_visible()
    assert owner.get("media", "key").body == b"after"


async def test_the_checkpoint_of_an_undo_can_be_restored_later(console: Console) -> None:
    owner = create_store(console.emulator)
    owner.put("media", "key", b"kept")
    await open_store(console)
    await console.button("Delete store").click()
    await console.dialog.get_by_role("button", name="Delete store").click()
    await expect(console.heading("Stores and objects")).to_be_visible()
    await console.open("checkpoints")
    await expect(console.page.get_by_text("before the last change in the console")).to_be_visible()
    await console.button("Restore console-undo").click()
    await console.dialog.get_by_role("button", name="Restore").click()
    await expect(console.toast("Went back to console-undo")).to_be_visible()
    assert owner.get("media", "key").body == b"kept"


async def test_only_the_last_act_offers_to_be_undone(console: Console) -> None:
    create_store(console.emulator, "one")
    create_store(console.emulator, "two")
    for store in ("one", "two"):
        await open_store(console, store)
        await console.button("Delete store").click()
        await console.dialog.get_by_role("button", name="Delete store").click()
        await expect(console.toast(f"Deleted the store {store}")).to_be_visible()
    await expect(console.button("Undo")).to_have_count(1)
    await console.button("Undo").click()
    await expect(console.page.get_by_role("link", name="two", exact=True)).to_be_visible()


async def test_a_checkpoint_is_deleted_once_that_is_confirmed(console: Console) -> None:
    console.emulator.checkpoint("old")
    await console.open("checkpoints")
    await console.button("Delete old").click()
    await expect(console.dialog).to_contain_text("cannot be undone")
    await console.dialog.get_by_role("button", name="Delete").click()
    await expect(console.page.get_by_text("No checkpoints yet")).to_be_visible()
    assert console.emulator.checkpoints == []


async def test_a_reset_goes_back_to_the_start_and_can_be_undone(console: Console) -> None:
    owner = create_store(console.emulator)
    await console.open("checkpoints")
    await console.button("Reset").click()
    await console.dialog.get_by_role("button", name="Reset").click()
    await expect(console.toast("The emulator is as it was started")).to_be_visible()
    assert owner.store_names() == []
    await console.button("Undo").click()
    await expect(console.toast("Undone")).to_be_visible()
    assert owner.store_names() == ["media"]


async def test_an_exported_state_is_imported_again(console: Console, tmp_path: Path) -> None:
    owner = create_store(console.emulator)
    owner.put("media", "key", b"exported" * 100_000)
    await console.open("checkpoints")
    async with console.page.expect_download() as downloading:
        await console.button("Export").click()
    download = await downloading.value
    assert download.suggested_filename == "state.json"
    file = tmp_path / "state.json"
    await download.save_as(file)
    assert json.loads(file.read_text())["kind"] == "momento-objectstore-emulator state"
    await expect(console.page.get_by_text("kB exported")).to_be_visible()
    console.emulator.reset()
    await console.page.locator("input[type=file]").set_input_files(file)
    await expect(console.dialog).to_contain_text("state.json")
    await console.dialog.get_by_role("button", name="Import").click()
    await expect(console.toast("Imported state.json")).to_be_visible()
    assert owner.get("media", "key").body == b"exported" * 100_000
    await console.button("Undo").click()
    await expect(console.toast("Undone")).to_be_visible()
    assert owner.store_names() == []


async def test_a_file_that_is_no_state_is_refused_with_the_reason(
    console: Console, tmp_path: Path
) -> None:
    console.allow("400")
    owner = create_store(console.emulator)
    file = tmp_path / "other.json"
    file.write_text('{"kind": "other"}')
    await console.open("checkpoints")
    await console.page.locator("input[type=file]").set_input_files(file)
    await console.dialog.get_by_role("button", name="Import").click()
    await expect(console.dialog.get_by_role("alert")).to_contain_text("not the exported state")
    await console.dialog.get_by_role("button", name="Cancel").click()
    assert owner.store_names() == ["media"]


async def test_what_cannot_be_undone_is_done_when_it_is_confirmed_again(browser: Browser) -> None:
    """As with objects in S3: the emulator refuses a checkpoint."""
    with starting(cache="memory") as start:
        emulator = start()
        owner = create_store(emulator)
        async with console_in(browser, emulator) as console:
            console.allow("400")
            await console.page.route(
                "**/_emulator/checkpoints/*",
                lambda route: route.fulfill(status=400, json={"message": "not with S3"}),
            )
            await open_store(console)
            await console.button("Delete store").click()
            await console.dialog.get_by_role("button", name="Delete store").click()
            await expect(console.dialog.get_by_role("alert")).to_contain_text("cannot be undone")
            await expect(console.dialog.get_by_text("You can undo this")).to_be_hidden()
            assert owner.store_names() == ["media"]
            await console.dialog.get_by_role("button", name="Delete store").click()
            await expect(console.toast("Deleted the store media")).to_be_visible()
            await expect(console.button("Undo")).to_have_count(0)
        assert owner.store_names() == []
        assert control(emulator, "GET", "/checkpoints").json() == {"checkpoints": []}
