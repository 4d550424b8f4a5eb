"""The directory of the certificate authority: made once, and used by every emulator of a user."""

from __future__ import annotations

import contextlib
import os
import ssl
import stat
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from emulator.core.failures import ConfigurationError
from emulator.core.files import (
    advice_for,
    create_new,
    make_directory,
    require_own_files,
    write_atomically,
)
from emulator.tls.authority import Authority, InvalidAuthorityError
from emulator.tls.trust_store import java_trust_store

_OPTION = "--ca-dir"

_AUTHORITY, _CERTIFICATE, _BUNDLE = "authority.pem", "ca.pem", "ca-bundle.pem"
_TRUST_STORE = "ca-bundle.p12"

_NAME = "momento-objectstore-emulator"

_SYSTEM_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
"""Where systems keep the certificates of all authorities that they trust, in one file."""

_BUNDLE_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def default_directory(environment: Mapping[str, str] = os.environ) -> Path:
    """The directory for data of this user's programs, on this system, with our name added."""
    if sys.platform == "win32":
        local = environment.get("LOCALAPPDATA")
        base = Path(local) if local else Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        given = environment.get("XDG_DATA_HOME", "")
        is_valid = given.startswith("/")  # Relative ones are to be ignored.
        base = Path(given) if is_valid else Path.home() / ".local" / "share"
    return base / _NAME / "ca"


class AuthorityDirectory:
    """A directory with an authority, which is made if there is none (D140).

    Args:
        path: the directory; None is that of this user.
        more: names and addresses that the authority has to speak for, beside those always played.

    Raises:
        ConfigurationError: it cannot be used.
    """

    def __init__(self, path: Path | None, more: Sequence[str] = ()) -> None:
        self.path = _default() if path is None else path
        self.certificate = self.path / _CERTIFICATE
        """The file with the authority's certificate."""
        self.bundle = self.path / _BUNDLE
        """The file with that and the certificates of all authorities that the system trusts."""
        self.trust_store = self.path / _TRUST_STORE
        """The same for Java."""
        try:
            require_own_files(self.path, (_AUTHORITY,), _OPTION)
            make_directory(self.path)
            self.authority = self._open(more)
            self._publish(self.certificate, self.authority.certificate_pem)
            bundle = self._system_certificates() + self._own_certificate()
            self._publish(self.bundle, bundle)
            self._publish(self.trust_store, java_trust_store(bundle))
        except OSError as error:
            advice = advice_for(error)
            raise ConfigurationError(
                f"{_OPTION}: cannot use {error.filename or self.path}: {error.strerror}; "
                f"{f'{advice}, or ' if advice else ''}choose a writable directory"
            ) from None

    def issue(self, context: ssl.SSLContext, hosts: Sequence[str]) -> None:
        """Make a certificate for ``hosts``, and have ``context`` show it.

        Raises:
            OSError: the file through which OpenSSL takes it cannot be written.
        """
        descriptor, path = create_new(self.path, prefix=".leaf-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(self.authority.issue(hosts))
            context.load_cert_chain(path)
        finally:
            path.unlink()

    def _open(self, more: Sequence[str]) -> Authority:
        path = self.path / _AUTHORITY
        content = self._read(path)
        if content is None:
            self._create(path, Authority.make(more).to_pem())
            content = self._read(path)  # Another emulator may have been faster.
            assert content is not None
        again = f"remove the directory {self.path}, so that a new one is made"
        try:
            authority = Authority.load(content)
        except InvalidAuthorityError as error:
            raise ConfigurationError(
                f"{_OPTION}: cannot use {path}: {error}; {again}, or choose another directory"
            ) from None
        if missing := authority.missing(more):
            raise ConfigurationError(
                f"--host-names: the authority in {self.path} was made without "
                f"{', '.join(missing)} and may not speak for it; {again} and then trusted again, "
                f"or give another {_OPTION}"
            )
        return authority

    def _read(self, path: Path) -> bytes | None:
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        mode = stat.S_IMODE(path.stat().st_mode)
        if sys.platform != "win32" and mode & 0o077:
            raise ConfigurationError(
                f"{_OPTION}: others can read the key in {path}: remove the directory, so that a "
                f"new authority is made, or chmod 600 {path}"
            )
        return content

    def _create(self, path: Path, content: bytes) -> None:
        """Write the file whole, with mode 0600, unless there is one: of several emulators at
        once, one makes the authority."""
        descriptor, temporary = create_new(self.path, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(temporary, path)
            except OSError:  # There is one already, or the file system has no links.
                if not path.exists():
                    os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)

    def _publish(self, path: Path, content: bytes) -> None:
        with contextlib.suppress(FileNotFoundError):
            if path.read_bytes() == content:
                return
        write_atomically(path, content, mode=0o644, fsync=False)

    def _own_certificate(self) -> bytes:
        return b"\n# The emulator's own authority\n" + self.authority.certificate_pem

    def _system_certificates(self) -> bytes:
        """The certificates of all authorities that this user's programs trust, in PEM."""
        given = [os.environ.get(name, "") for name in _BUNDLE_VARIABLES]
        found = [ssl.get_default_verify_paths().cafile, *_SYSTEM_BUNDLES]
        for candidate in (*given, *found):
            if not candidate or _is_ours(Path(candidate)):  # As inside of `exec`.
                continue
            with contextlib.suppress(OSError):
                return Path(candidate).read_bytes()
        certificates = ssl.create_default_context().get_ca_certs(binary_form=True)  # Windows.
        return "".join(map(ssl.DER_cert_to_PEM_cert, certificates)).encode()


def _is_ours(bundle: Path) -> bool:
    """Whether an emulator has made it: systems have files of that name too."""
    return bundle.name == _BUNDLE and bundle.with_name(_AUTHORITY).exists()


def _default() -> Path:
    try:
        return default_directory()
    except RuntimeError:
        raise ConfigurationError(f"{_OPTION}: this user has no home directory; give one") from None
