"""Who may move the emulator's clock over HTTP: whoever is on this machine, and nobody else."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from emulator import Emulator
from emulator.config import ConfigurationError
from tests.support.raw_client import Client, Response

pytestmark = pytest.mark.proves("D56")

INSTANT = 1_770_000_000
MOVES: dict[str, tuple[str, Any]] = {
    "advance": ("/_emulator/clock/advance", {"seconds": 3600}),
    "freeze": ("/_emulator/clock/freeze", {"at": 5}),
    "set": ("/_emulator/clock/set", {"at": 5}),
    "release": ("/_emulator/clock/release", {}),
}


def ask(
    emulator: Emulator,
    method: str,
    path: str,
    document: object = None,
    headers: Mapping[str, str] | None = None,
    *,
    host: str | None = None,
) -> Response:
    """Send a request without a key, with another Host where one is given."""
    body = b"" if document is None else json.dumps(document).encode()
    fields = list((headers or {}).items())
    return Client(emulator.endpoint).request(method, path, headers=fields, body=body, host=host)


@pytest.fixture
def emulator(momento_emulator: Emulator) -> Emulator:
    """An emulator on loopback whose clock stands still."""
    momento_emulator.clock.freeze(at=INSTANT * 1_000_000)
    return momento_emulator


def has_stood_still(emulator: Emulator) -> bool:
    return emulator.clock.frozen and emulator.clock.now() == INSTANT * 1_000_000


def test_who_is_on_this_machine_moves_the_clock_without_a_key(emulator: Emulator) -> None:
    assert ask(emulator, "GET", "/_emulator/clock").json == {
        "now": "2026-02-02T02:40:00.000000Z",
        "epoch_seconds": INSTANT,
        "frozen": True,
    }
    moved = ask(emulator, "POST", "/_emulator/clock/advance", {"seconds": 1.5})
    assert (moved.status, moved.json["epoch_seconds"]) == (200, INSTANT + 1.5)
    assert emulator.clock.now() == INSTANT * 1_000_000 + 1_500_000
    frozen = ask(emulator, "POST", "/_emulator/clock/freeze", {"at": 17})
    assert (frozen.status, frozen.json["now"]) == (200, "1970-01-01T00:00:17.000000Z")
    assert ask(emulator, "POST", "/_emulator/clock/release").json["frozen"] is False
    assert not emulator.clock.frozen
    assert ask(emulator, "POST", "/_emulator/clock/freeze").json["frozen"] is True


def test_what_the_clock_does_not_understand_is_400(emulator: Emulator) -> None:
    refused = ask(emulator, "POST", "/_emulator/clock/advance", {"seconds": -1})
    assert refused.status == 400
    assert refused.json["message"].startswith("Invalid seconds: ")
    assert ask(emulator, "POST", "/_emulator/clock/advance").status == 400
    assert has_stood_still(emulator)


def test_a_chunked_body_without_chunks_says_nothing_to_the_clock(emulator: Emulator) -> None:
    client = Client(emulator.endpoint)
    assert client.request("POST", "/_emulator/clock/release", body=iter(())).status == 200
    assert not emulator.clock.frozen


def own_names(port: int) -> list[str]:
    names = ["127.0.0.1", "localhost", "LocalHost", "[::1]", "127.0.0.2", "[0:0:0:0:0:0:0:1]"]
    return [*names, *(f"{name}:{port}" for name in names)]


@pytest.mark.parametrize("number", range(len(own_names(0))), ids=own_names(80))
def test_any_name_of_this_machine_may_move_the_clock_with_or_without_its_origin(
    emulator: Emulator, number: int
) -> None:
    host = own_names(emulator.port)[number]
    for headers in ({}, {"Origin": f"http://{host}"}):
        path, document = MOVES["advance"]
        assert ask(emulator, "POST", path, document, headers, host=host).status == 200
    assert emulator.clock.now() == (INSTANT + 7200) * 1_000_000


FOREIGN_HOSTS = [
    "",
    "example.com",
    "example.com:8080",
    "127.0.0.1.example.com",
    "localhost.example.com",
    "examplelocalhost",
    "example.com:127.0.0.1",
    "10.0.0.1",
    "0.0.0.0",
    "[::]",
    "[::1].example.com",
    "[2001:db8::1]:80",
    "2130706433",
]


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_name_that_somebody_pointed_here_does_not_move_the_clock(
    emulator: Emulator, host: str, move: str
) -> None:
    path, document = MOVES[move]
    origin = {"Origin": f"http://{host}"}
    for headers in ({}, origin):
        refused = ask(emulator, "POST", path, document, headers, host=host)
        assert refused.status == 403
        assert "Host" in refused.json["message"]
    assert ask(emulator, "GET", "/_emulator/clock", host=host).status == 403
    assert has_stood_still(emulator)


FOREIGN_ORIGINS = [
    "null",
    "",
    "https://example.com",
    "http://example.com",
    "http://127.0.0.1",
    "http://127.0.0.1:1",
    "https://127.0.0.1:{port}",
    "http://localhost:{port}",
    "http://127.0.0.1:{port}.example.com",
    "http://127.0.0.1:{port}/",
    "http://user@127.0.0.1:{port}",
    "127.0.0.1:{port}",
    "file://",
]


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_the_page_of_somebody_else_does_not_move_the_clock(
    emulator: Emulator, origin: str, move: str
) -> None:
    path, document = MOVES[move]
    headers = {"Origin": origin.format(port=emulator.port)}
    refused = ask(emulator, "POST", path, document, headers)
    assert refused.status == 403
    assert "Origin" in refused.json["message"]
    assert ask(emulator, "GET", "/_emulator/clock", headers=headers).status == 403
    assert has_stood_still(emulator)


def test_no_page_is_told_that_it_may_move_the_clock(emulator: Emulator) -> None:
    headers = {"Origin": "http://example.com", "Access-Control-Request-Method": "POST"}
    assert ask(emulator, "OPTIONS", "/_emulator/clock/advance", headers=headers).status == 405


def test_an_owners_key_does_not_let_a_stranger_move_the_clock(emulator: Emulator) -> None:
    headers = {"Authorization": emulator.api_key("owner"), "Origin": "http://example.com"}
    path, document = MOVES["advance"]
    assert ask(emulator, "POST", path, document, headers).status == 403
    assert has_stood_still(emulator)


@pytest.fixture(scope="module")
def open_to_all() -> Iterator[Emulator]:
    """An emulator that listens on every address."""
    with Emulator(host="0.0.0.0") as emulator:
        yield emulator


@pytest.mark.parametrize("move", MOVES)
def test_nobody_moves_the_clock_of_an_emulator_that_others_can_reach(
    open_to_all: Emulator, move: str
) -> None:
    path, document = MOVES[move]
    open_to_all.clock.freeze(at=INSTANT * 1_000_000)
    for host in (None, "127.0.0.1", "localhost", f"0.0.0.0:{open_to_all.port}"):
        refused = ask(open_to_all, "POST", path, document, host=host)
        assert refused.status == 403
        assert "loopback" in refused.json["message"]
        assert ask(open_to_all, "GET", "/_emulator/clock", host=host).status == 403
    assert has_stood_still(open_to_all)


TOKEN = "a-control-token"
HEADER = "Momento-Emulator-Control-Token"
NO_TOKENS: dict[str, dict[str, str]] = {
    "none": {},
    "another": {HEADER: "another-token"},
    "longer": {HEADER: TOKEN + "x"},
    "cut-short": {HEADER: TOKEN[:-1]},
    "as-an-api-key": {"Authorization": TOKEN},
}


@pytest.fixture(scope="module", params=["127.0.0.1", "0.0.0.0"])
def guarded(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """An emulator with a control token, on loopback or on every address."""
    with Emulator(host=request.param, control_token=TOKEN) as emulator:
        yield emulator


@pytest.mark.parametrize("move", MOVES)
def test_who_has_the_control_token_moves_the_clock_from_anywhere(
    guarded: Emulator, move: str
) -> None:
    path, document = MOVES[move]
    headers = {HEADER: TOKEN, "Origin": "http://example.com"}
    for host in (None, "emulator", "example.com:8080"):
        assert ask(guarded, "POST", path, document, headers, host=host).status == 200
        assert ask(guarded, "GET", "/_emulator/clock", None, headers, host=host).status == 200


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("headers", NO_TOKENS.values(), ids=NO_TOKENS)
def test_who_does_not_show_the_control_token_is_refused_even_on_this_machine(
    guarded: Emulator, headers: dict[str, str], move: str
) -> None:
    path, document = MOVES[move]
    guarded.clock.freeze(at=INSTANT * 1_000_000)
    refused = ask(guarded, "POST", path, document, headers)
    assert refused.status == 401
    assert HEADER in refused.json["message"]
    assert ask(guarded, "GET", "/_emulator/clock", None, headers).status == 401
    assert has_stood_still(guarded)


@pytest.mark.parametrize("token", ["", "short", "with a blank in it", "ünïcödé-token", "x" * 1025])
def test_what_is_no_control_token_is_named(token: str) -> None:
    with pytest.raises(ConfigurationError, match="--control-token"):
        Emulator(control_token=token)


def _has_ipv6() -> bool:
    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            return False
    return True


@pytest.mark.parametrize("host", ["localhost", "::1", "127.0.0.1,localhost"])
def test_the_clock_of_an_emulator_on_another_loopback_address_can_be_moved(host: str) -> None:
    if host == "::1" and not _has_ipv6():
        pytest.skip("this machine has no IPv6")
    with Emulator(host=host) as emulator:
        path, document = MOVES["freeze"]
        assert ask(emulator, "POST", path, document).status == 200
        assert emulator.clock.now() == 5_000_000
        assert ask(emulator, "POST", path, document, host="example.com").status == 403


def test_the_clock_needs_a_token_if_one_of_several_addresses_is_not_loopback() -> None:
    with Emulator(host="127.0.0.1,0.0.0.0") as emulator:
        path, document = MOVES["freeze"]
        assert ask(emulator, "POST", path, document).status == 403
