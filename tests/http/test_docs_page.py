"""The page that shows the OpenAPI documents: it is served as the console is (D162)."""

from __future__ import annotations

import pytest

from tests.support.emulators import Start
from tests.support.raw_client import Client

DOCS = "/_emulator/docs"


def test_the_page_is_html_that_runs_only_the_emulators_own_files(start: Start) -> None:
    client = Client(start().endpoint)
    answer = client.get(DOCS)
    assert (answer.status, answer.media_type) == (200, "text/html")
    assert b"<mo-docs>" in answer.body
    assert "script-src 'self'" in (answer.headers.get("Content-Security-Policy") or "")
    head = client.head(DOCS)
    assert (head.status, head.body) == (200, b"")


@pytest.mark.parametrize("file", ["docs.js", "docs.css"])
def test_the_files_of_the_page_are_served(start: Start, file: str) -> None:
    assert Client(start().endpoint).get(f"/_emulator/console/{file}").status == 200


def test_the_page_is_loaded_without_the_control_token(start: Start) -> None:
    emulator = start(control_token="secret-token")
    assert Client(emulator.endpoint).get(DOCS).status == 200


def test_a_page_of_another_site_does_not_get_it(start: Start) -> None:
    foreign = [("Sec-Fetch-Site", "cross-site")]
    assert Client(start().endpoint).get(DOCS, headers=foreign).status == 403


def test_without_the_console_there_are_the_documents_alone(start: Start) -> None:
    client = Client(start(console=False).endpoint)
    assert client.get(DOCS).status == 404
    assert client.get("/_emulator/openapi/service.json").status == 200
