"""The hosts of production that the emulator plays."""

from __future__ import annotations

import pytest

from emulator.core.played_hosts import played_host

EAST = "cell-us-east-1-1.prod.a.momentohq.com"


@pytest.mark.parametrize("service", ["api.cache", "cache", "control", "token"])
@pytest.mark.parametrize(
    "cell",
    [
        EAST,
        "cell-1-us-east-2-1.prod.a.momentohq.com",
        "cell-4-us-west-2-1.prod.a.momentohq.com",
        "cell-1-eu-west-1-1.prod.a.momentohq.com",
        "emulator.test",
    ],
)
def test_the_services_of_every_cell_are_played(service: str, cell: str) -> None:
    host = f"{service}.{cell}"
    assert played_host(host, ()) == played_host(host.upper(), ()) == cell
    assert played_host(f"{host}.", ()) == cell


@pytest.mark.parametrize(
    "host",
    [
        *["", ".", "localhost", "127.0.0.1", "::1", "example.com", "api.cache.", "cache.cache."],
        *["api.cache.example.com", "cache.example.test", "xapi.cache.emulator.test"],
        *[f"{EAST}.example.com", f"api.cache.{EAST}.example.com", f"api.cache.x.{EAST}"],
        *[f"evil.{EAST}", EAST, "emulator.test", "api.cache.prod.a.momentohq.com"],
        *["api.cache..prod.a.momentohq.com", "api.cache.-.prod.a.momentohq.com"],
        f"api.cache.{EAST}\n",
    ],
)
def test_no_other_host_is_played(host: str) -> None:
    assert played_host(host, ()) is None


def test_further_names_are_cells_or_hosts() -> None:
    extra = ("cell.example.com", "api.cache.other.example.com", "objects.example.com")
    assert played_host("api.cache.cell.example.com", extra) == "cell.example.com"
    assert played_host("token.cell.example.com", extra) == "cell.example.com"
    assert played_host("API.cache.other.example.com", extra) == "other.example.com"
    assert played_host("token.other.example.com", extra) is None
    assert played_host("objects.example.com", extra) == "objects.example.com"
    assert played_host("more.objects.example.com", extra) is None
