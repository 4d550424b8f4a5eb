"""Which operation a request line asks for, read from the raw target.

aiohttp's own router decodes a path more than once can be undone, so keys are taken from the
bytes as they came (D05).
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl

from emulator.core.errors import BadRequestError
from emulator.core.revisions import Feature, Revision


class Resource(enum.Enum):
    """What a path can name."""

    STORES = "the stores of the account"
    STORE = "a store"
    OBJECT = "an object"
    API_KEYS = "the API keys of the account"
    API_KEY = "an API key"
    ROLES = "the roles of the account"
    ROLE = "a role"
    ENDPOINTS = "the endpoints by availability zone"
    HEALTH = "the emulator's health"
    CLOCK = "the emulator's clock"
    CLOCK_FREEZE = "the clock's stopping"
    CLOCK_SET = "the clock's setting"
    CLOCK_ADVANCE = "the clock's moving on"
    CLOCK_RELEASE = "the clock's letting go"
    JOURNAL = "the requests that have come"
    JOURNAL_ASSERT = "what is to be true of them"
    FAULTS = "the fault rules"
    FAULT = "a fault rule"
    RESET = "the way back to the start"
    CHECKPOINTS = "the checkpoints"
    CHECKPOINT = "a checkpoint"
    STATE = "the state as a document"
    PLACED_OBJECTS = "what lies in the tiers of a store"
    PLACED_OBJECT = "an object in the tiers"
    COUNTS = "how often the tiers had what was asked for"
    FLUSH = "the emptying of a cluster"
    KEYS_OF_EITHER_VERSION = "API keys, v1 keys too"
    TOKENS = "disposable tokens"
    LOG_GROUPS = "the access logs"
    LOG_GROUP = "the access log of a log group"
    METRICS = "the metrics"
    DELIVER = "the delivery of logs and metrics"
    MEMBERS = "the members of the account"
    MEMBER = "a member"
    INVITATIONS = "the open invitations of the account"
    INVITATION = "an invitation"


class Target(NamedTuple):
    """A request target taken apart; every part is as it came, percent-encoded.

    ``resource`` is None where the service has nothing under that path. ``item`` is the id or name
    of what lies in a collection other than a store.
    """

    resource: Resource | None
    path: str
    query: str
    store: str = ""
    key: str = ""
    item: str = ""

    @property
    def is_control(self) -> bool:
        """Whether the path is one that only an emulator has."""
        return self.path.startswith("/_emulator/")


_LATER_METHODS: Mapping[tuple[Resource, str], Feature] = {
    (Resource.OBJECT, "DELETE"): Feature.DELETE_OBJECT,  # Before, it is not allowed (D16).
    (Resource.OBJECT, "OPTIONS"): Feature.CORS,
    (Resource.ENDPOINTS, "GET"): Feature.ENDPOINTS,
    (Resource.ENDPOINTS, "HEAD"): Feature.ENDPOINTS,
}
"""The methods that not every revision has, and the feature that brings each."""


def has_method(revision: Revision, resource: Resource, method: str) -> bool:
    """Whether the revision has the method, which the latest revision has there."""
    feature = _LATER_METHODS.get((resource, method))
    return feature is None or revision.has(feature)


_STORE_PREFIX = "/objectstore/"
_PLACED_PREFIX = "/_emulator/objects/"
_LOGS = "/_emulator/logs"
_LOG_PREFIX = f"{_LOGS}/"
_AUTHORITY = re.compile(r"\A[^/?]*")
_FIXED_PATHS = {
    "/objectstore": Resource.STORES,
    "/api-keys": Resource.API_KEYS,
    "/roles": Resource.ROLES,
    "/endpoints": Resource.ENDPOINTS,
    "/_emulator/health": Resource.HEALTH,
    "/_emulator/clock": Resource.CLOCK,
    "/_emulator/clock/freeze": Resource.CLOCK_FREEZE,
    "/_emulator/clock/set": Resource.CLOCK_SET,
    "/_emulator/clock/advance": Resource.CLOCK_ADVANCE,
    "/_emulator/clock/release": Resource.CLOCK_RELEASE,
    "/_emulator/journal": Resource.JOURNAL,
    "/_emulator/journal/assert": Resource.JOURNAL_ASSERT,
    "/_emulator/faults": Resource.FAULTS,
    "/_emulator/reset": Resource.RESET,
    "/_emulator/checkpoints": Resource.CHECKPOINTS,
    "/_emulator/state": Resource.STATE,
    "/_emulator/counts": Resource.COUNTS,
    "/_emulator/flush": Resource.FLUSH,
    _LOGS: Resource.LOG_GROUPS,
    "/_emulator/metrics": Resource.METRICS,
    "/_emulator/deliver": Resource.DELIVER,
    "/_emulator/api-keys": Resource.KEYS_OF_EITHER_VERSION,
    "/_emulator/tokens": Resource.TOKENS,
    "/_emulator/account/members": Resource.MEMBERS,
    "/_emulator/account/invitations": Resource.INVITATIONS,
}
_ITEMS = {
    "/api-keys": Resource.API_KEY,
    "/roles": Resource.ROLE,
    "/_emulator/faults": Resource.FAULT,
    "/_emulator/checkpoints": Resource.CHECKPOINT,
    _LOGS: Resource.LOG_GROUP,
    "/_emulator/account/members": Resource.MEMBER,
    "/_emulator/account/invitations": Resource.INVITATION,
}


def parse_target(raw: str) -> Target:
    """Take a request target apart, in origin form or in absolute form (RFC 9112, 3.2)."""
    if not raw.startswith("/"):
        raw = _without_authority(raw)
    path, _, query = raw.partition("?")
    if path.startswith(_STORE_PREFIX):
        store, slash, key = path[len(_STORE_PREFIX) :].partition("/")
        return Target(Resource.OBJECT if slash else Resource.STORE, path, query, store, key)
    if path.startswith(_PLACED_PREFIX):
        store, slash, key = path[len(_PLACED_PREFIX) :].partition("/")
        resource = Resource.PLACED_OBJECT if slash else Resource.PLACED_OBJECTS
        return Target(resource, path, query, store, key)
    if path.startswith(_LOG_PREFIX):  # The name of a log group may have slashes, also in front.
        return Target(_ITEMS[_LOGS], path, query, item=path[len(_LOG_PREFIX) :])
    fixed = _FIXED_PATHS.get(path)
    if fixed is not None:
        return Target(fixed, path, query)
    collection, _, item = path.rpartition("/")
    return Target(_ITEMS.get(collection), path, query, item=item)


def _without_authority(raw: str) -> str:
    scheme, separator, rest = raw.partition("://")
    if not separator or scheme.lower() not in ("http", "https"):
        return raw
    return _AUTHORITY.sub("", rest, count=1)


def parameter(query: str, name: str) -> Sequence[str]:
    """Every value of the parameter ``name`` in the query."""
    if not query:
        return ()
    found = []
    for other, value in parse_qsl(query, keep_blank_values=True):
        if other == name:
            found.append(value)
    return found


def conditions(query: str) -> dict[str, object]:
    """The parameters of a query by their names.

    Raises:
        BadRequestError: one is given more than once.
    """
    found: dict[str, object] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in found:
            raise BadRequestError(f"Invalid {name}: it is given more than once")
        found[name] = value
    return found
