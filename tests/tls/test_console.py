"""The console and the stream of events over TLS."""

from __future__ import annotations

import ssl
from contextlib import closing
from http.client import HTTPSConnection
from urllib.parse import urlsplit

import pytest

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


def test_the_overview_names_the_endpoint_for_tls(fresh: Emulator) -> None:
    assert control(fresh, "GET", "/overview").json()["tls_endpoint"] == fresh.tls_endpoint
