"""Host names that the emulator plays: those of production, of ``emulator.test``, and others."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence

PRODUCTION = "prod.a.momentohq.com"
"""The domain whose names are the cells of production."""

OWN_NAME = "emulator.test"
"""A cell of the emulator's own: ``test`` is never a public domain (RFC 2606)."""

SERVICES = ("api.cache", "cache", "control", "token")
"""What clients put before the name of a cell, each with a dot."""

GRPC_SERVICES = ("cache", "control", "token")
"""Those of them that SDKs call with gRPC."""

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")

MOST_CHARACTERS = 253
"""Of a host name."""

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_CELL = re.compile(rf"(?:{'|'.join(map(re.escape, SERVICES))})\.({_LABEL}\.{PRODUCTION})")


def normal(host: str) -> str:
    """Return a host name or an address in its one form: lower case, no brackets, no final dot."""
    host = host.lower().removesuffix(".")
    inner = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        return str(ipaddress.ip_address(inner))
    except ValueError:
        return host


def is_address(host: str) -> bool:
    """Whether ``host``, in its normal form, is an IP address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def host_names(value: str) -> tuple[str, ...]:
    """Parse host names and addresses separated by commas.

    Raises:
        ValueError: one of them is neither.
    """
    found = tuple(normal(each.strip()) for each in value.split(","))
    for name in found:
        is_valid = name.isascii() and len(name) <= MOST_CHARACTERS and _NAME.fullmatch(name)
        if not is_address(name) and not is_valid:
            raise ValueError(
                f"{name!r} is not a host name: give names without scheme, port or *, as in "
                "first.example,second.example"
            )
    return found


class Hosts:
    """The hosts that an emulator plays: loopback, ``api.cache.``, ``cache.``, ``control.`` and
    ``token.`` of every cell of production, of ``emulator.test`` and of ``more``, and these names
    themselves.

    Args:
        more: other names and addresses.
    """

    def __init__(self, more: Iterable[str] = ()) -> None:
        self.more: Sequence[str] = tuple(map(normal, more))
        self.cells = (OWN_NAME, *(each for each in self.more if not is_address(each)))
        self._cell_of = {cell: cell for cell in self.cells}
        for cell in self.cells:
            self._cell_of.update({f"{service}.{cell}": cell for service in SERVICES})
        self._direct = frozenset((*LOOPBACK_NAMES, *self.more))

    @property
    def default_names(self) -> list[str]:
        """The names of the certificate for clients that name no host of a cell."""
        return [*LOOPBACK_NAMES, OWN_NAME, *self.more]

    def cell_of(self, host: str) -> str | None:
        """The cell that ``host`` is a name of, if it is played."""
        host = normal(host)
        known = self._cell_of.get(host)
        if known is None and (found := _CELL.fullmatch(host)):
            return found[1]
        return known

    def is_played(self, host: str) -> bool:
        """Whether ``host`` is a name of a played cell, or one of the names that were added."""
        return self.cell_of(host) is not None or normal(host) in self.more

    def is_grpc(self, host: str) -> bool:
        """Whether SDKs call ``host``, if it is played, with gRPC."""
        cell = self.cell_of(host)
        return normal(host) in (f"{service}.{cell}" for service in GRPC_SERVICES)

    def is_own(self, host: str) -> bool:
        """Whether ``host`` is played, or is this machine."""
        return self.is_played(host) or normal(host) in self._direct


def names_of(cell: str) -> list[str]:
    """The names that the certificate of a cell has."""
    return [cell, *(f"{service}.{cell}" for service in SERVICES)]
