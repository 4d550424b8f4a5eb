"""The certificate authority: makes itself, and certificates for played hosts, with cryptography.

It may speak for the played hosts and for loopback alone (name constraints), so whoever trusts it
does not trust it for other hosts. ``trustme`` has no name constraints.
"""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Iterable, Sequence

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from emulator.core.private import time
from emulator.tls.hosts import OWN_NAME, PRODUCTION, is_address

_ORGANIZATION = "Momento Object Store emulator"

_AUTHORITY_DAYS = 5 * 365
_CERTIFICATE_DAYS = 397
"""The longest that any client accepts."""

_CLOCKS_DIFFER = datetime.timedelta(days=1)
"""How long before now a certificate begins: the clock of a container or a guest may be behind."""

_LOOPBACK_NETWORKS = ("127.0.0.0/8", "::1/128")


class InvalidAuthorityError(Exception):
    """It is not an authority that can be used. The text says why."""


class Authority:
    """A certificate authority, with its key.

    Args:
        certificate: the authority's own.
        key: the key of that.
    """

    def __init__(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        self._certificate = certificate
        self._key = key
        self._leaf_key = ec.generate_private_key(ec.SECP256R1())
        """The key of all certificates; it is never stored for longer than it takes to load it."""

    @classmethod
    def make(cls, more: Iterable[str] = ()) -> Authority:
        """Make a new one for the played hosts; ``more`` are names and addresses to add to them."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name(f"{_ORGANIZATION} CA")
        now = _now()
        usage = _key_usage(signs_certificates=True)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _CLOCKS_DIFFER)
            .not_valid_after(now + datetime.timedelta(days=_AUTHORITY_DAYS))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(_constraints(more), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        )
        return cls(builder.sign(key, hashes.SHA256()), key)

    @classmethod
    def load(cls, pem: bytes) -> Authority:
        """Load one from its key and its certificate.

        Raises:
            InvalidAuthorityError: it is not an emulator's, is damaged, or has expired.
        """
        try:
            key = serialization.load_pem_private_key(pem, None)
            certificate = x509.load_pem_x509_certificate(pem)
        except (ValueError, TypeError):
            raise InvalidAuthorityError("it does not hold a key and a certificate") from None
        organizations = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or [
            each.value for each in organizations
        ] != [_ORGANIZATION]:
            raise InvalidAuthorityError("it is not of an emulator")
        try:
            certificate.verify_directly_issued_by(certificate)
        except (ValueError, TypeError, InvalidSignature):
            raise InvalidAuthorityError("its certificate is damaged") from None
        if certificate.public_key() != key.public_key():
            raise InvalidAuthorityError("its key is not that of its certificate")
        end = certificate.not_valid_after_utc
        if end <= _now():
            raise InvalidAuthorityError(f"it has expired at {end.isoformat()}")
        return cls(certificate, key)

    def to_pem(self) -> bytes:
        """The key and the certificate, as ``load`` takes them."""
        return _key_pem(self._key) + self.certificate_pem

    @property
    def certificate_pem(self) -> bytes:
        """The certificate, for clients to trust."""
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    def missing(self, more: Iterable[str]) -> list[str]:
        """The names and addresses in ``more`` that it may not speak for."""
        constraints = self._certificate.extensions.get_extension_for_class(x509.NameConstraints)
        permitted = constraints.value.permitted_subtrees or []
        return [each for each in more if not any(_allows(one, each) for one in permitted)]

    def issue(self, hosts: Sequence[str]) -> bytes:
        """Make a certificate for ``hosts``; return its key, itself and the authority's."""
        now = _now()
        end = now + datetime.timedelta(days=_CERTIFICATE_DAYS)
        names = [
            x509.IPAddress(ipaddress.ip_address(each)) if is_address(each) else x509.DNSName(each)
            for each in hosts
        ]
        public, authority = self._leaf_key.public_key(), self._key.public_key()
        certificate = (
            x509.CertificateBuilder()
            .subject_name(_name(None))
            .issuer_name(self._certificate.subject)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _CLOCKS_DIFFER)
            .not_valid_after(min(end, self._certificate.not_valid_after_utc))
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority), False)
            .sign(self._key, hashes.SHA256())
        )
        own = certificate.public_bytes(serialization.Encoding.PEM)
        return _key_pem(self._leaf_key) + own + self.certificate_pem


def _now() -> datetime.datetime:
    return datetime.datetime.fromtimestamp(int(time()), datetime.timezone.utc)


def _name(common: str | None) -> x509.Name:
    """A certificate for hosts has no common name: some clients would take it for a host's."""
    attributes = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, _ORGANIZATION)]
    if common is not None:
        attributes.append(x509.NameAttribute(NameOID.COMMON_NAME, common))
    return x509.Name(attributes)


def _constraints(more: Iterable[str]) -> x509.NameConstraints:
    names = ["localhost", OWN_NAME, PRODUCTION, *(each for each in more if not is_address(each))]
    networks = [*_LOOPBACK_NETWORKS, *(each for each in more if is_address(each))]
    permitted: list[x509.GeneralName] = [x509.DNSName(each) for each in names]
    permitted += (x509.IPAddress(ipaddress.ip_network(each)) for each in networks)
    return x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None)


def _allows(permitted: x509.GeneralName, host: str) -> bool:
    if isinstance(permitted, x509.DNSName) and not is_address(host):
        return host == permitted.value or host.endswith(f".{permitted.value}")
    if isinstance(permitted, x509.IPAddress) and is_address(host):
        network = permitted.value
        assert isinstance(network, (ipaddress.IPv4Network, ipaddress.IPv6Network))
        return ipaddress.ip_address(host) in network
    return False


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
