"""Stores, objects, keys and logs that would like to script the console are shown, and do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.client import Client
from tests.support.emulators import control

from .browser import IN_BROWSER, expect
from .objects import LATEST, create_store, open_object, open_store, put, telemetry
from .pages import Console
from .test_hostile import MARKUP

if TYPE_CHECKING:
    from emulator import Emulator

pytestmark = IN_BROWSER

OPTIONS = LATEST

SAID_OF_A_SANDBOX = (
    "Blocked script execution",
    "Content Security Policy",
    "Failed to load resource",
    "Refused to refresh",
    "Unsafe attempt",
    "sandboxed",
)
"""What the browser writes when a frame would like to do what its sandbox forbids."""

PAGE = b"""<!doctype html><title>x</title><h1>Shown</h1>
<script>pwned(); parent.pwned(); top.pwned()</script>
<script src="/_emulator/bodies/media/evil.js"></script>
<img src="x" onerror="parent.pwned()">
<iframe src="javascript:parent.parent.pwned()"></iframe>
<a href="javascript:top.pwned()" target="_top">click</a>
<form action="/_emulator/reset" method="post" target="_top"><button>send</button></form>
<meta http-equiv="refresh" content="0;url=javascript:top.pwned()">
<base target="_top">"""

SVG = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10" onload="parent.pwned()">
<script>top.pwned()</script><circle cx="5" cy="5" r="4" onclick="top.pwned()"/>
<foreignObject width="1" height="1"><img xmlns="http://www.w3.org/1999/xhtml" src="x"
onerror="top.pwned()"/></foreignObject></svg>"""


@pytest.fixture
def owner(emulator: Emulator) -> Client:
    """A client with a store."""
    return create_store(emulator, **telemetry("/logs/media"))


def _allow_what_a_sandbox_says(console: Console) -> None:
    for text in SAID_OF_A_SANDBOX:
        console.allow(text)


@pytest.mark.parametrize(
    ("key", "content_type"),
    [
        ("page", "text/html; charset=utf-8"),
        ("page.html", None),
        ("page.html", "application/octet-stream"),
    ],
    ids=["by type", "by key", "by key since the type says nothing"],
)
async def test_a_page_is_shown_in_a_sandbox_without_scripts(
    console: Console, owner: Client, key: str, content_type: str | None
) -> None:
    _allow_what_a_sandbox_says(console)
    put(owner, "evil.js", b"parent.pwned(); top.pwned()", "text/javascript")
    put(owner, key, PAGE, content_type)
    await open_object(console, key)
    frame = console.page.frame_locator("mo-preview iframe")
    await expect(frame.get_by_role("heading", name="Shown")).to_be_visible()
    await frame.get_by_role("link", name="click").click()
    await frame.get_by_role("button", name="send").click()
    await expect(console.page.locator("mo-preview iframe")).to_have_attribute("sandbox", "")
    await expect(console.heading(key)).to_be_visible()
    assert console.page.url.startswith(f"{console.endpoint}/_emulator/#/objects/media/")
    assert owner.store_names() == ["media"]
    assert not await console.has_scripted()


async def test_a_page_shown_once_cannot_be_opened_outside_of_its_sandbox(
    console: Console, owner: Client
) -> None:
    _allow_what_a_sandbox_says(console)
    put(owner, "page.html", b"<h1>Shown</h1>", "text/html")
    await open_object(console, "page.html")
    frame = console.page.locator("mo-preview iframe")
    await expect(frame.content_frame.get_by_role("heading")).to_be_visible()
    source = await frame.get_attribute("src")
    assert not await console.page.evaluate(
        "(url) => fetch(url).then(() => true, () => false)", source
    )


async def test_an_svg_is_shown_in_a_sandbox_without_scripts(
    console: Console, owner: Client
) -> None:
    _allow_what_a_sandbox_says(console)
    put(owner, "a.svg", SVG, "image/svg+xml")
    await open_object(console, "a.svg")
    frame = console.page.frame_locator("mo-preview iframe")
    await expect(frame.locator("circle")).to_be_visible()
    await frame.locator("circle").click()
    await expect(console.page.locator("mo-preview iframe")).to_have_attribute("sandbox", "")
    assert not await console.has_scripted()


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/json",
        "text/javascript",
        "image/png",
        "application/pdf",
        "application/octet-stream",
        "text/x-html",
        "video/mp4",
        "bad type",
    ],
)
async def test_markup_of_another_type_is_not_shown_as_a_page(
    console: Console, owner: Client, content_type: str
) -> None:
    put(owner, "object", PAGE, content_type)
    await open_object(console, "object")
    await expect(console.page.get_by_label("Content", exact=True)).to_contain_text("pwned")
    await expect(console.page.locator("iframe")).to_have_count(0)
    assert not await console.has_scripted()


@pytest.mark.parametrize("text", MARKUP)
async def test_a_key_metadata_and_tags_are_text(console: Console, owner: Client, text: str) -> None:
    put(
        owner,
        f"{text}/{text}",
        text.encode(),
        headers={"mo-meta-note": text, "mo-meta-content-type": text, "mo-tag-plain": "tag"},
    )
    await open_store(console)
    folder = f"{text}/{text}".partition("/")[0] + "/"
    await expect(console.row(folder)).to_have_count(1)
    await open_object(console, f"{text}/{text}")
    await expect(console.page.locator(".card", has_text="Metadata")).to_contain_text(text)
    await expect(console.page.locator(".card", has_text="Details")).to_contain_text(text)
    await console.button("Take out of cache").click()
    await expect(console.dialog).to_contain_text(text)
    assert not await console.has_scripted()


@pytest.mark.parametrize("text", MARKUP)
async def test_a_playlist_and_what_it_names_are_text(
    console: Console, owner: Client, text: str
) -> None:
    playlist = f"#EXTM3U\n#EXT-X-{text}:{text}\n#EXTINF:4.0,{text}\n{text}\njavascript:pwned()\n"
    put(owner, "a.m3u8", playlist.encode())
    await open_object(console, "a.m3u8")
    await expect(console.page.locator("mo-playlist tbody tr")).to_have_count(2)
    links = await console.page.locator("mo-playlist a").evaluate_all(
        "(links) => links.map((link) => link.getAttribute('href'))"
    )
    assert all(link.startswith("#/objects/media/") for link in links)
    assert not await console.has_scripted()


async def test_names_of_roles_keys_and_members_are_text(console: Console) -> None:
    for text in MARKUP:
        rule = {
            "type": "store",
            "permissions": ["read"],
            "stores": {"name": text},
            "items": {"key_prefix": text},
        }
        console.emulator.create_role(text, {"rules": [rule]})
        console.emulator.create_api_key(text, description=text)
        control(console.emulator, "POST", "/invitations", {"user_name": text, "role": "viewer"})
    rows = console.page.get_by_role("row")
    await console.open("keys")
    for text in MARKUP:
        await expect(rows.filter(has_text=text)).to_have_count(1)
    await console.open("keys", "roles")
    for text in MARKUP:
        heading = console.page.get_by_role("heading", name=text, exact=True)
        await expect(heading).to_be_visible()
    await console.open("keys", "members")
    for text in MARKUP:
        await expect(rows.filter(has_text=text)).to_have_count(1)
    assert not await console.has_scripted()


async def test_log_entries_and_checkpoints_are_text(console: Console, owner: Client) -> None:
    for text in MARKUP:
        put(owner, text, b"x")
        console.emulator.checkpoint(text)
    await console.open("logs")
    for text in MARKUP:
        await console.row(text).click()
        await expect(console.dialog).to_contain_text("put_object")
        await console.page.keyboard.press("Escape")
        await expect(console.dialog).to_have_count(0)
    await console.open("checkpoints")
    for text in MARKUP:
        await expect(console.page.get_by_role("row").filter(has_text=text)).to_have_count(1)
    assert not await console.has_scripted()


@pytest.mark.parametrize(
    "key", ["a/../b", "a%2Fb", "a b?c#d", "Zoë/ключ/鍵/🗝", "a//b", "a\\b", "%", "+"]
)
async def test_any_key_can_be_opened_and_deleted(console: Console, owner: Client, key: str) -> None:
    put(owner, key, b"found", "text/plain")
    put(owner, "other", b"x", "text/plain")
    await open_object(console, key)
    await expect(console.page.get_by_label("Content", exact=True)).to_have_text("found")
    await console.button("Delete").click()
    await console.dialog.get_by_role("button", name="Delete").click()
    await expect(console.toast("Object deleted")).to_be_visible()
    assert [each.key for each in console.emulator.tiers.objects("media")] == ["other"]
