"""The console and the stream of events over TLS."""

from __future__ import annotations

import ssl
from contextlib import closing
from http.client import HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from emulator import Emulator
from tests.support.emulators import client, control


@pytest.mark.proves("D155")
@pytest.mark.proves("D158")
def test_the_console_and_events_are_served_over_tls_too(fresh: Emulator) -> None:
    emulator = fresh
    assert emulator.tls_endpoint is not None
    at = urlsplit(emulator.tls_endpoint)
    trusting = ssl.create_default_context(cafile=str(emulator.ca_file))
    with closing(HTTPSConnection(at.hostname or "", at.port, context=trusting, timeout=20)) as tls:
        tls.request("GET", "/_emulator/", headers={"Origin": emulator.tls_endpoint})
        answer = tls.getresponse()
        assert (answer.status, answer.read()[:15]) == (200, b"<!doctype html>")
        tls.request("GET", "/_emulator/events")
        stream = tls.getresponse()
        assert stream.readline() == b"retry: 1000\n"
        client(emulator).list_stores()
        assert [stream.readline() for _ in range(3)] == [b"\n", b"id: 1\n", b"event: call\n"]


@pytest.mark.proves("D161")
def test_documents_name_the_endpoint_for_tls_where_they_were_asked_for_there(
    emulator: Emulator,
) -> None:
    def asked(path: str) -> Any:
        url = f"{emulator.tls_endpoint}/_emulator/{path}"
        return requests.get(url, verify=str(emulator.ca_file), timeout=20).json()

    client(emulator).list_stores()

    for name in ("service.json", "control.json"):
        assert asked(f"openapi/{name}")["servers"] == [{"url": emulator.tls_endpoint}]
    (entry,) = asked("journal?format=har")["log"]["entries"]
    assert entry["request"]["url"] == f"{emulator.tls_endpoint}/objectstore"


def test_the_overview_names_the_endpoint_for_tls(fresh: Emulator) -> None:
    assert control(fresh, "GET", "/overview").json()["tls_endpoint"] == fresh.tls_endpoint
