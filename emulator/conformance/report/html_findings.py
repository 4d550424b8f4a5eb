"""What a run has found out, on the page of its report: statements, questions, variants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from emulator.conformance.outcome import FAILED

from . import words
from .elements import element
from .html_scores import CLASSES, section
from .words import Report


def failures(report: Report) -> Element | None:
    failed = words.with_status(report, FAILED)
    variants = words.failed_variants(report)
    if not failed and not variants:
        return None
    return section(
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


def statements(report: Report) -> Element:
    groups: dict[str, list[Element]] = {}
    for each in report["statements"]:
        groups.setdefault(each["source"], []).append(_statement(each))
    return section(
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
        element("span", status, class_=f"badge {CLASSES[status]}"),
        element("span", each["id"], class_="id"),
        element("div", each["text"], why, _seen("Seen", each["seen"])),
        id=each["id"],
        data_status=status,
    )


def _filter(sections: Iterable[str], count: int) -> Element:
    """The filter, which the script shows: without it there would be nothing behind it."""
    statuses = [element("option", "Any status", value="")]
    statuses += [element("option", status, value=status) for status in CLASSES]
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


def questions(report: Report) -> Element | None:
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
    return section(
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


def variants(report: Report) -> Element | None:
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
    return section(
        "Variants",
        element("div", table, class_="card"),
        id_="variants",
        note="requests made from the OpenAPI documents, valid or wrong in one place",
    )
