"""GET /endpoints: the addresses of the service in each availability zone."""

from __future__ import annotations

import pytest

from emulator.conformance.target import Target


@pytest.mark.statement("OS12-CONFIG-30")
def test_each_zone_has_a_list_of_socket_addresses(target: Target) -> None:
    answer = target.request("GET", "/endpoints")
    assert answer.status == 200
    zones = answer.json()
    assert zones
    for addresses in zones.values():
        assert addresses
        for each in addresses:
            host, _, port = each["socket_address"].rpartition(":")
            assert host
            assert port.isdecimal()
