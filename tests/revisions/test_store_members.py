"""The later members of a store: what create, update and describe take and return."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.contract.expect import STORE_NOT_FOUND, expect_error, expect_store
from tests.contract.stores import DEFAULT_LIMITS, LIST, Configuration, Stores, configuration
from tests.support.client import ROLE_ARN
from tests.support.raw_client import Client

from .expect import expect_description
from .stores import HIGHEST_LIMIT, LIMITS, LOGGING, MEMBERS, METRICS, extended

WITH_CLOUDWATCH = {
    "access_logging_config": ["log_group_name", "iam_role_arn", "region"],
    "metrics_config": ["iam_role_arn", "region"],
}
PATHS = [(name, member) for name, members in WITH_CLOUDWATCH.items() for member in members]
NO_OBJECT: list[object] = [None, True, 0, 1.5, "text", "", [], [{}]]
NO_TEXT: list[object] = [None, True, 0, 1.5, "", [], ["text"], {}]


def named(value: object) -> str:
    return ".".join(value) if isinstance(value, tuple) else repr(value)


def with_member(name: str, member: str, value: object) -> Configuration:
    """A configuration with another value of a member of CloudWatch's."""
    config = extended(**copy.deepcopy({name: MEMBERS[name]}))
    config[name]["cloudwatch"][member] = value
    return config


def without_member(name: str, member: str) -> Configuration:
    config = extended(**copy.deepcopy({name: MEMBERS[name]}))
    del config[name]["cloudwatch"][member]
    return config


def with_limit(name: str, value: object) -> Configuration:
    return extended(object_store_limits={name: value})


def expect_refused(stores: Stores, config: Configuration, *mentions: str) -> None:
    """`config` creates no store and changes none, and the message names the member."""
    kept = extended(access_logging_config=LOGGING, object_store_limits=LIMITS)
    absent, present = stores.named(), stores.create(kept)
    s3 = config["storage_config"]["s3"]
    s3["bucket_name"] = kept["storage_config"]["s3"]["bucket_name"]
    for store in (absent, present):
        expect_error(store.configure(config), 400, mentions=mentions)
    expect_error(absent.describe(), 404, STORE_NOT_FOUND)
    expect_description(present.describe(), 200, present.name, kept)


def expect_ignored(first_stores: Stores, config: Configuration) -> None:
    """The first revision knows nothing of the members that are wrong here."""
    known = {name: config[name] for name in ("storage_config", "cache_config")}
    store = first_stores.named()
    for status in (201, 200):
        expect_store(store.configure(config), status, store.name, known)
    expect_store(store.describe(), 200, store.name, known)


@pytest.mark.proves("Store configuration: returned by create, update and describe")
@pytest.mark.parametrize(
    "members",
    [
        pytest.param({}, id="none"),
        *(pytest.param({name: value}, id=name) for name, value in MEMBERS.items()),
        pytest.param(MEMBERS, id="all"),
    ],
)
def test_what_is_configured_is_returned_and_nothing_else(
    stores: Stores, members: dict[str, Any]
) -> None:
    store, config = stores.named(), extended(**members)
    expect_description(store.configure(config), 201, store.name, config)
    expect_description(store.describe(), 200, store.name, config)
    expect_description(store.configure(config), 200, store.name, config)
    expect_description(store.describe(), 200, store.name, config)


@pytest.mark.proves("Store configuration: 201 on create, 200 on update, the same body")
def test_create_update_and_describe_have_the_same_body(stores: Stores) -> None:
    store, config = stores.named(), extended(configuration(prefix="prefix"), **MEMBERS)
    created, updated = store.configure(config), store.configure(config)
    assert (created.status, updated.status) == (201, 200)
    assert created.body == updated.body == store.describe().body


@pytest.mark.proves("Store configuration: returned only when configured")
@pytest.mark.parametrize("name", WITH_CLOUDWATCH)
def test_what_an_update_leaves_out_is_gone(stores: Stores, name: str) -> None:
    config = configuration()
    store = stores.create(extended(config, **MEMBERS))
    left = extended(config, **{other: MEMBERS[other] for other in MEMBERS if other != name})
    expect_description(store.configure(left), 200, store.name, left)
    expect_description(store.describe(), 200, store.name, left)


@pytest.mark.proves("Store configuration: object_store_limits, D94")
def test_limits_that_an_update_leaves_out_are_the_defaults_again(stores: Stores) -> None:
    config = configuration()
    store = stores.create(extended(config, object_store_limits=LIMITS))
    some = extended(config, object_store_limits={"read_bytes_per_second": 5})
    expect_description(store.configure(some), 200, store.name, some)
    expect_description(store.configure(config), 200, store.name, config)
    expect_description(store.describe(), 200, store.name, config)


@pytest.mark.proves("Store configuration: object_store_limits, always returned with the defaults")
def test_a_store_without_limits_has_the_defaults(stores: Stores) -> None:
    store = stores.create()
    assert store.describe().json["object_store_limits"] == {
        "read_operations_per_second": 100,
        "write_operations_per_second": 100,
        "read_bytes_per_second": 1048576,
        "write_bytes_per_second": 1048576,
    }


@pytest.mark.proves("Store configuration: object_store_limits, any of them may be left out")
@pytest.mark.parametrize("left_out", LIMITS)
def test_any_limit_may_be_left_out(stores: Stores, left_out: str) -> None:
    given = {name: value for name, value in LIMITS.items() if name != left_out}
    store, config = stores.named(), extended(object_store_limits=given)
    expect_description(store.configure(config), 201, store.name, config)
    filled_in = store.describe().json["object_store_limits"]
    assert filled_in == {**LIMITS, left_out: DEFAULT_LIMITS[left_out]}


@pytest.mark.proves("Store configuration: object_store_limits, any of them may be left out")
@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("value", [1, HIGHEST_LIMIT])
def test_a_limit_alone_may_be_any_whole_number_from_1(
    stores: Stores, name: str, value: int
) -> None:
    store, config = stores.named(), with_limit(name, value)
    expect_description(store.configure(config), 201, store.name, config)


@pytest.mark.proves("Store configuration: object_store_limits, any of them may be left out")
def test_all_limits_may_be_left_out(stores: Stores) -> None:
    store, config = stores.named(), extended(object_store_limits={})
    expect_description(store.configure(config), 201, store.name, config)


@pytest.mark.proves("Store configuration: object_store_limits, D94")
@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize(
    "value",
    [0, -1, 1.5, 1.0, "100", "", None, True, [100], {}, HIGHEST_LIMIT + 1, 10**400],
    ids=lambda value: repr(value)[:20],
)
def test_a_limit_that_is_no_whole_number_from_1_is_400_and_named(
    stores: Stores, first_stores: Stores, name: str, value: object
) -> None:
    expect_refused(stores, with_limit(name, value), f"object_store_limits.{name}")
    expect_ignored(first_stores, with_limit(name, value))


@pytest.mark.proves("Store configuration: access_logging_config and metrics_config, D94")
@pytest.mark.parametrize("path", PATHS, ids=named)
def test_a_missing_member_is_400_and_named(
    stores: Stores, first_stores: Stores, path: tuple[str, str]
) -> None:
    name, member = path
    expect_refused(stores, without_member(name, member), f"{name}.cloudwatch.{member}")
    expect_ignored(first_stores, without_member(name, member))


@pytest.mark.proves("Store configuration: access_logging_config and metrics_config, D94")
@pytest.mark.parametrize("name", WITH_CLOUDWATCH)
def test_a_member_without_cloudwatch_is_400_and_named(
    stores: Stores, first_stores: Stores, name: str
) -> None:
    expect_refused(stores, extended(**{name: {}}), f"{name}.cloudwatch")
    expect_ignored(first_stores, extended(**{name: {}}))


@pytest.mark.proves("Store configuration: access_logging_config and metrics_config, D94")
@pytest.mark.parametrize("value", NO_OBJECT, ids=named)
@pytest.mark.parametrize("name", MEMBERS)
def test_a_member_that_is_no_object_is_400_and_named(
    stores: Stores, first_stores: Stores, name: str, value: object
) -> None:
    config = {**configuration(), name: value}
    expect_refused(stores, config, name)
    expect_ignored(first_stores, config)


@pytest.mark.proves("Store configuration: access_logging_config and metrics_config, D94")
@pytest.mark.parametrize("value", NO_OBJECT, ids=named)
@pytest.mark.parametrize("name", WITH_CLOUDWATCH)
def test_a_cloudwatch_that_is_no_object_is_400_and_named(
    stores: Stores, name: str, value: object
) -> None:
    expect_refused(stores, extended(**{name: {"cloudwatch": value}}), f"{name}.cloudwatch")


@pytest.mark.proves("Store configuration: access_logging_config and metrics_config, D94")
@pytest.mark.parametrize("value", NO_TEXT, ids=named)
@pytest.mark.parametrize("path", PATHS, ids=named)
def test_a_member_that_is_no_text_is_400_and_named(
    stores: Stores, path: tuple[str, str], value: object
) -> None:
    name, member = path
    expect_refused(stores, with_member(name, member, value), f"{name}.cloudwatch.{member}")


BROKEN = [
    ("iam_role_arn", "MomentoObjectStoreRole"),
    ("iam_role_arn", "arn:aws:iam::123456789012:user/someone"),
    ("iam_role_arn", "arn:aws:iam::12345678901:role/eleven-digits"),
    ("region", "US-EAST-1"),
    ("region", "us east 1"),
    ("region", "us-east-1 "),
    ("region", "us-east-1\n"),
    ("region", "-us-east-1"),
    ("region", "us-east-"),
    ("region", "us--east"),
    ("region", "üs-east-1"),
]


@pytest.mark.proves("Store configuration: access_logging_config and metrics_config, D94")
@pytest.mark.parametrize(("member", "value"), BROKEN)
@pytest.mark.parametrize("name", WITH_CLOUDWATCH)
def test_a_member_of_a_wrong_form_is_400_and_named(
    stores: Stores, first_stores: Stores, name: str, member: str, value: str
) -> None:
    config = with_member(name, member, value)
    expect_refused(stores, config, f"{name}.cloudwatch.{member}")
    expect_ignored(first_stores, config)


@pytest.mark.proves("Store configuration: access_logging_config, D94")
@pytest.mark.parametrize("name", ["a" * 513, "a b", "a:b", "a*", "a\n", "grüppe", "a,b"])
def test_a_log_group_of_a_wrong_form_is_400_and_named(stores: Stores, name: str) -> None:
    config = with_member("access_logging_config", "log_group_name", name)
    expect_refused(stores, config, "access_logging_config.cloudwatch.log_group_name")


@pytest.mark.proves("Store configuration: access_logging_config, D94")
@pytest.mark.parametrize("name", ["a" * 512, "a", "/aws/momento/.-_#9", "."])
def test_a_log_group_may_have_any_name_that_cloudwatch_takes(stores: Stores, name: str) -> None:
    store = stores.named()
    config = with_member("access_logging_config", "log_group_name", name)
    expect_description(store.configure(config), 201, store.name, config)


@pytest.mark.proves("Store configuration: access_logging_config and metrics_config, D94")
@pytest.mark.parametrize("region", ["us-east-1", "us-gov-west-1", "eu-central-2", "local"])
@pytest.mark.parametrize("name", WITH_CLOUDWATCH)
def test_a_region_may_be_any_that_could_be_one(stores: Stores, name: str, region: str) -> None:
    store, config = stores.named(), with_member(name, "region", region)
    expect_description(store.configure(config), 201, store.name, config)


@pytest.mark.proves("Store configuration, D12")
def test_unknown_members_within_the_later_ones_are_ignored(stores: Stores) -> None:
    store, config = stores.named(), extended(**MEMBERS)
    given = copy.deepcopy(config)
    given["access_logging_config"] |= {"s3": {"bucket_name": 1}}
    given["access_logging_config"]["cloudwatch"] |= {"retention": 3}
    given["metrics_config"] |= {"datadog": {}}
    given["object_store_limits"] |= {"delete_operations_per_second": "many"}
    expect_description(store.configure(given), 201, store.name, config)


@pytest.mark.proves("Store configuration: the first revision")
def test_the_first_revision_ignores_the_later_members(first_stores: Stores) -> None:
    expect_ignored(first_stores, extended(**MEMBERS))


@pytest.mark.proves("Store configuration: the public Terraform provider")
def test_a_terraform_provider_sends_name_and_an_empty_prefix(stores: Stores) -> None:
    expected = configuration(bucket="bucket")
    given = {"name": "another", **configuration(bucket="bucket", prefix="")}
    store = stores.named()
    expect_description(store.configure(given), 201, store.name, expected)
    expect_description(store.configure(given), 200, store.name, expected)
    expect_error(stores.named().describe(), 404, STORE_NOT_FOUND)


@pytest.mark.proves("Store configuration")
def test_the_list_of_stores_has_names_alone(stores: Stores, owner: Client) -> None:
    store = stores.create(extended(**MEMBERS))
    listed = owner.get(LIST).json["object_stores"]
    assert [entry for entry in listed if entry["name"] == store.name] == [{"name": store.name}]


@pytest.mark.proves("Store configuration: iam_role_arn")
def test_each_part_of_cloudwatch_keeps_a_role_of_its_own(stores: Stores) -> None:
    store = stores.named()
    config = with_member("access_logging_config", "iam_role_arn", f"{ROLE_ARN}-of-logs")
    config["metrics_config"] = copy.deepcopy(METRICS)
    config["metrics_config"]["cloudwatch"]["iam_role_arn"] = f"{ROLE_ARN}-of-metrics"
    expect_description(store.configure(config), 201, store.name, config)
