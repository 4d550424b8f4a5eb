"""The emulator, to a program that has its endpoint and a credential."""

from __future__ import annotations

from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from emulator import Emulator

TIMEOUT_SECONDS = 20
LIST = "/objectstore"

_open = build_opener(ProxyHandler({})).open  # To loopback, whatever proxy the machine has.


def status_with(emulator: Emulator, authorization: str, path: str = LIST) -> int:
    """What a GET with that ``Authorization`` is answered with."""
    request = Request(emulator.endpoint + path, headers={"Authorization": authorization})
    try:
        with _open(request, timeout=TIMEOUT_SECONDS) as answer:
            return int(answer.status)
    except HTTPError as error:
        with error:
            return error.code


def address(emulator: Emulator) -> str:
    """Host and port of the emulator: an endpoint as the SDKs want it, which is without a scheme."""
    return urlsplit(emulator.endpoint).netloc
