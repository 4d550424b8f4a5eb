"""Write a report as one page that needs no other file and runs no script but its own."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

from emulator.conformance.outcome import FAILED, HELD, NOT_SHOWN

from . import words
from .elements import Child, as_html, element
from .words import Report

_TITLE = "conformance with Momento Object Store"

_CLASSES = {HELD: "ok", FAILED: "bad", NOT_SHOWN: "none"}

_LOGO = ("M16 6l9 5v10l-9 5-9-5V11z", "M7.5 11.3L16 16l8.5-4.7M16 16v9.5")

Part = Mapping[str, Any]


def page(report: Report) -> str:
    """Return the page of a report."""
    style, script = _own("page.css"), _own("page.js")
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element(
            "meta",
            http_equiv="Content-Security-Policy",
            content=f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}",
        ),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{words.percent(report['score'])} {_TITLE}"),
        _verbatim("style", style),
    )
    body = element(
        "body",
        element("a", "Skip to the score", class_="skip", href="#score"),
        _header(report),
        element(
            "main",
            _score(report),
            _failures(report),
            _kinds(report),
            _documents(report),
            _statements(report),
            _questions(report),
            _variants(report),
        ),
        _verbatim("script", script),
    )
    return f"<!doctype html>\n{as_html(element('html', head, body, lang='en'))}\n"


def _own(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def _verbatim(name: str, content: str) -> Element:
    """A script or a style: its text may not change, or its hash would."""
    made = Element(name)
    made.text = content
    return made


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def _section(title: str, *children: Child, id_: str, note: str = "") -> Element:
    heading = element("h2", title, element("small", note) if note else None, id=f"{id_}-title")
    return element("section", heading, *children, id=id_, aria_labelledby=f"{id_}-title")


# The head of the page.


def _header(report: Report) -> Element:
    failed = len(words.with_status(report, FAILED)) + len(words.failed_variants(report))
    links = {
        "failed": f"Failed ({failed})" if failed else None,
        "sections": "Sections",
        "statements": f"Statements ({len(report['statements'])})",
        "questions": f"Questions ({len(report['questions'])})" if report["questions"] else None,
        "variants": "Variants" if report["variants"] else None,
    }
    return element(
        "header",
        element("p", _logo(), "Momento Object Store", class_="brand"),
        element(
            "nav",
            *(element("a", text, href=f"#{id_}") for id_, text in links.items() if text),
            aria_label="Parts of the report",
        ),
    )


def _logo() -> Element:
    paths = (element("path", d=path) for path in _LOGO)
    box = element("rect", width=32, height=32, rx=8)
    return element("svg", box, *paths, viewBox="0 0 32 32", aria_hidden="true")


def _score(report: Report) -> Element:
    score = report["score"]
    state = "bad" if score["failed"] or score["variants_failed"] else "ok"
    facts = (
        child
        for name, value in words.about(report).items()
        for child in (element("dt", name), element("dd", value))
    )
    return element(
        "section",
        element(
            "div",
            element("h1", "Conformance"),
            element(
                "p", words.percent(score), class_=f"figure {state if score['held'] else 'none'}"
            ),
            element("p", words.verdict(report), class_="verdict"),
            _bar(score),
            _legend(score),
        ),
        element("dl", *facts, class_="facts"),
        id="score",
        class_="card hero",
        tabindex=-1,
    )


def _legend(part: Part) -> Element:
    return element(
        "ul",
        *(
            element("li", element("b", f"{part[status.replace(' ', '_')]:,}"), f" {status}")
            for status in _CLASSES
        ),
        class_="legend",
    )


def _bar(part: Part) -> Element:
    """A bar that shows how much held, failed, and was not shown; its figures stand beside it."""
    left, rectangles = 0.0, []
    whole = part["held"] + part["failed"] + part["not_shown"] or 1
    for status, class_ in _CLASSES.items():
        width = 100 * part[status.replace(" ", "_")] / whole
        rectangles.append(
            element("rect", class_=class_, x=f"{left:.3f}", width=f"{width:.3f}", height=1)
        )
        left += width
    return element(
        "svg",
        *rectangles,
        class_="bar",
        viewBox="0 0 100 1",
        preserveAspectRatio="none",
        aria_hidden="true",
    )


def _row(name: Child, part: Part) -> Element:
    """A line of scores: its name, its bar, its figures."""
    shown = part["held"] + part["failed"]
    rest = f", {part['not_shown']:,} not shown" if part["not_shown"] else ""
    return element(
        "span",
        element("span", name, class_="name"),
        _bar(part),
        element("span", f"{part['held']:,} of {shown:,}{rest}", class_="count"),
        element("span", words.percent(part), class_="percent"),
        class_="row",
    )


def _kinds(report: Report) -> Element:
    rows = (
        _row(element("span", element("b", kind), element("small", words.KINDS.get(kind))), part)
        for kind, part in report["score"]["by_kind"].items()
    )
    return _section("Score by kind", element("div", *rows, class_="card"), id_="kinds")


def _documents(report: Report) -> Element:
    return _section(
        "Score by section",
        *(
            element(
                "details",
                element("summary", _row(element("b", document), words.total(headings.values()))),
                *(
                    _row(element("a", heading, href=f"#{_anchor(report, document, heading)}"), part)
                    for heading, part in headings.items()
                ),
                class_="card",
                open="" if any(part["failed"] for part in headings.values()) else None,
            )
            for document, headings in words.by_document(report).items()
        ),
        id_="sections",
    )


def _anchor(report: Report, document: str, heading: str) -> str:
    sources = list(report["score"]["by_section"])
    wanted = document if document == heading else f"{document}, {heading}"
    return f"section-{sources.index(wanted)}"


# Statements.


def _failures(report: Report) -> Element | None:
    failed = words.with_status(report, FAILED)
    variants = words.failed_variants(report)
    if not failed and not variants:
        return None
    return _section(
        "What failed",
        *(_failure(each["id"], each["text"], each["source"], each) for each in failed),
        *(_failure(each["operation"], each["request"], "variant", each) for each in variants),
        id_="failed",
    )


def _failure(name: str, text: str, source: str, found: Mapping[str, Any]) -> Element:
    return element(
        "article",
        element("h3", element("span", name, class_="id"), f" {text}"),
        element("p", source, class_="source"),
        element("p", found["why"], class_="why"),
        _seen("Requests and answers", found["seen"]),
        class_="card failure",
    )


def _seen(title: str, lines: Sequence[str]) -> Element | None:
    """The requests and answers that were seen, folded."""
    if not lines:
        return None
    shown = (element("span", line, "\n", class_=_line_class(line)) for line in lines)
    return element("details", element("summary", title), element("pre", *shown), class_="seen")


def _line_class(line: str) -> str | None:
    return {"> ": "sent", "< ": "answered"}.get(line[:2], "request")


def _statements(report: Report) -> Element:
    groups: dict[str, list[Element]] = {}
    for each in report["statements"]:
        groups.setdefault(each["source"], []).append(_statement(each))
    return _section(
        "All statements",
        _filter(list(groups), len(report["statements"])),
        *(
            element(
                "div",
                element("h3", source),
                element("ul", *rows),
                class_="card group",
                id=f"section-{number}",
                data_section=source,
            )
            for number, (source, rows) in enumerate(groups.items())
        ),
        id_="statements",
    )


def _statement(each: Mapping[str, Any]) -> Element:
    status = each["status"]
    why = element("small", each["why"]) if each["why"] else None
    return element(
        "li",
        element("span", status, class_=f"badge {_CLASSES[status]}"),
        element("span", each["id"], class_="id"),
        element("div", each["text"], why, _seen("Seen", each["seen"])),
        id=each["id"],
        data_status=status,
    )


def _filter(sections: Iterable[str], count: int) -> Element:
    """The filter, which the script shows: without it there would be nothing behind it."""
    statuses = [element("option", "Any status", value="")]
    statuses += [element("option", status, value=status) for status in _CLASSES]
    chosen = [element("option", "All sections", value="")]
    chosen += [element("option", section, value=section) for section in sections]
    search = element(
        "input", type="search", id="text", placeholder="Search", aria_label="Search statements"
    )
    return element(
        "form",
        search,
        element("select", *statuses, id="status", aria_label="Status"),
        element("select", *chosen, id="section", aria_label="Section"),
        element("output", words.counted(count, "statement"), id="count"),
        class_="filter",
        hidden="",
    )


# Questions and variants.


def _questions(report: Report) -> Element | None:
    asked = [each for each in report["questions"] if each["same"] is not None]
    others = [each for each in report["questions"] if each["same"] is None]
    if not asked and not others:
        return None
    asked.sort(key=lambda each: bool(each["same"]))
    rest = element(
        "details",
        element("summary", f"{words.counted(len(others), 'question')} without an answer"),
        element("ul", *map(_question, others)),
        class_="card group",
    )
    return _section(
        "Questions",
        element("ul", *map(_question, asked), class_="card") if asked else None,
        rest if others else None,
        id_="questions",
        note="that the documents leave open: the endpoint's answers beside the emulator's",
    )


def _question(each: Mapping[str, Any]) -> Element:
    label, class_ = {True: ("same", "ok"), False: ("differs", "warn")}.get(
        each["same"], ("not asked", "none")
    )
    answers = {"Endpoint": each["answer"] or each["why"], "Emulator": each["ours"]}
    return element(
        "li",
        element("span", label, class_=f"badge {class_}"),
        element("span", each["id"], class_="id"),
        element(
            "div",
            element("b", each["question"]),
            element("small", each["kind"]),
            element(
                "dl",
                *(
                    element("div", element("dt", name), element("dd", text))
                    for name, text in answers.items()
                ),
                class_="answers",
            ),
            _seen("Seen", each["seen"]),
        ),
    )


def _variants(report: Report) -> Element | None:
    if not report["variants"]:
        return None
    titles = ("Operation", "Requests", "Failed")
    head = element("tr", *(element("th", title, scope="col") for title in titles))
    rows = (
        element(
            "tr",
            element("th", each["operation"], scope="row"),
            element("td", f"{each['requests']:,}"),
            element("td", f"{len(each['failed']):,}", class_="failed" if each["failed"] else None),
        )
        for each in report["variants"]
    )
    table = element("table", element("thead", head), element("tbody", *rows))
    return _section(
        "Variants",
        element("div", table, class_="card"),
        id_="variants",
        note="requests made from the OpenAPI documents, valid or wrong in one place",
    )
