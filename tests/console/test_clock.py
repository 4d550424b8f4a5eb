"""The page Clock: freeze, move, release, and the effect on times to live."""

from __future__ import annotations

import pytest

from emulator import Emulator
from tests.support.emulators import client

from .browser import IN_BROWSER, expect
from .pages import Console

pytestmark = IN_BROWSER


@pytest.fixture
def frozen(emulator: Emulator) -> Emulator:
    """An emulator whose clock stands at noon, with objects that expire."""
    emulator.clock.freeze("2030-01-01T12:00:00Z")
    owner = client(emulator)
    owner.create_store("media")
    for seconds in (90, 3600, 86_400):
        owner.put("media", f"expires-in-{seconds}", b"", ttl_seconds=seconds)
    return emulator


async def test_a_frozen_clock_stands_and_goes_on_from_there(
    console: Console, frozen: Emulator
) -> None:
    await console.open("clock")
    face = console.page.get_by_role("timer")
    await expect(face).to_have_text("12:00:00")
    await expect(console.page.locator(".clock-card")).to_contain_text("Frozen")
    await console.button("Let it run from here").click()
    await expect(console.page.locator(".clock-card")).to_contain_text("Running")
    await expect(face).not_to_have_text("12:00:00")
    assert frozen.clock.frozen is False
    await console.button("Freeze").click()
    await expect(console.page.locator(".clock-card")).to_contain_text("Frozen")
    await console.button("Release").click()
    await expect(console.page.locator(".clock-card")).to_contain_text("as the system's clock")
    await expect(console.button("Release")).to_be_disabled()


async def test_times_to_live_follow_when_the_clock_is_moved(
    console: Console, frozen: Emulator
) -> None:
    await console.open("clock")
    left = (
        console.page.get_by_role("row").filter(has_text="expires-in-3600").locator("mo-countdown")
    )
    await expect(left).to_have_text("1 h 00 min")
    await console.button("+ 1 min").click()
    await expect(left).to_have_text("59 min 00 s")
    await expect(console.page.get_by_role("timer")).to_have_text("12:01:00")
    await console.page.get_by_label("Another duration").fill("30s")
    await console.button("Move").click()
    await expect(console.page.get_by_text("expires-in-90", exact=True)).to_have_count(0)
    await expect(left).to_have_text("58 min 30 s")
    assert client(frozen).get("media", "expires-in-90").status == 404


async def test_it_says_which_stores_have_more_objects_than_it_looks_at(
    console: Console, frozen: Emulator
) -> None:
    for number in range(1000):
        frozen.tiers.put("media", f"key-{number}", b"", tier="storage")
    await console.open("clock")
    said = console.page.get_by_text("Of media only the first 1,000 objects, by key, are looked at")
    await expect(said).to_be_visible()


async def test_the_clock_is_set_to_an_instant(console: Console, frozen: Emulator) -> None:
    assert client(frozen).get("media", "expires-in-90").status == 200
    await console.open("clock")
    await console.page.get_by_label("Date and time, UTC").fill("2031-02-03T04:05:06")
    await console.button("Set").click()
    await expect(console.page.get_by_role("timer")).to_have_text("04:05:06")
    await expect(console.page.get_by_text("Monday, February 3, 2031")).to_be_visible()
    await expect(console.page.get_by_text("Nothing expires")).to_be_visible()


async def test_every_page_shows_the_clock(console: Console, frozen: Emulator) -> None:
    await console.open("faults")
    pill = console.page.get_by_role("navigation").get_by_role("link", name="2030-01-01 12:00:00")
    await expect(pill).to_contain_text("Frozen")
    frozen.clock.advance("1d")
    later = console.page.get_by_role("navigation").get_by_role("link", name="2030-01-02 12:00:00")
    await expect(later).to_contain_text("Frozen")


async def test_a_time_that_is_none_is_refused_in_the_emulators_words(console: Console) -> None:
    console.allow("400 (Bad Request)")
    await console.open("clock")
    await console.page.get_by_label("Another duration").fill("soon")
    await console.button("Move").click()
    await expect(console.toast("Invalid seconds: it must be a number of seconds")).to_be_visible()
