"""Calls of the Auth APIs that are refused: by the key, or because they come too often."""

from __future__ import annotations

import pytest

from emulator.conformance.target import Target
from emulator.core.private import monotonic

from .auth_api import KEYS, ROLES, Call, every_call, key_with, objects, send
from .expecting import expect_refused, expect_success

MOST_ATTEMPTS = 60
PER_SECOND = 5
"""What the Auth APIs take from an account."""


@pytest.fixture(scope="module")
def calls(target: Target) -> dict[str, Call]:
    return every_call(target)


@pytest.fixture(scope="module")
def reader(target: Target) -> str:
    """A key that may read objects, and nothing of auth management."""
    return key_with(target, objects("read"))


without_valid_key = pytest.mark.parametrize(
    "name",
    [
        pytest.param("make-key", marks=pytest.mark.statement("AUTH-KEY-19")),
        pytest.param("list-keys", marks=pytest.mark.statement("AUTH-KEY-32")),
        pytest.param("revoke-key", marks=pytest.mark.statement("AUTH-KEY-39")),
        pytest.param("list-roles", marks=pytest.mark.statement("AUTH-ROLE-19")),
        pytest.param("make-role", marks=pytest.mark.statement("AUTH-ROLE-30")),
        pytest.param("replace-role", marks=pytest.mark.statement("AUTH-ROLE-44")),
        pytest.param("delete-role", marks=pytest.mark.statement("AUTH-ROLE-60")),
    ],
)


@without_valid_key
def test_a_call_without_a_key_answers_401(
    target: Target, calls: dict[str, Call], name: str
) -> None:
    assert send(target, calls[name], None).status == 401


@without_valid_key
def test_a_call_with_an_invalid_key_answers_401(
    target: Target, calls: dict[str, Call], name: str, invalid_key: str
) -> None:
    assert send(target, calls[name], invalid_key).status == 401


@pytest.mark.statement("AUTH-GENERAL-03")
@pytest.mark.parametrize("path", [KEYS, ROLES])
def test_a_key_without_the_permissions_is_refused(target: Target, reader: str, path: str) -> None:
    expect_refused(target.request("GET", path, key=reader))


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("make-key", marks=pytest.mark.statement("AUTH-KEY-20")),
        pytest.param("list-keys", marks=pytest.mark.statement("AUTH-KEY-33")),
        pytest.param("revoke-key", marks=pytest.mark.statement("AUTH-KEY-40")),
        pytest.param("list-roles", marks=pytest.mark.statement("AUTH-ROLE-20")),
        pytest.param("make-role", marks=pytest.mark.statement("AUTH-ROLE-31")),
        pytest.param("replace-role", marks=pytest.mark.statement("AUTH-ROLE-45")),
        pytest.param("delete-role", marks=pytest.mark.statement("AUTH-ROLE-61")),
    ],
)
def test_a_call_without_the_permission_answers_403(
    target: Target, calls: dict[str, Call], reader: str, name: str
) -> None:
    assert send(target, calls[name], reader).status == 403


@pytest.mark.usefixtures("tidy")
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("make-key", marks=pytest.mark.statement("AUTH-KEY-22")),
        pytest.param("list-keys", marks=pytest.mark.statement("AUTH-KEY-34", "CLIENTS-AUTH-04")),
        pytest.param("revoke-key", marks=pytest.mark.statement("AUTH-KEY-42")),
        pytest.param("list-roles", marks=pytest.mark.statement("AUTH-ROLE-21")),
        pytest.param("make-role", marks=pytest.mark.statement("AUTH-ROLE-33")),
        pytest.param("replace-role", marks=pytest.mark.statement("AUTH-ROLE-48")),
        pytest.param("delete-role", marks=pytest.mark.statement("AUTH-ROLE-64")),
    ],
)
def test_a_call_that_comes_too_often_answers_429(
    target: Target, calls: dict[str, Call], name: str
) -> None:
    began = monotonic()
    statuses: list[int] = []
    while 429 not in statuses and len(statuses) < MOST_ATTEMPTS:
        statuses.append(send(target, calls[name], retry=False).status)
    if 429 not in statuses and len(statuses) < 2 * PER_SECOND * (monotonic() - began):
        pytest.skip("Requests take too long, or the rate of the run is too low, to exceed it.")
    assert 429 in statuses


@pytest.mark.statement("CLIENTS-AUTH-04")
def test_five_calls_in_a_second_are_taken(target: Target) -> None:
    target.wait(2)
    for _ in range(PER_SECOND):
        expect_success(target.request("GET", KEYS, retry=False))
