"""How a permission set is written: the reference's tables are taken, all else is refused."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.core.errors import BadRequestError
from emulator.core.permission_set import Access, parse_permission_set
from tests.suites import examples

from .permission_sets import (
    EVERY_RULE,
    FORMS,
    PERMISSIONS,
    SELECTORS,
    TABLE,
    Document,
    a_rule,
    a_set,
    ip_filter,
    is_permission_set,
    permission_sets,
)

RULE = "permissions.rules[0]"
CONDITION = "permissions.conditions[0]"
RANGES = f"{CONDITION}.ip_filter.allowed_cidr_ranges"

NO_PERMISSIONS: list[object] = ["delete", "*", "READ", "", " read", None, 1, True, [], {}]
NO_RULES: list[object] = [None, "*", {}, a_rule(), []]
NO_TYPES: list[object] = [
    None, 5, ["store"], {}, "", "Store", "stores", "super_user", "\ud800",
]  # fmt: skip
NO_CONDITIONS: list[object] = [None, {}, "*", 5]
NO_CONDITION: list[object] = [None, "*", [], 5]
NO_SET: list[object] = [None, "*", 5, True, [], [a_set()]]
NO_RULE: list[object] = [None, "*", 5, [], [a_rule()]]
NO_LIST: list[object] = [None, "read", {}]


def refusal(document: object, **options: Any) -> str:
    """What is said where that is given as a permission set."""
    with pytest.raises(BadRequestError) as refused:
        parse_permission_set(document, **options)
    return refused.value.message


def names_as_wrong(message: str, path: str) -> bool:
    return message.startswith((f"Invalid {path}: ", f"Unknown {path}: ")) or (
        message == f"Missing {path}"
    )


@pytest.mark.proves("Permission set")
@pytest.mark.parametrize("rule", EVERY_RULE, ids=json.dumps)
def test_each_rule_of_the_reference_is_taken_and_grants_what_it_says(rule: Document) -> None:
    document = a_set(rule)
    parsed = parse_permission_set(copy.deepcopy(document))
    assert parsed.document == document
    assert not parsed.super_user
    store = "*" if rule.get("stores", "*") == "*" else rule["stores"]["name"]
    items = rule.get("items", "*")
    key = "key" if items == "*" else next(iter(items.values()))
    assert parsed.allows(Access(rule["type"], rule["permissions"][0]), store, key)


@pytest.mark.proves("D44")
@pytest.mark.parametrize(
    ("type_name", "permission"),
    [
        (type_name, permission)
        for type_name, form in TABLE.items()
        for permission in (*PERMISSIONS, *NO_PERMISSIONS)
        if permission not in form.permissions
    ],
)
def test_a_rule_takes_no_permission_that_its_type_has_not(
    type_name: str, permission: object
) -> None:
    right = TABLE[type_name].permissions[0]
    for permissions in ([permission], [right, permission]):
        message = refusal(a_set(a_rule(type_name, permissions=permissions)))
        assert names_as_wrong(message, f"{RULE}.permissions"), message
        assert right in message


SELECTED = [(type_name, name) for type_name, form in TABLE.items() for name in form.selectors]

NO_SELECTORS: list[Any] = [None, "", "a", "**", " *", 5, True, [], ["*"], {}, {"*": "*"}]


@pytest.mark.proves("D44")
@pytest.mark.parametrize(("type_name", "name"), SELECTED)
def test_a_member_of_a_rule_takes_no_selector_but_its_own(type_name: str, name: str) -> None:
    forms = TABLE[type_name].selectors[name]
    others = [{form: "a"} for form in FORMS if form not in forms]
    pairs = [{"name": "a", "prefix": "a"}, {"key": "a", "key_prefix": "a"}, {"name": "a", "x": 1}]
    for selector in (*NO_SELECTORS, *others, *pairs):
        message = refusal(a_set(a_rule(type_name, **{name: selector})))
        assert names_as_wrong(message, f"{RULE}.{name}"), (selector, message)
        assert all(form in message for form in forms)


@pytest.mark.proves("D44")
@pytest.mark.parametrize(("type_name", "name"), SELECTED)
def test_what_a_selector_selects_is_text_and_not_empty(type_name: str, name: str) -> None:
    for form in TABLE[type_name].selectors[name]:
        for value in (None, "", 5, True, ["a"], {"name": "a"}, "\ud800"):
            message = refusal(a_set(a_rule(type_name, **{name: {form: value}})))
            assert names_as_wrong(message, f"{RULE}.{name}.{form}"), (value, message)


@pytest.mark.proves("D44")
@pytest.mark.parametrize(("type_name", "name"), SELECTED)
def test_a_rule_has_every_member_of_its_type(type_name: str, name: str) -> None:
    rule = a_rule(type_name)
    del rule[name]
    assert refusal(a_set(rule)) == f"Missing {RULE}.{name}"


@pytest.mark.proves("D44")
@pytest.mark.parametrize(
    ("type_name", "name"),
    [
        (type_name, name)
        for type_name, form in TABLE.items()
        for name in (*SELECTORS, "Type", "permission", "conditions", "")
        if name not in form.selectors
    ],
)
def test_a_rule_has_no_member_of_another_type(type_name: str, name: str) -> None:
    message = refusal(a_set(a_rule(type_name, **{name: "*"})))
    assert names_as_wrong(message, f"{RULE}.{name}"), message


def without(document: Document, name: str) -> Document:
    return {key: value for key, value in document.items() if key != name}


FILTERS: list[tuple[object, str]] = [
    (None, f"{CONDITION}.ip_filter"),
    ([], f"{CONDITION}.ip_filter"),
    ({}, RANGES),
    ({"allowed_cidr_ranges": None}, RANGES),
    ({"allowed_cidr_ranges": "10.0.0.0/8"}, RANGES),
    ({"allowed_cidr_ranges": []}, RANGES),
    ({"allowed_cidr_ranges": [None]}, f"{RANGES}[0]"),
    ({"allowed_cidr_ranges": ["10.0.0.0/8", 5]}, f"{RANGES}[1]"),
    ({"allowed_cidr_ranges": ["10.0.0.0/8"], "denied": []}, f"{CONDITION}.ip_filter.denied"),
]

WRONG: list[tuple[object, str]] = [
    *((value, "permissions") for value in NO_SET),
    *(({"rules": value}, "permissions.rules") for value in NO_RULES),
    ({}, "permissions.rules"),
    ({"conditions": []}, "permissions.rules"),
    *((a_set(value), RULE) for value in NO_RULE),
    (a_set(a_rule(), None), "permissions.rules[1]"),
    (a_set(without(a_rule(), "type")), f"{RULE}.type"),
    (a_set(without(a_rule(), "permissions")), f"{RULE}.permissions"),
    *((a_set({**a_rule(), "type": value}), f"{RULE}.type") for value in NO_TYPES),
    *((a_set(a_rule(permissions=value)), f"{RULE}.permissions") for value in NO_LIST),
    (a_set(a_rule(permissions=[])), f"{RULE}.permissions"),
    (a_set(name="mine"), "permissions.name"),
    (a_set(a_rule(), a_rule("topic", topics=5)), "permissions.rules[1].topics"),
    *((a_set(conditions=value), "permissions.conditions") for value in NO_CONDITIONS),
    *((a_set(conditions=[value]), CONDITION) for value in NO_CONDITION),
    (a_set(conditions=[{}]), f"{CONDITION}.ip_filter"),
    (a_set(conditions=[{"time": "now"}]), f"{CONDITION}.time"),
    (a_set(conditions=[ip_filter("::/0") | {"time": 1}]), f"{CONDITION}.time"),
    (a_set(conditions=[ip_filter("::/0"), {}]), "permissions.conditions[1].ip_filter"),
    *((a_set(conditions=[{"ip_filter": value}]), path) for value, path in FILTERS),
]


@pytest.mark.proves("D44")
@pytest.mark.parametrize(("document", "path"), WRONG, ids=str)
def test_what_the_reference_does_not_have_is_refused_by_its_name(
    document: object, path: str
) -> None:
    message = refusal(document)
    assert names_as_wrong(message, path), message


@pytest.mark.proves("Permission set")
@pytest.mark.parametrize("more", [{}, {"rules": []}, {"rules": [a_rule()]}])
@pytest.mark.parametrize("value", [True, False, None, {}])
def test_nobody_writes_down_a_super_user(value: object, more: Document) -> None:
    assert names_as_wrong(refusal({"super_user": value, **more}), "permissions")


def test_a_refusal_names_the_member_by_the_place_of_the_whole_set() -> None:
    with pytest.raises(BadRequestError, match=r"^Invalid roles\[2\]\.set\.rules: "):
        parse_permission_set({"rules": []}, "roles[2].set")


@pytest.mark.proves("Permission set")
def test_no_conditions_may_be_said_or_left_out() -> None:
    for document in (a_set(), a_set(conditions=[])):
        assert parse_permission_set(document).admits(None)


@pytest.mark.proves("Permission set")
def test_a_set_may_be_limited_in_its_rules() -> None:
    parse_permission_set(a_set(*[a_rule()] * 20), most_rules=20)
    message = refusal(a_set(*[a_rule()] * 21), most_rules=20)
    assert names_as_wrong(message, "permissions.rules")
    assert "20" in message
    parse_permission_set(a_set(*[a_rule()] * 200))


@pytest.mark.proves("Permission set")
@settings(max_examples=examples(50))
@given(permission_sets)
def test_a_permission_set_is_shown_as_it_was_given(document: Document) -> None:
    given_as = json.dumps(document)
    parsed = parse_permission_set(json.loads(given_as))
    assert json.dumps(parsed.document) == given_as
    assert parse_permission_set(parsed.document) == parsed


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 1) | st.sampled_from(["", "*", "read", "store"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["name", "key", "type", "rules"]), inner, max_size=2)
    ),
    max_leaves=4,
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside: Any = ()
    if isinstance(value, dict):
        inside = value.items()
    elif isinstance(value, list):
        inside = enumerate(value)
    return [path, *(place for key, each in inside for place in _places(each, (*path, key)))]


@pytest.mark.proves("D44")
@settings(max_examples=examples(300))
@given(document=permission_sets, data=st.data())
def test_a_set_that_was_changed_anywhere_is_taken_only_if_the_reference_has_it(
    document: Document, data: st.DataObject
) -> None:
    whole: Any = {"set": json.loads(json.dumps(document))}
    *way, last = data.draw(st.sampled_from(_places(whole["set"], ("set",))))
    parent = whole
    for step in way:
        parent = parent[step]
    change = data.draw(st.sampled_from(["replace", "replace", "remove", "add"]))
    if change == "add" and isinstance(parent[last], dict):
        parent[last][data.draw(st.sampled_from(["name", "caches", "key", "x"]))] = "*"
    elif change == "remove" and way:
        del parent[last]
    else:
        parent[last] = data.draw(_json)
    if is_permission_set(whole["set"]):
        assert parse_permission_set(whole["set"]).document == whole["set"]
    else:
        assert "permissions" in refusal(whole["set"])


def test_a_set_stays_what_it_was_when_its_document_is_changed_afterwards() -> None:
    document = a_set(a_rule(stores={"name": "mine"}))
    parsed = parse_permission_set(document)
    document["rules"][0]["stores"] = "*"
    document["conditions"] = [ip_filter("10.0.0.0/8")]
    assert parsed.document == a_set(a_rule(stores={"name": "mine"}))
