"""Patterns: what ``*`` and ``?`` stand for, and that nothing else stands for anything."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from typing import SupportsIndex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.core.patterns import is_pattern, matches
from tests.suites import examples

texts = st.text(max_size=12)
small_texts = st.text(alphabet="ab/\n*?", max_size=8)
patterns = st.text(alphabet="ab/\n*?", max_size=6)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("*", ""),
        ("*", "a/b\nc"),
        ("**", "a"),
        ("?", "a"),
        ("?", "/"),
        ("?", "\n"),
        ("?", "😀"),
        ("a*c", "ac"),
        ("a*c", "abbbc"),
        ("a*c", "a/b/c"),
        ("*.mp4", "d/film.mp4"),
        ("a?c*", "abc"),
        ("", ""),
        ("[a]", "[a]"),
        ("a.c", "a.c"),
        ("(a|b)+", "(a|b)+"),
        ("\\d", "\\d"),
    ],
)
def test_a_pattern_matches_what_its_signs_stand_for(pattern: str, text: str) -> None:
    assert matches(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("?", ""),
        ("?", "ab"),
        ("", "a"),
        ("a", "A"),
        ("a", "ab"),
        ("b", "ab"),
        ("a", "a\n"),
        ("a*", "ba"),
        ("*a", "ab"),
        ("a*c", "ab"),
        ("a.c", "abc"),
        ("[abc]", "a"),
        ("a|b", "a"),
        ("\\d", "1"),
        ("^a$", "a"),
        ("e", "é"),
    ],
)
def test_a_pattern_matches_nothing_else(pattern: str, text: str) -> None:
    assert not matches(pattern, text)


@given(texts)
def test_a_text_without_signs_matches_itself(text: str) -> None:
    plain = text.replace("*", "").replace("?", "")
    assert not is_pattern(plain)
    assert matches(plain, plain)


@given(texts, texts)
def test_a_text_without_signs_matches_nothing_else(one: str, other: str) -> None:
    plain = one.replace("*", "").replace("?", "")
    assert matches(plain, other) == (plain == other)


@given(texts, texts)
def test_a_star_matches_any_text_at_either_end(text: str, more: str) -> None:
    assert matches("*", text)
    plain = text.replace("*", "x").replace("?", "x")
    assert matches(f"{plain}*", plain + more)
    assert matches(f"*{plain}", more + plain)
    assert matches(f"*{plain}*", more + plain + more)


@given(texts)
def test_as_many_question_marks_as_characters_match_them(text: str) -> None:
    assert matches("?" * len(text), text)
    assert not matches("?" * (len(text) + 1), text)


@settings(max_examples=examples(500))
@given(patterns, small_texts)
def test_a_pattern_matches_what_the_shell_matches(pattern: str, text: str) -> None:
    shell = re.compile(fnmatch.translate(pattern))
    assert matches(pattern, text) == (shell.match(text) is not None)


@given(patterns, patterns, small_texts, small_texts)
def test_two_patterns_that_match_two_texts_match_them_together(
    one: str, other: str, text: str, other_text: str
) -> None:
    if matches(one, text) and matches(other, other_text):
        assert matches(one + other, text + other_text)


@pytest.mark.parametrize("pattern", ["*", "?", "a*", "a?b", "**"])
def test_a_text_with_a_sign_is_a_pattern(pattern: str) -> None:
    assert is_pattern(pattern)


@pytest.mark.parametrize("text", ["", "a", "[a]", "a.b", "%", "\\"])
def test_a_text_without_a_sign_is_no_pattern(text: str) -> None:
    assert not is_pattern(text)


class Counted(str):
    """A text that counts how often its characters are asked for."""

    steps = 0

    def __iter__(self) -> Iterator[str]:
        for character in super().__iter__():
            self.steps += 1
            yield character

    def __getitem__(self, at: SupportsIndex | slice) -> str:
        self.steps += 1
        return super().__getitem__(at)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("*" * 40 + "x", "CreateApiKeyOfEitherVersion"),
        ("*a" * 20 + "*b", "a" * 200),
        ("a*" * 30 + "b", "a" * 1024),
        ("*?" * 20 + "x", "a" * 200),
        ("*" + "a" * 499 + "b", "a" * 1024),
        ("*" + "?" * 499 + "b", "a" * 1024),
    ],
)
def test_no_pattern_takes_more_than_a_step_for_each_character(pattern: str, text: str) -> None:
    counted = Counted(text)
    assert not matches(pattern, counted)
    assert 0 < counted.steps <= len(text)
