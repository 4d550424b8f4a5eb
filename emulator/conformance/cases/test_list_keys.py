"""Auth APIs: API keys are listed, page by page."""

from __future__ import annotations

import pytest

from emulator.conformance.target import Target

from .auth_api import KEYS, Document, create_key, listed_key, listed_keys, revoke_key
from .expecting import expect_success

pytestmark = pytest.mark.usefixtures("tidy")

HOUR = 3600
MOST = 100
"""The most keys of a page."""


@pytest.fixture
def info(target: Target, viewer_id: str) -> Document:
    """The object of a key that expires in an hour, as the list has it."""
    expiry = int(target.now()) + HOUR
    made = create_key(target, viewer_id, description="what it is for", expiry=expiry).json()
    found = listed_key(target, made["key_info"]["key_id"])
    assert found is not None, "a key that is made is not listed"
    return found


@pytest.mark.statement("AUTH-KEY-24")
def test_listing_keys_answers_200(target: Target) -> None:
    assert target.request("GET", "/api-keys").status == 200


@pytest.mark.statement("AUTH-KEY-25")
def test_the_list_has_the_object_of_each_key(target: Target, viewer_id: str) -> None:
    assert target.new_key(viewer_id)["key_info"] in listed_keys(target)


@pytest.mark.statement("KEYS-LIFE-01")
def test_a_key_is_made_listed_and_revoked(target: Target, viewer_id: str) -> None:
    key_id = target.new_key(viewer_id)["key_info"]["key_id"]
    assert listed_key(target, key_id) is not None
    expect_success(revoke_key(target, key_id))


@pytest.mark.statement("KEYS-LIFE-09")
def test_a_revoked_key_is_not_listed(target: Target, viewer_id: str) -> None:
    key_id = target.new_key(viewer_id)["key_info"]["key_id"]
    assert listed_key(target, key_id) is not None
    revoke_key(target, key_id)
    assert listed_key(target, key_id) is None


@pytest.mark.statement("KEYS-LIFE-10")
def test_the_list_has_the_id_of_a_key(target: Target, viewer_id: str) -> None:
    key_id = target.new_key(viewer_id)["key_info"]["key_id"]
    assert key_id in [key["key_id"] for key in listed_keys(target)]


@pytest.mark.statement("KEYS-LIFE-11")
def test_the_list_has_the_role_of_a_key(info: Document, viewer_id: str) -> None:
    assert info["role_id"] == viewer_id


@pytest.mark.statement("KEYS-LIFE-12")
def test_the_list_has_the_time_when_a_key_was_issued(target: Target, info: Document) -> None:
    assert info["issued_at_epoch_seconds"] == pytest.approx(target.now(), abs=600)


@pytest.mark.statement("KEYS-LIFE-13")
def test_the_list_has_the_expiry_of_a_key(target: Target, info: Document) -> None:
    assert info["expires_at_epoch_seconds"] == pytest.approx(target.now() + HOUR, abs=60)


@pytest.mark.statement("KEYS-LIFE-14")
def test_the_list_has_the_description_of_a_key(info: Document) -> None:
    assert info["description"] == "what it is for"


@pytest.mark.statement("AUTH-KEY-26")
@pytest.mark.parametrize("limit", [1, 2, MOST])
def test_a_page_has_no_more_keys_than_its_limit(target: Target, viewer_id: str, limit: int) -> None:
    for _ in range(2):
        target.new_key(viewer_id)
    answer = target.request("GET", f"{KEYS}?limit={limit}")
    expect_success(answer)
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
    for page in target.pages(f"{KEYS}?limit={limit}"):
        assert page["key_info"], "a page that a next_token led to is empty"


@pytest.mark.statement("AUTH-KEY-29")
def test_a_list_continues_where_its_page_ended(target: Target, viewer_id: str) -> None:
    made = {target.new_key(viewer_id)["key_info"]["key_id"] for _ in range(2)}
    limit = len(listed_keys(target)) // 2 + 1
    found = list(target.pages(f"{KEYS}?limit={min(limit, MOST)}"))
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
