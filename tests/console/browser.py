"""Chromium, driven by Playwright: whether it is here, how it is started, what a test may expect."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.async_api import Browser, Locator, Page

IN_BROWSER = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]
"""The marks of a module whose tests use the browser, which lives in one event loop with them."""

PATIENCE_MS = 15_000
"""How long a page may take for what a test expects, on a loaded machine."""

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")

_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def find_chromium() -> str | None:
    return next(filter(None, map(shutil.which, _PROGRAMS)), None)


def why_not() -> str | None:
    """Why no browser can be had here, and what would help; None if one can."""
    if find_spec("playwright") is None:
        return "Playwright is not installed: run `make test-all`"
    if find_chromium() is None:
        return "there is no Chromium here: run `make services`"
    return None


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser without a window."""
    from playwright.async_api import async_playwright
    from playwright.async_api import expect as expecting

    expecting.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find_chromium(), args=list(_OPTIONS)
        )
        try:
            yield browser
        finally:
            await browser.close()


def expect(actual: Locator | Page) -> Any:
    """What a test expects to see, soon. Imported late: not every suite has Playwright."""
    from playwright.async_api import expect as expecting

    return expecting(actual)
