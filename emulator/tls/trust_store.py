"""Trust store for Java, which reads no PEM file: the same certificates in PKCS #12."""

from __future__ import annotations

import re
import warnings

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


def java_trust_store(pem: bytes) -> bytes:
    """Return a trust store with the certificates of a PEM file, without a password: Java asks for
    none where nothing is secret.

    Certificates that cannot be parsed are left out: a system may have some that break its own rules.
    """
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # About those that are accepted for now.
        for number, block in enumerate(_CERTIFICATE.findall(pem)):
            try:
                certificate = x509.load_pem_x509_certificate(block)
            except ValueError:
                continue
            name = f"authority-{number}".encode()  # Java keeps one entry of each name.
            found.append(pkcs12.PKCS12Certificate(certificate, name))
    return pkcs12.serialize_java_truststore(found, serialization.NoEncryption())
