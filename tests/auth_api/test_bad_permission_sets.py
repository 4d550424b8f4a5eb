"""What is no permission set is refused wherever one is given (D44)."""

from __future__ import annotations

import pytest

from .api import Api
from .bad_permission_sets import BAD_RULES, BAD_SETS
from .expect import expect_refusal
from .permission_sets import READING, TABLE, allow, objects, rule

pytestmark = [pytest.mark.proves("D44"), pytest.mark.proves("Permission set")]


@pytest.mark.proves("Auth APIs: POST /roles")
def test_no_role_is_created_with_a_bad_set(owner: Api) -> None:
    for name, permissions in BAD_SETS.items():
        answer = owner.create_role("custom", permissions)
        assert answer.status == 400, name
        expect_refusal(answer, 400, mentions=["permissions"])
    assert owner.all_roles(type="custom") == []


@pytest.mark.proves("Auth APIs: POST /roles")
@pytest.mark.parametrize("rule_type", TABLE)
def test_no_role_is_created_with_a_rule_that_the_table_does_not_have(
    owner: Api, rule_type: str
) -> None:
    bad = {name: given for name, given in BAD_RULES.items() if name.startswith(f"{rule_type}-")}
    assert len(bad) > 10
    for name, permissions in bad.items():
        answer = owner.create_role("custom", permissions)
        assert answer.status == 400, name
        expect_refusal(answer, 400, mentions=["rules[1]"])
    assert owner.all_roles(type="custom") == []


@pytest.mark.proves("Auth APIs: PUT /roles")
def test_no_role_is_replaced_with_a_bad_set(owner: Api) -> None:
    role = owner.new_role(READING, "custom")
    for name, permissions in (BAD_SETS | BAD_RULES).items():
        answer = owner.replace_role(role["role_id"], "another", permissions)
        assert answer.status == 400, name
        expect_refusal(answer, 400, mentions=["permissions"])
    assert owner.all_roles(type="custom") == [role]


@pytest.mark.proves("D51")
def test_no_token_carries_a_bad_set(owner: Api) -> None:
    for name, permissions in (BAD_SETS | BAD_RULES).items():
        answer = owner.create_token(permissions)
        assert answer.status == 400, name
        expect_refusal(answer, 400, mentions=["permissions"])


@pytest.mark.proves("D45")
@pytest.mark.proves("Auth APIs: POST /roles")
def test_no_custom_role_is_a_super_user(owner: Api) -> None:
    permissions = owner.all_roles()[0]["permissions"]
    role = owner.new_role(READING)
    expect_refusal(owner.create_role("another", permissions), 400)
    expect_refusal(owner.replace_role(role["role_id"], "another", permissions), 400)
    assert owner.all_roles(type="custom") == [role]


@pytest.mark.parametrize("count", [1, 20, 21, 500])
def test_a_role_may_have_as_many_rules_as_it_takes(owner: Api, count: int) -> None:
    rules = [objects("read", stores={"name": f"store-{number}"}) for number in range(count)]
    assert owner.new_role(allow(*rules))["permissions"]["rules"] == rules


@pytest.mark.parametrize("conditions", [{}, {"conditions": []}], ids=["left-out", "empty"])
def test_conditions_default_to_none(owner: Api, conditions: dict[str, object]) -> None:
    role = owner.new_role({**READING, **conditions})
    assert role["permissions"]["rules"] == READING["rules"]
    assert role["permissions"].get("conditions", []) == []
    key = owner.new_key(role["role_id"])
    assert owner.with_key(key.api_key).client.get("/objectstore/some/key").status == 404


@pytest.mark.proves("D48")
@pytest.mark.parametrize(
    "cidr",
    [
        "10.0.0.0/8",
        "10.1.2.3/8",
        "0.0.0.0/0",
        "255.255.255.255/32",
        "2001:db8::/32",
        "2001:DB8::1/32",
        "::/0",
        "::1/128",
        "::ffff:10.0.0.0/104",
    ],
)
def test_a_range_is_kept_as_it_was_given(owner: Api, cidr: str) -> None:
    permissions = allow(rule("store", "read"), ranges=[cidr])
    assert owner.new_role(permissions)["permissions"] == permissions


def test_a_set_is_listed_as_it_was_given(owner: Api) -> None:
    permissions = allow(
        objects("read", "list", stores={"name": "é"}, items={"key_prefix": "🔑/"}),
        objects("list", "read"),
        rule("topic", "write", topics={"prefix": "*"}),
        ranges=["10.0.0.0/8", "2001:db8::/32"],
    )
    assert owner.new_role(permissions)["permissions"] == permissions
    assert owner.all_roles()[-1]["permissions"] == permissions
