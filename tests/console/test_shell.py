"""The frame around the pages: navigation, keyboard, themes, the token, a phone's width."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from emulator import Emulator
from tests.support.emulators import client, starting

from .browser import IN_BROWSER, expect
from .pages import PAGES, PHONE, Console, console_in

if TYPE_CHECKING:
    from playwright.async_api import Browser

pytestmark = IN_BROWSER

TOKEN = "a-token-for-this-test-alone"


async def test_a_browser_that_opens_the_root_gets_the_overview(console: Console) -> None:
    await console.page.goto(f"{console.endpoint}/")
    await expect(console.heading("Overview")).to_be_visible()
    await expect(console.page).to_have_title("Overview · Momento Object Store emulator")


async def test_the_navigation_leads_to_every_page(console: Console) -> None:
    await console.open("overview")
    first, *others = PAGES.values()
    for heading in (*others, first):
        link = console.page.get_by_role("navigation").get_by_role("link", name=heading)
        await link.click()
        await expect(console.heading(heading)).to_be_visible()
        await expect(console.page.get_by_role("main")).to_be_focused()
        await expect(link).to_have_attribute("aria-current", "page")


async def test_an_unknown_address_leads_to_the_overview(console: Console) -> None:
    await console.page.goto(f"{console.endpoint}/_emulator/#/nothing")
    await expect(console.heading("Overview")).to_be_visible()


async def test_the_last_page_comes_back(console: Console) -> None:
    await console.open("faults")
    await console.page.get_by_role("link", name="Requests").click()
    await expect(console.heading("Requests")).to_be_visible()
    await console.page.go_back()
    await expect(console.heading("Faults")).to_be_visible()


async def test_keys_search_help_and_go_to_pages(console: Console) -> None:
    await console.open("requests")
    await console.page.keyboard.press("/")
    await expect(console.page.get_by_label("Search keys")).to_be_focused()
    await console.page.keyboard.type("?")
    await expect(console.dialog).to_have_count(0)
    await console.page.get_by_label("Search keys").fill("")
    await console.heading("Requests").click()
    await console.page.keyboard.press("?")
    await expect(console.dialog).to_contain_text("Keyboard shortcuts")
    await console.page.keyboard.press("Escape")
    await expect(console.dialog).to_have_count(0)
    await console.page.keyboard.press("g")
    await console.page.keyboard.press("c")
    await expect(console.heading("Clock")).to_be_visible()


async def test_the_first_stop_of_the_keyboard_skips_the_navigation(console: Console) -> None:
    await console.open("overview")
    await console.page.keyboard.press("Tab")
    await expect(console.page.get_by_role("link", name="Skip to content")).to_be_focused()
    await console.page.keyboard.press("Enter")
    await expect(console.page.get_by_role("main")).to_be_focused()
    await expect(console.heading("Overview")).to_be_visible()


async def test_the_theme_follows_the_system_until_one_is_chosen(console: Console) -> None:
    page = console.page
    await page.emulate_media(color_scheme="dark")
    await console.open("overview")
    await expect(page.locator("body")).to_have_css("background-color", "rgb(14, 18, 23)")
    await page.get_by_role("button", name="System theme").click()
    await expect(page.locator("body")).to_have_css("background-color", "rgb(245, 246, 248)")
    await page.reload()
    await expect(page.get_by_role("button", name="Light theme")).to_be_visible()
    await expect(page.locator("body")).to_have_css("background-color", "rgb(245, 246, 248)")


async def test_on_a_phone_the_navigation_opens_by_its_button(
    browser: Browser, emulator: Emulator
) -> None:
    async with console_in(browser, emulator, size=PHONE) as console:
        await console.open("overview")
        link = console.page.get_by_role("navigation").get_by_role("link", name="Faults")
        await expect(link).to_be_hidden()
        await console.button("Menu").click()
        await link.click()
        await expect(console.heading("Faults")).to_be_visible()
        await expect(link).to_be_hidden()


async def test_the_token_is_asked_for_once_and_kept_for_the_tab(browser: Browser) -> None:
    with starting(cache="memory", control_token=TOKEN) as start:
        async with console_in(browser, start()) as console:
            console.allow("401 (Unauthorized)")
            await console.open("overview")
            await console.dialog.get_by_label("Control token").fill("another")
            await console.button("Continue").click()
            await expect(console.dialog).to_contain_text("That is not the token")
            await console.page.keyboard.press("Escape")
            await console.dialog.get_by_label("Control token").fill(TOKEN)
            await console.button("Continue").click()
            await expect(console.page.get_by_text("Connected", exact=True)).to_be_visible()
            await console.page.reload()
            await expect(console.page.get_by_text("Connected", exact=True)).to_be_visible()
            await expect(console.dialog).to_have_count(0)


async def test_an_emulator_that_stops_is_said_to_be_unreachable(browser: Browser) -> None:
    with starting(cache="memory") as start:
        emulator = start()
        async with console_in(browser, emulator) as console:
            console.allow("ERR_CONNECTION_REFUSED")
            await console.open("overview")
            await expect(console.page.get_by_text("Connected", exact=True)).to_be_visible()
            emulator.stop()
            await expect(console.page.get_by_text("Not reachable", exact=True)).to_be_visible()
            await console.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
            await expect(console.page.get_by_text("No answer", exact=True)).to_be_visible()


async def test_a_page_shows_the_state_of_an_emulator_that_was_started_again(
    browser: Browser,
) -> None:
    with starting(cache="memory") as start:
        before = start()
        for number in range(2):
            client(before).create_store(f"before-{number}")
        async with console_in(browser, before) as console:
            for text in ("ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING"):
                console.allow(text)
            await console.open("requests")
            await expect(console.row("before-1")).to_have_count(1)
            before.stop()
            await expect(console.page.get_by_text("Not reachable", exact=True)).to_be_visible()
            after = start(port=urlsplit(console.endpoint).port)
            for number in range(9):
                client(after).create_store(f"after-{number}")
            await expect(console.page.get_by_text("Connected", exact=True)).to_be_visible()
            await expect(console.row("after-")).to_have_count(9)
            await expect(console.row("before-")).to_have_count(0)


async def test_a_page_that_could_not_be_loaded_is_there_once_the_emulator_is_back(
    browser: Browser,
) -> None:
    with starting(cache="memory") as start:
        before = start()
        async with console_in(browser, before) as console:
            for text in ("ERR_CONNECTION_REFUSED", "Failed to fetch dynamically imported module"):
                console.allow(text)
            await console.open("overview")
            await expect(console.page.get_by_text("Connected", exact=True)).to_be_visible()
            before.stop()
            await console.page.get_by_role("link", name="Faults").click()
            await expect(console.page.get_by_text("This page could not be loaded")).to_be_visible()
            start(port=urlsplit(console.endpoint).port)
            await expect(console.heading("Faults")).to_be_visible()


async def test_an_emulator_that_was_started_again_in_another_revision_has_its_pages(
    browser: Browser,
) -> None:
    with starting(cache="memory") as start:
        before = start(api_revision="2026-02-05")
        async with console_in(browser, before) as console:
            for text in ("ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING"):
                console.allow(text)
            await console.open("logs")
            await expect(console.page.get_by_text("has no access logs")).to_be_visible()
            before.stop()
            await expect(console.page.get_by_text("Not reachable", exact=True)).to_be_visible()
            start(port=urlsplit(console.endpoint).port, api_revision="latest")
            await expect(console.page.get_by_text("No log groups")).to_be_visible()
