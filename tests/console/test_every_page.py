"""What holds for every page: people with any tools can use it, and nothing in it jumps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from emulator import Emulator
from tests.support.emulators import client

from .browser import IN_BROWSER
from .pages import PAGES, PHONE, WIDE, console_in, violations_in_both_themes

if TYPE_CHECKING:
    from playwright.async_api import Browser

pytestmark = IN_BROWSER


@pytest.fixture
def busy(emulator: Emulator) -> Emulator:
    """An emulator with a little of everything."""
    emulator.faults.add({"type": "status", "status": 429}, operation="GetObject", nth=3)
    owner = client(emulator)
    owner.create_store("media")
    for number in range(8):
        owner.put("media", f"live/{number}.ts", b"segment", ttl_seconds=60 * (number + 1))
        owner.get("media", f"live/{number + 3}.ts")
    emulator.checkpoint("eight segments")
    return emulator


@pytest.mark.parametrize("page", PAGES)
async def test_nothing_jumps_and_axe_finds_no_serious_violation(
    browser: Browser, busy: Emulator, axe: Path, screenshots: Path, page: str
) -> None:
    async with console_in(browser, busy) as console:
        await console.open(page)
        await console.settled()
        assert await console.layout_shift() < 0.1
        assert await console.width() <= WIDE[0]
        assert await violations_in_both_themes(console, axe, screenshots, page) == []


@pytest.mark.parametrize("page", PAGES)
async def test_on_a_phone_nothing_jumps_and_nothing_is_wider_than_it(
    browser: Browser, busy: Emulator, page: str
) -> None:
    async with console_in(browser, busy, size=PHONE) as console:
        await console.open(page)
        await console.settled()
        assert await console.layout_shift() < 0.1
        assert await console.width() <= PHONE[0]
