"""Permission sets: how they are written, and what they allow.

The tables below are those of the reference ("Permission set"), to be held against it line by line.
"""

from __future__ import annotations

import copy
import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from emulator.core.documents import items, member, members, only, refuse, text

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

EVERYTHING = "*"
"""The selector that every member of a rule may be."""


class RuleType(NamedTuple):
    """What a rule of a type may grant, and which members select what it grants it on.

    ``selectors`` gives for each of these members what may be said beside ``"*"``.
    """

    permissions: tuple[str, ...]
    selectors: Mapping[str, tuple[str, ...]]


_BY_NAME = ("name",)
_BY_NAME_OR_PREFIX = ("name", "prefix")
_BY_KEY = ("key", "key_prefix")
_NOTHING_ELSE = ()
_READ_LIST = ("read", "list")
_READ_WRITE = ("read", "write")
_READ_WRITE_LIST = ("read", "write", "list")

RULE_TYPES: Mapping[str, RuleType] = {
    "account_management": RuleType(_READ_LIST, {}),
    "auth_management": RuleType(_READ_WRITE_LIST, {"items": _NOTHING_ELSE}),
    "resource_management": RuleType(_READ_WRITE_LIST, {"resources": _NOTHING_ELSE}),
    "cache": RuleType(_READ_WRITE_LIST, {"caches": _BY_NAME, "items": _BY_KEY}),
    "topic": RuleType(_READ_WRITE_LIST, {"caches": _BY_NAME, "topics": _BY_NAME_OR_PREFIX}),
    "store": RuleType(_READ_WRITE_LIST, {"stores": _BY_NAME, "items": _BY_KEY}),
    "function": RuleType(("invoke",), {"caches": _BY_NAME, "functions": _BY_NAME_OR_PREFIX}),
    "database": RuleType(_READ_WRITE, {"databases": _BY_NAME}),
}

_CIDR = re.compile(r"[0-9A-Fa-f.:]+/(0|[1-9][0-9]{0,2})")


_MAPPED_IPV4 = ipaddress.IPv6Network("::ffff:0:0/96")


class Access(NamedTuple):
    """A permission on a type of resource: what an operation needs, and what a rule grants."""

    resource: str
    permission: str


class _Keys(NamedTuple):
    """The object keys that rules select, exactly or by what they begin with; the empty prefix
    selects all. However many rules there are, a key is held against them in two steps."""

    exact: frozenset[str]
    prefixes: tuple[str, ...]

    def include(self, key: str) -> bool:
        return key in self.exact or key.startswith(self.prefixes)


_Grants = Mapping[Access, Mapping[str | None, _Keys]]
"""By what is granted, and by store, None being every one."""

_Selectors = dict[Access, dict[str | None, list[Mapping[str, str]]]]
"""The same while the rules are read: what selects keys, as the rules have it."""


@dataclass(frozen=True, slots=True)
class PermissionSet:
    """What the holder of a role or token may do, and from which addresses.

    ``document`` is the set as JSON values, as it was given; a super-user's grants everything.
    Only ``store`` rules are held against names and keys: of all types with selectors, stores are
    the only ones that this service has.
    """

    document: Mapping[str, Any]
    super_user: bool = False
    _grants: _Grants = field(default_factory=dict, repr=False, compare=False)
    allowed_ranges: Sequence[Sequence[_Network]] = field(default=(), repr=False, compare=False)

    def allows(self, access: Access, store: str = "", key: str = "") -> bool:
        """Whether a rule grants ``access``, and for a ``store`` access to that very object."""
        if self.super_user:
            return True
        by_store = self._grants.get(access)
        if by_store is None:
            return False
        for name in (store, None):
            keys = by_store.get(name)
            if keys is not None and keys.include(key):
                return True
        return False

    def admits(self, address: str | None) -> bool:
        """Whether every condition lets a caller from that IP address in (D48).

        An address that is not known is let in where there is no condition.
        """
        if not self.allowed_ranges:
            return True
        try:
            caller = ipaddress.ip_address((address or "").partition("%")[0])
        except ValueError:
            return False
        if isinstance(caller, ipaddress.IPv6Address) and caller.ipv4_mapped is not None:
            caller = caller.ipv4_mapped  # A socket for both families shows IPv4 callers so.
        return all(any(caller in network for network in ranges) for ranges in self.allowed_ranges)

    @property
    def stores(self) -> frozenset[str] | None:
        """The stores that the ``store`` rules name; None where they do not name them all."""
        named = frozenset(
            name
            for access, by_store in self._grants.items()
            if access.resource == "store"
            for name in by_store
        )
        if not named or None in named:
            return None
        return frozenset(name for name in named if name is not None)


SUPER_USER = PermissionSet({"super_user": True}, super_user=True)
"""Everything. How its document looks is our choice (D45)."""

NOTHING = PermissionSet({"rules": []})
"""What the keys of a role have that was deleted meanwhile."""


def parse_permission_set(
    value: object, path: str = "permissions", *, most_rules: int | None = None
) -> PermissionSet:
    """The permission set that a custom role or a disposable token is given.

    What is not in the tables of the reference is refused, and so is what is left out: an emulator
    that guesses would let a test pass that production fails (D44).

    Raises:
        BadRequestError: it is no such set, has more rules than ``most_rules``, or would be a
            super-user's. The message names the member.
    """
    document = copy.deepcopy(members(value, path))  # Nobody may change it once it is understood.
    if "super_user" in document:
        refuse(path, "only the role Owner is a super-user; list the rules instead")
    only(document, path, ("rules", "conditions"))
    rules = items(member(document, f"{path}.rules"), f"{path}.rules")
    if not rules:
        refuse(f"{path}.rules", "it is empty; a permission set has at least one rule")
    if most_rules is not None and len(rules) > most_rules:
        refuse(f"{path}.rules", f"it takes at most {most_rules} rules, this has {len(rules)}")
    granted: _Selectors = {}
    for index, rule in enumerate(rules):
        _grant(granted, rule, f"{path}.rules[{index}]")
    conditions = items(document.get("conditions", []), f"{path}.conditions")
    return PermissionSet(
        document,
        _grants={
            access: {store: _keys(selectors) for store, selectors in by_store.items()}
            for access, by_store in granted.items()
        },
        allowed_ranges=[
            _ip_filter(condition, f"{path}.conditions[{index}]")
            for index, condition in enumerate(conditions)
        ],
    )


def _grant(granted: _Selectors, value: object, path: str) -> None:
    rule = members(value, path)
    type_name = text(member(rule, f"{path}.type"), f"{path}.type")
    rule_type = RULE_TYPES.get(type_name)
    if rule_type is None:
        refuse(f"{path}.type", f"it must be one of {', '.join(RULE_TYPES)}")
    only(rule, path, ("type", "permissions", *rule_type.selectors))
    permissions = items(member(rule, f"{path}.permissions"), f"{path}.permissions")
    if not permissions:
        refuse(f"{path}.permissions", "it is empty")
    selected = {
        name: _selector(member(rule, f"{path}.{name}"), f"{path}.{name}", choices)
        for name, choices in rule_type.selectors.items()
    }
    store, objects = None, {}
    if type_name == "store":
        store, objects = selected["stores"].get("name"), selected["items"]
    for permission in permissions:
        if permission not in rule_type.permissions:
            refuse(
                f"{path}.permissions",
                f"a rule of type {type_name} takes {', '.join(rule_type.permissions)}",
            )
        by_store = granted.setdefault(Access(type_name, str(permission)), {})
        by_store.setdefault(store, []).append(objects)


def _keys(selectors: Sequence[Mapping[str, str]]) -> _Keys:
    return _Keys(
        frozenset(each["key"] for each in selectors if "key" in each),
        tuple(each.get("key_prefix", "") for each in selectors if "key" not in each),
    )


def _selector(value: object, path: str, choices: tuple[str, ...]) -> dict[str, str]:
    if value == EVERYTHING:
        return {}
    forms = [f'"{EVERYTHING}"', *(f'{{"{choice}": …}}' for choice in choices)]
    wanted = f"it must be {' or '.join(forms)}"
    if not isinstance(value, dict) or len(value) != 1:
        refuse(path, wanted)
    [(name, selected)] = value.items()
    if name not in choices:
        refuse(path, wanted)
    if selected == EVERYTHING and name == "name":
        refuse(
            f"{path}.{name}", f'nothing has that name; for all of them say "{EVERYTHING}" itself'
        )
    return {name: text(selected, f"{path}.{name}")}


def _ip_filter(value: object, path: str) -> list[_Network]:
    condition = members(value, path)
    only(condition, path, ("ip_filter",))
    path = f"{path}.ip_filter"
    ip_filter = members(member(condition, path), path)
    only(ip_filter, path, ("allowed_cidr_ranges",))
    path = f"{path}.allowed_cidr_ranges"
    ranges = items(member(ip_filter, path), path)
    if not ranges:
        refuse(path, "it is empty, and so would let nobody in")
    return [_network(entry, f"{path}[{index}]") for index, entry in enumerate(ranges)]


def _network(value: object, path: str) -> _Network:
    cidr = text(value, path)
    if "/" not in cidr:
        refuse(path, "it needs a prefix length, as in 10.0.0.0/8 or 2001:db8::/32")
    try:
        if not _CIDR.fullmatch(cidr):
            raise ValueError
        network = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        refuse(path, "it must be a CIDR range, as in 10.0.0.0/8 or 2001:db8::/32")
    if isinstance(network, ipaddress.IPv6Network) and network.subnet_of(_MAPPED_IPV4):
        mapped = int(network.network_address) & 0xFFFF_FFFF
        return ipaddress.IPv4Network((mapped, network.prefixlen - _MAPPED_IPV4.prefixlen))
    return network
