"""From which addresses a permission set may be used."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.auth.authentication import Caller
from emulator.core.errors import BadRequestError, ForbiddenError
from emulator.core.permission_set import Access, PermissionSet, parse_permission_set
from tests.core.permission_sets import a_rule, a_set, ip_filter
from tests.suites import examples

pytestmark = pytest.mark.proves("D48")


def limited(*filters: Sequence[str]) -> PermissionSet:
    """A permission set with a condition for each of the lists of ranges."""
    return parse_permission_set(a_set(conditions=[ip_filter(*ranges) for ranges in filters]))


class Range(NamedTuple):
    """The addresses of one family that have the first ``prefix`` of these bits."""

    number: int
    prefix: int
    bits: int

    def __str__(self) -> str:
        return f"{address(self.number, self.bits)}/{self.prefix}"

    def has(self, number: int, bits: int) -> bool:
        free = self.bits - self.prefix
        return bits == self.bits and number >> free == self.number >> free


def address(number: int, bits: int) -> str:
    made: object = ipaddress.IPv4Address(number) if bits == 32 else ipaddress.IPv6Address(number)
    return str(made)


# Few enough addresses that some are in a range, and some just beside it.
numbers = {
    32: st.builds(
        lambda high, low: high << 24 | low, st.sampled_from([10, 127]), st.integers(0, 9)
    ),
    128: st.builds(
        lambda high, low: high << 112 | low, st.sampled_from([0x2001, 0xFE80]), st.integers(0, 9)
    ),
}
families = st.sampled_from([32, 128])
ranges = families.flatmap(
    lambda bits: st.builds(
        Range,
        numbers[bits],
        st.one_of(st.integers(bits - 6, bits), st.integers(0, bits)),
        st.just(bits),
    )
)
callers = families.flatmap(lambda bits: st.tuples(numbers[bits], st.just(bits)))


@settings(max_examples=examples(300))
@given(filters=st.lists(st.lists(ranges, min_size=1, max_size=3), max_size=3), caller=callers)
def test_a_caller_is_admitted_who_is_in_some_range_of_every_condition(
    filters: list[list[Range]], caller: tuple[int, int]
) -> None:
    permissions = limited(*(list(map(str, found)) for found in filters))
    expected = all(any(one.has(*caller) for one in found) for found in filters)
    assert permissions.admits(address(*caller)) == expected
    if caller[1] == 32:
        assert permissions.admits(f"::ffff:{address(*caller)}") == expected


@pytest.mark.parametrize("unknown", [None, "", "localhost", "10.0.0", "/run/emulator.sock", "::x"])
def test_a_caller_from_nowhere_is_admitted_only_where_there_is_no_condition(
    unknown: str | None,
) -> None:
    assert limited().admits(unknown)
    assert not limited(["0.0.0.0/0", "::/0"]).admits(unknown)


@pytest.mark.parametrize("caller", ["fe80::1%eth0", "fe80::1%3", "fe80::1"])
def test_the_zone_of_an_address_says_nothing(caller: str) -> None:
    assert limited(["fe80::/10"]).admits(caller)
    assert not limited(["2001:db8::/32"]).admits(caller)


def test_a_range_is_the_same_with_bits_behind_its_prefix() -> None:
    permissions = limited(["10.1.2.3/8", "2001:db8::17/32"])
    for caller in ("10.0.0.0", "10.255.255.255", "2001:db8::", "2001:db8:ffff::1"):
        assert permissions.admits(caller)
    for caller in ("11.0.0.0", "9.255.255.255", "2001:db9::", "2001:db7:ffff::"):
        assert not permissions.admits(caller)


def test_every_address_of_a_family_is_in_its_widest_range() -> None:
    assert limited(["0.0.0.0/0"]).admits("255.255.255.255")
    assert limited(["0.0.0.0/0"]).admits("::ffff:1.2.3.4")
    assert not limited(["0.0.0.0/0"]).admits("::1")
    assert limited(["::/0"]).admits("::1")
    assert not limited(["::/0"]).admits("127.0.0.1")


@pytest.mark.parametrize("caller", ["10.1.2.3", "::ffff:10.1.2.3"])
def test_a_range_of_ipv4_addresses_written_as_ipv6_has_them(caller: str) -> None:
    assert limited(["::ffff:10.0.0.0/104"]).admits(caller)
    assert not limited(["::ffff:11.0.0.0/104"]).admits(caller)


@pytest.mark.parametrize(
    "cidr",
    ["10.0.0.0/8", "0.0.0.0/0", "1.2.3.4/32", "::/0", "2001:DB8::/32", "::1/128", "::1.2.3.4/96"],
)
def test_a_range_is_an_address_and_a_prefix_length(cidr: str) -> None:
    limited([cidr])


NO_RANGES = {
    "nothing": "",
    "no prefix length": "10.0.0.0",
    "no prefix length, IPv6": "2001:db8::",
    "a netmask": "10.0.0.0/255.0.0.0",
    "a hostmask": "10.0.0.0/0.255.255.255",
    "an IPv6 netmask": "2001:db8::/ffff:ffff::",
    "a prefix that is too long": "10.0.0.0/33",
    "an IPv6 prefix that is too long": "::/129",
    "an empty prefix length": "10.0.0.0/",
    "a negative prefix length": "10.0.0.0/-1",
    "a signed prefix length": "10.0.0.0/+8",
    "a fraction": "10.0.0.0/8.0",
    "two prefix lengths": "10.0.0.0/8/8",
    "no address": "/8",
    "a slash": "/",
    "a space before": " 10.0.0.0/8",
    "a space behind": "10.0.0.0/8 ",
    "a line end behind": "10.0.0.0/8\n",
    "a space inside": "10.0.0.0 /8",
    "a leading zero in the address": "010.0.0.0/8",
    "a leading zero in the prefix length": "10.0.0.0/08",
    "other digits": "10.0.0.0/٨",
    "an address that is too short": "10/8",
    "an address that is too long": "10.0.0.0.0/8",
    "an octet that is too large": "10.0.0.256/8",
    "a name": "localhost/8",
    "a name of hexadecimal digits": "cafe/8",
    "a star": "*/8",
    "every address": "*",
    "a zone": "fe80::1%eth0/64",
    "brackets": "[::1]/128",
    "a group that is too large": "2001:db80a::/32",
    "two gaps": "2001::db8::/32",
}


@pytest.mark.proves("D44")
@pytest.mark.parametrize("cidr", NO_RANGES.values(), ids=NO_RANGES)
def test_what_is_no_address_and_prefix_length_is_no_range(cidr: str) -> None:
    with pytest.raises(BadRequestError) as refused:
        limited(["10.0.0.0/8"], ["::/0", cidr])
    path = "permissions.conditions[1].ip_filter.allowed_cidr_ranges[1]"
    assert refused.value.message.startswith(f"Invalid {path}: ")


def test_a_caller_who_may_is_refused_from_another_address_and_is_told_why() -> None:
    permissions = parse_permission_set(a_set(a_rule(), conditions=[ip_filter("10.0.0.0/8")]))
    read, write = Access("store", "read"), Access("store", "write")
    Caller("id", None, permissions, "10.0.0.1").require(read, "store", "key")
    with pytest.raises(ForbiddenError, match="IP address"):
        Caller("id", None, permissions, "11.0.0.1").require(read, "store", "key")
    with pytest.raises(ForbiddenError, match="write on store"):
        Caller("id", None, permissions, "11.0.0.1").require(write, "store", "key")
