"""Any record of any table of the account."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from emulator.backends.account.base import (
    ACCOUNT,
    API_KEYS,
    CLUSTERS,
    INVITATIONS,
    MEMBERS,
    ROLE_NAMES,
    ROLES,
    STORES,
    Table,
)
from emulator.core.model import (
    Account,
    ApiKey,
    Cluster,
    Invitation,
    Member,
    Role,
    RoleName,
    ShardPlacement,
    Store,
)
from emulator.core.permission_set import PermissionSet, parse_permission_set

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
_names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=10)
_seconds = st.integers(0, 2**62)


def _selectors(*forms: str) -> st.SearchStrategy[Any]:
    named = [st.builds(lambda name, form=form: {form: name}, _names) for form in forms]
    selectors = st.one_of(st.just("*"), *named)
    return selectors.filter(lambda selector: selector != {"name": "*"})  # It is refused (D44).


_rules = st.one_of(
    st.fixed_dictionaries(
        {
            "type": st.just("store"),
            "permissions": st.lists(st.sampled_from(["read", "write"]), min_size=1, max_size=2),
            "stores": _selectors("name"),
            "items": _selectors("key", "key_prefix"),
        }
    ),
    st.just({"type": "auth_management", "permissions": ["read", "list"], "items": "*"}),
    st.just({"type": "function", "permissions": ["invoke"], "caches": "*", "functions": "*"}),
)
_conditions = st.lists(
    st.lists(st.sampled_from(["10.0.0.0/8", "2001:db8::/32"]), min_size=1).map(
        lambda ranges: {"ip_filter": {"allowed_cidr_ranges": ranges}}
    ),
    max_size=2,
)
permission_sets: st.SearchStrategy[PermissionSet] = st.fixed_dictionaries(
    {"rules": st.lists(_rules, min_size=1, max_size=4)}, optional={"conditions": _conditions}
).map(parse_permission_set)


def _tuples(elements: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(elements, max_size=3).map(tuple)


roles = st.builds(Role, texts, texts, permission_sets, texts)

RECORDS: dict[Table[Any], st.SearchStrategy[Any]] = {
    ACCOUNT: st.builds(Account, texts, texts),
    STORES: st.builds(Store, texts, texts, texts, texts, texts, texts),
    API_KEYS: st.builds(ApiKey, texts, texts, texts, texts, _seconds, st.none() | _seconds),
    ROLES: roles,
    ROLE_NAMES: st.builds(RoleName, texts),
    MEMBERS: st.builds(Member, texts, texts),
    INVITATIONS: st.builds(Invitation, texts, texts, texts),
    CLUSTERS: st.builds(
        Cluster,
        texts,
        texts,
        st.integers(),
        st.integers(),
        st.booleans(),
        _tuples(st.builds(ShardPlacement, st.integers(), texts, _tuples(texts))),
        texts,
        _seconds,
        _tuples(texts),
    ),
}

records = st.one_of(*(st.tuples(st.just(table), found) for table, found in RECORDS.items()))
"""A table, and a record that it may have."""
