"""Permission sets: parse them, and decide what they allow.

The tables below are those of the reference ("Permission set"), to be compared with it line by line.
"""

from __future__ import annotations

import copy
import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from emulator.core.documents import as_object, forbid_unknown, invalid, items, member, text

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

EVERYTHING = "*"
"""The selector for everything; every selector member of a rule may be this."""


class RuleType(NamedTuple):
    """What a type of rule may grant, and the members that select what it applies to.

    ``selectors`` lists for each such member the forms that it may have besides ``"*"``.
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
    """The object keys that rules select, exactly or by prefix; the empty prefix selects all.

    A check takes two steps, however many rules there are.
    """

    exact: frozenset[str]
    prefixes: tuple[str, ...]

    def include(self, key: str) -> bool:
        return key in self.exact or key.startswith(self.prefixes)


_Grants = Mapping[Access, Mapping[str | None, _Keys]]
"""The selected keys, by access and by store; the store None means every store."""

_Selectors = dict[Access, dict[str | None, list[Mapping[str, str]]]]
"""The same while the rules are parsed: the selectors of keys, as the rules state them."""


@dataclass(frozen=True, slots=True)
class PermissionSet:
    """What the holder of a role or token may do, and from which addresses.

    ``document`` is the set as JSON values, as it was given; a super-user's grants everything.
    Selectors are evaluated only in ``store`` rules: of all types with selectors, this service has
    only stores.
    """

    document: Mapping[str, Any]
    super_user: bool = False
    _grants: _Grants = field(default_factory=dict, repr=False, compare=False)
    allowed_ranges: Sequence[Sequence[_Network]] = field(default=(), repr=False, compare=False)

    def allows(self, access: Access, store: str = "", key: str = "") -> bool:
        """Whether a rule grants ``access``; if it is to a store, on that ``store`` and ``key``."""
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
        """Whether every condition allows a caller from this IP address (D48).

        An unknown address is allowed only where there is no condition.
        """
        if not self.allowed_ranges:
            return True
        try:
            caller = ipaddress.ip_address((address or "").partition("%")[0])
        except ValueError:
            return False
        if isinstance(caller, ipaddress.IPv6Address) and caller.ipv4_mapped is not None:
            caller = caller.ipv4_mapped  # A dual-stack socket reports IPv4 callers like this.
        return all(any(caller in network for network in ranges) for ranges in self.allowed_ranges)

    @property
    def stores(self) -> frozenset[str] | None:
        """The stores that the ``store`` rules name; None if a rule applies to all stores, or there
        is no such rule."""
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
"""Grants everything. The form of its document is our choice (D45)."""

NOTHING = PermissionSet({"rules": []})
"""Grants nothing: for keys of a role that was deleted meanwhile."""


def parse_permission_set(
    value: object, path: str = "permissions", *, most_rules: int | None = None
) -> PermissionSet:
    """Parse the permission set of a custom role or a disposable token.

    Refuses members that the reference does not know, and missing ones: if the emulator guessed, a
    test could pass that fails in production (D44).

    Raises:
        BadRequestError: it is not a permission set, has more rules than ``most_rules``, or is a
            super-user's. The message names the member.
    """
    document = copy.deepcopy(as_object(value, path))  # The caller may change its own later.
    if "super_user" in document:
        invalid(path, "only the role Owner is a super-user; list the rules instead")
    forbid_unknown(document, path, ("rules", "conditions"))
    rules = items(member(document, f"{path}.rules"), f"{path}.rules")
    if not rules:
        invalid(f"{path}.rules", "it is empty; a permission set has at least one rule")
    if most_rules is not None and len(rules) > most_rules:
        invalid(f"{path}.rules", f"it must have at most {most_rules} rules, this has {len(rules)}")
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
    rule = as_object(value, path)
    type_name = text(member(rule, f"{path}.type"), f"{path}.type")
    rule_type = RULE_TYPES.get(type_name)
    if rule_type is None:
        invalid(f"{path}.type", f"it must be one of {', '.join(RULE_TYPES)}")
    forbid_unknown(rule, path, ("type", "permissions", *rule_type.selectors))
    permissions = items(member(rule, f"{path}.permissions"), f"{path}.permissions")
    if not permissions:
        invalid(f"{path}.permissions", "it is empty")
    selected = {
        name: _selector(member(rule, f"{path}.{name}"), f"{path}.{name}", choices)
        for name, choices in rule_type.selectors.items()
    }
    store, objects = None, {}
    if type_name == "store":
        store, objects = selected["stores"].get("name"), selected["items"]
    for permission in permissions:
        if permission not in rule_type.permissions:
            invalid(
                f"{path}.permissions",
                f"a rule of type {type_name} can grant {', '.join(rule_type.permissions)}",
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
        invalid(path, wanted)
    [(name, selected)] = value.items()
    if name not in choices:
        invalid(path, wanted)
    if selected == EVERYTHING and name == "name":
        invalid(f"{path}.{name}", f'it must be a name; to select all, use "{EVERYTHING}" itself')
    return {name: text(selected, f"{path}.{name}")}


def _ip_filter(value: object, path: str) -> list[_Network]:
    condition = as_object(value, path)
    forbid_unknown(condition, path, ("ip_filter",))
    path = f"{path}.ip_filter"
    ip_filter = as_object(member(condition, path), path)
    forbid_unknown(ip_filter, path, ("allowed_cidr_ranges",))
    path = f"{path}.allowed_cidr_ranges"
    ranges = items(member(ip_filter, path), path)
    if not ranges:
        invalid(path, "it is empty, so it would allow nobody")
    return [_network(entry, f"{path}[{index}]") for index, entry in enumerate(ranges)]


def _network(value: object, path: str) -> _Network:
    cidr = text(value, path)
    if "/" not in cidr:
        invalid(path, "it needs a prefix length, as in 10.0.0.0/8 or 2001:db8::/32")
    try:
        if not _CIDR.fullmatch(cidr):
            raise ValueError
        network = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        invalid(path, "it must be a CIDR range, as in 10.0.0.0/8 or 2001:db8::/32")
    if isinstance(network, ipaddress.IPv6Network) and network.subnet_of(_MAPPED_IPV4):
        mapped = int(network.network_address) & 0xFFFF_FFFF
        return ipaddress.IPv4Network((mapped, network.prefixlen - _MAPPED_IPV4.prefixlen))
    return network
