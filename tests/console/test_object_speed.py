"""With 100 000 objects in a store, the console answers an input within 100 ms."""

from __future__ import annotations

import json

import pytest

from emulator import Emulator
from tests.support.client import JSON, Client
from tests.support.emulators import control

from .browser import IN_BROWSER, expect
from .objects import LATEST, create_store, open_store
from .pages import Console, Inputs

pytestmark = [*IN_BROWSER, pytest.mark.slow(seconds=30)]

OPTIONS = LATEST

OBJECTS = 100_000
AT_MOST_MS = 100


def _fill(emulator: Emulator) -> None:
    """Import a state with that many objects, nine tenths of them in a folder."""
    create_store(emulator).put("media", "first", b"x", ttl_seconds=3600)
    state = control(emulator, "GET", "/state").json()
    (first,) = state["objects"]
    state["objects"] = [
        {**first, "key": f"live/{number:06}.ts" if number % 10 else f"top-{number:06}.ts"}
        for number in range(OBJECTS)
    ]
    body = json.dumps(state).encode()
    answer = Client(emulator.endpoint).call("PUT", "/_emulator/state", body, JSON)
    assert answer.status in (200, 204), answer


async def test_inputs_are_answered_within_100_ms(console: Console) -> None:
    _fill(console.emulator)
    await open_store(console)
    await expect(console.page.get_by_text("100,000 objects")).to_be_visible()
    await console.row("live/").click()

    async def act(inputs: Inputs) -> None:
        await expect(console.page.get_by_text("90,000 objects")).to_be_visible()
        await inputs.press("/", *"0999")
        await expect(console.row("000999.ts")).to_have_count(1)
        await console.page.get_by_label("Search keys").fill("")
        await expect(console.row("000001.ts")).to_have_count(1)
        await console.page.get_by_role("grid").focus()
        await inputs.press("ArrowDown", "PageDown", "End", "PageUp", "End", "End", "Home", "Enter")
        await expect(console.page.get_by_role("heading", name="Details")).to_be_visible()
        await console.page.go_back()

    assert await console.slowest_input(act, AT_MOST_MS) < AT_MOST_MS
