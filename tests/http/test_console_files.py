"""The files of the console: what a browser gets, who may load them, and what leads there."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

import emulator
from emulator import Emulator
from emulator.http.console_files import MEDIA_TYPES
from tests.support.client import TIMEOUT_SECONDS, Answer
from tests.support.emulators import Start

pytestmark = pytest.mark.proves("D155")

DIRECTORY = Path(emulator.__file__).parent / "console"
FILES = sorted(str(each.relative_to(DIRECTORY)) for each in DIRECTORY.rglob("*") if each.is_file())
PAGE = "/_emulator/"
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
TOKEN = "a-control-token"


@pytest.fixture(scope="module")
def own() -> Iterator[Emulator]:
    """An emulator on loopback."""
    with Emulator(cache="memory") as running:
        yield running


@pytest.fixture(scope="module")
def guarded() -> Iterator[Emulator]:
    """An emulator on every address, with a control token."""
    with Emulator(cache="memory", host="0.0.0.0", control_token=TOKEN) as running:
        yield running


def ask(
    running: Emulator,
    path: str,
    headers: Mapping[str, str] | None = None,
    *,
    method: str = "GET",
    host: str | None = None,
) -> Answer:
    """What a request is answered with, sent as it is; redirects are not followed."""
    with closing(http.client.HTTPConnection(running.host, running.port, timeout=20)) as connection:
        connection.timeout = TIMEOUT_SECONDS
        connection.putrequest(method, path, skip_host=host is not None)
        for name, value in {**({} if host is None else {"Host": host}), **(headers or {})}.items():
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        return Answer(response.status, response.msg, response.read())


def test_the_first_page_is_html(own: Emulator) -> None:
    answer = ask(own, PAGE)
    assert answer.status == 200
    assert answer.header("Content-Type") == "text/html; charset=utf-8"
    assert answer.body == (DIRECTORY / "index.html").read_bytes()


@pytest.mark.parametrize("name", FILES)
def test_every_file_of_the_console_has_a_media_type_and_is_served_as_it_is(
    own: Emulator, name: str
) -> None:
    answer = ask(own, f"/_emulator/console/{name}")
    assert answer.status == 200
    assert answer.header("Content-Type") == MEDIA_TYPES[Path(name).suffix[1:]]
    assert answer.body == (DIRECTORY / name).read_bytes()


@pytest.mark.parametrize("path", [PAGE, "/_emulator/console/index.html"])
def test_a_page_may_load_and_run_only_what_is_the_emulators(own: Emulator, path: str) -> None:
    answer = ask(own, path)
    assert answer.header("Content-Security-Policy") == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "media-src 'self' blob:; connect-src 'self'; frame-src blob: 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    )
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert answer.header("Referrer-Policy") == "no-referrer"
    assert answer.header("Cache-Control") == "no-cache"


def test_a_browser_that_has_a_file_is_told_so(own: Emulator) -> None:
    tag = ask(own, PAGE).header("ETag")
    assert tag is not None
    for shown in (tag, f'W/"x", {tag}', f"W/{tag}"):
        again = ask(own, PAGE, {"If-None-Match": shown})
        assert (again.status, again.body, again.header("ETag")) == (304, b"", tag)
    assert ask(own, PAGE, {"If-None-Match": '"another"'}).status == 200


def test_head_is_get_without_the_body(own: Emulator) -> None:
    answer = ask(own, PAGE, method="HEAD")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.header("Content-Length") == str((DIRECTORY / "index.html").stat().st_size)


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH", "OPTIONS"])
def test_a_page_can_only_be_read(own: Emulator, method: str) -> None:
    assert ask(own, PAGE, {"Content-Length": "0"}, method=method).status == 405


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../app.py",
        "..%2fapp.py",
        "%2e%2e/app.py",
        "%2e%2e%2fconsole%2findex.html",
        "./index.html",
        "/index.html",
        "//index.html",
        "%2f/etc/passwd",
        "/etc/passwd",
        "..\\app.py",
        "..%5capp.py",
        "index.html/",
        "index.html%00",
        "index.html%0a",
        "index%2ehtml",
        "index",
        "index.py",
        "nothing.js",
        "~/index.html",
        "a" * 300 + ".js",
        "a/" * 500 + "a.js",
    ],
)
def test_no_other_file_can_be_read(own: Emulator, name: str) -> None:
    answer = ask(own, f"/_emulator/console/{name}")
    assert answer.status == 404
    assert answer.json() == {"message": "The console has no such file"}


@pytest.mark.parametrize("path", [PAGE, "/_emulator/console/index.html", "/_emulator/console/x.js"])
def test_other_names_and_other_pages_get_no_file(own: Emulator, path: str) -> None:
    for host in ("example.com", f"example.com:{own.port}", "", "127.0.0.1.example.com"):
        assert ask(own, path, host=host).status == 403
    for headers in (
        {"Origin": "http://example.com"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        assert ask(own, path, headers).status == 403


def test_a_page_of_the_console_itself_gets_its_files(own: Emulator) -> None:
    origin = {"Origin": own.endpoint, "Sec-Fetch-Site": "same-origin"}
    assert ask(own, "/_emulator/console/index.html", origin).status == 200


def test_where_there_is_a_control_token_the_files_need_none(guarded: Emulator) -> None:
    """A browser cannot send it before a page is there to ask for it; the files hold no data."""
    assert ask(guarded, PAGE).status == 200
    assert ask(guarded, PAGE, host="emulator.example.com:8080").status == 200
    assert ask(guarded, "/_emulator/clock").status == 401


def test_where_there_is_a_control_token_other_pages_get_no_file(guarded: Emulator) -> None:
    assert ask(guarded, PAGE, {"Sec-Fetch-Site": "cross-site"}).status == 403
    assert ask(guarded, PAGE, {"Origin": "http://example.com"}).status == 403


def test_an_emulator_that_others_can_reach_has_no_console_without_a_token() -> None:
    with Emulator(cache="memory", host="0.0.0.0") as reachable:
        refused = ask(reachable, PAGE)
        assert refused.status == 403
        assert "loopback" in refused.json()["message"]
        assert ask(reachable, "/", BROWSER).status == 404


def test_a_browser_that_opens_the_root_is_led_to_the_console(own: Emulator) -> None:
    for path in ("/", "/?x=1", "/_emulator"):
        for method in ("GET", "HEAD"):
            answer = ask(own, path, BROWSER, method=method)
            assert (answer.status, answer.header("Location")) == (302, PAGE)
            assert answer.header("Vary") == "Accept"


@pytest.mark.parametrize("headers", [{}, {"Accept": "*/*"}, {"Accept": "application/json"}])
def test_any_other_client_is_told_that_the_root_is_unknown(
    own: Emulator, headers: dict[str, str]
) -> None:
    answer = ask(own, "/", headers)
    assert answer.status == 404
    assert answer.json()["message"].startswith("Unknown path")


def test_only_the_root_leads_to_the_console(own: Emulator) -> None:
    assert ask(own, "/", {**BROWSER, "Content-Length": "0"}, method="POST").status == 404
    for path in ("/index.html", "/console", "//", "/_emulator/x"):
        assert ask(own, path, BROWSER).status == 404
    assert ask(own, "/objectstore", BROWSER).status == 401


def test_a_foreign_name_is_not_led_to_the_console(own: Emulator) -> None:
    assert ask(own, "/", BROWSER, host="example.com").status == 404


def test_the_journal_has_no_request_of_the_console(own: Emulator) -> None:
    own.journal.clear()
    ask(own, PAGE)
    ask(own, "/_emulator/console/index.html")
    assert own.journal.calls() == []


def test_without_the_console_nothing_of_it_answers(start: Start) -> None:
    plain = start(console=False, cache="memory")
    for path in (PAGE, "/_emulator/console/index.html", "/"):
        answer = ask(plain, path, BROWSER)
        assert answer.status == 404
        assert json.loads(answer.body)["message"].startswith("Unknown path")
    assert ask(plain, "/_emulator/clock").status == 200
    assert plain.console is None


def test_the_console_has_an_address(own: Emulator) -> None:
    assert own.console == f"{own.endpoint}/_emulator/"
