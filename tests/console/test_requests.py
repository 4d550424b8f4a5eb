"""The page Requests: the journal as it grows, filtered, and one request in full."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from pathlib import Path

import pytest

from emulator import Emulator
from tests.support.client import Client
from tests.support.emulators import client

from .browser import IN_BROWSER, expect
from .pages import PHONE, Console

pytestmark = IN_BROWSER


@pytest.fixture
def owner(emulator: Emulator) -> Client:
    """A client with a store and three objects."""
    owner = client(emulator)
    owner.create_store("media")
    for key in ("live/1.ts", "live/2.ts", "poster.jpg"):
        owner.put("media", key, b"body")
    return owner


async def test_a_request_appears_as_soon_as_it_has_ended(console: Console, owner: Client) -> None:
    await console.open("requests")
    await expect(console.row("poster.jpg")).to_have_count(1)
    owner.get("media", "live/1.ts")
    newest = console.page.locator('[aria-rowindex="2"]')
    await expect(newest).to_contain_text("GetObject")
    await expect(newest).to_contain_text("cache_hit")
    await expect(newest).to_contain_text("200")


async def test_keys_are_found_by_typing(console: Console, owner: Client) -> None:
    await console.open("requests")
    await expect(console.row("poster.jpg")).to_have_count(1)
    await console.page.keyboard.press("/")
    await console.page.keyboard.type("live/")
    await expect(console.row("poster.jpg")).to_have_count(0)
    await expect(console.row("live/")).to_have_count(2)
    owner.get("media", "poster.jpg")
    owner.get("media", "live/2.ts")
    await expect(console.row("live/")).to_have_count(3)
    await expect(console.row("poster.jpg")).to_have_count(0)
    await console.page.get_by_label("Search keys").fill("*.jpg")
    await expect(console.row("poster.jpg")).to_have_count(2)
    await expect(console.row("live/")).to_have_count(0)


async def test_filters_are_part_of_the_address(console: Console, owner: Client) -> None:
    owner.get("media", "nothing")
    owner.get("media", "live/1.ts")
    await console.open("requests")
    await expect(console.row("")).to_have_count(6)
    await console.page.get_by_label("Filter by operation").select_option("GetObject")
    await expect(console.row("")).to_have_count(2)
    await console.page.get_by_label("Filter by outcome").select_option("miss")
    await expect(console.row("nothing")).to_have_count(1)
    await expect(console.row("")).to_have_count(1)
    await console.page.reload()
    await expect(console.row("nothing")).to_have_count(1)
    await expect(console.row("")).to_have_count(1)
    await console.page.get_by_label("Filter by status").select_option("5xx")
    await expect(console.page.get_by_text("No request matches")).to_be_visible()


async def test_a_request_is_shown_in_full(console: Console, owner: Client) -> None:
    rule = console.emulator.faults.add({"type": "status", "status": 429}, operation="GetObject")
    owner.call("GET", "/objectstore/media/live/1.ts?read-concern=consistent", None, {"X-Mine": "7"})
    await console.open("requests")
    await console.row("429").click()
    details = console.page.get_by_role("region", name="Request")
    await expect(details).to_contain_text(
        "GET /objectstore/media/live/1.ts?read-concern=consistent"
    )
    for text in ("operations_rate_limited", "X-Mine", "[redacted]", "Owner", "First byte after"):
        await expect(details).to_contain_text(text)
    await expect(details).to_contain_text("A fault rule acted on this request")
    await details.get_by_role("link", name=rule.id).click()
    await expect(console.page.locator(".rule.chosen")).to_contain_text(rule.id)
    await console.page.go_back()
    await expect(details).to_contain_text("live/1.ts")
    await console.page.keyboard.press("Escape")
    await expect(details).to_be_hidden()


async def test_a_request_shows_its_hints_and_what_the_answer_says(
    console: Console, owner: Client
) -> None:
    owner.call("GET", "/objectstore/media/live/1.ts", None, {"Range": "bytes=0-1"})
    owner.call("GET", "/objectstore/media/none/", None, {"Authorization": "Bearer x"})
    await console.open("requests", operation="GetObject")
    details = console.page.get_by_role("region", name="Request")
    await console.row("none/").click()
    await expect(details).to_contain_text("bearer-refused")
    await expect(details).to_contain_text("The answer says: Invalid API key")
    await console.row("live/1.ts").click()
    await expect(details).to_contain_text("never a part with 206. range-ignored")
    await expect(details).not_to_contain_text("The answer says")


async def test_a_request_is_opened_by_the_keyboard(console: Console, owner: Client) -> None:
    owner.get("media", "nothing")
    await console.open("requests")
    await expect(console.row("nothing")).to_have_count(1)
    await console.page.get_by_role("grid").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "Enter"):
        await console.page.keyboard.press(key)
    details = console.page.get_by_role("region", name="Request")
    await expect(details).to_contain_text("Neither the cache nor storage has an object")


async def test_a_request_is_copied_as_curl(console: Console, owner: Client) -> None:
    owner.put("media", "it's", b"body", metadata={"name": "a b"})
    await console.open("requests")
    await console.row("it's").click()
    await console.button("Copy as curl").click()
    await expect(console.toast("Copied as curl")).to_be_visible()
    command = await console.copied()
    assert command.startswith("curl --request PUT")
    assert f"{console.endpoint}/objectstore/media/it%27s" in command
    assert "'mo-meta-name: a b'" in command
    assert "'Authorization: '\"$MOMENTO_API_KEY\"" in command
    assert command.endswith("--data-binary @BODY")


async def test_a_request_that_was_copied_as_curl_is_made_again_whatever_is_in_it(
    console: Console, owner: Client, tmp_path: Path
) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed: run `make services`")
    hostile = "'; touch pwned; '$(touch pwned)`touch pwned`"
    path = "/objectstore/media/live/[1-3]{a,b}'$(touch%20pwned).ts"
    owner.call("GET", path, headers={"x-name": hostile})
    await console.open("requests", operation="GetObject")
    await console.row("live/[1-3]").click()
    await console.button("Copy as curl").click()
    await expect(console.toast("Copied as curl")).to_be_visible()

    environment = {**os.environ, "MOMENTO_API_KEY": console.emulator.api_key()}
    command = await console.copied()
    shell = await asyncio.create_subprocess_shell(
        f"{command} --silent --max-time 20 --noproxy '*'", cwd=tmp_path, env=environment
    )
    assert await shell.wait() == 0

    calls = console.emulator.journal.calls(operation="GetObject")
    assert [call.target for call in calls] == [path, path]
    assert ("x-name", hostile) in calls[1].request_headers
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize("body", [b"it's", b""], ids=["a body", "an empty body"])
async def test_a_put_that_was_copied_as_curl_has_the_same_headers(
    console: Console, owner: Client, tmp_path: Path, body: bytes
) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed: run `make services`")
    owner.call("PUT", "/objectstore/media/new", body, {"mo-meta-empty": "", "Accept": "*/*"})
    await console.open("requests", key="new")
    await console.row("new").click()
    await console.button("Copy as curl").click()
    await expect(console.toast("Copied as curl")).to_be_visible()

    (tmp_path / "BODY").write_bytes(body)
    environment = {**os.environ, "MOMENTO_API_KEY": console.emulator.api_key()}
    shell = await asyncio.create_subprocess_shell(
        f"{await console.copied()} --silent --fail --max-time 20 --noproxy '*'",
        cwd=tmp_path,
        env=environment,
    )
    assert await shell.wait() == 0
    sent, copied = console.emulator.journal.calls(key="new")
    of_the_client = {"user-agent", "accept-encoding", "host"}
    told = [
        {name.lower(): value for name, value in call.request_headers} for call in (sent, copied)
    ]
    assert [set(headers) - of_the_client for headers in told] == [
        {"authorization", "content-length", "mo-meta-empty", "accept"}
    ] * 2
    assert [headers["mo-meta-empty"] for headers in told] == ["", ""]
    assert (sent.request_size, copied.request_size) == (len(body), len(body))


@pytest.mark.usefixtures("owner")
async def test_requests_that_were_dropped_before_they_were_read_are_told(console: Console) -> None:
    await console.page.route(
        "**/_emulator/events?*",
        lambda route: route.fulfill(
            content_type="text/event-stream", body='event: dropped\ndata: {"count": 1500}\n\n'
        ),
    )
    await console.open("requests")
    said = console.page.get_by_text("1,500 were dropped before they could be read")
    await expect(said).to_be_visible()


async def test_a_request_that_ends_late_leaves_no_gap_in_what_is_older(
    console: Console, owner: Client
) -> None:
    reader, writer = await asyncio.open_connection(*owner.address)
    head = "PUT /objectstore/media/slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n"
    head += f"Authorization: {owner.api_key}\r\nExpect: 100-continue\r\n\r\n"
    writer.write(head.encode())
    await reader.readuntil(b"100 Continue\r\n\r\n")
    for number in range(250):
        owner.get("media", f"many/{number}")
    await console.open("requests")
    await expect(console.row("many/249")).to_have_count(1)
    writer.write(b"x")
    await reader.readuntil(b"204 No Content\r\n")
    writer.close()
    owner.get("media", "poster.jpg")
    await expect(console.page.get_by_text("201+ requests, newest first")).to_be_visible()
    await console.page.get_by_role("grid").focus()
    await console.page.keyboard.press("End")
    await expect(console.page.get_by_text("256 requests, newest first")).to_be_visible()
    await console.page.keyboard.press("End")
    await expect(console.row("media/slow")).to_contain_text("204")


async def test_the_requests_are_saved_as_har(
    console: Console, owner: Client, tmp_path: Path
) -> None:
    owner.get("media", "live/1.ts")
    await console.open("requests", operation="GetObject")
    await expect(console.row("live/1.ts")).to_have_count(1)
    async with console.page.expect_download() as download:
        await console.button("Save as HAR").click()
    await (await download.value).save_as(tmp_path / "requests.har")
    entries = json.loads((tmp_path / "requests.har").read_bytes())["log"]["entries"]
    assert [entry["request"]["method"] for entry in entries] == ["GET"]


async def test_while_paused_new_requests_wait(console: Console, owner: Client) -> None:
    await console.open("requests")
    await expect(console.row("poster.jpg")).to_have_count(1)
    await console.button("Pause").click()
    owner.get("media", "poster.jpg")
    owner.get("media", "poster.jpg")
    await expect(console.button("Go on (2 new)")).to_be_visible()
    await expect(console.row("poster.jpg")).to_have_count(1)
    await console.button("Go on (2 new)").click()
    await expect(console.row("poster.jpg")).to_have_count(3)


@pytest.mark.usefixtures("owner")
async def test_on_a_phone_a_request_that_is_not_there_leads_back_to_the_list(
    console: Console,
) -> None:
    console.allow("404 (Not Found)")
    await console.page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    await console.open("requests", "99")
    await expect(console.toast("The journal has no call 99")).to_be_visible()
    await expect(console.page.get_by_role("region", name="Request", exact=True)).to_be_hidden()
    await expect(console.row("poster.jpg")).to_be_visible()


async def test_what_waits_is_bounded(console: Console) -> None:
    await console.open("requests")
    waiting = await console.page.evaluate("""async () => {
      const { keepNewest, newOnes } = await import("/_emulator/console/waiting.js");
      const items = [];
      let most = 0;
      for (let number = 1; number <= 1000; number += 1) {
        keepNewest(items, number, 10);
        most = Math.max(most, items.length);
      }
      return [most, items.slice(-10), newOnes(0, 10), newOnes(3, 10), newOnes(11, 10)];
    }""")
    newest = list(range(991, 1001))
    assert waiting == [20, newest, "", " (3 new)", " (more than 10 new)"]


async def test_a_request_that_ends_late_does_not_move_the_keyboards_row(console: Console) -> None:
    await console.open("requests")
    active = await console.page.evaluate("""() => {
      const list = document.createElement("mo-list");
      list.columns = [{ title: "#", width: "1fr", cell: ({ number }) => String(number) }];
      document.querySelector("main").append(list);
      list.items = [{ number: 5 }, { number: 3 }, { number: 1 }];
      list.select(list.items[1]);
      const insert = (number) => list.insertItem({ number }, (item) => number - item.number);
      const seen = [];
      insert(4);
      seen.push(list.active.number);
      insert(2);
      seen.push(list.active.number);
      list.removeItem(list.items[0]);
      seen.push(list.active.number);
      list.prependItems([{ number: 7 }], 2);
      seen.push(list.active);
      list.remove();
      return seen;
    }""")
    assert active == [3, 3, 3, None]


async def test_older_requests_come_when_they_are_scrolled_to(
    console: Console, owner: Client
) -> None:
    for number in range(450):
        owner.get("media", f"many/{number}")
    await console.open("requests")
    grid = console.page.get_by_role("grid")
    await expect(console.row("many/449")).to_have_count(1)
    await grid.focus()
    await console.page.keyboard.press("End")
    await expect(grid).not_to_have_attribute("aria-rowcount", "201")
    await console.page.keyboard.press("End")
    await console.page.keyboard.press("End")
    await expect(console.page.get_by_text("454 requests, newest first")).to_be_visible()
    await console.page.keyboard.press("End")
    await expect(console.row("CreateOrUpdateObjectStore")).to_have_count(1)
    assert await console.page.locator(".list-row").count() < 100


async def test_what_one_looks_at_does_not_move_when_requests_arrive(
    console: Console, owner: Client
) -> None:
    for number in range(100):
        owner.get("media", f"many/{number}")
    await console.open("requests")
    await expect(console.row("many/99")).to_have_count(1)
    await console.page.get_by_role("grid").evaluate("(grid) => { grid.scrollTop = 1000; }")
    seen = console.row("many/60")
    await expect(seen).to_be_visible()
    before = await seen.bounding_box()
    owner.get("media", "poster.jpg")
    await expect(console.page.get_by_text("105 requests, newest first")).to_be_visible()
    assert await seen.bounding_box() == before


async def test_the_journal_is_cleared_once_one_has_said_so(console: Console, owner: Client) -> None:
    await console.open("requests")
    await expect(console.row("poster.jpg")).to_have_count(1)
    await console.button("Clear").click()
    await console.dialog.get_by_role("button", name="Cancel").click()
    await expect(console.row("poster.jpg")).to_have_count(1)
    await console.button("Clear").click()
    await console.button("Clear the journal").click()
    await expect(console.page.get_by_text("No requests yet")).to_be_visible()
    owner.get("media", "poster.jpg")
    await expect(console.row("poster.jpg")).to_have_count(1)
    await expect(console.page.locator('[aria-rowindex="2"]')).to_have_text(re.compile("^1"))
