"""The console in a tab of its own, and what it complained of."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, urlencode
from weakref import WeakKeyDictionary

from emulator import Emulator

from .browser import PATIENCE_MS, expect

if TYPE_CHECKING:
    from playwright.async_api import (
        Browser,
        CDPSession,
        ConsoleMessage,
        Locator,
        Page,
        Request,
    )

Theme = Literal["light", "dark"]

WIDE, PHONE = (1280, 800), (390, 844)
"""Sizes of a window, in pixels."""

PAGES = {
    "overview": "Overview",
    "objects": "Stores and objects",
    "requests": "Requests",
    "faults": "Faults",
    "clock": "Clock",
    "keys": "Keys and roles",
    "logs": "Logs and metrics",
    "checkpoints": "Checkpoints",
}
"""The pages' names in addresses, and their headings."""

_WATCH = """
window.__shifts = 0;
new PerformanceObserver((list) => {
  for (const shift of list.getEntries()) if (!shift.hadRecentInput) window.__shifts += shift.value;
}).observe({ type: "layout-shift", buffered: true });
"""

_HAS_ALL = """async () => {
  const asked = () => performance.getEntriesByType("resource").length;
  const before = asked();
  for (let frame = 0; frame < 12; frame += 1) await new Promise(requestAnimationFrame);
  return asked() === before;
}"""
"""Whether nothing more was loaded during some frames."""


_ROUNDS = 3
"""How often inputs are made at most to measure them."""

_TWO_FRAMES = """() => new Promise((resolve) => {
  requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
})"""
"""Until what an input changed is laid out and drawn."""


class Inputs:
    """Presses keys, and measures what the page does for each until it has drawn the next frame.

    Counted is the time that the page's thread works (scripts, styles, layout, drawing), not the
    time that it waits for a processor: a busy machine does not make the page slow.
    """

    def __init__(self, page: Page, session: CDPSession) -> None:
        self._page = page
        self._session = session
        self.took_ms: list[float] = []

    async def press(self, *keys: str) -> None:
        for key in keys:
            before = await self._worked()
            await self._page.keyboard.press(key)
            await self._page.evaluate(_TWO_FRAMES)
            self.took_ms.append((await self._worked() - before) * 1000)

    async def _worked(self) -> float:
        """Seconds that the page's thread has worked."""
        answer = await self._session.send("Performance.getMetrics")
        return float({each["name"]: each["value"] for each in answer["metrics"]}["TaskDuration"])


class Console:
    """The console of an emulator in a tab.

    What a page of it must not do is collected in ``problems``: errors in the browser's console,
    among them violations of the Content-Security-Policy, and requests to anybody else.
    """

    def __init__(self, page: Page, emulator: Emulator) -> None:
        self.page = page
        self.emulator = emulator
        self.endpoint = emulator.endpoint
        self.problems: list[str] = []
        self._allowed: list[str] = []
        self._listeners: dict[Any, Any] = {
            "console": self._on_message,
            "pageerror": lambda error: self.problems.append(f"error: {error}"),
            "request": self._on_request,
        }
        for event, listener in self._listeners.items():
            page.on(event, listener)

    def leave(self) -> None:
        """Listen no longer: the tab is used for something else."""
        for event, listener in self._listeners.items():
            self.page.remove_listener(event, listener)

    def allow(self, text: str) -> None:
        """Expect an error with this text, such as that of an answer that the test provokes."""
        self._allowed.append(text)

    async def open(self, page: str, *parts: str, **query: str) -> None:
        """Go to a page of the console, and wait until it is there."""
        path = "/".join(quote(part, safe="") for part in (page, *parts))
        address = f"{self.endpoint}/_emulator/#/{path}"
        await self.page.goto(f"{address}?{urlencode(query)}" if query else address)
        await expect(self.heading(PAGES[page])).to_be_visible()

    async def settled(self) -> None:
        """Wait until the page has what it asked the emulator for, and has drawn it."""
        await expect(self.page.get_by_text("Connected", exact=True)).to_have_count(1)
        await self.page.wait_for_function(_HAS_ALL)

    def heading(self, name: str) -> Locator:
        return self.page.get_by_role("heading", name=name, level=1, exact=True)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def row(self, text: str) -> Locator:
        """The rows of lists with a text."""
        return self.page.locator(".list-body .list-row", has_text=text)

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    def toast(self, text: str) -> Locator:
        """A message at the edge of the window."""
        return self.page.locator(".toast", has_text=text)

    async def copied(self) -> str:
        """The text in the clipboard."""
        text = await self.page.evaluate("navigator.clipboard.readText()")
        assert isinstance(text, str)
        return text

    async def has_scripted(self) -> bool:
        """Whether some text has run as a script, which calls ``pwned()``."""
        return bool(await self.page.evaluate("window.__pwned === true"))

    async def layout_shift(self) -> float:
        """How much of the page has moved without the user's doing, as browsers measure it."""
        return float(await self.page.evaluate("window.__shifts"))

    async def width(self) -> int:
        """How wide what is in the page is, in pixels."""
        return int(await self.page.evaluate("document.querySelector('main').scrollWidth"))

    async def slowest_input(self, act: Callable[[Inputs], Awaitable[None]], enough: float) -> float:
        """Milliseconds that the page works for an input of ``act``, at worst.

        Where that is not below ``enough``, it acts again, and the fastest time of each input
        counts: what the page does now and then falls on another one, a slow input is always slow.
        """
        session = await self.page.context.new_cdp_session(self.page)
        await session.send("Performance.enable", {"timeDomain": "threadTicks"})
        fastest: list[float] = []
        for _ in range(_ROUNDS):
            inputs = Inputs(self.page, session)
            await act(inputs)
            fastest = list(map(min, inputs.took_ms, fastest or inputs.took_ms))
            if max(fastest) < enough:
                break
        return max(fastest)

    def _on_message(self, message: ConsoleMessage) -> None:
        text = message.text
        if message.type == "error" and not any(allowed in text for allowed in self._allowed):
            self.problems.append(f"{message.type}: {text} ({json.dumps(message.location)})")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.endpoint}/", "blob:", "data:")):
            self.problems.append(f"a request to {request.url}")


_tabs: WeakKeyDictionary[Browser, list[Page]] = WeakKeyDictionary()
"""Tabs of a browser that can be used again: to start one costs more than most tests."""


async def _new_tab(browser: Browser) -> Page:
    context = await browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    context.set_default_timeout(PATIENCE_MS)
    page = await context.new_page()
    await page.add_init_script(_WATCH)
    await page.add_init_script("window.pwned = () => { window.__pwned = true; };")
    return page


async def _forget(page: Page) -> None:
    """Leave nothing in a tab of what it was used for."""
    await page.unroute_all()
    await page.evaluate("localStorage.clear(); sessionStorage.clear();")
    await page.goto("about:blank")


@asynccontextmanager
async def console_in(
    browser: Browser, emulator: Emulator, *, theme: Theme = "light", size: tuple[int, int] = WIDE
) -> AsyncIterator[Console]:
    """The console in a tab with no past, without animations. Fails if it had problems."""
    tabs = _tabs.setdefault(browser, [])
    page = tabs.pop() if tabs else await _new_tab(browser)
    is_well = False
    try:
        await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        console = Console(page, emulator)
        yield console
        assert not await console.has_scripted()
        console.leave()
        assert not console.problems, "\n".join(console.problems)
        await _forget(page)
        is_well = True
    finally:
        if is_well:
            tabs.append(page)
        else:
            await page.context.close()


async def violations_in_both_themes(
    console: Console, axe: Path, screenshots: Path, name: str
) -> list[str]:
    """What axe-core finds on the page that keeps people from using it, in light and in dark, with a
    picture of each. Only colours depend on the theme."""
    found = []
    for theme in ("light", "dark"):
        await console.page.emulate_media(color_scheme=theme)
        await console.page.screenshot(path=screenshots / f"{name}-{theme}.png")
        rules = ["color-contrast"] if theme == "dark" else None
        found += await serious_violations(console.page, axe, rules)
    return found


async def serious_violations(page: Page, axe: Path, rules: list[str] | None = None) -> list[str]:
    """What axe-core finds on the page that keeps people from using it, by all rules or by some."""
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(axe.read_text(encoding="utf-8"))
    found: dict[str, Any] = await page.evaluate(
        "rules => axe.run(rules ? {runOnly: rules} : {})", rules
    )
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
