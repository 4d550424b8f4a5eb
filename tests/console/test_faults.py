"""The page Faults: presets, rules of one's own, switched off and on, and how often they fired."""

from __future__ import annotations

import pytest

from tests.support.client import Client

from .browser import IN_BROWSER, expect
from .pages import Console

pytestmark = IN_BROWSER


async def test_a_preset_acts_at_once_and_shows_how_often_it_fired(
    console: Console, owner: Client
) -> None:
    await console.open("faults")
    await expect(console.page.get_by_text("No fault rules")).to_be_visible()
    await console.page.get_by_role("button", name="429 on every Put").click()
    rule = console.page.locator(".rule")
    await expect(rule).to_contain_text("Answer 429")
    assert owner.put("media", "a", b"").status == 429
    assert owner.put("media", "a", b"").status == 429
    await expect(rule).to_contain_text("fired 2 times")
    await rule.get_by_role("link", name="fired").click()
    await expect(console.row("429")).to_have_count(2)


async def test_a_rule_says_on_which_matches_it_fires(console: Console) -> None:
    faults = console.emulator.faults
    faults.add({"type": "status", "status": 500}, nth=3)
    faults.add({"type": "status", "status": 500}, nth=3, times=2)
    await console.open("faults")
    await expect(console.page.locator(".rule .rule-text p.muted")).to_have_text(
        ["any operation · on match 3", "any operation · from match 3 on · at most 2 times"]
    )


@pytest.mark.parametrize(
    ("preset", "text"),
    [
        ("Storage down", "Storage down"),
        ("Cache cold", "Empty the cache"),
        ("Slow 3G", "Wait 0.4 s before the first byte, then send 50.0 kB a second"),
        ("Truncated downloads", "Cut the body after 50 %"),
        ("Flaky service", "with 20 % chance"),
        ("Lost answers", "Close the connection before the answer after the work"),
        ("Slow storage", "Slow storage by 1 s"),
    ],
)
async def test_every_preset_is_a_rule_that_the_emulator_takes(
    console: Console, preset: str, text: str
) -> None:
    await console.open("faults")
    await console.page.get_by_role("button", name=preset).click()
    await expect(console.page.locator(".rule")).to_contain_text(text)
    assert len(console.emulator.faults.all()) == 1


async def test_a_rule_is_switched_off_and_on(console: Console, owner: Client) -> None:
    console.emulator.faults.add({"type": "status", "status": 503}, operation="PutObject")
    await console.open("faults")
    switch = console.page.get_by_role("switch")
    await expect(switch).to_be_checked()
    await switch.click()
    await expect(console.page.locator(".rule.off")).to_have_count(1)
    assert owner.put("media", "a", b"").status == 204
    await switch.click()
    await expect(console.page.locator(".rule.off")).to_have_count(0)
    assert owner.put("media", "a", b"").status == 503


async def test_a_removed_rule_comes_back_by_undo(console: Console) -> None:
    console.emulator.faults.add({"type": "status", "status": 503}, id="mine", store="media")
    await console.open("faults")
    await console.button("Remove mine").click()
    await expect(console.page.get_by_text("No fault rules")).to_be_visible()
    await console.button("Undo").click()
    await expect(console.page.locator(".rule")).to_contain_text("store media")


async def test_all_rules_are_removed_after_one_question_and_come_back_by_undo(
    console: Console,
) -> None:
    console.emulator.faults.add("storage_down")
    console.emulator.faults.add("cache_down")
    await console.open("faults")
    await console.button("Remove all").first.click()
    await console.dialog.get_by_role("button", name="Remove all").click()
    await expect(console.page.get_by_text("No fault rules")).to_be_visible()
    await console.button("Undo").click()
    await expect(console.page.locator(".rule")).to_have_count(2)


async def test_a_rule_is_written_by_its_fields(console: Console, owner: Client) -> None:
    await console.open("faults")
    await console.button("New rule").click()
    await console.dialog.get_by_label("Status").select_option("503")
    await console.dialog.get_by_label("Operation").fill("PutObject")
    await console.dialog.get_by_label("Key").fill("live/*")
    await console.dialog.get_by_label("At most so many times").fill("1")
    await console.button("Add rule").click()
    rule = console.page.locator(".rule")
    await expect(rule).to_contain_text("PutObject · key live/* · once")
    statuses = [owner.put("media", key, b"").status for key in ("a", "live/1", "live/2")]
    assert statuses == [204, 503, 204]


async def test_what_the_emulator_refuses_is_said_in_its_words(console: Console) -> None:
    console.allow("400 (Bad Request)")
    await console.open("faults")
    await console.button("New rule").click()
    await console.dialog.get_by_text("Write it as JSON").click()
    await console.dialog.get_by_label("Rule", exact=True).fill('{"effect": "nonsense"}')
    await console.button("Add rule").click()
    await expect(console.dialog.get_by_role("alert")).to_contain_text("nonsense")
    await console.dialog.get_by_label("Rule", exact=True).fill('{"effect": "storage_down"}')
    await console.button("Add rule").click()
    await expect(console.page.locator(".rule")).to_contain_text("Storage down")


async def test_rules_of_others_appear(console: Console) -> None:
    await console.open("faults")
    await expect(console.page.get_by_text("No fault rules")).to_be_visible()
    rule = console.emulator.faults.add("storage_down")
    await expect(console.page.locator(".rule")).to_contain_text(rule.id)
    rule.remove()
    await expect(console.page.get_by_text("No fault rules")).to_be_visible()
