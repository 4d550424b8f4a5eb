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
    trust_store: Path | None
    """The same for Java."""

    @property
    def trust_hint(self) -> str:
        """What to do so that clients trust the certificate."""
        if self.certificate_file is None:
            return "have it trust the authority of --tls-certificate"
        return (
            "set SSL_CERT_FILE, REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE for it to "
            f"{self.bundle_file}, NODE_EXTRA_CA_CERTS to {self.certificate_file}, and Java's "
            f"javax.net.ssl.trustStore to {self.trust_store}; `python -m emulator env` prints all "
            "variables"
        )
