"""What the rules of a permission set allow, and which stores they name."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from emulator.core.errors import BadRequestError
from emulator.core.permission_set import (
    NOTHING,
    SUPER_USER,
    Access,
    PermissionSet,
    parse_permission_set,
)
from tests.suites import examples

from .permission_sets import (
    EVERY_PERMISSION,
    KEYS,
    STORE_NAMES,
    Document,
    a_rule,
    a_set,
    allows,
    named_stores,
    permission_sets,
    store_rules,
)

READ = Access("store", "read")
WRITE = Access("store", "write")

OBJECTS = [(store, key) for store in ("", *STORE_NAMES) for key in ("", *KEYS, "a/b/c", "日")]

everything_a_set_may_say = st.one_of(
    permission_sets, st.builds(lambda rules: a_set(*rules), st.lists(store_rules, min_size=1))
)


def reading(**members: Any) -> PermissionSet:
    """What one rule allows that lets read."""
    return parse_permission_set(a_set(a_rule(permissions=["read"], **members)))


@pytest.mark.proves("Permission set")
@settings(max_examples=examples(200))
@given(everything_a_set_may_say)
def test_what_is_allowed_is_what_some_rule_says(document: Document) -> None:
    permissions = parse_permission_set(document)
    for type_name, permission in [*EVERY_PERMISSION, ("store", "delete"), ("stores", "read")]:
        for store, key in OBJECTS:
            allowed = permissions.allows(Access(type_name, permission), store, key)
            assert allowed == allows(document, type_name, permission, store, key), (
                type_name,
                permission,
                store,
                key,
            )


@pytest.mark.proves("Permission set")
@settings(max_examples=examples(100))
@given(one=st.lists(store_rules, min_size=1), other=st.lists(store_rules, min_size=1))
def test_rules_together_allow_what_either_does_in_any_order(
    one: list[Document], other: list[Document]
) -> None:
    both = [parse_permission_set(a_set(*rules)) for rules in (one + other, other + one)]
    alone = [parse_permission_set(a_set(*rules)) for rules in (one, other)]
    for access in (READ, WRITE):
        for place in OBJECTS:
            expected = any(permissions.allows(access, *place) for permissions in alone)
            assert [permissions.allows(access, *place) for permissions in both] == [expected] * 2


@pytest.mark.proves("Permission set")
@settings(max_examples=examples(100))
@given(everything_a_set_may_say)
@example(a_set(a_rule("account_management")))
def test_a_list_of_stores_shows_those_that_the_rules_name(document: Document) -> None:
    assert parse_permission_set(document).stores == named_stores(document)


@pytest.mark.proves("D44")
@pytest.mark.parametrize(
    ("type_name", "member"),
    [("store", "stores"), ("cache", "caches"), ("topic", "topics"), ("database", "databases")],
)
def test_a_star_by_name_is_refused_with_a_hint(type_name: str, member: str) -> None:
    with pytest.raises(BadRequestError, match=rf'{member}\.name: .* "\*" itself'):
        parse_permission_set(a_set(a_rule(type_name, **{member: {"name": "*"}})))


def test_a_star_in_a_key_or_prefix_is_a_character() -> None:
    permissions = reading(items={"key": "*"})
    assert permissions.allows(Access("store", "read"), "a", "*")
    assert not permissions.allows(Access("store", "read"), "a", "a")


def test_a_star_as_a_key_is_a_key_and_not_every_key() -> None:
    permissions = reading(items={"key": "*"})
    assert permissions.allows(READ, "store", "*")
    assert not permissions.allows(READ, "store", "key")
    assert not reading(items={"key_prefix": "*"}).allows(READ, "store", "key")


@pytest.mark.parametrize("prefix", KEYS)
def test_a_prefix_selects_the_key_that_is_the_prefix_and_what_goes_on_from_it(prefix: str) -> None:
    permissions = reading(items={"key_prefix": prefix})
    for key in (prefix, f"{prefix}/", f"{prefix} ", f"{prefix}\0", prefix + prefix):
        assert permissions.allows(READ, "store", key)
    for key in ("", prefix[:-1], f" {prefix}x", f"x{prefix}", prefix.swapcase() + "é"):
        assert permissions.allows(READ, "store", key) == key.startswith(prefix)


@pytest.mark.parametrize("key", KEYS)
def test_a_key_selects_itself_alone(key: str) -> None:
    permissions = reading(items={"key": key})
    assert permissions.allows(READ, "store", key)
    for other in ("", f"{key}/", f"{key} ", f" {key}", key + key, key[:-1]):
        assert not permissions.allows(READ, "store", other)


def test_a_prefix_in_one_store_says_nothing_about_another() -> None:
    permissions = parse_permission_set(
        a_set(
            a_rule(stores={"name": "one"}, items={"key_prefix": "public/"}),
            a_rule(stores={"name": "other"}, items={"key": "index"}),
        )
    )
    assert permissions.allows(READ, "one", "public/index")
    assert permissions.allows(READ, "other", "index")
    assert not permissions.allows(READ, "one", "index")
    assert not permissions.allows(READ, "other", "public/index")


@pytest.mark.proves("D18")
def test_each_permission_is_granted_for_itself() -> None:
    for name in ("read", "write", "list"):
        permissions = parse_permission_set(a_set(a_rule(permissions=[name])))
        allowed = [
            permission
            for permission in ("read", "write", "list", "delete")
            if permissions.allows(Access("store", permission), "store", "key")
        ]
        assert allowed == [name]


def test_a_super_user_may_do_everything_everywhere_from_anywhere() -> None:
    for type_name, permission in [*EVERY_PERMISSION, ("account_management", "write")]:
        assert SUPER_USER.allows(Access(type_name, permission), "store", "key")
    assert SUPER_USER.stores is None
    assert SUPER_USER.admits(None)


@pytest.mark.proves("D47")
def test_nothing_is_allowed_without_a_rule() -> None:
    assert not any(NOTHING.allows(Access(*each), "store", "key") for each in EVERY_PERMISSION)
