"""With 10 000 requests in the journal, the console answers an input within 100 ms."""

from __future__ import annotations

import asyncio

import pytest

from emulator import Emulator
from tests.support.emulators import client

from .browser import IN_BROWSER, expect
from .pages import Console, Inputs

pytestmark = [*IN_BROWSER, pytest.mark.slow(seconds=20)]

REQUESTS = 10_000
AT_MOST_MS = 100


async def _send(emulator: Emulator, count: int) -> None:
    """Send that many Gets, without waiting for an answer before the next."""
    owner = client(emulator)
    reader, writer = await asyncio.open_connection(*owner.address)
    head = f"HTTP/1.1\r\nHost: {owner.address[0]}\r\nAuthorization: {owner.api_key}\r\n"
    for number in range(count):
        last = "Connection: close\r\n" if number == count - 1 else ""
        writer.write(f"GET /objectstore/media/live/{number}.ts {head}{last}\r\n".encode())
        if number % 50 == 0:
            await writer.drain()
    await reader.read()
    writer.close()


async def test_inputs_are_answered_within_100_ms(console: Console) -> None:
    client(console.emulator).create_store("media")
    await _send(console.emulator, REQUESTS - 1)
    await console.open("requests")
    await expect(console.row("live/9998.ts")).to_have_count(1)

    async def act(inputs: Inputs) -> None:
        await inputs.press("/", *"live/99")
        await expect(console.page.get_by_text("110 matching requests")).to_be_visible()
        await console.page.get_by_role("grid").focus()
        await inputs.press("ArrowDown", "PageDown", "End", "PageUp", "Home", "End", "Enter")
        await expect(console.page.get_by_role("region", name="Request")).to_be_visible()
        await inputs.press("Escape")
        await console.page.get_by_label("Search keys").fill("")
        await console.page.get_by_role("grid").focus()
        await expect(console.page.get_by_text("200+ requests")).to_be_visible()

    assert await console.slowest_input(act, AT_MOST_MS) < AT_MOST_MS
