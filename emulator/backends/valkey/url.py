"""The URL of a Valkey, with login. It never shows its password."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

if TYPE_CHECKING:
    import ssl

DEFAULT_PORT = 6379

SCHEMES = {
    "valkey": (False, False),
    "valkeys": (True, False),
    "valkey-cluster": (False, True),
    "valkeys-cluster": (True, True),
    "redis": (False, False),
    "rediss": (True, False),
    "redis-cluster": (False, True),
    "rediss-cluster": (True, True),
}
"""For each scheme, whether it uses TLS, and whether it is a cluster."""

_FORM = "valkey://[user:password@]host:port[/db]"


@dataclass(frozen=True)
class ValkeyUrl:
    """A Valkey or Redis server, or one node of a cluster.

    ``ca`` is a file with certificates to trust, besides those that the system trusts. Neither
    ``str`` nor ``repr`` shows the password.
    """

    host: str
    port: int = DEFAULT_PORT
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    db: int = 0
    tls: bool = False
    is_cluster: bool = False
    ca: Path | None = None

    def __str__(self) -> str:
        scheme = f"valkey{'s' if self.tls else ''}{'-cluster' if self.is_cluster else ''}"
        login = ""
        if self.password is not None:
            login = f"{quote(self.user or '', safe='')}:***@"
        host = f"[{self.host}]" if ":" in self.host else self.host
        db = f"/{self.db}" if self.db else ""
        ca = "" if self.ca is None else f"?ca={quote(str(self.ca))}"
        return f"{scheme}://{login}{host}:{self.port}{db}{ca}"

    def ssl_context(self) -> ssl.SSLContext | None:
        """Return the settings for TLS, or None without TLS.

        Raises:
            OSError: the file with the certificates cannot be read, or contains none.
        """
        return _ssl_context(self.ca) if self.tls else None


@lru_cache(maxsize=32)
def _ssl_context(ca: Path | None) -> ssl.SSLContext:
    import ssl

    return ssl.create_default_context(cafile=ca)


def parse_valkey_url(text: str) -> ValkeyUrl:
    """Parse a URL whose user and password are percent-encoded.

    Raises:
        ValueError: it is invalid. The message contains nothing of what may be a password.
    """
    scheme, separator, _ = text.partition("://")
    if not separator:
        raise ValueError(f"it is not a URL; the form is {_FORM}")
    if scheme.lower() not in SCHEMES:
        raise ValueError(f"its scheme must be one of {', '.join(SCHEMES)}; the form is {_FORM}")
    if re.search(r"[\s\x00-\x1f\x7f\\]", text):
        raise ValueError(
            "it contains a space, a control character or a backslash; percent-encode it"
        )
    tls, is_cluster = SCHEMES[scheme.lower()]
    parts = _split(text)
    user, password = _login(parts)
    return ValkeyUrl(
        _host(parts),
        _port(parts),
        user,
        password,
        _database(parts.path, is_cluster=is_cluster),
        tls,
        is_cluster,
        _ca(parts.query, tls=tls),
    )


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
    except ValueError:
        raise ValueError(
            f"its host is not valid; the form is {_FORM}, with IPv6 in brackets"
        ) from None
    if parts.fragment or "@" in parts.path + parts.query or text.endswith("#"):
        raise ValueError("it has a / ? or # too early; in a password write %2F, %3F and %23")
    return parts


def _login(parts: SplitResult) -> tuple[str | None, str | None]:
    if "@" not in parts.netloc:
        return None, None
    if not parts.password:
        raise ValueError("it has no password; the form is valkey://:password@host:port")
    try:
        return (
            unquote(parts.username or "", errors="strict") or None,
            unquote(parts.password, errors="strict"),
        )
    except UnicodeDecodeError:
        raise ValueError("its user or password is not percent-encoded UTF-8") from None


def _host(parts: SplitResult) -> str:
    if not parts.hostname:
        raise ValueError(f"it has no host; the form is {_FORM}")
    return parts.hostname


def _port(parts: SplitResult) -> int:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError(
            "its port must be a number from 1 to 65535; write an IPv6 address in brackets, "
            "and / in a password as %2F"
        )
    return DEFAULT_PORT if port is None else port


def _database(path: str, *, is_cluster: bool) -> int:
    number = path.removeprefix("/")
    if not number:
        return 0
    if not re.fullmatch(r"[0-9]{1,6}", number):
        raise ValueError(f"its database must be a number; the form is {_FORM}")
    if is_cluster and int(number):
        raise ValueError("a cluster has only the database 0; leave the number out")
    return int(number)


def _ca(query: str, *, tls: bool) -> Path | None:
    given = parse_qsl(query, keep_blank_values=True)
    for name, value in given:
        if name != "ca" or not value or len(given) > 1:
            raise ValueError("after its ? only one ca=FILE is allowed: the certificates to trust")
    if not given:
        return None
    if not tls:
        raise ValueError("ca requires TLS; use valkeys:// or valkeys-cluster://")
    try:
        return Path(given[0][1]).expanduser().absolute()
    except (RuntimeError, ValueError):
        raise ValueError("its ca is not the path of a file") from None
