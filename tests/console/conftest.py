"""One browser for all tests; an emulator for each module, as new for each test; a tab for each."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from emulator import Emulator
from tests.suites import require_full
from tests.support.client import Client
from tests.support.emulators import as_new, client, starting

from .browser import chromium, why_not
from .pages import Console, console_in

if TYPE_CHECKING:
    from playwright.async_api import Browser

_AXE = Path(__file__).parent / "node" / "node_modules" / "axe-core" / "axe.min.js"

SCREENSHOTS = "CONSOLE_SCREENSHOTS"
"""The variable with the folder for pictures of the pages; by default they go with the test."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(pytestconfig: pytest.Config) -> AsyncIterator[Browser]:
    """The browser that all tests share."""
    require_full(pytestconfig, "browser")
    reason = why_not()
    if reason is not None:
        pytest.skip(reason)
    async with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def running(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """The emulator that the tests of a module share; the module may name ``OPTIONS`` for it."""
    options: Mapping[str, Any] = getattr(request.module, "OPTIONS", {})
    with starting(cache="memory", **options) as start:
        yield start()


@pytest.fixture
def emulator(running: Emulator) -> Emulator:
    """An emulator in its first state."""
    return as_new(running)


@pytest.fixture
def owner(emulator: Emulator) -> Client:
    """A client, and the store ``media``."""
    owner = client(emulator)
    owner.create_store("media")
    return owner


@pytest_asyncio.fixture(loop_scope="session")
async def console(browser: Browser, emulator: Emulator) -> AsyncIterator[Console]:
    """The console of the emulator, in a tab of its own. A problem of it fails the test."""
    async with console_in(browser, emulator) as opened:
        yield opened


@pytest.fixture(scope="session")
def axe() -> Path:
    """The source of axe-core."""
    if not _AXE.exists():
        pytest.skip(
            "axe-core is not installed: run `make test-all`, or `npm ci` in tests/console/node"
        )
    return _AXE


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder for pictures of the pages."""
    given = os.environ.get(SCREENSHOTS)
    folder = Path(given) if given else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
