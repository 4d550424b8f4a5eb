"""Environment variables that lead clients to an emulator, and how shells and files set them."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from emulator.tls.hosts import OWN_NAME

_BUNDLE_VARIABLES = (
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
    "AWS_CA_BUNDLE",
)
"""Read by Go, OpenSSL and httpx; by requests; curl; gRPC; AWS's tools."""

_QUOTES_OF_POWERSHELL = re.compile("['\u2018-\u201b]")
"""It takes typographic quotes for quotes, too."""

JAVA_OPTIONS = "JAVA_TOOL_OPTIONS"
"""Read by every JVM, which says so on stderr: Java knows no other variables."""

_NO_PROXY = "localhost,127.0.0.1,::1"


def environment(
    *,
    endpoint: str,
    api_key: str | None,
    tls_endpoint: str | None = None,
    proxy: str | None = None,
    ca_file: Path | None = None,
    ca_bundle: Path | None = None,
    trust_store: Path | None = None,
) -> dict[str, str]:
    """Return the variables that a client needs, by name (D142).

    ``MOMENTO_ENDPOINT`` is a bare host with a proxy, as in production, and else a URL.
    """
    found = {"MOMENTO_ENDPOINT": OWN_NAME if proxy is not None else tls_endpoint or endpoint}
    if api_key is not None:
        found["MOMENTO_API_KEY"] = api_key
    if proxy is not None:
        for name, value in (("HTTPS_PROXY", proxy), ("NO_PROXY", _NO_PROXY)):
            found[name] = found[name.lower()] = value  # curl and gRPC prefer lower case.
        found["NODE_USE_ENV_PROXY"] = "1"
        found["CHECKPOINT_DISABLE"] = "1"  # Terraform asks another host for its newest version.
    if ca_bundle is not None:
        found.update(dict.fromkeys(_BUNDLE_VARIABLES, str(ca_bundle)))
    if ca_file is not None:
        found["NODE_EXTRA_CA_CERTS"] = str(ca_file)  # In addition to its own.
    if java := _java_options(proxy, trust_store):
        found[JAVA_OPTIONS] = java
    return found


def _java_options(proxy: str | None, trust_store: Path | None) -> str:
    properties: dict[str, str | None] = {}
    if proxy is not None:  # Not for loopback addresses, unless a program says so.
        parts = urlsplit(proxy)
        properties |= {"https.proxyHost": parts.hostname, "https.proxyPort": str(parts.port)}
    if trust_store is not None:
        properties["javax.net.ssl.trustStore"] = str(trust_store)
    return " ".join(_java_word(f"-D{name}={value}") for name, value in properties.items())


def _java_word(word: str) -> str:
    """Quote a word: what is between two quotes of a kind is taken as it is."""
    if not re.search(r"[\s'\"]", word):
        return word
    return f"'{word}'" if "'" not in word else f'"{word}"'


def _sh(name: str, value: str) -> str:
    return f"export {name}={shlex.quote(value)}"


def _fish(name: str, value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"set -gx {name} '{escaped}'"


def _powershell(name: str, value: str) -> str:
    doubled = _QUOTES_OF_POWERSHELL.sub(r"\g<0>\g<0>", value)
    return f"$Env:{name} = '{doubled}'"


def _dotenv(name: str, value: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9_@%+=:,./~\[\]-]*", value):
        return f"{name}={value}"
    escaped = re.sub(r'(["\\$`])', r"\\\1", value)
    return f'{name}="{escaped}"'


def _in_lines(line: Callable[[str, str], str]) -> Callable[[Mapping[str, str]], str]:
    return lambda variables: "\n".join(line(*each) for each in variables.items())


FORMATS: Mapping[str, Callable[[Mapping[str, str]], str]] = MappingProxyType(
    {
        "sh": _in_lines(_sh),
        "fish": _in_lines(_fish),
        "powershell": _in_lines(_powershell),
        "dotenv": _in_lines(_dotenv),
        "json": lambda variables: json.dumps(dict(variables), indent=2),
    }
)
"""Formats of the variables, by name."""
