"""TLS of an emulator, as configured."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from emulator.tls.contexts import Contexts
from emulator.tls.hosts import Hosts


class Tls(NamedTuple):
    """What a server needs for TLS, and what clients need to trust it."""

    hosts: Hosts
    contexts: Contexts
    is_proxy: bool
    """Whether CONNECT to a played host leads to the emulator."""
    certificate_file: Path | None
    """The certificate of the emulator's own authority; None with a certificate of the user's."""
    bundle_file: Path | None
    """That, and the certificates of all authorities that the system trusts."""
