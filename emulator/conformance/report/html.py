"""Write a report as one page that needs no other file and runs no script but its own."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from xml.etree.ElementTree import Element

from emulator.conformance.outcome import FAILED

from . import html_findings, html_scores, words
from .elements import as_html, element
from .words import Report

_TITLE = "conformance with Momento Object Store"

_LOGO = ("M16 6l9 5v10l-9 5-9-5V11z", "M7.5 11.3L16 16l8.5-4.7M16 16v9.5")


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
            html_scores.score(report),
            html_scores.kinds(report),
            html_scores.documents(report),
            html_findings.failures(report),
            html_findings.statements(report),
            html_findings.questions(report),
            html_findings.variants(report),
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


def _header(report: Report) -> Element:
    failed = len(words.with_status(report, FAILED)) + len(words.failed_variants(report))
    links = {
        "sections": "Sections",
        "failed": f"Failed ({failed})" if failed else None,
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
