"""Trust store for Java, which reads no PEM file: the same certificates in PKCS #12 (RFC 7292).

cryptography can write one, too, but parses the certificates for it, and warns of some that systems
trust. Here they are copied as they are.
"""

from __future__ import annotations

import contextlib
import re
import ssl
from collections.abc import Iterator

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)

# Tags of DER.
_INTEGER, _OCTETS, _OID, _BMP_STRING = 0x02, 0x04, 0x06, 0x1E
_SEQUENCE, _SET, _EXPLICIT = 0x30, 0x31, 0xA0


def _der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def _oid(encoded: str) -> bytes:
    return _der(_OID, bytes.fromhex(encoded))


_DATA = _oid("2a864886f70d010701")
_CERTIFICATE_BAG = _oid("2a864886f70d010c0a0103")
_X509_CERTIFICATE = _oid("2a864886f70d01091601")
_FRIENDLY_NAME = _oid("2a864886f70d010914")
_TRUSTED = _der(
    _SEQUENCE,
    _oid("6086480186f966adca7b0101"),  # Oracle's: what the certificate is trusted for
    _der(_SET, _oid("551d2500")),  # any usage
)


def java_trust_store(pem: bytes) -> bytes:
    """Return a trust store with the certificates of a PEM file, without a password: Java asks for
    none where nothing is secret."""
    bags = [_bag(number, each) for number, each in enumerate(_certificates(pem))]
    contents = _data(_der(_SEQUENCE, *bags))
    return _der(_SEQUENCE, _der(_INTEGER, b"\x03"), _data(_der(_SEQUENCE, contents)))


def _certificates(pem: bytes) -> Iterator[bytes]:
    """The certificates in DER, without damaged ones: other clients pass over these too."""
    for block in _CERTIFICATE.findall(pem.decode("ascii", "replace")):
        with contextlib.suppress(ValueError):
            yield ssl.PEM_cert_to_DER_cert(block)


def _data(content: bytes) -> bytes:
    return _der(_SEQUENCE, _DATA, _der(_EXPLICIT, _der(_OCTETS, content)))


def _bag(number: int, certificate: bytes) -> bytes:
    name = f"authority-{number}".encode("utf-16-be")  # Java keeps one entry of each name.
    value = _der(_SEQUENCE, _X509_CERTIFICATE, _der(_EXPLICIT, _der(_OCTETS, certificate)))
    named = _der(_SEQUENCE, _FRIENDLY_NAME, _der(_SET, _der(_BMP_STRING, name)))
    return _der(_SEQUENCE, _CERTIFICATE_BAG, _der(_EXPLICIT, value), _der(_SET, named, _TRUSTED))
