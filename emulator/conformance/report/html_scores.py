"""The scores of a report, as bars on its page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element

from emulator.conformance.outcome import FAILED, HELD, NOT_SHOWN

from . import words
from .elements import Child, element
from .words import Report

CLASSES = {HELD: "ok", FAILED: "bad", NOT_SHOWN: "none"}
"""The class of each status in the style sheet."""

Part = Mapping[str, Any]


def score(report: Report) -> Element:
    score = report["score"]
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
            element("p", words.percent(score), class_=f"figure {words.grade(report)}"),
            element("p", words.verdict(report), class_="verdict"),
            _bar(score),
            _legend(score),
        ),
        element("dl", *facts, class_="facts"),
        id="score",
        class_="card hero",
        tabindex=-1,
    )


def section(title: str, *children: Child, id_: str, note: str = "") -> Element:
    heading = element("h2", title, element("small", note) if note else None, id=f"{id_}-title")
    return element("section", heading, *children, id=id_, aria_labelledby=f"{id_}-title")


def _legend(part: Part) -> Element:
    return element(
        "ul",
        *(
            element("li", element("b", f"{part[status.replace(' ', '_')]:,}"), f" {status}")
            for status in CLASSES
        ),
        class_="legend",
    )


def _bar(part: Part) -> Element:
    """A bar that shows how much held, failed, and was not shown; its figures stand beside it."""
    left, rectangles = 0.0, []
    whole = part["held"] + part["failed"] + part["not_shown"] or 1
    for status, class_ in CLASSES.items():
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
    return element(
        "span",
        element("span", name, class_="name"),
        _bar(part),
        element("span", words.figures(part), class_="count"),
        element("span", words.percent(part), class_="percent"),
        class_="row",
    )


def kinds(report: Report) -> Element:
    rows = (
        _row(element("span", element("b", kind), element("small", words.KINDS.get(kind))), part)
        for kind, part in words.by_kind(report).items()
    )
    return section("Score by kind", element("div", *rows, class_="card"), id_="kinds")


def documents(report: Report) -> Element:
    documents = words.by_document(report).items()
    return section(
        "Score by section",
        *(_document(report, document, sections) for document, sections in documents),
        id_="sections",
    )


def _document(report: Report, document: str, sections: Mapping[str, Part]) -> Element:
    """The score of a document, and folded those of its sections."""
    places = {source: place for place, source in enumerate(report["score"]["by_section"])}
    rows = (
        _row(element("a", words.heading_of(source), href=f"#section-{places[source]}"), part)
        for source, part in sections.items()
    )
    return element(
        "details",
        element("summary", _row(element("b", document), words.total(sections.values()))),
        *rows,
        class_="card",
    )
