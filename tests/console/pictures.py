"""Makes the pictures of the documentation: ``python -m tests.console.pictures docs/images``."""

from __future__ import annotations

import argparse
import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from emulator import Emulator
from tests.support.client import Client, object_path
from tests.support.emulators import client

from .browser import chromium
from .pages import console_in

SECONDS = 40
"""How long there is traffic before the first picture, so that the charts have something to show."""

SIZE = (1060, 600)
"""In pixels; small, so that no picture has 150 kB."""


def _fill(owner: Client) -> None:
    """Two stores: the segments of a stream, and pictures of it."""
    for store in ("media", "thumbnails"):
        owner.create_store(store)
    for channel in ("news", "sport"):
        for number in range(60):
            path = object_path("media", f"live/{channel}/segment-{number:03}.ts")
            headers = {"Content-Type": "video/mp2t", "mo-tag-channel": channel}
            owner.call("PUT", f"{path}?ttl_seconds={300 + 6 * number}", bytes(90_000), headers)
        playlist = object_path("media", f"live/{channel}/index.m3u8")
        owner.call("PUT", playlist, b"#EXTM3U\n", {"Content-Type": "application/vnd.apple.mpegurl"})


async def _traffic(owner: Client) -> None:
    """Players and an encoder, until cancelled. The same in every run but for its times."""
    chance = random.Random(7)
    number = 60
    while True:
        channel = chance.choice(("news", "sport"))
        for _ in range(chance.randint(1, 6)):
            key = f"live/{channel}/segment-{chance.randint(0, 65):03}.ts"
            await asyncio.to_thread(owner.get, "media", key)
        if chance.random() < 0.2:
            number += 1
            await asyncio.to_thread(owner.put, "thumbnails", f"{channel}/{number}.jpg", bytes(4000))
        await asyncio.sleep(chance.uniform(0.02, 0.1))


@asynccontextmanager
async def _during(owner: Client) -> AsyncIterator[None]:
    traffic = asyncio.create_task(_traffic(owner))
    try:
        yield
    finally:
        traffic.cancel()
        await asyncio.gather(traffic, return_exceptions=True)


async def _make(folder: Path) -> None:
    with Emulator(
        cache="memory", api_revision="2026-08-12", no_limits=True, strict_clusters=False
    ) as emulator:
        owner = client(emulator)
        _fill(owner)
        emulator.faults.add(
            {"type": "status", "status": 429}, operation="GetObject", probability=0.03
        )
        async with chromium() as browser, console_in(browser, emulator, size=SIZE) as console:
            async with _during(owner):
                await console.open("overview")
                await asyncio.sleep(SECONDS)
                await console.page.screenshot(path=folder / "console-overview.png")
                await console.open("requests")
                await console.row("429").first.click()
                await console.settled()
                await console.page.screenshot(path=folder / "console-requests.png")
            await console.open("objects")
            await console.page.get_by_role("link", name="media").click()
            await console.row("live/").get_by_role("link").click()
            await console.row("news/").get_by_role("link").click()
            await console.settled()
            await console.page.screenshot(path=folder / "console-objects.png")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(_make(folder))


if __name__ == "__main__":
    main()
