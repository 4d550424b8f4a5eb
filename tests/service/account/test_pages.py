"""Long lists, a page at a time, while the list changes."""

from __future__ import annotations

import base64
import string
from typing import NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from emulator.core.errors import BadRequestError
from emulator.service.account.pages import LARGEST_PAGE, PageRequest, Pages
from tests.suites import examples

pytestmark = pytest.mark.proves("D43")

SECRET = "a secret"
LIST = [(position, str(position)) for position in range(-3, 10)]


def pages(listing: str = "roles", secret: str = SECRET) -> Pages:
    return Pages(listing, secret)


def asked(limit: object = None, token: str | None = None) -> PageRequest:
    return PageRequest([] if limit is None else [str(limit)], [] if token is None else [token])


def a_token(listing: str = "roles", secret: str = SECRET, *, after: int = 4) -> str:
    """What a page of `after` entries of the list leads on with."""
    _, token = pages(listing, secret).take(LIST, asked(after))
    assert token is not None
    return token


def refused(token: str, listing: str = "roles", secret: str = SECRET) -> bool:
    try:
        pages(listing, secret).take(LIST, asked(token=token))
    except BadRequestError as error:
        assert error.message.startswith("Invalid next_token: ")  # noqa: PT017 - refused or not
        return True
    return False


class Between(NamedTuple):
    """What happens before the next page is asked for: how many are added, and which remain."""

    limit: int
    added: int
    removed: frozenset[int]


between = st.builds(
    Between, st.integers(1, 6), st.integers(0, 3), st.frozensets(st.integers(-3, 30), max_size=6)
)


@settings(max_examples=examples(300))
@given(first=st.integers(0, 12), turns=st.lists(between, max_size=12))
@example(first=12, turns=[Between(4, 0, frozenset({3})), Between(4, 0, frozenset({0, 4, 5}))])
def test_who_follows_the_tokens_sees_what_stays_once_and_nothing_twice(
    first: int, turns: list[Between]
) -> None:
    present = list(range(-3, first))
    there_all_the_time = set(present)
    seen: list[int] = []
    token: str | None = None
    following = True
    newest = first
    while following:
        turn = turns.pop(0) if turns else Between(3, 0, frozenset())
        entries = [(position, position) for position in present]
        page, token = pages().take(entries, asked(turn.limit, token))
        assert len(page) == turn.limit or (token is None and len(page) < turn.limit)
        seen += page
        assert seen == sorted(set(seen))
        following = token is not None
        present = [position for position in present if position not in turn.removed]
        there_all_the_time -= turn.removed
        present += range(newest, newest + turn.added)
        newest += turn.added
    assert there_all_the_time <= set(seen)


@pytest.mark.parametrize("limit", [1, 2, 5, 12, 13, 14, 100])
def test_a_list_that_stays_is_its_pages_put_together(limit: int) -> None:
    found, token = pages().take(LIST, asked(limit))
    while token is not None:
        more, token = pages().take(LIST, asked(limit, token))
        found += more
        assert len(found) <= len(LIST)
    assert found == [name for _, name in LIST]


def test_a_page_that_ends_the_list_leads_nowhere() -> None:
    assert pages().take(LIST, asked(len(LIST)))[1] is None
    assert pages().take(LIST, asked(len(LIST) - 1))[1] is not None
    assert pages().take([], asked()) == ([], None)


def test_without_a_limit_a_page_is_the_largest_there_is() -> None:
    entries = [(position, position) for position in range(LARGEST_PAGE + 1)]
    page, token = pages().take(entries, asked())
    assert page == list(range(LARGEST_PAGE))
    assert pages().take(entries, asked(token=token)) == ([LARGEST_PAGE], None)
    assert pages().take(entries[:-1], asked())[1] is None


def test_the_same_token_gives_the_same_page_again_and_to_everybody() -> None:
    token = a_token(after=4)
    assert pages().take(LIST, asked(2, token)) == pages().take(LIST, asked(2, token))
    assert pages().take(LIST, asked(100, token))[0] == [name for _, name in LIST[4:]]


def test_a_token_is_good_when_its_own_entry_is_gone_and_all_the_later_ones() -> None:
    token = a_token(after=4)
    rest = [entry for entry in LIST if entry != LIST[3]]
    assert pages().take(rest, asked(token=token))[0] == [name for _, name in LIST[4:]]
    assert pages().take(LIST[:3], asked(token=token)) == ([], None)
    assert pages().take([], asked(token=token)) == ([], None)


@pytest.mark.parametrize(
    "limit",
    [
        "0",
        "101",
        "-1",
        "+1",
        "1.0",
        "1e1",
        "",
        " 1",
        "1 ",
        "\u0661",
        "ten",
        "0x1",
        "1_0",
        "9" * 5000,
    ],
)
def test_a_limit_is_a_whole_number_from_1_to_100(limit: str) -> None:
    with pytest.raises(BadRequestError, match=r"^Invalid limit: .*1 to 100"):
        pages().take(LIST, asked(limit))


def test_each_parameter_of_a_page_is_given_once() -> None:
    with pytest.raises(BadRequestError, match=r"^Invalid limit: .*more than once"):
        pages().take(LIST, PageRequest(["1", "1"]))
    with pytest.raises(BadRequestError, match=r"^Invalid next_token: .*more than once"):
        pages().take(LIST, PageRequest([], [a_token(), a_token()]))


def test_a_token_goes_into_a_query_as_it_is() -> None:
    for number in range(50):
        token = a_token(secret=f"secret {number}")
        assert set(token) <= {*string.ascii_letters, *string.digits, "-", "_"}


@pytest.mark.parametrize("listing", ["api-keys", "role", "roles ", "roles\0", "", "Roles"])
def test_a_token_of_another_list_is_refused(listing: str) -> None:
    assert refused(a_token(listing))
    assert refused(a_token(), listing)


def test_a_token_of_another_account_is_refused() -> None:
    assert refused(a_token(secret="another secret"))


NO_TOKENS = ["", " ", "AAAA", "A" * 32, "é", "日本", "\ud800", "\0", "null", "=", "9" * 10_000]


@pytest.mark.parametrize("token", NO_TOKENS)
def test_what_no_page_gave_is_refused(token: str) -> None:
    assert refused(token)


@settings(max_examples=examples(200))
@given(data=st.data(), after=st.integers(1, len(LIST) - 1))
def test_a_token_with_another_character_anywhere_is_refused(
    data: st.DataObject, after: int
) -> None:
    token = a_token(after=after)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from(sorted({*string.printable, "é"} - {token[place]})))
    assert refused(f"{token[:place]}{other}{token[place + 1 :]}"), (token, place, other)


def test_a_token_that_was_cut_off_is_refused() -> None:
    token = a_token()
    for length in range(len(token)):
        assert refused(token[:length])
        assert refused(token[-length - 1 :]) or length == len(token) - 1


@pytest.mark.parametrize(
    "more", ["A", "AA", "AAA", "AAAA", "=", "==", "====", "\n", " ", "\0", "-"]
)
def test_a_token_with_something_more_is_refused(more: str) -> None:
    assert refused(a_token() + more)
    assert refused(more + a_token())


def test_a_token_in_another_alphabet_is_refused() -> None:
    special = (a_token(secret=f"secret {number}") for number in range(1000))
    for token, number in zip(special, range(1000), strict=True):
        content = base64.urlsafe_b64decode(token)
        others = {base64.b64encode(content), base64.b32encode(content), content.hex().encode()}
        for other in others - {token.encode()}:
            assert refused(other.decode(), secret=f"secret {number}"), (token, other)
