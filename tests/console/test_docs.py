"""The page of the OpenAPI documents, in a browser."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from emulator import Emulator
from tests.support.emulators import starting

from .browser import IN_BROWSER, expect
from .pages import PHONE, WIDE, Console, Theme, console_in, serious_violations

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = IN_BROWSER

OPTIONS = {"api_revision": "2026-08-12"}

OPERATIONS = "details[data-words]"


@pytest_asyncio.fixture(loop_scope="session")
async def docs(browser: Browser, emulator: Emulator) -> AsyncIterator[Console]:
    """A tab with the page. A problem of it fails the test."""
    async with console_in(browser, emulator) as console:
        await console.page.goto(f"{emulator.endpoint}/_emulator/docs")
        await expect(console.page.get_by_role("heading", level=1)).to_contain_text("2026-08-12")
        yield console


async def found(page: Page, words: str) -> list[str]:
    """The names of the operations that a search leaves."""
    await page.get_by_label("Search").fill(words)
    return await page.locator(f"{OPERATIONS}:visible > summary").all_inner_texts()


async def test_an_operation_is_found_by_any_of_its_words(docs: Console) -> None:
    assert len(await found(docs.page, "")) > 30
    for words in ("putobject", "PUT {key}"):
        (name,) = await found(docs.page, words)
        assert "/objectstore/{storeName}/{key}" in name


async def test_an_operation_opens_to_its_parameters_and_answers(docs: Console) -> None:
    page = docs.page
    await found(page, "putobject")
    await page.locator(f"{OPERATIONS}:visible > summary").click()
    for text in ("ttl_seconds (query)", "mo-persistence (header)", "Store Not Found"):
        await expect(page.get_by_text(text).first).to_be_visible()


async def test_a_parameter_tells_its_bounds_and_what_it_is_if_left_out(docs: Console) -> None:
    page = docs.page
    await found(page, "listroles")
    await page.locator(f"{OPERATIONS}:visible > summary").click()
    row = page.locator("tr:visible", has_text="limit (query)")
    await expect(row).to_contain_text("from 1 to 100; 100 if left out")


async def test_the_parts_of_a_line_are_words_of_their_own(docs: Console) -> None:
    """Else they are read as one, and break anywhere where the window is narrow."""
    summary = docs.page.locator("summary", has_text="Store an object")
    assert await summary.text_content() == "PUT /objectstore/{storeName}/{key} Store an object"


async def test_a_schema_shows_what_it_refers_to(docs: Console) -> None:
    page = docs.page
    await found(page, "createrole")
    operation = page.locator(f"{OPERATIONS}:visible")
    await operation.locator("> summary").click()
    await operation.get_by_text("Schema", exact=True).first.click()
    await expect(operation.get_by_text("allowed_cidr_ranges").first).to_be_visible()


async def test_the_control_api_is_the_other_document(docs: Console) -> None:
    await docs.page.get_by_role("link", name="Control API").click()
    await expect(docs.page.get_by_role("heading", level=1)).to_contain_text("Control API")
    assert len(await found(docs.page, "clock")) == 5


async def test_the_slash_leads_to_the_search(docs: Console) -> None:
    await docs.page.keyboard.press("/")
    await expect(docs.page.get_by_label("Search")).to_be_focused()


async def test_with_a_control_token_it_asks_for_it_and_saves_the_document(browser: Browser) -> None:
    """The slash of a token is no way to the search, and a link could not send the token."""
    with starting(cache="memory", control_token="open/sesame") as start:
        async with console_in(browser, start()) as console:
            console.allow("401 (Unauthorized)")
            page = console.page
            await page.goto(f"{console.endpoint}/_emulator/docs")
            token = page.get_by_label("Control token")
            await token.press_sequentially("open/sesame")
            await token.press("Enter")
            await expect(page.get_by_role("heading", level=1)).to_be_visible()
            async with page.expect_download() as saving:
                await page.get_by_role("link", name="OpenAPI document").click()
            saved = await saving.value
            assert saved.suggested_filename == "service.json"
            assert json.loads(Path(await saved.path()).read_text("utf-8"))["openapi"] == "3.1.0"


@pytest.mark.parametrize(("theme", "size"), [("light", WIDE), ("dark", PHONE)])
async def test_anybody_can_read_it_anywhere(
    browser: Browser,
    emulator: Emulator,
    axe: Path,
    screenshots: Path,
    theme: Theme,
    size: tuple[int, int],
) -> None:
    """With an operation open: its examples and schemas scroll on their own."""
    async with console_in(browser, emulator, theme=theme, size=size) as console:
        page = console.page
        await page.goto(f"{emulator.endpoint}/_emulator/docs#control")
        await expect(page.locator(OPERATIONS).first).to_be_visible()
        assert await console.layout_shift() < 0.1
        assert len(await found(page, "patch /_emulator/stores")) == 1
        await page.locator(f"{OPERATIONS}:visible > summary").click()
        schemas = page.get_by_text("Schema", exact=True)
        await expect(schemas.first).to_be_visible()
        for schema in await schemas.all():
            await schema.click()
        await page.screenshot(path=screenshots / f"docs-{theme}.png")
        assert await serious_violations(console.page, axe) == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= size[0]
