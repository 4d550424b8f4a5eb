"""The page of a report in a browser: its filter, hostile answers, and people with any tools."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator.conformance.report import write
from tests.console.browser import IN_BROWSER, expect
from tests.console.pages import PHONE, WIDE, serious_violations

from .reports import hostile, report

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = IN_BROWSER


@asynccontextmanager
async def shown(
    browser: Browser, shown: dict[str, Any], folder: Path, *, size: tuple[int, int] = WIDE
) -> AsyncIterator[Page]:
    """The page of a report. Fails if something on it is forbidden, breaks, or runs ``pwned()``."""
    path = write(shown, str(folder / "report.html"))
    context = await browser.new_context(viewport={"width": size[0], "height": size[1]})
    try:
        page = await context.new_page()
        problems: list[str] = []
        page.on("console", lambda message: problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        await page.add_init_script("window.pwned = () => { window.__pwned = true; };")
        await page.goto(path.as_uri())
        yield page
        assert await page.evaluate("window.__pwned") is None
        assert problems == []
    finally:
        await context.close()


async def test_the_filter_leaves_what_is_asked_for(browser: Browser, tmp_path: Path) -> None:
    async with shown(browser, report(), tmp_path) as page:
        rows = page.locator("#statements li:visible")
        count = page.locator("output")
        await expect(rows).to_have_count(5)
        await page.get_by_label("Search statements").fill("ANSWERS 40")
        await expect(rows).to_have_count(2)
        await expect(count).to_have_text("2 statements")
        await page.get_by_label("Status").select_option("failed")
        await expect(rows).to_have_count(1)
        await expect(rows).to_contain_text("HTTP-PUT-02")
        await expect(count).to_have_text("1 statement")
        await page.get_by_label("Section", exact=True).select_option(
            "Momento API keys, Key lifecycle"
        )
        await expect(rows).to_have_count(0)


async def test_a_link_to_a_section_shows_it_in_spite_of_the_filter(
    browser: Browser, tmp_path: Path
) -> None:
    async with shown(browser, report(), tmp_path) as page:
        await page.get_by_label("Search statements").fill("nothing has this")
        await page.locator("#sections summary").first.focus()
        await page.keyboard.press("Enter")
        await page.get_by_role("link", name="Get Object: Miss").click()
        await expect(page.locator("#statements li", has_text="HTTP-GET-02")).to_be_in_viewport()


async def test_answers_of_an_endpoint_run_nowhere(browser: Browser, tmp_path: Path) -> None:
    async with shown(browser, hostile(), tmp_path) as page:
        await page.get_by_label("Search statements").fill("<script>pwned()")
        await expect(page.locator("#statements li:visible")).to_have_count(6)


async def test_a_script_that_gets_in_is_stopped(browser: Browser, tmp_path: Path) -> None:
    """Shows that the policy is in force, and that the test above would notice."""
    path = write(report(), str(tmp_path / "report.html"))
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("<main>", "<main><script>window.pwned = true</script>"))
    page = await browser.new_page()
    try:
        messages: list[str] = []
        page.on("console", lambda message: messages.append(message.text))
        await page.goto(path.as_uri())
        assert await page.evaluate("window.pwned") is None
        assert "Content Security Policy" in "".join(messages)
    finally:
        await page.close()


async def test_paper_has_what_is_folded_of_what_failed(browser: Browser, tmp_path: Path) -> None:
    async with shown(browser, report(), tmp_path) as page:
        lines = page.locator("#failed pre").first
        await expect(lines).to_be_hidden()
        await page.evaluate("dispatchEvent(new Event('beforeprint'))")
        await page.emulate_media(media="print")
        await expect(lines).to_be_visible()
        await expect(page.get_by_label("Search statements")).to_be_hidden()
        await page.evaluate("dispatchEvent(new Event('afterprint'))")
        await expect(lines).to_be_hidden()


async def test_axe_finds_no_serious_violation(browser: Browser, axe: Path, tmp_path: Path) -> None:
    async with shown(browser, report(), tmp_path) as page:
        await page.evaluate(
            "for (const each of document.querySelectorAll('details')) each.open = true"
        )
        for theme, rules in (("light", None), ("dark", ["color-contrast"])):
            await page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            assert await serious_violations(page, axe, rules) == []


async def test_nothing_is_wider_than_a_phone(browser: Browser, tmp_path: Path) -> None:
    for each in (report(), hostile()):
        async with shown(browser, each, tmp_path, size=PHONE) as page:
            await page.evaluate(
                "for (const each of document.querySelectorAll('details')) each.open = true"
            )
            assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
