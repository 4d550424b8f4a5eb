"""The page of a report shows all of it, needs no other file, and has no markup of an endpoint."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from emulator.conformance.outcome import Findings
from emulator.conformance.report.html import page

from .reports import ASKED, MARKUP, SEEN, hostile, perfect, report

_VOID = {"meta", "input"}


class Parsed(HTMLParser):
    """What a browser makes of a page: its elements, their attributes, their texts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] not in (["style"], ["script"]):
            self.text += data

    def values(self, name: str) -> list[str]:
        return [value for attribute, value in self.attributes if attribute == name]


def test_the_page_has_all_of_the_report() -> None:
    text = Parsed(page(report())).text
    for each in report()["statements"]:
        assert each["id"] in text
        assert each["text"] in text
    for shown in (
        "75 %",
        "https://api.cache.cell-1.example",
        "2026-02-05",
        "2026-11-30 17:05 UTC",
        "momento-objectstore-emulator 1.0.0",
        "expected 401, got 500",
        "It needs another key.",
        "PUT /objectstore/a/%00",
        "500 is not one of 204, 400",
        *SEEN,
        *(each.question for each in ASKED),
        "as GET, without the body",
        "It is not seen outside.",
    ):
        assert shown in text, shown


def test_what_failed_comes_before_all_statements() -> None:
    text = Parsed(page(report())).text
    assert text.index("What failed") < text.index("expected 401") < text.index("All statements")
    assert "What failed" not in Parsed(page(perfect())).text


def test_questions_that_are_answered_otherwise_come_first() -> None:
    text = Parsed(page(report())).text.partition("All statements")[2]
    assert text.index("D17") < text.index("D03") < text.index("1 question without an answer")


def test_a_run_without_results_has_a_page() -> None:
    text = Parsed(page(report(Findings(), statements=(), asked=()))).text
    assert "No statement was shown." in text
    assert "Questions" not in text


def test_the_page_needs_no_other_file() -> None:
    parsed = Parsed(page(report()))
    assert not parsed.names & {"link", "img", "iframe", "object", "base"}
    assert parsed.values("src") == []
    assert all(link.startswith("#") for link in parsed.values("href"))


def test_every_link_leads_to_a_part_of_the_page() -> None:
    for each in (report(), perfect(), hostile()):
        parsed = Parsed(page(each))
        targets = parsed.values("id")
        assert len(targets) == len(set(targets))
        assert {link[1:] for link in parsed.values("href")} <= set(targets)


def test_answers_of_an_endpoint_make_no_elements_and_no_attributes() -> None:
    mild, wild = Parsed(page(report())), Parsed(page(hostile()))
    assert wild.names <= mild.names
    assert {name for name, _ in wild.attributes} <= {name for name, _ in mild.attributes}
    for markup in MARKUP[:-1]:
        assert markup in wild.text


def test_no_character_of_an_endpoint_is_a_control_character() -> None:
    text = page(hostile())
    assert r"\x00\x08\x1b[31m\x85\u2028\u202egnp\ufffe\ud800" in text
    assert all(each.isprintable() or each == "\n" for each in text)


def test_only_the_pages_own_script_and_style_may_run() -> None:
    text = page(hostile())
    policy = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', text)
    assert len(policy) == 1
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[^' ]+='; script-src 'sha256-[^' ]+='", policy[0]
    )
    assert not [name for name, _ in Parsed(text).attributes if name == "style" or name[:2] == "on"]
