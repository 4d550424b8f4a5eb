"""Auth APIs: API keys are listed, page by page."""

from __future__ import annotations

import pytest

from emulator.conformance.target import Target

from .auth_api import KEYS, create_key, listed_key, listed_keys, pages, revoke_key

pytestmark = pytest.mark.usefixtures("tidy")

MOST = 100
"""The most keys of a page."""


@pytest.mark.statement("AUTH-KEY-24", "AUTH-KEY-25", "KEYS-LIFE-01")
def test_a_key_that_is_made_is_listed(target: Target, viewer_id: str) -> None:
    made = create_key(target, viewer_id)
    assert made.status == 200
    assert target.request("GET", KEYS).status == 200
    info = made.json()["key_info"]
    assert info in listed_keys(target)
    assert revoke_key(target, info["key_id"]).status == 200


@pytest.mark.statement("KEYS-LIFE-10", "KEYS-LIFE-11", "KEYS-LIFE-12", "KEYS-LIFE-14")
def test_the_list_has_id_role_time_and_description(target: Target, viewer_id: str) -> None:
    description = target.fresh_name()
    key_id = create_key(target, viewer_id, description=description).json()["key_info"]["key_id"]
    [found] = [key for key in listed_keys(target) if key["description"] == description]
    assert found["key_id"] == key_id
    assert found["role_id"] == viewer_id
    assert found["issued_at_epoch_seconds"] == pytest.approx(target.now(), abs=600)


@pytest.mark.statement("KEYS-LIFE-09")
def test_a_revoked_key_is_not_listed(target: Target, viewer_id: str) -> None:
    key_id = target.new_key(viewer_id)["key_info"]["key_id"]
    assert listed_key(target, key_id) is not None
    revoke_key(target, key_id)
    assert listed_key(target, key_id) is None


@pytest.mark.statement("AUTH-KEY-26")
@pytest.mark.parametrize("limit", [1, 2, MOST])
def test_a_page_has_no_more_keys_than_its_limit(target: Target, viewer_id: str, limit: int) -> None:
    for _ in range(2):
        target.new_key(viewer_id)
    answer = target.request("GET", f"{KEYS}?limit={limit}")
    assert answer.status == 200
    assert 0 < len(answer.json()["key_info"]) <= limit


@pytest.mark.statement("AUTH-KEY-27")
def test_a_page_has_100_keys_without_a_limit(target: Target, viewer_id: str) -> None:
    for _ in range(MOST + 1 - len(listed_keys(target))):
        target.new_key(viewer_id)
    page = target.request("GET", KEYS).json()
    assert len(page["key_info"]) == MOST
    assert "next_token" in page


@pytest.mark.statement("AUTH-KEY-28")
def test_the_last_page_names_no_other(target: Target) -> None:
    limit = min(len(listed_keys(target)), MOST)
    for page in pages(target, f"{KEYS}?limit={limit}"):
        assert page["key_info"], "a page that a next_token led to is empty"


@pytest.mark.statement("AUTH-KEY-29")
def test_a_list_continues_where_its_page_ended(target: Target, viewer_id: str) -> None:
    made = {target.new_key(viewer_id)["key_info"]["key_id"] for _ in range(2)}
    limit = len(listed_keys(target)) // 2 + 1
    found = list(pages(target, f"{KEYS}?limit={min(limit, MOST)}"))
    ids = [key["key_id"] for page in found for key in page["key_info"]]
    assert len(found) > 1
    assert len(ids) == len(set(ids)), "a key is listed twice"
    assert made <= set(ids)


@pytest.mark.parametrize(
    "limit",
    [
        pytest.param("many", marks=pytest.mark.statement("AUTH-KEY-30")),
        pytest.param("0", marks=pytest.mark.statement("AUTH-KEY-31")),
        pytest.param("-1", marks=pytest.mark.statement("AUTH-KEY-31")),
        pytest.param("101", marks=pytest.mark.statement("AUTH-KEY-31")),
    ],
)
def test_a_bad_limit_answers_400(target: Target, limit: str) -> None:
    assert target.request("GET", f"{KEYS}?limit={limit}").status == 400
