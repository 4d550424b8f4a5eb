"""Parse request targets: find the resource and its names in the raw path.

aiohttp's own router decodes paths in a way that cannot be undone, so keys are taken from the bytes
as they came (D05).
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from typing import NamedTuple
from urllib.parse import parse_qsl

from emulator.core.errors import BadRequestError
from emulator.core.path_templates import PathTemplates
from emulator.core.revisions import Feature, Revision


class Resource(enum.Enum):
    """The resources that a path can name."""

    __hash__ = object.__hash__  # Every request looks one up; that of Enum is a Python function.

    STORES = "the stores of the account"
    STORE = "a store"
    OBJECT = "an object"
    API_KEYS = "the API keys of the account"
    API_KEY = "an API key"
    ROLES = "the roles of the account"
    ROLE = "a role"
    CLUSTERS = "the Valkey clusters of the account"
    CLUSTER = "a Valkey cluster"
    REPLICATION_GROUP = "the replication group of a Valkey cluster"
    SHARD_CONFIGURATION = "the shards of a Valkey cluster"
    MORE_REPLICAS = "the increase of a Valkey cluster's replicas"
    FEWER_REPLICAS = "the decrease of a Valkey cluster's replicas"
    ENDPOINTS = "the endpoints by availability zone"
    HEALTH = "the emulator's health"
    KEYS_OF_EITHER_VERSION = "API keys, v1 keys too"
    TOKENS = "disposable tokens"
    MEMBERS = "the members of the account"
    MEMBER = "a member"
    INVITATIONS = "the open invitations of the account"
    INVITATION = "an invitation"


class Target(NamedTuple):
    """A parsed request target; every part is as it came, percent-encoded.

    ``resource`` is None for an unknown path, and the path's template for a path that matches one.
    ``parts`` are the values of the template's names, or the id or name of an item in a collection
    other than a store.
    """

    resource: Resource | str | None
    path: str
    query: str
    store: str = ""
    key: str = ""
    parts: tuple[str, ...] = ()

    @property
    def item(self) -> str:
        """The id or name of an item in a collection."""
        return self.parts[0]

    @property
    def is_control(self) -> bool:
        """Whether only an emulator has the path."""
        return self.path.startswith(_EMULATOR_PREFIX)


_LATER_METHODS: Mapping[tuple[Resource, str], Feature] = {
    (Resource.OBJECT, "DELETE"): Feature.DELETE_OBJECT,  # Before, it is not allowed (D16).
    (Resource.OBJECT, "OPTIONS"): Feature.CORS,
    (Resource.ENDPOINTS, "GET"): Feature.ENDPOINTS,
    (Resource.ENDPOINTS, "HEAD"): Feature.ENDPOINTS,
}
"""Methods that not every revision has, and the feature that adds each."""


def has_method(revision: Revision, resource: Resource, method: str) -> bool:
    """Whether the revision has a method that the latest revision has for this resource."""
    feature = _LATER_METHODS.get((resource, method))
    return feature is None or revision.has(feature)


_STORE_PREFIX = "/objectstore/"
_EMULATOR_PREFIX = "/_emulator/"
_AUTHORITY = re.compile(r"\A[^/?]*")
_FIXED_PATHS = {
    "/objectstore": Resource.STORES,
    "/api-keys": Resource.API_KEYS,
    "/roles": Resource.ROLES,
    "/ec-cluster": Resource.CLUSTERS,
    "/endpoints": Resource.ENDPOINTS,
    "/_emulator/health": Resource.HEALTH,
    "/_emulator/api-keys": Resource.KEYS_OF_EITHER_VERSION,
    "/_emulator/tokens": Resource.TOKENS,
    "/_emulator/account/members": Resource.MEMBERS,
    "/_emulator/account/invitations": Resource.INVITATIONS,
}
_ITEMS = {
    "/api-keys": Resource.API_KEY,
    "/roles": Resource.ROLE,
    "/ec-cluster": Resource.CLUSTER,
    "/_emulator/account/members": Resource.MEMBER,
    "/_emulator/account/invitations": Resource.INVITATION,
}
_CLUSTER_PREFIX = "/ec-cluster/"
_OF_CLUSTER = {
    "replication-group": Resource.REPLICATION_GROUP,
    "shard-configuration": Resource.SHARD_CONFIGURATION,
    "increase-replica-count": Resource.MORE_REPLICAS,
    "decrease-replica-count": Resource.FEWER_REPLICAS,
}
"""What the path of a cluster's change ends with."""
_NO_TEMPLATES = PathTemplates(())


def path_template(resource: Resource) -> str:
    """The path of a resource, with ``{store}``, ``{key}`` and ``{item}`` for the names in it."""
    if resource is Resource.STORE:
        return f"{_STORE_PREFIX}{{store}}"
    if resource is Resource.OBJECT:
        return f"{_STORE_PREFIX}{{store}}/{{key}}"
    templates = {
        **{each: path for path, each in _FIXED_PATHS.items()},
        **{each: f"{path}/{{item}}" for path, each in _ITEMS.items()},
        **{each: f"{_CLUSTER_PREFIX}{{item}}/{end}" for end, each in _OF_CLUSTER.items()},
    }
    return templates[resource]


def parse_target(raw: str, templates: PathTemplates = _NO_TEMPLATES) -> Target:
    """Parse a request target, in origin form or in absolute form (RFC 9112, 3.2).

    ``templates`` are further paths below ``/_emulator/``.
    """
    if not raw.startswith("/"):
        raw = _without_authority(raw)
    path, _, query = raw.partition("?")
    if path.startswith(_STORE_PREFIX):
        store, slash, key = path[len(_STORE_PREFIX) :].partition("/")
        return Target(Resource.OBJECT if slash else Resource.STORE, path, query, store, key)
    fixed = _FIXED_PATHS.get(path)
    if fixed is not None:
        return Target(fixed, path, query)
    if path.startswith(_EMULATOR_PREFIX):
        found = templates.match(path)
        if found is not None:
            return Target(found[0], path, query, parts=found[1])
    collection, _, item = path.rpartition("/")
    if collection.startswith(_CLUSTER_PREFIX):
        name = collection[len(_CLUSTER_PREFIX) :]
        return Target(None if "/" in name else _OF_CLUSTER.get(item), path, query, parts=(name,))
    return Target(_ITEMS.get(collection), path, query, parts=(item,))


def _without_authority(raw: str) -> str:
    scheme, separator, rest = raw.partition("://")
    if not separator or scheme.lower() not in ("http", "https"):
        return raw
    return _AUTHORITY.sub("", rest, count=1)


_KEPT_QUERY_BYTES = 256

_parse_again = lru_cache(maxsize=256)(partial(parse_qsl, keep_blank_values=True))


def parameters(query: str) -> Sequence[tuple[str, str]]:
    """Return the names and values in the query. Short queries are parsed once."""
    if len(query) > _KEPT_QUERY_BYTES:
        return parse_qsl(query, keep_blank_values=True)
    return _parse_again(query)


def parameter(query: str, name: str) -> Sequence[str]:
    """Return every value of the parameter ``name`` in the query."""
    if not query:
        return ()
    return [value for other, value in parameters(query) if other == name]


def conditions(query: str) -> dict[str, object]:
    """Return the parameters of a query by name.

    Raises:
        BadRequestError: a parameter is given more than once.
    """
    found: dict[str, object] = {}
    for name, value in parameters(query):
        if name in found:
            raise BadRequestError(f"Invalid {name}: it is given more than once")
        found[name] = value
    return found
