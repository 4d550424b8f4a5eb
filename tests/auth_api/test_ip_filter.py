"""Conditions: from which addresses a key or token may be used (D48)."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from emulator import Emulator
from tests.contract.expect import expect_error
from tests.contract.stores import LIST
from tests.support.raw_client import TIMEOUT_SECONDS, Client

from .api import Api
from .expect import expect_refusal
from .permission_sets import LIST_STORES, allow, ip_filter, objects, rule

pytestmark = [pytest.mark.proves("D48"), pytest.mark.proves("Permission set")]

HERE = "127.0.0.1"
ELSEWHERE = "127.0.0.2"
AUTH = rule("auth_management", "read", "write", "list")


@dataclass(frozen=True)
class ClientAt(Client):
    """A client with an address of its own."""

    address: str = HERE

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(
            self.host, timeout=TIMEOUT_SECONDS, source_address=(self.address, 0)
        )


def can_bind(family: socket.AddressFamily, address: str) -> bool:
    try:
        with socket.socket(family) as attempt:
            attempt.bind((address, 0))
    except OSError:
        return False
    return True


needs_another_address = pytest.mark.skipif(
    not can_bind(socket.AF_INET, ELSEWHERE), reason=f"there is no address {ELSEWHERE} to call from"
)


@pytest.fixture(scope="module")
def over_ipv6() -> Iterator[Api]:
    """An Owner of an emulator that is reached over IPv6."""
    if not can_bind(socket.AF_INET6, "::1"):
        pytest.skip("there is no IPv6 to be reached over")
    with Emulator(cache="memory", host="::1") as emulator:
        yield Api(Client(emulator.endpoint, emulator.api_key()))


def key_for(owner: Api, *ranges: str) -> str:
    return owner.key_with(allow(LIST_STORES, AUTH, ranges=ranges))


def status_from(owner: Api, address: str, key: str) -> int:
    return ClientAt(owner.client.endpoint, key, address).get(LIST).status


@pytest.mark.parametrize(
    ("ranges", "admitted"),
    [
        (["127.0.0.1/32"], True),
        (["127.0.0.0/8"], True),
        (["127.255.255.255/8"], True),
        (["0.0.0.0/0"], True),
        (["10.0.0.0/8", "127.0.0.1/32"], True),
        (["2001:db8::/32", "127.0.0.1/32"], True),
        (["10.0.0.0/8"], False),
        (["127.0.0.2/32"], False),
        (["127.0.0.2/31"], False),
        (["127.0.0.0/31"], True),
        (["10.0.0.0/8", "192.168.0.0/16"], False),
        (["::/0"], False),
        (["::1/128"], False),
    ],
    ids=str,
)
def test_a_caller_is_admitted_from_the_ranges_alone(
    owner: Api, ranges: list[str], admitted: bool
) -> None:
    permissions = allow(LIST_STORES, AUTH, objects("read", "write"), ranges=ranges)
    for key in (owner.key_with(permissions), owner.new_token(permissions)):
        caller = owner.with_key(key)
        assert caller.client.get(LIST).status == (200 if admitted else 403)
        assert caller.client.get("/objectstore/some/key").status == (404 if admitted else 403)
        assert caller.client.put("/objectstore/some/key").status == (404 if admitted else 403)
        assert caller.list_keys().status == (200 if admitted else 403)
        assert caller.create_key("viewer").status == (200 if admitted else 403)


@needs_another_address
def test_the_same_key_is_admitted_from_one_address_and_not_from_another(owner: Api) -> None:
    here, there = key_for(owner, f"{HERE}/32"), key_for(owner, f"{ELSEWHERE}/32")
    both = key_for(owner, f"{HERE}/32", f"{ELSEWHERE}/32")
    assert [status_from(owner, HERE, key) for key in (here, there, both)] == [200, 403, 200]
    assert [status_from(owner, ELSEWHERE, key) for key in (here, there, both)] == [403, 200, 200]


@needs_another_address
@pytest.mark.parametrize(
    ("conditions", "statuses"),
    [
        ([], [200, 200]),
        ([ip_filter("127.0.0.0/8")], [200, 200]),
        ([ip_filter("127.0.0.0/8"), ip_filter(f"{HERE}/32")], [200, 403]),
        ([ip_filter(f"{HERE}/32"), ip_filter("127.0.0.0/8")], [200, 403]),
        ([ip_filter(f"{HERE}/32"), ip_filter(f"{ELSEWHERE}/32")], [403, 403]),
        ([ip_filter(f"{HERE}/32", f"{ELSEWHERE}/32"), ip_filter(f"{ELSEWHERE}/32")], [403, 200]),
    ],
    ids=str,
)
def test_every_condition_has_to_admit_a_caller(
    owner: Api, conditions: list[object], statuses: list[int]
) -> None:
    key = owner.key_with({"rules": [LIST_STORES], "conditions": conditions})
    assert [status_from(owner, address, key) for address in (HERE, ELSEWHERE)] == statuses


@pytest.mark.parametrize(
    "name", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "True-Client-IP", "Via", "Host"]
)
def test_what_a_request_says_of_its_address_counts_for_nothing(owner: Api, name: str) -> None:
    value = "for=10.0.0.1" if name == "Forwarded" else "10.0.0.1"
    inside, outside = key_for(owner, "10.0.0.0/8"), key_for(owner, f"{HERE}/32")
    with owner.client.wire() as wire:
        for key, status in ((inside, 403), (outside, 200)):
            host = [] if name == "Host" else [("Host", owner.client.host)]
            wire.send_head("GET", LIST, [*host, ("Authorization", key), (name, value)])
            assert wire.answer().status == status


def test_a_condition_comes_with_a_replaced_role_and_goes_with_it(owner: Api) -> None:
    role_id = owner.new_role(allow(LIST_STORES))["role_id"]
    key = owner.new_key(role_id).api_key
    with owner.client.with_key(key).wire() as wire:
        assert wire.request("GET", LIST).status == 200
        owner.replace_role(role_id, "custom", allow(LIST_STORES, ranges=["10.0.0.0/8"]))
        expect_error(wire.request("GET", LIST), 403)
        owner.replace_role(role_id, "custom", allow(LIST_STORES))
        assert wire.request("GET", LIST).status == 200


def test_refusals_have_the_form_of_the_plane_that_was_called(owner: Api) -> None:
    outside = owner.with_key(key_for(owner, "10.0.0.0/8"))
    expect_error(outside.client.get(LIST), 403)
    expect_refusal(outside.list_keys(), 403)
    expect_refusal(outside.list_roles(), 403)


@pytest.mark.parametrize(
    ("ranges", "admitted"),
    [
        (["::1/128"], True),
        (["::/0"], True),
        (["::ffff/112"], True),
        (["127.0.0.1/32", "::1/128"], True),
        (["2001:db8::/32"], False),
        (["::2/128"], False),
        (["0.0.0.0/0"], False),
        (["127.0.0.1/32"], False),
        (["::ffff:0.0.0.0/96"], False),
    ],
    ids=str,
)
def test_a_caller_over_ipv6_is_admitted_from_the_ranges_alone(
    over_ipv6: Api, ranges: list[str], admitted: bool
) -> None:
    permissions = allow(LIST_STORES, ranges=ranges)
    for key in (over_ipv6.key_with(permissions), over_ipv6.new_token(permissions)):
        assert over_ipv6.client.with_key(key).get(LIST).status == (200 if admitted else 403)
