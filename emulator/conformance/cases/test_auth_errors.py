"""Errors of the Auth APIs: their document, and the code that goes with a status."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from emulator.conformance.answer import Answer
from emulator.conformance.target import Target

from .auth_api import KEYS, delete_role, key_with, new_role, objects

pytestmark = pytest.mark.usefixtures("tidy")


def bad_limit(target: Target) -> Answer:
    return target.request("GET", f"{KEYS}?limit=0")


def invalid_key(target: Target) -> Answer:
    return target.request("GET", KEYS, key="not-a-key")


def no_permission(target: Target) -> Answer:
    return target.request("GET", KEYS, key=key_with(target, objects("read")))


def no_such_role(target: Target) -> Answer:
    role_id = new_role(target)["role_id"]
    assert delete_role(target, role_id).status == 200
    return delete_role(target, role_id)


ERRORS: dict[int, Callable[[Target], Answer]] = {
    400: bad_limit,
    401: invalid_key,
    403: no_permission,
    404: no_such_role,
}


@pytest.mark.statement("AUTH-GENERAL-05", "AUTH-GENERAL-06")
@pytest.mark.parametrize("status", ERRORS)
def test_an_error_is_a_document_of_texts(target: Target, status: int) -> None:
    answer = ERRORS[status](target)
    assert answer.status == status
    document = answer.json()
    assert isinstance(document["code"], str)
    assert isinstance(document["message"], str)
    assert isinstance(document.get("err", ""), str)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        pytest.param(400, "Bad Request", marks=pytest.mark.statement("AUTH-GENERAL-07")),
        pytest.param(404, "NotFound", marks=pytest.mark.statement("AUTH-GENERAL-08")),
        pytest.param(403, "PermissionDenied", marks=pytest.mark.statement("AUTH-GENERAL-09")),
    ],
)
def test_an_error_has_the_code_of_its_status(target: Target, status: int, code: str) -> None:
    answer = ERRORS[status](target)
    assert (answer.status, answer.json()["code"]) == (status, code)
