"""The page Overview: numbers and charts that follow the emulator, and what to paste."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from emulator import Emulator
from tests.support.emulators import client

from .browser import IN_BROWSER, expect
from .pages import Console

if TYPE_CHECKING:
    from playwright.async_api import Route

pytestmark = IN_BROWSER


def _traffic(emulator: Emulator) -> None:
    owner = client(emulator)
    owner.create_store("media")
    owner.put("media", "a", b"1")
    for _ in range(3):
        owner.get("media", "a")
    owner.get("media", "b")


async def test_it_says_what_runs_and_how_its_tiers_are(console: Console) -> None:
    await console.open("overview")
    main = console.page.get_by_role("main")
    await expect(main.get_by_text(f"at {console.endpoint}")).to_be_visible()
    tiers = main.get_by_role("listitem")
    await expect(tiers.filter(has_text="Cache").get_by_text("ok", exact=True)).to_be_visible()
    await expect(tiers.filter(has_text="Storage").get_by_text("ok", exact=True)).to_be_visible()
    uptime = main.locator("dt", has_text="Uptime").locator("+ dd")
    await expect(uptime).to_have_text(re.compile(r"^(\d+ min )?\d+ s$"))
    before = await uptime.inner_text()
    await expect(uptime).not_to_have_text(before)


async def test_the_numbers_follow_the_traffic(console: Console) -> None:
    await console.open("overview")
    stat = console.page.locator(".stat")
    await expect(stat.filter(has_text="Requests").locator(".stat-value")).to_have_text("0.0")
    _traffic(console.emulator)
    hits = stat.filter(has_text="Cache hit ratio")
    await expect(hits.locator(".stat-value")).to_have_text("75 %")
    await expect(hits.locator(".chart-line")).not_to_have_count(0)
    latency = stat.filter(has_text="Latency").get_by_role("img")
    await expect(latency).to_have_attribute("aria-label", re.compile(r"p99 \d.* ms, p50 \d.* ms"))
    cache = console.page.get_by_role("listitem").filter(has_text="Cache")
    await expect(cache).to_contain_text("3 hits · 1 misses")
    await expect(console.page.get_by_text(re.compile(r"^4xx 1$"))).to_be_visible()


async def test_the_lines_to_paste_are_copied(console: Console) -> None:
    await console.open("overview")
    await console.button("Copy the lines").click()
    key = console.emulator.api_key("owner")
    lines = (await console.copied()).splitlines()
    assert any(line.startswith("export ") and line.endswith(console.endpoint) for line in lines)
    assert any(line.endswith(key) for line in lines)


async def test_keys_are_hidden_until_they_are_asked_for_and_can_be_copied(
    console: Console,
) -> None:
    await console.open("overview")
    key = console.emulator.api_key("owner")
    row = console.page.locator(".key-list li", has_text="Owner").first
    await expect(row).not_to_contain_text(key)
    await row.get_by_role("button", name="Copy the key").click()
    assert await console.copied() == key
    await row.get_by_role("button", name="Show the key").click()
    await expect(row).to_contain_text(key)


async def test_a_key_that_is_not_known_any_more_is_not_offered(console: Console) -> None:
    async def without_keys(route: Route) -> None:
        answer = await (await route.fetch()).json()
        for key in answer["keys"]:
            key["api_key"] = None
        await route.fulfill(json=answer)

    await console.page.route("**/_emulator/overview", without_keys)
    await console.open("overview")
    row = console.page.locator(".key-list li", has_text="Owner")
    await expect(row).to_contain_text("shown only when it was made")
    await expect(row.get_by_role("button")).to_have_count(0)
    await console.page.unroute_all(behavior="wait")
