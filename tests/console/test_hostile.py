"""Keys, headers and rules that look like markup are shown as what they are, and run nowhere."""

from __future__ import annotations

from tests.support.client import Client

from .browser import IN_BROWSER, expect
from .pages import Console

pytestmark = IN_BROWSER

MARKUP = [
    "<img src=x onerror=pwned()>",
    "<script>pwned()</script>",
    '"><svg onload=pwned()>',
    "javascript:pwned()",
    "${pwned()}{{pwned()}}",
    "' onfocus='pwned()' autofocus='",
]


async def test_keys_and_headers_are_text(console: Console, owner: Client) -> None:
    for text in MARKUP:
        owner.put("media", text, b"", metadata={"note": text}, ttl_seconds=500)
    await console.open("requests")
    details = console.page.get_by_role("region", name="Request")
    for text in MARKUP:
        await console.row(text).click()
        await expect(details.locator("dd").get_by_text(text, exact=True).first).to_be_visible()
        assert not await console.has_scripted()
    await console.open("clock")
    for text in MARKUP:
        await expect(console.page.get_by_role("row").filter(has_text=text)).to_have_count(1)
    assert not await console.has_scripted()


async def test_rules_are_text(console: Console) -> None:
    for text in MARKUP:
        console.emulator.faults.add({"type": "status", "status": 500, "message": text}, key=text)
    await console.open("faults")
    for text in MARKUP:
        await expect(console.page.locator(".rule", has_text=text)).to_have_count(1)
    assert not await console.has_scripted()


async def test_addresses_are_text(console: Console) -> None:
    for text in MARKUP:
        await console.open("requests", key=text)
        await expect(console.page.get_by_label("Search keys")).to_have_value(text)
        await expect(console.page.get_by_text("No request matches")).to_be_visible()
        assert not await console.has_scripted()


async def test_the_policy_forbids_scripts_in_the_page(console: Console) -> None:
    """Shows that the tests above would notice: a script that gets in is stopped and reported."""
    console.allow("Content Security Policy")
    await console.open("overview")
    await console.page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "pwned()";
          document.body.append(script);
        }"""
    )
    assert not await console.has_scripted()
