"""Create API key: what is asked for, and what comes back."""

from __future__ import annotations

import base64
import binascii

import pytest

from tests.contract.stores import LIST
from tests.support.keys import jwt_part

from .api import HOUR, JSON, KEYS, NOW, Api, Clock
from .expect import expect_key_object, expect_refusal
from .permission_sets import READING

pytestmark = pytest.mark.proves("Auth APIs: POST /api-keys")

LAST_EXPIRY = 253_402_300_799
"""The last second of the year 9999."""
ABSENT = object()
NO_TEXT: dict[str, object] = {"number": 1, "boolean": True, "null": None, "list": [], "object": {}}


def definition(**members: object) -> dict[str, object]:
    """A valid request with other `members`; ABSENT leaves one out."""
    document = {"role_id": "viewer", "description": "a key", "expiry": "never", **members}
    return {name: value for name, value in document.items() if value is not ABSENT}


@pytest.mark.parametrize("role_id", ["owner", "operator", "viewer"])
def test_a_key_comes_with_the_object_that_describes_it(
    owner: Api, clock: Clock, role_id: str
) -> None:
    clock.freeze(NOW)
    answer = owner.create_key(role_id, "for the build")
    assert answer.status == 200
    assert answer.media_type == "application/json"
    assert answer.json.keys() == {"api_key", "key_info"}
    info = answer.json["key_info"]
    expect_key_object(info)
    assert info["role_id"] == role_id
    assert info["description"] == "for the build"
    assert info["issued_at_epoch_seconds"] == NOW
    assert owner.with_key(answer.json["api_key"]).client.get(LIST).status == 200


def test_a_key_that_expires_says_when(owner: Api, clock: Clock) -> None:
    clock.freeze(NOW)
    expect_key_object(owner.new_key(expiry=NOW + HOUR).info, expires_at=NOW + HOUR)


@pytest.mark.proves("Key lifecycle: Create")
def test_a_key_of_a_custom_role_refers_to_it(owner: Api) -> None:
    role_id = owner.new_role(READING)["role_id"]
    assert owner.new_key(role_id).info["role_id"] == role_id


@pytest.mark.proves("credentials: v2 API key")
@pytest.mark.parametrize("expiry", ["never", NOW + HOUR])
def test_a_key_is_a_v2_key(owner: Api, clock: Clock, expiry: int | str) -> None:
    clock.freeze(NOW)
    key = owner.new_key(expiry=expiry).api_key
    claims = jwt_part(key, 1)
    assert claims["t"] == "g"
    assert isinstance(claims["jti"], str)
    assert not {"c", "cp", "endpoint"} & claims.keys()
    with pytest.raises(binascii.Error):
        base64.b64decode(key, validate=True)


def test_keys_of_one_description_are_keys_of_their_own(owner: Api) -> None:
    keys = [owner.new_key(description="same") for _ in range(5)]
    assert len({key.api_key for key in keys}) == 5
    assert len({key.key_id for key in keys}) == 5
    owner.revoke_key(keys[0].key_id)
    statuses = [owner.with_key(key.api_key).list_keys().status for key in keys]
    assert statuses == [401, 200, 200, 200, 200]


def test_all_keys_are_of_one_account(owner: Api) -> None:
    for role_id in ("owner", "viewer"):
        owner.new_key(role_id)
    assert len({key["account_id"] for key in owner.all_keys()}) == 1


@pytest.mark.parametrize("member", ["role_id", "description", "expiry"])
def test_a_missing_member_is_400(owner: Api, member: str) -> None:
    before = owner.all_keys()
    answer = owner.call("POST", KEYS, definition(**{member: ABSENT}))
    expect_refusal(answer, 400, mentions=[member])
    assert owner.all_keys() == before


@pytest.mark.parametrize("value", NO_TEXT.values(), ids=NO_TEXT)
@pytest.mark.parametrize("member", ["role_id", "description"])
def test_a_member_of_another_type_is_400(owner: Api, member: str, value: object) -> None:
    expect_refusal(owner.call("POST", KEYS, definition(**{member: value})), 400, mentions=[member])


def test_an_empty_role_id_is_400(owner: Api) -> None:
    expect_refusal(owner.create_key(""), 400, mentions=["role_id"])


@pytest.mark.parametrize(
    "role_id", ["unknown", "Viewer", "VIEWER", "viewer ", "owner\0", "*", "0" * 32, "é"]
)
def test_an_unknown_role_is_404(owner: Api, role_id: str) -> None:
    before = owner.all_keys()
    expect_refusal(owner.create_key(role_id), 404)
    assert owner.all_keys() == before


@pytest.mark.parametrize("length", [256, 5000])
def test_an_unknown_role_is_404_however_long_its_id(owner: Api, length: int) -> None:
    expect_refusal(owner.create_key("x" * length), 404)


def test_a_deleted_role_is_404(owner: Api) -> None:
    role_id = owner.new_role(READING)["role_id"]
    assert owner.delete_role(role_id).status == 200
    expect_refusal(owner.create_key(role_id), 404)


@pytest.mark.proves("D49")
@pytest.mark.parametrize(
    "expiry",
    [
        pytest.param(NOW, id="now"),
        pytest.param(NOW - 1, id="a-second-ago"),
        pytest.param(1, id="long-ago"),
        pytest.param(0, id="zero"),
        pytest.param(-1, id="negative"),
        pytest.param(-NOW - HOUR, id="very-negative"),
        pytest.param(NOW + 0.5, id="half-a-second"),
        pytest.param(float(NOW + HOUR), id="a-float-without-fraction"),
        pytest.param(str(NOW + HOUR), id="numeric-text"),
        pytest.param("", id="empty"),
        pytest.param("Never", id="another-case"),
        pytest.param("never ", id="with-a-blank"),
        pytest.param("1h", id="a-duration"),
        pytest.param("2099-01-01T00:00:00Z", id="a-date"),
        pytest.param(True, id="true"),
        pytest.param(False, id="false"),
        pytest.param(None, id="null"),
        pytest.param([], id="a-list"),
        pytest.param([NOW + HOUR], id="in-a-list"),
        pytest.param({"seconds": NOW + HOUR}, id="an-object"),
        pytest.param((NOW + HOUR) * 1000, id="milliseconds"),
        pytest.param(LAST_EXPIRY + 1, id="the-year-10000"),
        pytest.param(10**30, id="beyond-64-bits"),
    ],
)
def test_a_bad_expiry_is_400(owner: Api, clock: Clock, expiry: object) -> None:
    clock.freeze(NOW)
    before = owner.all_keys()
    expect_refusal(owner.create_key(expiry=expiry), 400, mentions=["expiry"])
    assert owner.all_keys() == before


@pytest.mark.proves("D49")
@pytest.mark.parametrize("digits", ["1e400", "NaN", "Infinity", "9" * 5000])
def test_an_expiry_that_is_hardly_a_number_is_400(owner: Api, digits: str) -> None:
    body = f'{{"role_id": "viewer", "description": "", "expiry": {digits}}}'
    expect_refusal(owner.client.request("POST", KEYS, headers=[JSON], body=body.encode()), 400)


@pytest.mark.proves("D49")
@pytest.mark.parametrize("expiry", [NOW + 1, NOW + HOUR, LAST_EXPIRY])
def test_an_expiry_may_be_the_next_second_and_the_end_of_the_year_9999(
    owner: Api, clock: Clock, expiry: int
) -> None:
    clock.freeze(NOW)
    key = owner.new_key(expiry=expiry)
    assert key.info["expires_at_epoch_seconds"] == expiry
    assert owner.with_key(key.api_key).list_keys().status == 200


@pytest.mark.proves("D49")
def test_an_expiry_in_the_second_that_has_begun_is_in_the_past(owner: Api, clock: Clock) -> None:
    clock.freeze(NOW + 0.5)
    expect_refusal(owner.create_key(expiry=NOW), 400)
    assert owner.create_key(expiry=NOW + 1).status == 200


@pytest.mark.proves("D50")
@pytest.mark.parametrize(
    "description", ["", "é🔑", "x" * 1024, "🔑" * 1024, 'a"b\\c\n\t', "<script>", "a\0b"]
)
def test_a_description_is_kept_as_it_is(owner: Api, description: str) -> None:
    key = owner.new_key(description=description)
    assert key.info["description"] == description
    assert owner.all_keys()[-1] == key.info


@pytest.mark.proves("D50")
@pytest.mark.parametrize("length", [1025, 10 * 1024])
def test_a_description_of_more_than_1024_characters_is_400(owner: Api, length: int) -> None:
    expect_refusal(owner.create_key(description="x" * length), 400, mentions=["description"])


@pytest.mark.parametrize("role", ["viewer", "nobody"])
def test_who_may_not_create_keys_gets_none(
    owner: Api, request: pytest.FixtureRequest, role: str
) -> None:
    before = owner.all_keys()
    caller: Api = request.getfixturevalue(role)
    expect_refusal(caller.create_key("viewer"), 403 if role == "viewer" else 401)
    assert owner.all_keys() == before
