"""Which hosts are this machine's own, that nothing from elsewhere can reach."""

from __future__ import annotations

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether ``host`` is a loopback address, or ``localhost`` in any case. Other names are not
    looked up, and so are none."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
