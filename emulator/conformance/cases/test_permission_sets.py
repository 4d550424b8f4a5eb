"""Permission sets: which rules and conditions a role takes."""

from __future__ import annotations

import pytest

from emulator.conformance.target import Target

from .auth_api import (
    READING,
    Document,
    allow,
    create_role,
    listed_system_role,
    new_role,
    objects,
    rule,
)
from .expecting import expect_refused, expect_success
from .permission_sets import PERMISSIONS, TABLE, rule_of

pytestmark = pytest.mark.usefixtures("tidy")

HERE_AND_THERE = ["10.0.0.0/8", "2001:db8::/32"]

OF_TYPE = [
    pytest.param(rule_type, marks=pytest.mark.statement(statement))
    for rule_type, statement in {
        "account_management": "AUTH-PERM-03",
        "auth_management": "AUTH-PERM-04",
        "resource_management": "AUTH-PERM-06",
        "cache": "AUTH-PERM-08",
        "topic": "AUTH-PERM-10",
        "store": "AUTH-PERM-12",
        "function": "AUTH-PERM-14",
        "database": "AUTH-PERM-16",
    }.items()
]

NAME, PREFIX = {"name": "some"}, {"prefix": "some"}
KEY, KEY_PREFIX = {"key": "some"}, {"key_prefix": "some"}


def ip_filter(*ranges: str) -> Document:
    return {"ip_filter": {"allowed_cidr_ranges": list(ranges)}}


@pytest.mark.statement("AUTH-PERM-01")
def test_a_permission_set_has_rules(target: Target) -> None:
    expect_refused(create_role(target, {"conditions": []}))
    expect_success(create_role(target, {"rules": [objects("read")]}))


@pytest.mark.parametrize("rule_type", OF_TYPE)
def test_a_rule_takes_the_permissions_of_its_type(target: Target, rule_type: str) -> None:
    given = rule_of(rule_type)
    [taken] = new_role(target, allow(given))["permissions"]["rules"]
    assert taken["type"] == rule_type
    assert sorted(taken["permissions"]) == sorted(given["permissions"])


@pytest.mark.parametrize("rule_type", OF_TYPE)
def test_a_rule_takes_no_permission_of_another_type(target: Target, rule_type: str) -> None:
    others = set(PERMISSIONS) - set(TABLE[rule_type].permissions)
    for permission in sorted(others):
        expect_refused(create_role(target, allow(rule_of(rule_type, permission))))


@pytest.mark.parametrize(
    ("rule_type", "selector", "other"),
    [
        pytest.param("auth_management", "items", KEY, marks=pytest.mark.statement("AUTH-PERM-05")),
        pytest.param(
            "resource_management", "resources", NAME, marks=pytest.mark.statement("AUTH-PERM-07")
        ),
    ],
)
def test_a_rule_about_management_selects_everything(
    target: Target, rule_type: str, selector: str, other: Document
) -> None:
    expect_success(create_role(target, allow(rule_of(rule_type, **{selector: "*"}))))
    expect_refused(create_role(target, allow(rule_of(rule_type, **{selector: other}))))


@pytest.mark.parametrize(
    ("rule_type", "selectors"),
    [
        pytest.param(
            "cache",
            {"caches": NAME, "items": KEY},
            marks=pytest.mark.statement("AUTH-PERM-09"),
        ),
        pytest.param(
            "topic",
            {"caches": NAME, "topics": PREFIX},
            marks=pytest.mark.statement("AUTH-PERM-11"),
        ),
        pytest.param(
            "store",
            {"stores": NAME, "items": KEY_PREFIX},
            marks=pytest.mark.statement("AUTH-PERM-13"),
        ),
        pytest.param(
            "function",
            {"caches": NAME, "functions": PREFIX},
            marks=pytest.mark.statement("AUTH-PERM-15"),
        ),
        pytest.param("database", {"databases": NAME}, marks=pytest.mark.statement("AUTH-PERM-17")),
    ],
)
def test_a_rule_takes_the_selectors_of_its_type(
    target: Target, rule_type: str, selectors: Document
) -> None:
    [taken] = new_role(target, allow(rule_of(rule_type, **selectors)))["permissions"]["rules"]
    assert {name: taken[name] for name in selectors} == selectors


@pytest.mark.statement("AUTH-PERM-18")
def test_a_rule_of_another_type_answers_400(target: Target) -> None:
    assert create_role(target, allow(rule("other", "read"))).status == 400


@pytest.mark.statement("AUTH-PERM-19")
def test_an_asterisk_selects_everything(target: Target) -> None:
    given = allow(*(rule_of(rule_type) for rule_type in TABLE))
    rules = new_role(target, given)["permissions"]["rules"]
    taken = {
        each["type"]: {name: each[name] for name in TABLE[each["type"]].selectors} for each in rules
    }
    assert taken == {name: dict.fromkeys(row.selectors, "*") for name, row in TABLE.items()}


@pytest.mark.parametrize(
    ("rule_type", "selector", "forms", "other"),
    [
        pytest.param(
            rule_type, selector, forms, other, marks=pytest.mark.statement(f"AUTH-PERM-{number}")
        )
        for number, rule_type, selector, forms, other in (
            (20, "cache", "caches", [NAME], PREFIX),
            (20, "store", "stores", [NAME], PREFIX),
            (20, "database", "databases", [NAME], PREFIX),
            (21, "topic", "topics", [NAME, PREFIX], KEY),
            (21, "function", "functions", [NAME, PREFIX], KEY),
            (22, "cache", "items", [KEY, KEY_PREFIX], NAME),
            (22, "store", "items", [KEY, KEY_PREFIX], NAME),
        )
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_selector_takes_its_own_forms(
    target: Target, rule_type: str, selector: str, forms: list[Document], other: Document
) -> None:
    given = [rule_of(rule_type, **{selector: form}) for form in forms]
    taken = new_role(target, allow(*given))["permissions"]["rules"]
    assert [each[selector] for each in taken] == forms
    expect_refused(create_role(target, allow(rule_of(rule_type, **{selector: other}))))


@pytest.mark.statement("AUTH-PERM-26")
def test_ip_filter_is_the_only_condition(target: Target) -> None:
    known = ip_filter("10.0.0.0/8")
    expect_success(create_role(target, READING | {"conditions": [known]}))
    expect_refused(create_role(target, READING | {"conditions": [{"other": {}}]}))


@pytest.mark.statement("AUTH-PERM-27")
def test_ranges_are_of_ipv4_and_of_ipv6(target: Target) -> None:
    role = new_role(target, READING | {"conditions": [ip_filter(*HERE_AND_THERE)]})
    [taken] = role["permissions"]["conditions"]
    assert sorted(taken["ip_filter"]["allowed_cidr_ranges"]) == HERE_AND_THERE


@pytest.mark.statement("AUTH-PERM-28")
@pytest.mark.parametrize("address", ["10.0.0.0", "2001:db8::"])
def test_a_range_without_a_prefix_length_answers_400(target: Target, address: str) -> None:
    permissions = READING | {"conditions": [ip_filter("10.0.0.0/8", address)]}
    assert create_role(target, permissions).status == 400


@pytest.mark.statement("AUTH-PERM-31")
def test_a_custom_role_is_no_super_user(target: Target) -> None:
    answer = create_role(target, listed_system_role(target, "Owner")["permissions"])
    assert answer.status >= 400 or answer.json()["permissions"]["rules"], "it is explicit"


@pytest.mark.statement("AUTH-MEMBER-08")
def test_no_rule_grants_a_change_of_the_membership(target: Target) -> None:
    assert create_role(target, allow(rule("account_management", "write"))).status == 400
