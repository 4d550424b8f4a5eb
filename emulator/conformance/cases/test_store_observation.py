"""Access logs and metrics of a store: what its configuration needs, and what of it is returned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from emulator.conformance.target import Store, Target

from .expecting import expect_error

NewStore = Callable[..., Store]


def logging_config(target: Target, **changes: str) -> dict[str, Any]:
    """Access logs in the log group of the run."""
    cloudwatch = {
        "log_group_name": target.options.log_group,
        "iam_role_arn": target.options.role_arn,
        "region": target.options.region,
    }
    return {"cloudwatch": {**cloudwatch, **changes}}


def metrics_config(target: Target) -> dict[str, Any]:
    return {
        "cloudwatch": {
            "iam_role_arn": target.options.role_arn,
            "region": target.options.region,
        }
    }


def expect_refused(target: Target, body: dict[str, Any]) -> None:
    """No store is made with this configuration."""
    store = Store(target, target.fresh_name())
    expect_error(store.configure(body), 400)
    expect_error(store.describe(), 404)


@pytest.mark.statement("OS12-CONFIG-01", "OS12-CONFIG-05", "OS12-CONFIG-06", "OS12-CONFIG-09")
def test_a_store_may_have_neither_logs_nor_metrics(target: Target) -> None:
    store = Store(target, target.fresh_name())
    created = store.configure(target.store_body())
    assert created.status == 201
    for answer in (created, store.describe()):
        assert "access_logging_config" not in answer.json()
        assert "metrics_config" not in answer.json()


@pytest.mark.needs("log_group")
@pytest.mark.statement("OS12-CONFIG-32")
def test_access_logging_is_returned_as_configured(target: Target, new_store: NewStore) -> None:
    given = logging_config(target)
    store = new_store(target.store_body(access_logging_config=given))
    assert store.describe().json()["access_logging_config"] == given


@pytest.mark.statement("OS12-CONFIG-33")
def test_metrics_are_returned_as_configured(target: Target, new_store: NewStore) -> None:
    given = metrics_config(target)
    store = new_store(target.store_body(metrics_config=given))
    assert store.describe().json()["metrics_config"] == given


@pytest.mark.needs("log_group")
@pytest.mark.parametrize(
    "member",
    [
        pytest.param("log_group_name", marks=pytest.mark.statement("OS12-CONFIG-02")),
        pytest.param("iam_role_arn", marks=pytest.mark.statement("OS12-CONFIG-03")),
        pytest.param("region", marks=pytest.mark.statement("OS12-CONFIG-04")),
    ],
)
def test_access_logging_needs_each_of_its_members(target: Target, member: str) -> None:
    given = logging_config(target)
    del given["cloudwatch"][member]
    expect_refused(target, target.store_body(access_logging_config=given))


@pytest.mark.parametrize(
    "member",
    [
        pytest.param("iam_role_arn", marks=pytest.mark.statement("OS12-CONFIG-07")),
        pytest.param("region", marks=pytest.mark.statement("OS12-CONFIG-08")),
    ],
)
def test_metrics_need_each_of_their_members(target: Target, member: str) -> None:
    given = metrics_config(target)
    del given["cloudwatch"][member]
    expect_refused(target, target.store_body(metrics_config=given))


@pytest.mark.needs("log_group")
@pytest.mark.statement("OS12-CONFIG-19")
def test_access_logging_can_change(target: Target, new_store: NewStore) -> None:
    body = target.store_body()
    store = new_store(body)
    given = logging_config(target)
    assert store.configure({**body, "access_logging_config": given}).status == 200
    assert store.describe().json()["access_logging_config"] == given


@pytest.mark.statement("OS12-CONFIG-20")
def test_metrics_can_change(target: Target, new_store: NewStore) -> None:
    body = target.store_body()
    store = new_store(body)
    given = metrics_config(target)
    assert store.configure({**body, "metrics_config": given}).status == 200
    assert store.describe().json()["metrics_config"] == given


@pytest.mark.needs("log_group")
@pytest.mark.statement("OS12-CONFIG-26")
def test_the_log_group_must_exist(target: Target, new_store: NewStore) -> None:
    new_store(target.store_body(access_logging_config=logging_config(target)))
    unknown = logging_config(target, log_group_name=target.fresh_name())
    expect_refused(target, target.store_body(access_logging_config=unknown))
