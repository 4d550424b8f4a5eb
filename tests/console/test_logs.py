"""The page Logs and metrics: access logs with new entries as they come, metrics by result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.client import Client
from tests.support.emulators import starting

from .browser import IN_BROWSER, expect
from .objects import LATEST, create_store, put, telemetry
from .pages import Console, console_in

if TYPE_CHECKING:
    from playwright.async_api import Browser, Route

    from emulator import Emulator

pytestmark = IN_BROWSER

OPTIONS = LATEST


@pytest.fixture
def owner(emulator: Emulator) -> Client:
    """A client with a store that has an access log and metrics."""
    emulator.access_logs.clear()
    emulator.metrics.clear()
    return create_store(emulator, **telemetry("/logs/media"))


async def test_entries_are_listed_the_newest_first(console: Console, owner: Client) -> None:
    put(owner, "first", b"x" * 1500)
    owner.get("media", "first")
    owner.get("media", "none")
    await console.page.set_viewport_size({"width": 1500, "height": 800})
    await console.open("logs")
    rows = console.page.locator(".list-body .list-row")
    await expect(rows).to_have_count(3)
    await expect(rows.nth(0)).to_contain_text("miss404get_objectmedianone")
    await expect(rows.nth(1)).to_contain_text("cache_hit200get_objectmediafirst1.5 kB")
    await expect(rows.nth(2)).to_contain_text("ok204put_objectmediafirst1.5 kB")
    await expect(console.page.get_by_text("3 entries", exact=True)).to_be_visible()


async def test_new_entries_appear_and_wait_while_paused(console: Console, owner: Client) -> None:
    await console.open("logs")
    await expect(console.page.get_by_text("No entries yet")).to_be_visible()
    put(owner, "one", b"x")
    await expect(console.row("one")).to_have_count(1)
    await console.button("Pause").click()
    put(owner, "two", b"x")
    await console.button("Go on (1 new)").click()
    await expect(console.row("two")).to_have_count(1)
    await expect(console.page.locator(".list-body .list-row")).to_have_count(2)


async def test_no_entry_is_missed_or_shown_twice_while_the_page_opens(
    console: Console, owner: Client
) -> None:
    for number in range(20):
        put(owner, f"{number:02}.ts", b"x")
        if number == 10:
            await console.open("logs")
    await expect(console.page.get_by_text("20 entries", exact=True)).to_be_visible()
    await expect(console.row("ts")).to_have_count(20)


async def test_entries_of_the_moment_between_stream_and_reading_are_shown_once(
    console: Console, owner: Client
) -> None:
    async def read_between_two_entries(route: Route) -> None:
        put(owner, "told-and-read", b"x")
        response = await route.fetch()
        put(owner, "only-told", b"x")
        await route.fulfill(response=response)

    await console.page.route("**/_emulator/logs/*", read_between_two_entries, times=1)
    await console.open("logs")
    await expect(console.row("only-told")).to_have_count(1)
    put(owner, "last", b"x")
    await expect(console.row("last")).to_have_count(1)
    await expect(console.row("told-and-read")).to_have_count(1)
    await expect(console.page.get_by_text("3 entries", exact=True)).to_be_visible()


async def test_entries_are_found_by_typing(console: Console, owner: Client) -> None:
    for key in ("live/1.ts", "live/2.ts", "vod/1.ts"):
        put(owner, key, b"x")
    owner.get("media", "none")
    await console.open("logs")
    await expect(console.page.locator(".list-body .list-row")).to_have_count(4)
    await console.page.keyboard.press("/")
    await console.page.keyboard.type("live/")
    await expect(console.page.locator(".list-body .list-row")).to_have_count(2)
    put(owner, "live/3.ts", b"x")
    await expect(console.page.locator(".list-body .list-row")).to_have_count(3)
    await console.page.get_by_label("Search entries").fill("nobody")
    await expect(console.page.get_by_text("No entry has that text")).to_be_visible()


async def test_an_entry_is_shown_in_full(console: Console, owner: Client) -> None:
    put(owner, "key", b"x")
    await console.open("logs")
    await console.row("key").click()
    await expect(console.dialog).to_contain_text('"http_status_code": 204')
    await expect(console.dialog).to_contain_text('"request_id"')


async def test_another_log_group_can_be_chosen(console: Console, owner: Client) -> None:
    create_store(console.emulator, "assets", **telemetry("/logs/assets"))
    put(owner, "of-media", b"x")
    await console.open("logs")
    await console.page.get_by_label("Log group").select_option("/logs/assets")
    await expect(console.page.get_by_text("No entries yet")).to_be_visible()
    await console.page.get_by_label("Log group").select_option("/logs/media")
    await expect(console.row("of-media")).to_have_count(1)


async def test_the_logs_are_cleared_once_that_is_confirmed(console: Console, owner: Client) -> None:
    put(owner, "key", b"x")
    await console.open("logs")
    await expect(console.row("key")).to_have_count(1)
    await console.button("Clear logs").click()
    await expect(console.dialog).to_contain_text("cannot be undone")
    await console.dialog.get_by_role("button", name="Clear logs").click()
    await expect(console.page.get_by_text("No entries yet")).to_be_visible()
    assert console.emulator.access_logs.entries("/logs/media") == []


async def test_metrics_are_a_table_by_store_and_operation(console: Console, owner: Client) -> None:
    put(owner, "key", b"x" * 1500)
    for key in ("key", "key", "none"):
        owner.get("media", key)
    await console.open("logs", "metrics")
    row = console.page.get_by_role("row").filter(has_text="GetObject")
    await expect(row.get_by_role("cell").nth(0)).to_have_text("media")
    await expect(row.get_by_role("cell").nth(2)).to_have_text("3")
    await expect(row.get_by_role("cell").nth(3)).to_have_text("3.0 kB")
    await expect(row.locator(".badge")).to_have_text(["CacheHit 200: 2", "Miss 404: 1"])
    owner.get("media", "key")
    await expect(row.get_by_role("cell").nth(2)).to_have_text("4")


async def test_the_metrics_begin_again_once_that_is_confirmed(
    console: Console, owner: Client
) -> None:
    put(owner, "key", b"x")
    await console.open("logs", "metrics")
    await expect(console.page.get_by_text("PutObject")).to_be_visible()
    await console.button("Reset metrics").click()
    await console.dialog.get_by_role("button", name="Reset metrics").click()
    await expect(console.page.get_by_text("No metrics yet")).to_be_visible()


async def test_the_first_revision_has_neither_and_the_page_says_so(browser: Browser) -> None:
    with starting(cache="memory") as start:
        async with console_in(browser, start()) as console:
            await console.open("logs")
            await expect(
                console.page.get_by_text("This revision of the API has no access logs")
            ).to_be_visible()
            await console.open("logs", "metrics")
            await expect(
                console.page.get_by_text("This revision of the API has no metrics")
            ).to_be_visible()
