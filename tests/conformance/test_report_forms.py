"""Reports for CI and terminals say what failed, and an endpoint's answers cannot change them."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, fromstring

import pytest

from emulator.conformance.outcome import Findings
from emulator.conformance.report import summary, words
from emulator.conformance.report.badge import badge
from emulator.conformance.report.junit import document
from emulator.conformance.report.markdown import MAX_CHARACTERS, comment
from emulator.conformance.statements.statement import Statement

from .reports import MARKUP, REFERENCE, SEEN, STATEMENTS, findings, hostile, perfect, report

# Words.


def test_a_part_in_which_something_failed_never_has_100_percent() -> None:
    almost = {"held": 2999, "failed": 1, "percent": 100.0}
    assert words.percent(almost) == "99.9 %"
    assert words.percent({"held": 3, "failed": 0, "percent": 100.0}) == "100 %"
    assert words.percent({"held": 0, "failed": 0, "percent": 0.0}) == "-"


def test_the_verdict_says_what_was_shown() -> None:
    assert words.verdict(perfect()) == (
        "All 4 statements that were shown hold. "
        "All 2,000 generated requests were answered as allowed."
    )
    assert words.verdict(report()) == (
        "Of 4 statements that were shown, 3 hold and 1 does not. "
        "Not answered as the contract allows: 1 of 2,000 generated requests."
    )
    one, other = (words.verdict(report(statements=(each,))) for each in STATEMENTS[:2])
    assert one.startswith("The 1 statement that was shown holds.")
    assert other.startswith("The 1 statement that was shown does not hold.")
    assert words.verdict(report(Findings())) == "No statement was shown."
    stopped = words.verdict(report(findings(failed=()), complete=False))
    assert stopped.startswith("The run was stopped before its end. All 4")


def test_cases_that_fail_alike_say_why_once() -> None:
    found = findings()
    found.cases["another"] = found.cases["test_HTTP-PUT-02"]
    found.cases["third"] = found.cases["another"]._replace(why="no answer")
    (failed,) = words.with_status(report(found), "failed")
    assert failed["why"] == "expected 401, got 500 no answer"


def test_a_date_that_is_none_is_shown_as_it_is() -> None:
    assert words.when("2026-11-30T17:05:09Z") == "2026-11-30 17:05 UTC"
    assert words.when("yesterday") == "yesterday"


# JUnit.


def _cases(root: Element) -> dict[str, Element]:
    return {case.attrib["name"]: case for case in root.iter("testcase")}


def test_junit_has_a_case_for_each_statement_and_each_operation() -> None:
    root = fromstring(document(report()))
    assert [suite.attrib["name"] for suite in root] == [REFERENCE, "Momento API keys", "Variants"]
    cases = _cases(root)
    assert len(cases) == 7
    failure = cases["HTTP-PUT-02 An expired key answers 401."].find("failure")
    assert failure is not None
    assert failure.attrib["message"] == "expected 401, got 500"
    assert failure.text == "\n".join(("expected 401, got 500", *SEEN))
    skipped = cases["KEYS-LIFE-01 A key is shown once."].find("skipped")
    assert skipped is not None
    assert skipped.attrib["message"] == "It needs another key."
    assert list(cases["HTTP-GET-01 A hit answers 200."]) == []
    wrong = cases["PutObject"].find("failure")
    assert wrong is not None
    assert "PUT /objectstore/a/%00" in (wrong.text or "")


def test_junit_counts_what_it_has() -> None:
    root = fromstring(document(report()))
    counts = {name: root.attrib[name] for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "7", "failures": "2", "errors": "0", "skipped": "1"}
    assert [suite.attrib["tests"] for suite in root] == ["4", "1", "2"]


def test_junit_is_xml_whatever_an_endpoint_answers() -> None:
    text = document(hostile())
    root = fromstring(text)
    assert {each.tag for each in root.iter()} == {
        "testsuites", "testsuite", "properties", "property", "testcase", "failure"
    }  # fmt: skip
    failure = next(root.iter("failure"))
    assert r"\x00\x08\x1b[31m\x85\u2028\u202egnp\ufffe\ud800" in (failure.text or "")
    assert all(each.isprintable() or each == "\n" for each in text)


# The badge.


@pytest.mark.parametrize(
    ("failed", "score", "color"),
    [((), "100 %", "#825000"), (("HTTP-PUT-02",), "75 %", "#b0261e")],
)
def test_the_badge_has_the_score_and_its_color(
    failed: tuple[str, ...], score: str, color: str
) -> None:
    """A whole score is not green where generated requests failed."""
    text = badge(report(findings(failed=failed)))
    root = fromstring(text)
    assert root.attrib["aria-label"] == f"conformance: {score}"
    assert root.attrib["role"] == "img"
    assert f'fill="{color}"' in text


def test_the_badge_is_green_where_all_holds_and_grey_where_nothing_was_shown() -> None:
    assert "#0b6a48" in badge(perfect())
    assert "#566070" in badge(report(Findings()))


# Markdown.


def test_a_comment_has_the_score_what_failed_and_what_differs() -> None:
    text = comment(report())
    assert text.startswith("### Conformance: 75 %\n\nOf 4 statements")
    assert "| documented | 75 % | 3 | 1 | 1 |" in text
    assert f"| {REFERENCE} | 75 % | 3 | 1 | 0 |" in text
    assert "<summary><code>HTTP-PUT-02</code> An expired key answers 401.</summary>" in text
    assert "\n".join(("```text", "expected 401, got 500", "", *SEEN, "```")) in text
    assert "<code>PutObject</code> PUT /objectstore/a/%00" in text
    assert "- endpoint: ` 405 `\n  - emulator: ` as GET, without the body `" in text
    assert "D03" not in text


def test_a_comment_on_a_perfect_run_is_short() -> None:
    text = comment(perfect())
    assert "####" not in text
    assert len(text.splitlines()) < 20


def test_what_an_endpoint_answers_is_code_in_a_comment() -> None:
    """So it is no picture, no link, and nobody's name; and it ends no block."""
    text = re.sub(r"(?ms)^(`{3,})text\n.*?^\1$", "", comment(hostile()))
    text = re.sub(r"(?<![`\\])(`+) .*? \1(?!`)", "", text)
    assert text.count("</details>") == text.count("<details>") == 7
    for line in text.splitlines():
        if not line.startswith("<details>"):  # A block of HTML, and so no Markdown.
            assert not re.search(r"(?<!\\)[@\[<](?!/?details>)", line), line


def test_a_comment_is_never_too_long() -> None:
    found = findings(failed=())
    statements = tuple(
        Statement(f"HTTP-LONG-{number}", "A long answer is short.", f"{REFERENCE}, Long")
        for number in range(500)
    )
    for each in statements:
        found.cases[each.id] = (
            findings()
            .cases["test_HTTP-PUT-02"]
            ._replace(statements=(each.id,), seen=("x" * 5000,) * 100)
        )
    text = comment(report(found, statements=statements))
    assert 30_000 < len(text) < MAX_CHARACTERS + 1000
    assert re.search(r"… and \d+ more\.", text)


# The terminal.


def test_the_summary_has_the_score_and_what_failed() -> None:
    lines = summary(report()).splitlines()
    assert lines[0].startswith("75 %  Of 4 statements that were shown, 3 hold and 1 does not.")
    assert "https://api.cache.cell-1.example · 2026-02-05 · 2026-11-30 17:05 UTC" in lines[1]
    assert "  HTTP-PUT-02  An expired key answers 401." in lines
    assert "    expected 401, got 500" in lines
    assert "  PutObject  PUT /objectstore/a/%00" in lines
    assert lines[-1] == "1 question answered otherwise than by the emulator: D17"


def test_the_summary_of_a_perfect_run_is_a_few_lines() -> None:
    assert len(summary(perfect()).splitlines()) == 6


def test_the_summary_is_colored_only_when_asked_for() -> None:
    assert "\x1b" not in summary(report())
    plain = re.sub(r"\x1b\[[0-9;]*m", "", summary(report(), colored=True))
    assert plain == summary(report())


def test_an_endpoint_cannot_write_to_the_terminal() -> None:
    assert all(each.isprintable() or each == "\n" for each in summary(hostile()))
    assert MARKUP[1] in summary(hostile())


def test_many_failures_are_counted() -> None:
    statements = tuple(
        Statement(f"HTTP-MANY-{number}", "It holds.", f"{REFERENCE}, Many") for number in range(30)
    )
    found = Findings()
    for each in statements:
        found.cases[each.id] = findings().cases["test_HTTP-PUT-02"]._replace(statements=(each.id,))
    text = summary(report(found, statements=statements))
    assert "… and 10 more" in text
    assert "HTTP-MANY-20 " not in text
