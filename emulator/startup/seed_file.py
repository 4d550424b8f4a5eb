"""Read and check seed files, which are YAML.

``fixtures/seed.yaml`` shows the format, with comments.
"""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from emulator.auth.keys import inner_key
from emulator.auth.system_roles import OWNER, SYSTEM_ROLES, VIEWER
from emulator.core.clock import MICROSECONDS
from emulator.core.documents import unknown
from emulator.core.failures import ConfigurationError
from emulator.core.instants import from_datetime, from_iso, parse_whole_seconds
from emulator.core.model import Cluster, Member
from emulator.core.redaction import redact
from emulator.core.revisions import FIRST, Feature, Revision
from emulator.service import metadata, tags
from emulator.service.account.members import parse_system_role, parse_user_name
from emulator.service.account.roles import parse_definition
from emulator.service.cluster_configuration import parse_cluster
from emulator.service.names import check_key, check_store_name
from emulator.service.new_stores import EXAMPLE_BUCKET, EXAMPLE_ROLE_ARN
from emulator.service.store_configuration import parse_configuration
from emulator.service.ttl import parse_ttl
from emulator.startup.seed import Seed, SeedKey, SeedObject, SeedRole, SeedStore, errors_at

_T = TypeVar("_T")

SECTIONS = ("clusters", "stores", "roles", "api_keys", "members", "invitations", "objects")
_LATER_MEMBERS = {
    "access_logging_config": Feature.ACCESS_LOGS,
    "metrics_config": Feature.METRICS,
    "object_store_limits": Feature.LIMITS,
}
"""The members of a store that only later revisions have."""

_REQUIRED_MEMBERS: Mapping[str, Any] = {
    "storage_config": {"s3": {"bucket_name": EXAMPLE_BUCKET, "iam_role_arn": EXAMPLE_ROLE_ARN}},
    "cache_config": {"valkey_cluster": {"cluster_name": "any"}},
}
"""Members of a store that a seed may leave out: valid ones, to check the others with."""

_MERGE = "tag:yaml.org,2002:merge"

BODY_MEMBERS = ("file", "text", "base64")


def read_seed(path: Path, revision: Revision = FIRST) -> Seed:
    """Read a seed file for a revision of the API, and check all that can be checked without
    applying it.

    Raises:
        ConfigurationError: it cannot be read, or an entry is invalid. The text names the file and
            the entry.
    """
    document = _read_yaml(path)
    if document is None:
        document = {}
    with errors_at(str(path)):
        _members(document, allowed=SECTIONS)
    seed = Seed(
        path,
        revision,
        clusters=_entries(path, document, "clusters", _cluster),
        stores=_entries(path, document, "stores", partial(_store, revision)),
        roles=_entries(path, document, "roles", _role),
        api_keys=_entries(path, document, "api_keys", _api_key),
        members=_entries(path, document, "members", _member),
        invitations=_entries(path, document, "invitations", _member),
        objects=_entries(path, document, "objects", partial(_object, revision)),
    )
    with errors_at(str(path)):
        _distinct("clusters", [cluster.name for cluster in seed.clusters])
        _distinct("roles", [role.definition.role_name for role in seed.roles])
        _distinct("roles", [role.role_id for role in seed.roles if role.role_id is not None])
        _distinct("members and invitations", [m.user_name for m in seed.members + seed.invitations])
        if seed.members and all(member.role_id != OWNER.role_id for member in seed.members):
            raise ValueError("members: at least one must have the role owner")
    return seed


def _distinct(section: str, names: Sequence[str]) -> None:
    for name, times in Counter(names).items():
        if times > 1:
            raise ValueError(f"{section}: {name!r} is given {times} times")


def _read_yaml(path: Path) -> Any:
    import yaml

    try:
        loader = yaml.SafeLoader(path.read_bytes())
        try:
            root = loader.get_single_node()
            if root is None:
                return None
            _require_distinct_members(path, root)
            return loader.construct_document(root)
        finally:
            loader.dispose()
    except OSError as error:
        raise ConfigurationError(f"--seed: cannot read {path}: {error.strerror}") from None
    except ConfigurationError:
        raise
    except Exception as error:  # PyYAML raises more than its own, such as AttributeError.
        # Its message would quote the file, perhaps an API key.
        mark = getattr(error, "problem_mark", None)
        where = "" if mark is None else f", in line {mark.line + 1}, column {mark.column + 1}"
        raise ConfigurationError(f"--seed: {path} is not YAML{where}") from None


def _require_distinct_members(path: Path, root: Any) -> None:
    """Refuse a mapping that has a member twice, of which YAML would take the last one. A merge key
    (``<<``) may bring in members that the mapping has itself, which count then.

    Raises:
        ConfigurationError: there is such a mapping. The text names the line.
    """
    import yaml

    nodes, seen = [root], set()
    while nodes:
        node = nodes.pop()
        if id(node) in seen:  # An anchor that is used again.
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            nodes += node.value
        elif isinstance(node, yaml.MappingNode):
            lines: dict[str, int] = {}
            for key, value in node.value:
                nodes += (key, value)
                if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE:
                    line = key.start_mark.line + 1
                    if key.value in lines:
                        raise ConfigurationError(
                            f"--seed: {path} gives the member {redact(key.value)!r} twice in one "
                            f"mapping, in line {lines[key.value]} and line {line}"
                        )
                    lines[key.value] = line


def _entries(
    path: Path, document: Any, section: str, read: Callable[[Path, str, Any], _T]
) -> tuple[_T, ...]:
    entries = document.get(section)
    if entries is None:
        return ()
    if not isinstance(entries, list):
        raise ConfigurationError(f"{path}: {section} must be a list")
    found = []
    for index, entry in enumerate(entries):
        where = f"{section}[{index}]"
        with errors_at(f"{path}: {where}"):
            found.append(read(path, where, entry))
    return tuple(found)


def _store(revision: Revision, _path: Path, _where: str, entry: Any) -> SeedStore:
    later = [name for name, feature in _LATER_MEMBERS.items() if revision.has(feature)]
    _members(entry, required=("name",), allowed=(*_REQUIRED_MEMBERS, *later))
    name = _string(entry, "name")
    check_store_name(name)
    given = {each: value for each, value in entry.items() if each != "name"}
    parse_configuration({**_REQUIRED_MEMBERS, **given}, revision)
    return SeedStore(name, given)


def _cluster(_path: Path, _where: str, entry: Any) -> Cluster:
    _members(
        entry,
        required=(
            "name",
            "node_instance_type",
            "shard_count",
            "replication_factor",
            "enforce_shard_multi_az",
        ),
        allowed=("shard_placements",),
    )
    return parse_cluster(entry)


def _role(_path: Path, _where: str, entry: Any) -> SeedRole:
    _members(entry, required=("role_name", "permissions"), allowed=("role_id", "description"))
    role_id = _string(entry, "role_id") if "role_id" in entry else None
    if role_id == "" or role_id in SYSTEM_ROLES:
        raise ValueError(
            "role_id must not be empty, nor that of a system role; leave it out to get one"
        )
    return SeedRole(role_id, parse_definition(entry))


def _member(_path: Path, _where: str, entry: Any) -> Member:
    _members(entry, required=("user_name",), allowed=("role",))
    role_id = parse_system_role(_string(entry, "role", default=VIEWER.role_id), "role")
    return Member(parse_user_name(entry["user_name"]), role_id)


def _api_key(_path: Path, where: str, entry: Any) -> SeedKey:
    _members(entry, required=("role", "api_key"), allowed=("description", "expires_at"))
    role, key = _string(entry, "role"), _string(entry, "api_key")
    if inner_key(key) is None:
        raise ValueError("api_key is neither a v2 nor a v1 API key")
    return SeedKey(
        where, role, key, _string(entry, "description", default=""), _instant(entry, "expires_at")
    )


def _object(revision: Revision, path: Path, where: str, entry: Any) -> SeedObject:
    tags_if_any = ("tags",) if revision.has(Feature.TAGS) else ()
    _members(
        entry,
        required=("store", "key"),
        allowed=("metadata", *tags_if_any, "ttl_seconds", *BODY_MEMBERS),
    )
    key = _string(entry, "key")
    check_key(key)
    ttl = entry.get("ttl_seconds")
    if isinstance(ttl, str):
        ttl = parse_whole_seconds(ttl, "ttl_seconds")
    if ttl is not None and (isinstance(ttl, bool) or not isinstance(ttl, int)):
        raise ValueError("ttl_seconds must be a whole number of seconds")
    return SeedObject(
        where=f"{where} ({key})",
        store=_string(entry, "store"),
        key=key,
        body=_body(path, entry),
        metadata=metadata.collect(_texts(entry, "metadata")),
        tags=tags.collect(_texts(entry, "tags")),
        ttl_seconds=None if ttl is None else parse_ttl([str(ttl)]),
    )


def _texts(entry: Mapping[str, Any], member: str) -> Iterable[tuple[str, str]]:
    values = entry.get(member, {})
    if not isinstance(values, dict) or not all(
        isinstance(name, str) and isinstance(value, str) for name, value in values.items()
    ):
        raise ValueError(f"{member} must map names to strings; put numbers and dates in quotes")
    return values.items()


def _body(path: Path, entry: Mapping[str, Any]) -> Path | bytes:
    given = [member for member in BODY_MEMBERS if member in entry]
    if len(given) != 1:
        raise ValueError(f"an object needs exactly one of {', '.join(BODY_MEMBERS)}")
    value = _string(entry, given[0])
    if given == ["text"]:
        return value.encode()
    if given == ["base64"]:
        try:
            return base64.b64decode("".join(value.split()), validate=True)
        except binascii.Error as error:
            raise ValueError(f"base64: {error}") from None
    file = path.parent / value
    if not file.is_file():
        raise ValueError(f"there is no file {file}")
    return file


def _instant(entry: Mapping[str, Any], member: str) -> int | None:
    value = entry.get(member)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    instant = from_iso(value) if isinstance(value, str) else None
    if isinstance(value, datetime) and value.tzinfo is not None:
        instant = from_datetime(value)
    if instant is None:
        raise ValueError(
            f"{member} must be epoch seconds, or an instant with its offset "
            "as in 2030-01-01T00:00:00Z"
        )
    return instant // MICROSECONDS


def _members(entry: Any, *, required: tuple[str, ...] = (), allowed: tuple[str, ...] = ()) -> None:
    if not isinstance(entry, dict):
        raise ValueError(f"it must be a mapping with members of {', '.join(required + allowed)}")
    for name in entry:
        if name not in required + allowed:
            raise unknown("member", str(name), required + allowed)
    for name in required:
        if name not in entry:
            raise ValueError(f"it requires the member {name!r}")


def _string(entry: Mapping[str, Any], member: str, *, default: str | None = None) -> str:
    value = entry.get(member, default)
    if not isinstance(value, str):
        raise ValueError(f"{member} must be a string; put it in quotes")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{member} is not valid Unicode text: it has a lone surrogate") from None
    return value
