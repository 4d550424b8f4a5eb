"""Errors of the Auth APIs: their document, and the code that goes with a status."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from emulator.conformance.answer import Answer
from emulator.conformance.target import Target

from .auth_api import KEYS, delete_role, key_with, new_role, objects
from .expecting import expect_success

pytestmark = pytest.mark.usefixtures("tidy")


def bad_limit(target: Target) -> Answer:
    return target.request("GET", f"{KEYS}?limit=0")


def invalid_key(target: Target) -> Answer:
    return target.request("GET", KEYS, key="not-a-key")


def no_permission(target: Target) -> Answer:
    return target.request("GET", KEYS, key=key_with(target, objects("read")))


def no_such_role(target: Target) -> Answer:
    role_id = new_role(target)["role_id"]
    expect_success(delete_role(target, role_id))
    return delete_role(target, role_id)


ERRORS: dict[int, Callable[[Target], Answer]] = {
    400: bad_limit,
    401: invalid_key,
    403: no_permission,
    404: no_such_role,
}


@pytest.mark.statement("AUTH-GENERAL-05")
@pytest.mark.parametrize("status", ERRORS)
def test_an_error_has_the_texts_code_and_message(target: Target, status: int) -> None:
    document = ERRORS[status](target).json()
    assert isinstance(document["code"], str)
    assert isinstance(document["message"], str)


@pytest.mark.statement("AUTH-GENERAL-06")
@pytest.mark.parametrize("status", ERRORS)
def test_err_is_a_text_where_there_is_one(target: Target, status: int) -> None:
    assert isinstance(ERRORS[status](target).json().get("err", ""), str)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        pytest.param(400, "Bad Request", marks=pytest.mark.statement("AUTH-GENERAL-07")),
        pytest.param(404, "NotFound", marks=pytest.mark.statement("AUTH-GENERAL-08")),
        pytest.param(403, "PermissionDenied", marks=pytest.mark.statement("AUTH-GENERAL-09")),
    ],
)
def test_an_error_has_the_code_of_its_status(target: Target, status: int, code: str) -> None:
    assert ERRORS[status](target).json()["code"] == code
