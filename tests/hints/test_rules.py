"""Each hint comes where it should, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emulator import Emulator
from emulator.control.hints.hint import PAGE
from emulator.control.hints.table import IDS, TABLE, rules_of
from emulator.core.revisions import REVISIONS
from tests.support.emulators import ANY_NAMES, Start, as_new, client

from .cases import CACHED, CASES, FIRST, LATER, NOW, OBJECT, PER_SECOND, Case

pytestmark = pytest.mark.proves("D165")

OF_TIME = {"retry-without-pause", "get-during-put"}
"""Hints that depend on when requests come."""


@pytest.fixture(scope="module", params=REVISIONS)
def running(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    options = {**ANY_NAMES, "no_limits": True, "cache_max_object_bytes": CACHED}
    with Emulator(cache="memory", api_revision=request.param, **options) as emulator:
        yield emulator


@pytest.fixture
def emulator(running: Emulator) -> Emulator:
    """An emulator with a store and an object, whose clock stands still."""
    as_new(running).clock.freeze(NOW * 1_000_000)
    owner = client(running)
    owner.create_store("media")
    owner.put("media", "key", b"hello")
    running.journal.clear()
    return running


def hints_of_last(emulator: Emulator) -> list[str]:
    return [hint.id for hint in emulator.journal.last().hints]


EACH = [
    pytest.param(date, case, id=f"{date} {case.hint}: {case.title}")
    for date in REVISIONS
    for case in CASES
    if date in case.revisions
]


@pytest.mark.parametrize(("running", "case"), EACH, indirect=["running"])
def test_a_hint_comes_where_it_should(emulator: Emulator, case: Case) -> None:
    case.act(emulator)
    assert (case.hint in hints_of_last(emulator)) is case.comes, emulator.journal.last()


@pytest.mark.parametrize("hint", sorted({*IDS} - OF_TIME))
def test_cases_show_that_a_hint_comes_and_that_it_does_not(hint: str) -> None:
    cases = [case for case in CASES if case.hint == hint]
    for date, revision in REVISIONS.items():
        exists = hint in {rule.id for rule in rules_of(revision)}
        here = {case.comes for case in cases if date in case.revisions}
        assert here == ({True, False} if exists else {False})


def test_a_plain_put_and_get_have_no_hint(emulator: Emulator) -> None:
    client(emulator).put("media", "new", b"body", ttl_seconds=60, metadata={"a": "b"})
    client(emulator).get("media", "new")
    assert [call.hints for call in emulator.journal] == [(), ()]


def test_an_answer_shows_nothing_of_its_hints(emulator: Emulator) -> None:
    plain = client(emulator).call("GET", OBJECT)
    hinted = client(emulator).call("GET", OBJECT, None, {"Range": "bytes=0-1"})
    assert hints_of_last(emulator) == ["range-ignored"]
    assert hinted.body == plain.body
    assert hinted.headers.keys() == plain.headers.keys()


def test_limits_that_are_enforced_break_nothing(start: Start) -> None:
    emulator = start(api_revision=LATER)
    client(emulator).create_store("media")
    client(emulator).put("media", "large", bytes(PER_SECOND + 1))
    assert emulator.journal.last().status == 204
    assert hints_of_last(emulator) == []


@pytest.mark.parametrize("rule", TABLE, ids=IDS)
def test_a_hint_is_one_sentence_with_a_link(rule: object) -> None:
    (hint,) = [each.hint for each in TABLE if each is rule]
    assert hint.text.endswith(".")
    assert ". " not in hint.text
    assert hint.document() == {
        "id": hint.id,
        "text": hint.text,
        "link": f"{PAGE}#{hint.id}",
    }


def test_ids_are_unique() -> None:
    assert len({*IDS}) == len(IDS)


def test_what_a_later_revision_has_is_named() -> None:
    later = [rule for rule in rules_of(REVISIONS[FIRST]) if rule.lacks is not None]
    assert len(later) == 4
    assert all(LATER in rule.text for rule in later)
