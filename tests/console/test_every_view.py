"""What holds for the views within pages as well: people with any tools can use them, nothing jumps,
and nothing is wider than a phone. Pictures of them are made like those of the pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.emulators import control

from .browser import IN_BROWSER, expect
from .objects import LATEST, a_png, create_store, put, telemetry
from .pages import (
    PHONE,
    Console,
    console_in,
    serious_violations,
    violations_in_both_themes,
)

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from emulator import Emulator

pytestmark = IN_BROWSER

OPTIONS = LATEST

VIEWS = {
    "stores": ("objects", "Stores and objects"),
    "objects": ("objects/media", "media"),
    "folder": ("objects/media?prefix=live%2F", "media"),
    "image": ("objects/media/poster.png", "poster.png"),
    "json": ("objects/media/config.json", "config.json"),
    "playlist": ("objects/media/live%2Findex.m3u8", "index.m3u8"),
    "page": ("objects/media/index.html", "index.html"),
    "bytes": ("objects/media/live%2Fseg-1.bin", "seg-1.bin"),
    "keys": ("keys", "Keys and roles"),
    "roles": ("keys/roles", "Keys and roles"),
    "members": ("keys/members", "Keys and roles"),
    "logs": ("logs", "Logs and metrics"),
    "metrics": ("logs/metrics", "Logs and metrics"),
    "checkpoints": ("checkpoints", "Checkpoints"),
}
"""The address of each view, and its heading."""

CONFIGURATION = {"name": "player", "levels": [1, 2.5, None], "live": True, "poster": "poster.png"}


@pytest.fixture
def busy(emulator: Emulator) -> Emulator:
    """An emulator with an object of each kind, of all ages and in all tiers."""
    owner = create_store(emulator, **telemetry("/aws/objectstore/media"))
    create_store(emulator, "web-assets")
    segments = "".join(f"#EXTINF:4.0,\nseg-{number}.bin\n" for number in range(1, 7))
    playlist = f"#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:4\n{segments}"
    put(owner, "live/index.m3u8", playlist.encode(), "application/vnd.apple.mpegurl")
    for number in range(1, 5):
        put(owner, f"live/seg-{number}.bin", bytes(range(256)) * 90, ttl_seconds=90 * number)
    put(owner, "poster.png", a_png(480, 270), "image/png", headers={"mo-tag-team": "video"})
    put(owner, "config.json", json.dumps(CONFIGURATION).encode(), "application/json")
    put(owner, "index.html", b"<h1>Welcome</h1><p>A page of an object.</p>", "text/html")
    put(owner, "session", b"brief", "text/plain", headers={"mo-persistence": "ephemeral"})
    control(emulator, "PUT", "/objects/media/report.csv?tier=storage", {"text": "a,b"})
    for key in ("poster.png", "config.json", "none"):
        owner.get("media", key)
    emulator.create_role(
        "Live reader",
        {
            "rules": [
                {
                    "type": "store",
                    "permissions": ["read", "list"],
                    "stores": {"name": "media"},
                    "items": {"key_prefix": "live/"},
                }
            ]
        },
    )
    emulator.create_api_key("Live reader", description="The player's")
    control(emulator, "POST", "/invitations", {"user_name": "new@example.com"})
    emulator.checkpoint("one stream")
    return emulator


async def _open(console: Console, view: str) -> None:
    path, heading = VIEWS[view]
    await console.page.goto(f"{console.endpoint}/_emulator/#/{path}")
    await expect(console.heading(heading)).to_be_visible()
    await console.settled()


@pytest.mark.parametrize("view", VIEWS)
async def test_axe_finds_no_serious_violation_and_nothing_is_wider_than_a_phone(
    browser: Browser, busy: Emulator, axe: Path, screenshots: Path, view: str
) -> None:
    async with console_in(browser, busy) as console:
        await _open(console, view)
        assert await console.layout_shift() < 0.1
        assert await violations_in_both_themes(console, axe, screenshots, f"view-{view}") == []
        await console.page.emulate_media(color_scheme="light")
        await console.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        await console.page.screenshot(path=screenshots / f"view-{view}-phone.png")
        assert await console.width() <= PHONE[0]


@pytest.mark.parametrize(
    ("view", "button"),
    [
        ("stores", "Create store"),
        ("objects", "Upload"),
        ("objects", "Delete store"),
        ("keys", "Create key"),
        ("members", "Invite"),
    ],
)
async def test_axe_finds_no_serious_violation_in_a_dialog(
    browser: Browser, busy: Emulator, axe: Path, screenshots: Path, view: str, button: str
) -> None:
    async with console_in(browser, busy) as console:
        await _open(console, view)
        await console.button(button).first.click()
        await expect(console.dialog).to_be_visible()
        picture = f"dialog-{button.lower().replace(' ', '-')}.png"
        await console.page.screenshot(path=screenshots / picture, animations="disabled")
        assert await serious_violations(console.page, axe) == []
