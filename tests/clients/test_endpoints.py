"""``GET /endpoints``: the addresses by availability zone, for clients that choose the nearest."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

import pytest

from emulator import Emulator
from emulator.core.revisions import FIRST, REVISIONS
from tests.support.emulators import ANY_NAMES, raw_client
from tests.support.raw_client import Client, Response

pytestmark = pytest.mark.proves("D110")

PATH = "/endpoints"


@pytest.fixture(scope="module")
def serving() -> Iterator[Emulator]:
    with Emulator(cache="memory", api_revision=max(REVISIONS), **ANY_NAMES) as emulator:
        yield emulator


@pytest.fixture
def emulator(serving: Emulator) -> Emulator:
    serving.reset()
    return serving


def ask(emulator: Emulator, *hosts: str, target: str = PATH, version: str = "1.1") -> Response:
    """What a request is answered with that has these ``Host`` headers."""
    fields = [("Host", host) for host in hosts] + [("Authorization", emulator.api_key())]
    with raw_client(emulator).wire() as wire:
        wire.send(f"GET {target} HTTP/{version}\r\n".encode())
        wire.send("".join(f"{name}: {value}\r\n" for name, value in fields).encode() + b"\r\n")
        return wire.answer()


def test_there_is_one_zone_with_the_address_that_the_client_used(emulator: Emulator) -> None:
    answer = raw_client(emulator).get(PATH)
    assert (answer.status, answer.media_type) == (200, "application/json")
    assert answer.json == {"use1-az1": [{"socket_address": f"127.0.0.1:{emulator.port}"}]}


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("192.0.2.1", "192.0.2.1:80"),
        ("[::1]", "[::1]:80"),
        ("[::1]:8080", "[::1]:8080"),
        ("[2001:db8::1]:65535", "[2001:db8::1]:65535"),
        ("192.0.2.1:9000", "192.0.2.1:9000"),
        ("[2001:DB8:0::1]:443", "[2001:db8::1]:443"),
        ("[::ffff:192.0.2.1]:443", "[::ffff:192.0.2.1]:443"),
    ],
)
def test_the_address_is_that_of_the_request_and_its_port(
    emulator: Emulator, host: str, address: str
) -> None:
    ((zone, [router]),) = ask(emulator, host).json.items()
    assert (zone, strict(router["socket_address"])) == ("use1-az1", strict(address))


@pytest.mark.parametrize(
    "host",
    [
        *["localhost", "localhost:1234", "objects.example.com", "objects.example.com:443"],
        *["under_score.example", "api.cache.emulator.test", "emulator:65536"],
        *["1.2.3", "999.1.1.1", "010.0.0.1", "192.0.2.1:0", "192.0.2.1:65536", "[::1]:99999"],
    ],
)
def test_a_name_becomes_the_address_at_which_the_request_came_in(
    emulator: Emulator, host: str
) -> None:
    answer = ask(emulator, host)
    assert answer.json == {"use1-az1": [{"socket_address": f"127.0.0.1:{emulator.port}"}]}


def strict(text: str) -> tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, int]:
    """An address as a parser reads it that takes no names: ``ip:port`` or ``[ip6]:port``."""
    found = re.fullmatch(r"(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):([0-9]{1,5})", text)
    assert found is not None, text
    address = ipaddress.ip_address(found[1] or found[2])
    assert address.version == (6 if found[1] else 4)
    assert 1 <= int(found[3]) <= 65535
    return address, int(found[3])


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("name", ["localhost", "emulator.test:80"])
def test_every_address_is_one_for_a_strict_parser_and_leads_here(host: str, name: str) -> None:
    with Emulator(cache="memory", api_revision=max(REVISIONS), host=host) as emulator:
        ((_, [router]),) = ask(emulator, name).json.items()
        address, port = strict(router["socket_address"])
        assert (str(address), port) == (host, emulator.port)


@pytest.mark.proves("D146")
@pytest.mark.parametrize(
    ("routers", "zones"),
    [
        (1, {"use1-az1": 1}),
        (2, {"use1-az1": 1, "use1-az2": 1}),
        (3, {"use1-az1": 1, "use1-az2": 1, "use1-az3": 1}),
        (7, {"use1-az1": 3, "use1-az2": 2, "use1-az3": 2}),
    ],
)
def test_the_routers_are_spread_over_three_zones(routers: int, zones: dict[str, int]) -> None:
    with Emulator(cache="memory", api_revision=max(REVISIONS), routers=routers) as emulator:
        router = {"socket_address": f"127.0.0.1:{emulator.port}"}
        named = {zone: [router] * count for zone, count in zones.items()}
        assert raw_client(emulator).get(PATH).json == named
        assert raw_client(emulator).get(f"{PATH}?private=true").json == named


@pytest.mark.proves("D146")
@pytest.mark.parametrize("query", ["private=true", "private=false", "private", "private=x&a=b"])
def test_private_addresses_are_the_same(emulator: Emulator, query: str) -> None:
    assert raw_client(emulator).get(f"{PATH}?{query}").json == raw_client(emulator).get(PATH).json


@pytest.mark.parametrize("host", ["", "a b", "a/b", "::1", "a:b", "a@b", "host:"])
def test_a_host_that_is_none_is_400(emulator: Emulator, host: str) -> None:
    answer = ask(emulator, host)
    assert answer.status == 400
    assert "Host" in answer.message


def test_a_request_without_a_host_is_400(emulator: Emulator) -> None:
    assert ask(emulator, version="1.0").status == 400


def test_over_ipv6_the_endpoint_is_an_ipv6_address() -> None:
    with Emulator(cache="memory", api_revision=max(REVISIONS), host="::1", **ANY_NAMES) as emulator:
        answer = raw_client(emulator).get(PATH)
        assert answer.json == {"use1-az1": [{"socket_address": f"[::1]:{emulator.port}"}]}


@pytest.mark.parametrize("role", ["owner", "operator", "viewer"])
def test_any_role_may_ask_for_the_endpoints(emulator: Emulator, role: str) -> None:
    assert raw_client(emulator, role).get(PATH).status == 200


def test_a_role_that_may_do_nothing_else_may_ask_for_the_endpoints(emulator: Emulator) -> None:
    rule = {"type": "cache", "permissions": ["read"], "caches": "*", "items": "*"}
    role = emulator.create_role("caches", {"rules": [rule]})
    key = emulator.create_api_key(role)
    assert Client(emulator.endpoint, key).get(PATH).status == 200
    token = emulator.create_token({"rules": [rule]})
    assert Client(emulator.endpoint, token).get(PATH).status == 200


@pytest.mark.parametrize("key", [None, "", "wrong", "eyJhbGciOiJIUzI1NiJ9.e30.x"])
def test_asking_for_the_endpoints_without_a_valid_key_is_401(
    emulator: Emulator, key: str | None
) -> None:
    answer = Client(emulator.endpoint, key).get(PATH)
    assert answer.status == 401
    assert list(answer.json) == ["message"]


def test_a_revoked_key_is_401(emulator: Emulator) -> None:
    key = emulator.create_api_key("viewer")
    emulator.revoke_api_key(key)
    assert Client(emulator.endpoint, key).get(PATH).status == 401


def test_head_is_get_without_its_body(emulator: Emulator) -> None:
    whole = raw_client(emulator).get(PATH)
    head = raw_client(emulator).head(PATH)
    assert (head.status, head.body) == (200, b"")
    assert head.headers.get("Content-Length") == str(len(whole.body))
    assert Client(emulator.endpoint).head(PATH).status == 401


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("with_key", [True, False])
def test_another_method_is_405(emulator: Emulator, method: str, with_key: bool) -> None:
    asking = raw_client(emulator) if with_key else Client(emulator.endpoint)
    answer = asking.request(method, PATH, body=b"")
    assert (answer.status, answer.headers.get("Allow")) == (405, "GET, HEAD")
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("path", [f"{PATH}/", f"{PATH}/use1-az1", "/endpoint"])
def test_a_path_beside_the_endpoints_is_404(emulator: Emulator, path: str) -> None:
    assert raw_client(emulator).get(path).status == 404


def test_parameters_of_a_request_for_the_endpoints_are_not_looked_at(emulator: Emulator) -> None:
    assert raw_client(emulator).get(f"{PATH}?zone=x").status == 200


def test_a_request_for_the_endpoints_is_in_the_journal_and_meets_faults(emulator: Emulator) -> None:
    emulator.faults.add({"type": "status", "status": 500}, operation="ListEndpoints")
    assert raw_client(emulator).get(PATH).status == 500
    emulator.journal.assert_called(operation="ListEndpoints", status=500, times=1)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "OPTIONS"])
def test_the_first_revision_has_no_endpoints_to_ask_for(method: str) -> None:
    with Emulator(cache="memory", api_revision=FIRST.date) as emulator:
        answer = raw_client(emulator).request(method, PATH)
        assert answer.status == 404
        assert method == "HEAD" or "endpoints" not in answer.message
