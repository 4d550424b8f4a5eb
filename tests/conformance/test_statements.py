"""The table of statements has no gaps, no doubles, and a source for each statement."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

import pytest

from emulator.conformance.statements import (
    BY_ID,
    DOCUMENTS,
    FIRST,
    SECOND,
    STATEMENTS,
    Document,
    Statement,
)
from emulator.core.revisions import REVISIONS

ID = re.compile(r"(?P<document>[A-Z0-9]+)-(?P<section>[A-Z0-9]+)-(?P<number>[0-9]{2})")
SENTENCE = re.compile(r"[A-Za-z0-9_][^\n]*[^\s.]\.")

COUNTED_IN_THE_FIRST_FIVE = 221
"""What another reading of the first five documents found; a table with fewer has lost some."""

ONLY_GROUPS = {
    "Data Plane API",
    "Control Plane API",
    "Examples",
    "Data Plane Examples",
    "Control Plane Examples",
}
"""Headings with nothing below them but other headings, or a sentence about these."""

each_document = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=[document.short_name for document in DOCUMENTS]
)


def parts(statement: Statement) -> re.Match[str]:
    """Document, section and number of the id."""
    found = ID.fullmatch(statement.id)
    assert found, f"{statement.id} is not of the form HTTP-PUT-07"
    return found


def is_sentence(text: str) -> bool:
    return bool(SENTENCE.fullmatch(text)) and ". " not in text


def statements_of(document: Document) -> list[Statement]:
    return [each for each in STATEMENTS if parts(each)["document"] == document.short_name]


def test_no_id_is_given_twice() -> None:
    assert [id_ for id_, count in Counter(s.id for s in STATEMENTS).items() if count > 1] == []
    assert list(BY_ID.values()) == list(STATEMENTS)


def test_ids_begin_with_the_documents_in_their_order() -> None:
    assert list(dict.fromkeys(parts(each)["document"] for each in STATEMENTS)) == [
        document.short_name for document in DOCUMENTS
    ]
    assert sum(len(statements_of(document)) for document in DOCUMENTS) == len(STATEMENTS)


def test_the_numbers_of_a_section_have_no_gap_and_are_in_order() -> None:
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    for statement in STATEMENTS:
        found = parts(statement)
        numbers[f"{found['document']}-{found['section']}"].append(int(found["number"]))
    assert {section: given for section, given in numbers.items() if given[0] != 1} == {}
    for section, given in numbers.items():
        assert given == list(range(1, len(given) + 1)), section


def test_the_first_five_documents_have_all_statements_that_were_counted() -> None:
    assert sum(len(statements_of(document)) for document in DOCUMENTS[:5]) >= (
        COUNTED_IN_THE_FIRST_FIVE
    )


@each_document
def test_the_source_of_a_statement_is_a_heading_of_its_document(document: Document) -> None:
    known = {f"{document.title}, {heading}" for heading in document.headings}
    assert {each.id for each in statements_of(document) if each.source not in known} == set()


@each_document
def test_statements_are_in_the_order_of_the_headings(document: Document) -> None:
    order = [f"{document.title}, {heading}" for heading in document.headings]
    places = [order.index(each.source) for each in statements_of(document)]
    assert places == sorted(places)


@each_document
def test_each_heading_has_a_statement_unless_it_only_groups_others(document: Document) -> None:
    stated = {each.source for each in statements_of(document)}
    assert {
        heading for heading in document.headings if f"{document.title}, {heading}" not in stated
    } <= ONLY_GROUPS


def test_a_heading_that_a_document_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="has no heading 'Patch Object'"):
        DOCUMENTS[0].states("Patch Object", {"HTTP-PATCH-01": "It is not there."})


def test_each_statement_is_one_sentence() -> None:
    assert [s.id for s in STATEMENTS if not is_sentence(s.text.replace("_ . :", "_:"))] == []


def test_each_reason_why_a_statement_is_not_shown_is_one_sentence() -> None:
    reasons = {s.id: s.not_shown for s in STATEMENTS if s.not_shown}
    assert [id_ for id_, reason in reasons.items() if not is_sentence(reason)] == []


def test_each_statement_holds_in_revisions_that_exist() -> None:
    valid = {(FIRST,), (SECOND,), (FIRST, SECOND)}
    assert [s.id for s in STATEMENTS if s.revisions not in valid] == []


def test_the_revisions_are_those_of_the_emulator() -> None:
    assert tuple(REVISIONS) == (FIRST, SECOND)


def test_each_document_has_statements_that_a_case_can_show() -> None:
    for document in DOCUMENTS:
        assert any(not each.not_shown for each in statements_of(document)), document.title
