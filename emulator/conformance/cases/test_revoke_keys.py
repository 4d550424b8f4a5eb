"""Auth APIs: API keys are revoked."""

from __future__ import annotations

import pytest

from emulator.conformance.target import Target

from .auth_api import KEYS, listed_key, revoke_key
from .expecting import expect_refused, expect_success

pytestmark = pytest.mark.usefixtures("tidy")


@pytest.mark.statement("AUTH-KEY-36")
def test_a_key_is_revoked_by_its_id(target: Target, viewer_id: str) -> None:
    key_id = target.new_key(viewer_id)["key_info"]["key_id"]
    expect_success(target.request("DELETE", f"/api-keys/{key_id}"))
    assert listed_key(target, key_id) is None


@pytest.mark.statement("AUTH-KEY-37")
def test_revoking_a_key_answers_200_with_an_empty_object(target: Target, viewer_id: str) -> None:
    answer = revoke_key(target, target.new_key(viewer_id)["key_info"]["key_id"])
    assert (answer.status, answer.json()) == (200, {})


@pytest.mark.statement("AUTH-KEY-38", "KEYS-LIFE-16")
@pytest.mark.parametrize("path", [KEYS, "/objectstore"])
def test_a_revoked_key_is_refused_at_once(target: Target, viewer_id: str, path: str) -> None:
    made = target.new_key(viewer_id)
    expect_success(target.request("GET", path, key=made["api_key"]))
    revoke_key(target, made["key_info"]["key_id"])
    expect_refused(target.request("GET", path, key=made["api_key"]))


@pytest.mark.statement("AUTH-KEY-41")
def test_revoking_a_key_that_does_not_exist_answers_404(target: Target, viewer_id: str) -> None:
    key_id = target.new_key(viewer_id)["key_info"]["key_id"]
    expect_success(revoke_key(target, key_id))
    assert revoke_key(target, key_id).status == 404
