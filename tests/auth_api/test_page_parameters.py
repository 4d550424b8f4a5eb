"""`limit` and `next_token`: what they may be, and what is 400."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emulator import Emulator
from tests.contract.expect import expect_error
from tests.support.raw_client import Client, Response

from .api import KEYS, ROLES, Api
from .expect import expect_refusal
from .jwts import ALPHABET, alterations
from .permission_sets import READING

pytestmark = [
    pytest.mark.proves("Auth APIs: GET /api-keys"),
    pytest.mark.proves("Auth APIs: GET /roles"),
]

LISTS = [KEYS, ROLES, f"{ROLES}?type=system", f"{ROLES}?type=custom"]
each_list = pytest.mark.parametrize("path", LISTS)


def asked(api: Api, path: str, query: str) -> Response:
    return api.client.get(f"{path}{'&' if '?' in path else '?'}{query}")


@pytest.fixture
def filled(owner: Api) -> Api:
    """An Owner of an account with two entries more in each list."""
    for number in range(2):
        owner.new_role(READING, f"role {number}")
        owner.new_key()
    return owner


@pytest.mark.parametrize(
    "limit",
    [
        "0",
        "101",
        "102",
        "1000000000",
        "9" * 5000,
        "-1",
        "-0",
        "+1",
        "%2B1",
        "1.0",
        "1.5",
        "1e1",
        "0x10",
        "1_0",
        "1,0",
        "x",
        "ten",
        "",
        "%20",
        "1%20",
        "%201",
        "1%0A",
        "1%00",
        "null",
        "true",
        "NaN",
        "%D9%A1",
        "%EF%BC%91",
        "%C2%B2",
        "%E2%91%A0",
        "%FF",
        "[1]",
        "1;2",
    ],
)
def test_a_bad_limit_is_400(owner: Api, limit: str) -> None:
    for path in LISTS:
        expect_refusal(asked(owner, path, f"limit={limit}"), 400, mentions=["limit"])


@pytest.mark.parametrize("query", ["limit=1&limit=1", "limit=1&limit=2", "limit=1&limit=", "limit"])
def test_a_limit_given_twice_or_without_a_value_is_400(owner: Api, query: str) -> None:
    for path in LISTS:
        expect_refusal(asked(owner, path, query), 400, mentions=["limit"])


@pytest.mark.parametrize("limit", ["1", "2", "99", "100", "%31", "1%30"])
def test_a_limit_from_1_to_100_is_taken(owner: Api, limit: str) -> None:
    for path in LISTS:
        assert asked(owner, path, f"limit={limit}").status == 200


def tokens(api: Api) -> dict[str, str]:
    """A token of each list."""
    return {path: asked(api, path, "limit=1").json["next_token"] for path in LISTS}


@pytest.mark.proves("D43")
def test_a_token_is_good_for_its_own_list_alone(filled: Api) -> None:
    for made_by, token in tokens(filled).items():
        for path in LISTS:
            answer = asked(filled, path, f"next_token={token}")
            if path == made_by:
                assert answer.status == 200
            else:
                expect_refusal(answer, 400, mentions=["next_token"])


@pytest.mark.proves("D43")
def test_a_token_is_good_for_its_own_account_alone(filled: Api) -> None:
    with Emulator(cache="memory") as other:
        stranger = Api(Client(other.endpoint, other.api_key()))
        for number in range(2):
            stranger.new_role(READING, f"role {number}")
        for path, token in tokens(stranger).items():
            assert asked(stranger, path, f"next_token={token}").status == 200
            expect_refusal(asked(filled, path, f"next_token={token}"), 400)


def altered(token: str) -> Iterator[str]:
    """`token` altered in all ways, and spelled in the other alphabet of base64."""
    yield from alterations(token)
    yield from alterations(token, ALPHABET[::-1])


@pytest.mark.proves("D43")
@each_list
def test_an_altered_token_is_400(filled: Api, path: str) -> None:
    token = asked(filled, path, "limit=1").json["next_token"]
    with filled.client.wire() as wire:
        separator = "&" if "?" in path else "?"
        for other in altered(token):
            if other != token:
                answer = wire.request("GET", f"{path}{separator}next_token={other}")
                assert answer.status == 400, other
                expect_refusal(answer, 400, mentions=["next_token"])


@pytest.mark.proves("D43")
@pytest.mark.parametrize(("character", "other"), [("-", "%2B"), ("_", "%2F")])
def test_a_token_in_the_other_alphabet_of_base64_is_400(
    owner: Api, character: str, other: str
) -> None:
    for number in range(40):
        owner.new_role(READING, f"role {number}")
    found = [page["next_token"] for page in owner.pages(ROLES, limit=1) if "next_token" in page]
    spelled = [token for token in found if character in token]
    assert spelled, f"no token of {len(found)} has a {character}"
    for token in spelled:
        expect_refusal(asked(owner, ROLES, f"next_token={token.replace(character, other)}"), 400)


@pytest.mark.proves("D43")
@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "0",
        "1",
        "null",
        "undefined",
        "%00",
        "%FF",
        "%C3%A9",
        "%F0%9F%94%91",
        "A" * 31,
        "A" * 32,
        "A" * 33,
        "A" * 5000,
        "%3D",
        "AAAAAAAAAAA%3D",
        "AAAAAAAAAAE=",
        "..%2F..%2F",
    ],
)
def test_what_no_page_has_given_is_no_token(owner: Api, token: str) -> None:
    for path in LISTS:
        expect_refusal(asked(owner, path, f"next_token={token}"), 400, mentions=["next_token"])


@pytest.mark.proves("D43")
@each_list
def test_a_token_given_twice_is_400(filled: Api, path: str) -> None:
    token = asked(filled, path, "limit=1").json["next_token"]
    query = f"next_token={token}&next_token={token}"
    expect_refusal(asked(filled, path, query), 400, mentions=["next_token"])


@each_list
def test_a_good_token_does_not_excuse_a_bad_limit(filled: Api, path: str) -> None:
    token = asked(filled, path, "limit=1").json["next_token"]
    expect_refusal(asked(filled, path, f"next_token={token}&limit=0"), 400, mentions=["limit"])
    expect_refusal(asked(filled, path, f"limit=1&next_token={token}x"), 400)


@pytest.mark.proves("D43")
def test_a_token_is_percent_decoded_like_every_parameter(filled: Api) -> None:
    for path, token in tokens(filled).items():
        spelled = "".join(f"%{byte:02X}" for byte in token.encode())
        plain = asked(filled, path, f"next_token={token}")
        assert asked(filled, path, f"next_token={spelled}").json == plain.json


def test_parameters_of_other_operations_say_nothing(owner: Api) -> None:
    assert owner.list_keys(type="neither").status == 200
    assert owner.client.delete(f"{KEYS}/unknown?limit=0").status == 404
    expect_error(owner.client.get("/objectstore/store?limit=0"), 404)
