"""Which operation a request line asks for, read from the raw target.

aiohttp's own router decodes a path more than once can be undone, so keys are taken from the
bytes as they came (D05).
"""

from __future__ import annotations

import enum
import re
from typing import NamedTuple


class Resource(enum.Enum):
    """What a path can name."""

    STORES = "the stores of the account"
    STORE = "a store"
    OBJECT = "an object"
    HEALTH = "the emulator's health"


class Target(NamedTuple):
    """A request target taken apart; every part is as it came, percent-encoded.

    ``resource`` is None where the service has nothing under that path.
    """

    resource: Resource | None
    path: str
    query: str
    store: str = ""
    key: str = ""


_STORES_PATH = "/objectstore"
_STORE_PREFIX = "/objectstore/"
_AUTHORITY = re.compile(r"\A[^/?]*")
_FIXED_PATHS = {_STORES_PATH: Resource.STORES, "/_emulator/health": Resource.HEALTH}


def parse_target(raw: str) -> Target:
    """Take a request target apart, in origin form or in absolute form (RFC 9112, 3.2)."""
    if not raw.startswith("/"):
        raw = _without_authority(raw)
    path, _, query = raw.partition("?")
    if not path.startswith(_STORE_PREFIX):
        return Target(_FIXED_PATHS.get(path), path, query)
    store, slash, key = path[len(_STORE_PREFIX) :].partition("/")
    return Target(Resource.OBJECT if slash else Resource.STORE, path, query, store, key)


def _without_authority(raw: str) -> str:
    scheme, separator, rest = raw.partition("://")
    if not separator or scheme.lower() not in ("http", "https"):
        return raw
    return _AUTHORITY.sub("", rest, count=1)
