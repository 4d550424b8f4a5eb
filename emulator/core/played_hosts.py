"""The hosts of production that the emulator plays, and the cells that they belong to."""

from __future__ import annotations

import re
from collections.abc import Collection

EMULATOR_CELL = "emulator.test"
"""The emulator's own cell, beside those of production."""

_SERVICES = ("api.cache.", "cache.", "control.", "token.")
"""What the clients put before the name of a cell."""

_PRODUCTION_CELL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?\.prod\.a\.momentohq\.com")


def played_host(host: str, extra: Collection[str] = ()) -> str | None:
    """Return the cell of a host that the emulator plays; None for any other host.

    Args:
        host: a name, without a port.
        extra: further names, in lower case, of cells or of hosts.
    """
    name = host.lower().removesuffix(".")
    cell = next(
        (name.removeprefix(service) for service in _SERVICES if name.startswith(service)), None
    )
    if cell is None:
        return name if name in extra else None
    is_cell = cell == EMULATOR_CELL or bool(_PRODUCTION_CELL.fullmatch(cell)) or cell in extra
    return cell if is_cell or name in extra else None
