"""Auth APIs: a body is declared as JSON."""

from __future__ import annotations

import json

import pytest

from emulator.conformance.target import Target

from .auth_api import every_call

pytestmark = pytest.mark.usefixtures("tidy")


@pytest.mark.parametrize("fields", [(), (("Content-Type", "text/plain"),)], ids=["none", "text"])
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("make-key", marks=pytest.mark.statement("CLIENTS-AUTH-01")),
        pytest.param("make-role", marks=pytest.mark.statement("CLIENTS-AUTH-02")),
        pytest.param("replace-role", marks=pytest.mark.statement("CLIENTS-AUTH-03")),
    ],
)
def test_a_body_that_is_not_declared_as_json_answers_400(
    target: Target, name: str, fields: tuple[tuple[str, str], ...]
) -> None:
    call = every_call(target)[name]
    body = json.dumps(call.document).encode()
    assert target.request(call.method, call.path, headers=fields, body=body).status == 400
