"""The routers of ``GET /endpoints``: a process is one, and may appear as several (D110, D146)."""

from __future__ import annotations

import ipaddress

from emulator.core.errors import BadRequestError
from emulator.http.endpoint import Incoming
from emulator.http.request import authority, host_name

AVAILABILITY_ZONES = ("use1-az1", "use1-az2", "use1-az3")
"""The zones that the routers are in, one after the other."""

_PORTS = {"http": 80, "https": 443}


def routers_by_zone(incoming: Incoming, count: int) -> dict[str, list[dict[str, str]]]:
    """Return ``count`` routers by availability zone, all at the address of this process.

    Raises:
        BadRequestError: the ``Host`` header is no host.
    """
    router = {"socket_address": socket_address(incoming)}
    zones: dict[str, list[dict[str, str]]] = {}
    for number in range(count):
        zone = AVAILABILITY_ZONES[number % len(AVAILABILITY_ZONES)]
        zones.setdefault(zone, []).append(router)
    return zones


def socket_address(incoming: Incoming) -> str:
    """Return the IP address and the port at which the client reaches the emulator.

    They are those of the ``Host`` header if it has an IP address, also one that is forwarded here;
    otherwise those at which the connection has come in, since clients resolve no names here.

    Raises:
        BadRequestError: the ``Host`` header is no host, or the connection is lost.
    """
    host = authority(incoming)
    port = host.rpartition("]")[2].rpartition(":")[2]
    number = int(port) if port.isdecimal() and ":" in host else _PORTS[incoming.request.peer.scheme]
    try:
        address = ipaddress.ip_address(host_name(host) or "")
    except ValueError:
        return _local_address(incoming)
    return _written(address, number) if 1 <= number <= 65535 else _local_address(incoming)


def _local_address(incoming: Incoming) -> str:
    transport = incoming.request.peer.transport
    name = None if transport is None else transport.get_extra_info("sockname")
    if not name:
        raise BadRequestError("The connection is lost")
    host, port = name[:2]
    return _written(ipaddress.ip_address(host.partition("%")[0]), port)


def _written(address: ipaddress.IPv4Address | ipaddress.IPv6Address, port: int) -> str:
    return f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"
