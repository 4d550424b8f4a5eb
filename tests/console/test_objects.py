"""A store's objects, by folder and by typing, with all that is known of them."""

from __future__ import annotations

from tests.support.emulators import control

from .browser import IN_BROWSER, expect
from .objects import LATEST, create_store, open_store, put
from .pages import PHONE, Console

pytestmark = IN_BROWSER

OPTIONS = LATEST


async def test_prefixes_are_folders(console: Console) -> None:
    owner = create_store(console.emulator)
    for key in ("live/a/1.ts", "live/b/1.ts", "live/index.m3u8", "top.txt"):
        put(owner, key, b"x")
    await open_store(console)
    await expect(console.page.locator(".list-body .list-row")).to_have_count(2)
    await expect(console.page.get_by_text("4 objects")).to_be_visible()
    await console.row("live/").click()
    await expect(console.row("a/")).to_have_count(1)
    await expect(console.row("index.m3u8")).to_have_count(1)
    await console.row("a/").click()
    await expect(console.row("1.ts")).to_have_count(1)
    folders = console.page.get_by_role("navigation", name="Folders")
    await expect(folders.get_by_role("link")).to_have_text(["Stores", "media", "live", "a"])
    await folders.get_by_role("link", name="media").click()
    await expect(console.row("top.txt")).to_have_count(1)


async def test_a_row_has_size_type_age_ttl_version_tags_and_tiers(console: Console) -> None:
    owner = create_store(console.emulator)
    console.emulator.clock.freeze("2030-01-01T00:00:00Z")
    put(
        owner,
        "a.json",
        b"{}" * 750,
        "application/json",
        ttl_seconds=3600,
        headers={"mo-tag-team": "video"},
    )
    version = control(console.emulator, "GET", "/objects/media/a.json").json()["storage"]["version"]
    console.emulator.clock.advance(120)
    await console.page.set_viewport_size({"width": 1600, "height": 800})
    await open_store(console)
    await expect(console.row("a.json").get_by_role("gridcell")).to_have_text(
        [
            "a.json",
            "1.5 kB",
            "application/json",
            "2 min",
            "58 min 00 s",
            str(version),
            "team=video",
            "cachestorage",
        ]
    )


async def test_tiers_are_badges(console: Console) -> None:
    owner = create_store(console.emulator)
    put(owner, "both", b"x")
    put(owner, "brief", b"x", headers={"mo-persistence": "ephemeral"})
    for tier in ("cache", "storage"):
        control(console.emulator, "PUT", f"/objects/media/in-{tier}?tier={tier}", {"text": "x"})
    await open_store(console)
    for key, badges in {
        "both": ["cache", "storage"],
        "brief": ["ephemeral"],
        "in-cache": ["cache"],
        "in-storage": ["storage"],
    }.items():
        await expect(console.row(key).locator(".badge")).to_have_text(badges)


async def test_a_ttl_counts_down_on_the_emulators_clock(console: Console) -> None:
    owner = create_store(console.emulator)
    console.emulator.clock.freeze()
    put(owner, "short", b"x", ttl_seconds=100)
    await open_store(console)
    ttl = console.row("short").locator("mo-countdown")
    await expect(ttl).to_have_text("1 min 40 s")
    console.emulator.clock.advance(80)
    await expect(ttl).to_have_text("20 s")
    console.emulator.clock.advance(20)
    await expect(ttl).to_have_text("expired")


async def test_an_expired_object_says_so_in_its_tiers(console: Console) -> None:
    owner = create_store(console.emulator)
    console.emulator.clock.freeze()
    control(
        console.emulator, "PUT", "/objects/media/old?tier=storage", {"text": "x", "ttl_seconds": 5}
    )
    put(owner, "other", b"x")
    console.emulator.clock.advance(6)
    await open_store(console)
    await expect(console.row("old").locator(".badge")).to_have_text(["storage (expired)"])


async def test_objects_are_found_by_typing_below_the_folder(console: Console) -> None:
    owner = create_store(console.emulator)
    for key in ("live/one.ts", "live/deep/two.ts", "vod/one.ts"):
        put(owner, key, b"x")
    await open_store(console)
    await console.page.keyboard.press("/")
    await console.page.keyboard.type("one")
    await expect(console.row("one.ts")).to_have_count(2)
    await expect(console.row("vod/one.ts")).to_have_count(1)
    await open_store(console, prefix="live/")
    await console.page.get_by_label("Search keys").fill("two")
    await expect(console.row("deep/two.ts")).to_have_count(1)
    await expect(console.page.get_by_text("1 object", exact=True)).to_be_visible()
    await console.page.get_by_label("Search keys").fill("three")
    await expect(console.page.get_by_text("No key has that text")).to_be_visible()


async def test_what_was_typed_last_does_not_lead_back_from_an_object(console: Console) -> None:
    put(create_store(console.emulator), "one.ts", b"x")
    await open_store(console)
    await expect(console.row("one.ts")).to_have_count(1)
    await console.page.evaluate("""() => {
      const field = document.querySelector("[aria-label='Search keys']");
      field.value = "one";
      field.dispatchEvent(new InputEvent("input"));
      location.hash = "#/objects/media/one.ts";
      return new Promise((after) => setTimeout(after, 125)); // The page's own timer ends before.
    }""")
    await expect(console.heading("one.ts")).to_be_visible()
    assert console.page.url.endswith("#/objects/media/one.ts")


async def test_more_pages_come_when_the_list_is_scrolled(console: Console) -> None:
    create_store(console.emulator)
    for number in range(450):
        console.emulator.tiers.put("media", f"key-{number:03}", b"x", tier="storage")
    await open_store(console)
    grid = console.page.get_by_role("grid", name="Objects")
    await expect(grid).to_have_attribute("aria-rowcount", "201")
    for rows in ("401", "451"):
        await grid.focus()
        await console.page.keyboard.press("End")
        await expect(grid).to_have_attribute("aria-rowcount", rows)
    await console.page.keyboard.press("End")
    await expect(console.row("key-449")).to_have_count(1)


async def test_what_a_client_puts_and_deletes_appears(console: Console) -> None:
    owner = create_store(console.emulator)
    await open_store(console)
    await expect(console.page.get_by_text("No objects yet")).to_be_visible()
    put(owner, "new", b"x")
    await expect(console.row("new")).to_have_count(1)
    owner.call("DELETE", "/objectstore/media/new")
    await expect(console.page.get_by_text("No objects yet")).to_be_visible()


async def test_the_keyboard_opens_an_object_and_back_is_where_it_was(console: Console) -> None:
    owner = create_store(console.emulator)
    for key in ("1.txt", "2.txt", "3.txt"):
        put(owner, key, b"x")
    await open_store(console)
    await expect(console.row("3.txt")).to_have_count(1)
    await console.page.get_by_role("grid").focus()
    await console.page.keyboard.press("ArrowDown")
    await console.page.keyboard.press("ArrowDown")
    await console.page.keyboard.press("Enter")
    await expect(console.heading("2.txt")).to_be_visible()
    await console.page.go_back()
    await expect(console.page.locator(".list-row.active")).to_contain_text("2.txt")


async def test_back_from_a_deleted_object_the_list_is_without_it(console: Console) -> None:
    owner = create_store(console.emulator)
    for key in ("1.txt", "2.txt"):
        put(owner, key, b"x")
    await open_store(console)
    await console.row("2.txt").click()
    await console.button("Delete").click()
    await console.dialog.get_by_role("button", name="Delete").click()
    await expect(console.row("2.txt")).to_have_count(0)
    await expect(console.row("1.txt")).to_have_count(1)


async def test_on_a_phone_name_ttl_and_tiers_are_seen(console: Console) -> None:
    owner = create_store(console.emulator)
    put(owner, "a.json", b"{}", ttl_seconds=3600)
    await console.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    await open_store(console)
    await expect(console.row("a.json").locator(".badge").last).to_be_in_viewport(ratio=1)
    await expect(console.page.get_by_role("columnheader")).to_have_text(["Name", "TTL", "Tiers"])


async def test_what_others_put_appears_beside_the_keyboards_row(console: Console) -> None:
    owner = create_store(console.emulator)
    put(owner, "2.txt", b"x")
    await open_store(console)
    await expect(console.row("2.txt")).to_have_count(1)
    await console.page.get_by_role("grid").focus()
    await console.page.keyboard.press("ArrowDown")
    put(owner, "1.txt", b"x")
    await expect(console.row("1.txt")).to_have_count(1)
    await expect(console.page.locator(".list-row.active")).to_contain_text("2.txt")


async def test_what_others_put_does_not_move_what_one_looks_at(console: Console) -> None:
    create_store(console.emulator)
    for number in range(100):
        console.emulator.tiers.put("media", f"key-{number:03}", b"x", tier="storage")
    await open_store(console)
    await expect(console.row("key-000")).to_have_count(1)
    await console.page.get_by_role("grid").evaluate("(grid) => { grid.scrollTop = 1000; }")
    seen = console.row("key-040")
    await expect(seen).to_be_visible()
    before = await seen.bounding_box()
    console.emulator.tiers.put("media", "a", b"x", tier="storage")
    await expect(console.page.get_by_text("101 objects")).to_be_visible()
    assert await seen.bounding_box() == before


async def test_what_others_change_does_not_move_the_keyboards_row(console: Console) -> None:
    owner = create_store(console.emulator)
    for key in ("1.txt", "2.txt", "3.txt"):
        put(owner, key, b"x")
    await open_store(console)
    await console.row("3.txt").click()
    await expect(console.heading("3.txt")).to_be_visible()
    owner.call("DELETE", "/objectstore/media/1.txt")
    put(owner, "0.txt", b"x")
    put(owner, "00.txt", b"x")
    console.emulator.clock.advance(3600)
    await console.page.go_back()
    await expect(console.row("0.txt")).to_have_count(2)
    await expect(console.page.locator(".list-row.active")).to_contain_text("3.txt")
