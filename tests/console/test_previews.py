"""How the content of an object is shown, by its type, its key or its first bytes."""

from __future__ import annotations

import io
import math
import struct
import wave
from typing import TYPE_CHECKING

import pytest

from tests.support.client import Client
from tests.support.emulators import control

from .browser import IN_BROWSER, expect
from .objects import LATEST, a_png, create_store, open_object, put
from .pages import Console

if TYPE_CHECKING:
    from playwright.async_api import Locator

    from emulator import Emulator

pytestmark = IN_BROWSER

OPTIONS = LATEST

PLAYLIST = b"""#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:4
#EXT-X-MAP:URI="init.mp4"
#EXTINF:4.0,
seg-1.ts
#EXTINF:4.0,
../vod/seg%202.ts?token=1
#EXTINF:3.5,last
seg-3.ts
#EXTINF:4.0,
https://cdn.example.com/seg-4.ts
"""

MASTER = b"""#EXTM3U
#EXT-X-STREAM-INF:BANDWIDTH=2000000,RESOLUTION=1280x720,CODECS="avc1.4d401f,mp4a.40.2"
720p/index.m3u8
"""


@pytest.fixture
def owner(emulator: Emulator) -> Client:
    """A client with a store."""
    return create_store(emulator)


def _content(console: Console) -> Locator:
    return console.page.get_by_label("Content", exact=True)


def _a_tone() -> bytes:
    """A second of sound."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, 8000, 8000, "NONE", ""))
        values = (int(9000 * math.sin(index / 3)) for index in range(8000))
        sound.writeframes(b"".join(struct.pack("<h", value) for value in values))
    return file.getvalue()


@pytest.mark.parametrize("content_type", ["image/png", None], ids=["by type", "by key"])
async def test_an_image_is_shown_with_its_size(
    console: Console, owner: Client, content_type: str | None
) -> None:
    put(owner, "img/a.png", a_png(64, 48), content_type)
    await open_object(console, "img/a.png")
    await expect(console.page.get_by_alt_text("Content of img/a.png")).to_be_visible()
    await expect(console.page.get_by_text("64 \N{MULTIPLICATION SIGN} 48 pixels")).to_be_visible()
    await console.button("Bytes").click()
    await expect(_content(console)).to_contain_text("00000000  89 50 4e 47")


async def test_json_is_laid_out_and_its_numbers_stay_as_they_are(
    console: Console, owner: Client
) -> None:
    put(
        owner,
        "a",
        b'{"big":12345678901234567890,"list":[1.50,{}],"text":"a:{b"}',
        "application/json",
    )
    await open_object(console, "a")
    shown = await _content(console).text_content()
    assert shown == (
        '{\n  "big": 12345678901234567890,\n  "list": [\n    1.50,\n    {}\n  ],\n'
        '  "text": "a:{b"\n}'
    )
    await console.button("Source").click()
    await expect(_content(console)).to_contain_text('{"big":12345678901234567890,"list"')


async def test_what_is_no_json_is_shown_as_it_is(console: Console, owner: Client) -> None:
    put(owner, "a.json", b'{"half":', "application/json")
    await open_object(console, "a.json")
    await expect(_content(console)).to_have_text('{"half":')
    await expect(console.page.get_by_text("This is not valid JSON")).to_be_visible()


@pytest.mark.parametrize(
    ("key", "content_type", "body", "shown"),
    [
        ("readme.md", "text/markdown", "# Zoë", "# Zoë"),
        ("plain", None, "just text", "just text"),
        ("unknown", "application/x-thing", "some text", "some text"),
        ("main.js", None, "alert(1)", "alert(1)"),
    ],
)
async def test_text_is_shown_as_text(
    console: Console, owner: Client, key: str, content_type: str | None, body: str, shown: str
) -> None:
    put(owner, key, body.encode(), content_type)
    await open_object(console, key)
    await expect(_content(console)).to_have_text(shown)


async def test_a_long_text_is_shown_from_its_beginning(console: Console, owner: Client) -> None:
    put(owner, "long.log", b"0123456789abcdef" * 100_000, "text/plain")
    await open_object(console, "long.log")
    await expect(console.page.get_by_text("Bytes 0 to 524 kB of 1.6 MB")).to_be_visible()
    assert len(await _content(console).text_content() or "") == 512 * 1024


async def test_bytes_are_shown_as_a_hex_dump(console: Console, owner: Client) -> None:
    put(owner, "a.bin", bytes(range(32)) + b"Hello")
    await open_object(console, "a.bin")
    await expect(_content(console)).to_contain_text(
        "00000020  48 65 6c 6c 6f                                     Hello"
    )


async def test_text_in_another_encoding_is_shown_as_bytes(console: Console, owner: Client) -> None:
    put(owner, "a.txt", b"\xff\xfeZ\x00", "text/plain")
    await open_object(console, "a.txt")
    await expect(console.page.get_by_text("This is not text in UTF-8")).to_be_visible()
    await expect(_content(console)).to_contain_text("ff fe 5a 00")


async def test_an_empty_object_is_said_to_be_empty(console: Console, owner: Client) -> None:
    put(owner, "none", b"")
    await open_object(console, "none")
    await expect(console.page.get_by_text("The object is empty")).to_be_visible()


async def test_sound_can_be_played(console: Console, owner: Client) -> None:
    put(owner, "tone.wav", _a_tone(), "audio/wav")
    await open_object(console, "tone.wav")
    player = console.page.locator("mo-preview audio")
    await expect(player).to_be_visible()
    await expect(player).to_have_js_property("duration", 1)


_FILM = """async () => {
  const canvas = document.createElement("canvas");
  const drawing = canvas.getContext("2d");
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/webm" });
  const ended = new Promise((resolve) => {
    recorder.ondataavailable = ({ data }) => resolve(data);
  });
  recorder.start();
  for (let frame = 0; frame < 20; frame += 1) {
    drawing.fillRect(frame, frame, 50, 50);
    await new Promise(requestAnimationFrame);
  }
  recorder.stop();
  return Array.from(new Uint8Array(await (await ended).arrayBuffer()));
}"""
"""Records a moment of video, in the only encoder that is surely there: the browser's."""


async def test_a_video_can_be_played(console: Console, owner: Client) -> None:
    await console.open("overview")
    put(owner, "film.webm", bytes(await console.page.evaluate(_FILM)), "video/webm")
    await open_object(console, "film.webm")
    player = console.page.locator("mo-preview video")
    await expect(player).to_be_visible()
    await expect(player).to_have_js_property("videoWidth", 300)


async def test_a_video_that_the_browser_cannot_play_is_shown_as_bytes(
    console: Console, owner: Client
) -> None:
    put(owner, "seg.ts", b"\x47\x40\x00\x10" * 100, "video/mp2t")
    await open_object(console, "seg.ts")
    await expect(console.page.get_by_text("This browser cannot show it as video")).to_be_visible()
    await expect(_content(console)).to_contain_text("47 40 00 10")


async def test_a_playlist_is_a_list_of_segments_with_their_states(
    console: Console, owner: Client
) -> None:
    console.emulator.clock.freeze()
    put(owner, "live/index.m3u8", PLAYLIST, "application/vnd.apple.mpegurl")
    put(owner, "live/init.mp4", b"x")
    control(console.emulator, "PUT", "/objects/media/live%2Fseg-1.ts?tier=cache", {"text": "x"})
    control(
        console.emulator,
        "PUT",
        "/objects/media/vod%2Fseg%202.ts?tier=storage",
        {"text": "x", "ttl_seconds": 5},
    )
    console.emulator.clock.advance(10)
    await open_object(console, "live/index.m3u8")
    playlist = console.page.locator("mo-playlist")
    await expect(playlist.locator("tbody tr")).to_have_count(5)
    for uri, state in {
        "init.mp4": ["cache", "storage"],
        "seg-1.ts": ["cache"],
        "../vod/seg%202.ts?token=1": ["storage (expired)"],
        "seg-3.ts": ["missing"],
        "https://cdn.example.com/seg-4.ts": ["elsewhere"],
    }.items():
        row = playlist.locator("tbody tr", has_text=uri)
        await expect(row.locator(".badge")).to_have_text(state)
    await expect(playlist.get_by_role("status")).to_have_text(
        "5 entries: 2 there, 1 expired, 1 missing, 1 elsewhere"
    )
    put(owner, "live/seg-3.ts", b"x")
    row = playlist.locator("tbody tr", has_text="seg-3.ts")
    await expect(row.locator(".badge")).to_have_text(["cache", "storage"])
    await row.get_by_role("link").click()
    await expect(console.heading("seg-3.ts")).to_be_visible()


async def test_a_master_playlist_leads_to_its_variants(console: Console, owner: Client) -> None:
    put(owner, "vod/master.m3u8", MASTER)
    put(owner, "vod/720p/index.m3u8", PLAYLIST)
    await open_object(console, "vod/master.m3u8")
    row = console.page.locator("mo-playlist tbody tr")
    await expect(row).to_contain_text("1280x720, 2000 kbit/s, avc1.4d401f,mp4a.40.2")
    await row.get_by_role("link").click()
    await expect(console.heading("index.m3u8")).to_be_visible()
    await expect(console.page.locator("mo-playlist tbody tr")).to_have_count(5)


async def test_a_large_video_is_loaded_only_when_it_is_wanted(
    console: Console, owner: Client
) -> None:
    put(owner, "large.mp4", b"\0" * 33_600_000, "video/mp4")
    await open_object(console, "large.mp4")
    await expect(console.button("Load 33.6 MB")).to_be_visible()
    await console.button("Load 33.6 MB").click()
    await expect(console.page.get_by_text("This browser cannot show it as video")).to_be_visible()
