"""One object: its details, and what can be done with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.client import Client
from tests.support.emulators import control, starting

from .browser import IN_BROWSER, expect
from .objects import LATEST, a_file, a_png, create_store, open_object, open_store, put
from .pages import Console, console_in

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from emulator import Emulator

pytestmark = IN_BROWSER

OPTIONS = LATEST


@pytest.fixture
def owner(emulator: Emulator) -> Client:
    """A client with a store."""
    return create_store(emulator)


def _tiers(emulator: Emulator, key: str) -> list[str]:
    """The tiers that have the object."""
    found = [each for each in emulator.tiers.objects("media") if each.key == key]
    return [tier for each in found for tier in ("cache", "storage") if getattr(each, tier)]


async def test_details_metadata_and_tags_are_shown(console: Console, owner: Client) -> None:
    put(
        owner,
        "live/a b.txt",
        b"x" * 1500,
        "text/plain",
        ttl_seconds=3600,
        headers={"mo-meta-owner": "Zoë".encode().decode("latin-1"), "mo-tag-team": "video"},
    )
    await open_object(console, "live/a b.txt")
    details = console.page.locator(".card", has_text="Details")
    await expect(details).to_contain_text("1.5 kB (1,500 B)")
    await expect(details).to_contain_text("text/plain")
    await expect(details).to_contain_text(f"{console.endpoint}/objectstore/media/live/a%20b.txt")
    await expect(console.page.locator(".card", has_text="Metadata")).to_contain_text("ownerZoë")
    await expect(console.page.locator(".card", has_text="Tags")).to_contain_text("teamvideo")
    await console.button("Copy key").click()
    assert await console.copied() == "live/a b.txt"


async def test_a_body_is_downloaded_byte_for_byte(
    console: Console, owner: Client, tmp_path: Path
) -> None:
    body = bytes(range(256)) * 300
    put(owner, "bin/all", body)
    await open_object(console, "bin/all")
    async with console.page.expect_download() as downloading:
        await console.button("Download").click()
    download = await downloading.value
    assert download.suggested_filename == "all"
    await download.save_as(tmp_path / "all")
    assert (tmp_path / "all").read_bytes() == body


async def test_a_download_from_one_tier_has_that_tiers_body(
    console: Console, owner: Client, tmp_path: Path
) -> None:
    put(owner, "key", b"new")
    control(console.emulator, "PUT", "/objects/media/key?tier=cache", {"text": "other"})
    await open_object(console, "key")
    for tier, body in {"cache": b"other", "storage": b"new"}.items():
        async with console.page.expect_download() as downloading:
            await console.button(f"Download from {tier}").click()
        await (await downloading.value).save_as(tmp_path / tier)
        assert (tmp_path / tier).read_bytes() == body
    await expect(console.page.get_by_text("older version")).to_have_count(1)


async def test_the_content_is_shown_from_either_tier(console: Console, owner: Client) -> None:
    put(owner, "key", b"in storage", "text/plain")
    control(console.emulator, "PUT", "/objects/media/key?tier=cache", {"text": "in the cache"})
    await open_object(console, "key")
    content = console.page.get_by_label("Content", exact=True)
    await expect(content).to_have_text("in the cache")
    await console.button("From storage").click()
    await expect(content).to_have_text("in storage")


@pytest.mark.parametrize("tier", ["cache", "storage"])
async def test_an_object_is_taken_out_of_one_tier_and_put_back_by_undo(
    console: Console, owner: Client, tier: str
) -> None:
    put(owner, "key", b"x")
    await open_object(console, "key")
    await console.button(f"Take out of {tier}").click()
    await console.dialog.get_by_role("button", name="Take out").click()
    await expect(console.toast(f"Taken out of {tier}")).to_be_visible()
    await expect(console.page.locator(".tier", has_text=tier)).to_contain_text("not there")
    assert _tiers(console.emulator, "key") == [
        each for each in ("cache", "storage") if each != tier
    ]
    await console.button("Undo").click()
    await expect(console.page.locator(".tier", has_text=tier)).to_contain_text("does not expire")
    assert _tiers(console.emulator, "key") == ["cache", "storage"]


async def test_a_deleted_object_comes_back_by_undo(console: Console, owner: Client) -> None:
    put(owner, "live/key", b"kept")
    put(owner, "live/other", b"x")
    await open_object(console, "live/key")
    await console.button("Delete").click()
    await console.dialog.get_by_role("button", name="Delete").click()
    await expect(console.toast("Object deleted")).to_be_visible()
    await expect(console.row("other")).to_have_count(1)
    await expect(console.row("key")).to_have_count(0)
    assert owner.get("media", "live/key").status == 404
    await console.button("Undo").click()
    await expect(console.row("key")).to_have_count(1)
    assert owner.get("media", "live/key").body == b"kept"


async def test_an_object_expires_now(console: Console, owner: Client) -> None:
    put(owner, "key", b"x", ttl_seconds=3600)
    await open_object(console, "key")
    await console.button("Expire now").click()
    await console.dialog.get_by_role("button", name="Expire now").click()
    await expect(console.toast("The object has expired")).to_be_visible()
    await expect(console.page.get_by_text("It has expired")).to_be_visible()
    assert owner.get("media", "key").status == 404
    await console.button("Undo").click()
    await expect(console.page.get_by_text("It has expired")).to_have_count(0)
    assert owner.get("media", "key").status == 200


async def test_what_expires_while_it_is_looked_at_says_so(console: Console, owner: Client) -> None:
    console.emulator.clock.freeze()
    put(owner, "key", b"text", "text/plain", ttl_seconds=60)
    await open_object(console, "key")
    await expect(console.page.get_by_label("Content", exact=True)).to_have_text("text")
    console.emulator.clock.advance(61)
    await expect(console.page.get_by_text("It has expired")).to_be_visible()


async def test_an_object_that_no_tier_has_is_said_to_be_missing(
    console: Console, owner: Client
) -> None:
    await console.page.goto(f"{console.endpoint}/_emulator/#/objects/media/none")
    await expect(console.page.get_by_text("No tier has this object")).to_be_visible()
    await expect(console.button("Delete")).to_be_disabled()
    put(owner, "none", b"there now")
    await expect(console.page.get_by_role("heading", name="Details")).to_be_visible()


async def test_a_new_version_is_shown_when_a_client_puts_it(
    console: Console, owner: Client
) -> None:
    put(owner, "key", b"first", "text/plain")
    await open_object(console, "key")
    content = console.page.get_by_label("Content", exact=True)
    await expect(content).to_have_text("first")
    put(owner, "key", b"second", "text/plain")
    await expect(content).to_have_text("second")


async def test_files_are_uploaded_with_ttl_metadata_and_tags(
    console: Console, owner: Client
) -> None:
    await open_store(console, prefix="live/")
    await console.button("Upload").click()
    await console.dialog.locator("input[type=file]").set_input_files(
        [
            a_file("a.json", b"{}"),
            a_file("b.txt", b"text", "text/plain"),
        ]
    )
    await console.dialog.get_by_label("TTL in seconds").fill("3600")
    await console.dialog.get_by_label("Metadata").fill("owner: Zoë\nx-note: a: b")
    await console.dialog.get_by_label("Tags").fill("team: video")
    await console.dialog.get_by_role("button", name="Upload").click()
    await expect(console.toast("Uploaded 2 objects")).to_be_visible()
    await expect(console.row("a.json")).to_have_count(1)
    answer = owner.get("media", "live/a.json")
    assert answer.body == b"{}"
    assert answer.header("content-type") == "application/json"
    assert answer.header("owner") == "Zoë"
    assert answer.header("x-note") == "a: b"
    placed = console.emulator.tiers.get("media", "live/b.txt")
    assert placed.storage is not None
    assert placed.storage.tags == {"team": "video"}
    assert placed.storage.expires_at is not None
    assert placed.storage.metadata["content-type"] == "text/plain"


async def test_an_ephemeral_upload_is_only_in_the_cache(console: Console) -> None:
    create_store(console.emulator)
    await open_store(console)
    await console.button("Upload").click()
    await console.dialog.locator("input[type=file]").set_input_files(a_file("brief", b"x"))
    await console.dialog.get_by_label("Persistence").select_option("ephemeral")
    await console.dialog.get_by_role("button", name="Upload").click()
    await expect(console.row("brief").locator(".badge")).to_have_text(["ephemeral"])
    assert _tiers(console.emulator, "brief") == ["cache"]


_DROP = """(folder) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File(["dropped"], "file.txt", { type: "text/plain" }));
  const target = document.querySelector("mo-browser");
  for (const type of ["dragenter", "dragover", "drop"]) {
    target.dispatchEvent(
      new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }
}"""


async def test_a_dropped_file_is_uploaded_into_the_folder(console: Console, owner: Client) -> None:
    await open_store(console, prefix="live/")
    await console.page.evaluate(_DROP)
    await expect(console.dialog.get_by_text("file.txt")).to_be_visible()
    await expect(console.dialog.get_by_label("Folder")).to_have_value("live/")
    await console.dialog.get_by_role("button", name="Upload").click()
    await expect(console.toast("Uploaded 1 object")).to_be_visible()
    assert owner.get("media", "live/file.txt").body == b"dropped"


async def test_the_progress_of_an_upload_is_seen(console: Console, owner: Client) -> None:
    await open_store(console)
    console.emulator.faults.add({"type": "status", "status": 503}, operation="PutObject")
    await console.button("Upload").click()
    await console.dialog.locator("input[type=file]").set_input_files(
        a_file("large", b"x" * 10_000_000)
    )
    await console.page.evaluate(
        """() => {
          window.seen = [];
          const bar = document.querySelector("dialog progress");
          const look = () => {
            window.seen.push(bar.value);
            if (bar.isConnected) requestAnimationFrame(look);
          };
          look();
        }"""
    )
    await console.dialog.get_by_role("button", name="Upload").click()
    await expect(console.toast("Uploaded 1 object")).to_be_visible()
    seen = await console.page.evaluate("window.seen")
    assert seen == sorted(seen)
    assert seen[0] == 0
    assert seen[-1] == 1
    assert len(owner.get("media", "large").body) == 10_000_000


async def test_a_refused_upload_says_why_and_can_be_tried_again(console: Console) -> None:
    console.allow("400")
    create_store(console.emulator)
    await open_store(console)
    await console.button("Upload").click()
    await console.dialog.locator("input[type=file]").set_input_files(a_file("file", b"x"))
    await console.dialog.get_by_label("Tags").fill("bad*name: y")
    await console.dialog.get_by_role("button", name="Upload").click()
    await expect(console.dialog.get_by_role("alert")).to_contain_text("tag")
    await console.dialog.get_by_label("Tags").fill("no colon")
    await console.dialog.get_by_role("button", name="Upload").click()
    await expect(console.dialog.get_by_role("alert")).to_contain_text("name: value")
    await console.dialog.get_by_label("Tags").fill("good: y")
    await console.dialog.get_by_role("button", name="Upload").click()
    await expect(console.toast("Uploaded 1 object")).to_be_visible()


async def test_an_object_is_replaced_under_its_key(console: Console, owner: Client) -> None:
    put(owner, "live/key", b"old", "text/plain")
    await open_object(console, "live/key")
    await console.button("Replace").click()
    await expect(console.dialog.get_by_label("Key")).to_have_value("live/key")
    await console.dialog.locator("input[type=file]").set_input_files(
        a_file("other.txt", b"new", "text/plain")
    )
    await console.dialog.get_by_role("button", name="Upload").click()
    await expect(console.page.get_by_label("Content", exact=True)).to_have_text("new")
    assert owner.get("media", "live/key").body == b"new"


async def test_with_a_control_token_bodies_are_shown_downloaded_and_uploaded(
    browser: Browser,
) -> None:
    with starting(cache="memory", control_token="open-sesame") as start:
        emulator = start()
        owner = create_store(emulator)
        put(owner, "a.png", a_png(8, 8), "image/png")
        async with console_in(browser, emulator) as console:
            console.allow("401")
            await console.page.goto(f"{console.endpoint}/_emulator/#/objects/media/a.png")
            await console.dialog.get_by_label("Control token").fill("open-sesame")
            await console.dialog.get_by_role("button", name="Continue").click()
            await expect(console.page.get_by_alt_text("Content of a.png")).to_be_visible()
            async with console.page.expect_download():
                await console.button("Download").click()
            await console.button("Replace").click()
            await console.dialog.locator("input[type=file]").set_input_files(a_file("b", b"new"))
            await console.dialog.get_by_role("button", name="Upload").click()
            await expect(console.toast("Uploaded 1 object")).to_be_visible()
        assert owner.get("media", "a.png").body == b"new"
