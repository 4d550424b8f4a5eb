"""Which hosts are played."""

from __future__ import annotations

import pytest

from emulator.tls.hosts import Hosts, host_names

PLAYED = [
    "api.cache.cell-us-east-1-1.prod.a.momentohq.com",
    "cache.cell-1-us-east-2-1.prod.a.momentohq.com",
    "control.cell-4-us-west-2-1.prod.a.momentohq.com",
    "token.CELL-1-eu-west-1-1.Prod.A.MomentoHQ.com.",
    "emulator.test",
    "api.cache.emulator.test",
    "token.emulator.test",
    "mine.example",
    "cache.mine.example",
    "10.1.2.3",
    "[2001:DB8::0001]",
]
FOREIGN = [
    "momentohq.com",
    "prod.a.momentohq.com",
    "api.cache.prod.a.momentohq.com",
    "cell-us-east-1-1.prod.a.momentohq.com",
    "api.cache.a.b.prod.a.momentohq.com",
    "other.cell-us-east-1-1.prod.a.momentohq.com",
    "api.cache.cell-us-east-1-1.prod.a.momentohq.com.evil.example",
    "evilapi.cache.cell-us-east-1-1.prod.a.momentohq.com",
    "console.gomomento.com",
    "other.emulator.test",
    "10.1.2.4",
    "cache.10.1.2.3",
    "",
]


@pytest.mark.parametrize("host", PLAYED)
def test_the_services_of_every_cell_and_added_names_are_played(host: str) -> None:
    assert Hosts(("mine.example", "10.1.2.3", "2001:db8::1")).is_played(host)


@pytest.mark.parametrize("host", FOREIGN)
def test_any_other_host_is_not_played(host: str) -> None:
    assert not Hosts(("mine.example", "10.1.2.3")).is_played(host)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_loopback_is_own_but_no_host_that_the_proxy_leads_to(host: str) -> None:
    assert Hosts().is_own(host)
    assert not Hosts().is_played(host)


@pytest.mark.parametrize(
    "text", ["", "a,,b", "http://a", "a:443", "*.example", "a b", "-a", "ä.example", "a" * 254]
)
def test_what_is_no_host_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a host name"):
        host_names(text)
