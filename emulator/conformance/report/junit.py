"""Write a report as JUnit's XML, which CI services show: a test case for each statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from emulator.conformance.outcome import FAILED, NOT_SHOWN

from .elements import as_xml, element
from .words import Report, document_of

Found = Mapping[str, Any]


def document(report: Report) -> str:
    """Return the document: a suite for each document, and one for the variants."""
    by_document: dict[str, list[Found]] = {}
    for each in report["statements"]:
        by_document.setdefault(document_of(each["source"]), []).append(each)
    suites = [
        _suite(name, report, [_statement(each) for each in found])
        for name, found in by_document.items()
    ]
    if report["variants"]:
        suites.append(_suite("Variants", report, [_variant(each) for each in report["variants"]]))
    root = element("testsuites", *suites, name="conformance", **_counts(suites))
    return f'<?xml version="1.0" encoding="utf-8"?>\n{as_xml(root)}\n'


def _suite(name: str, report: Report, cases: Sequence[Element]) -> Element:
    counts = {
        "tests": len(cases),
        "failures": sum(case.find("failure") is not None for case in cases),
        "errors": 0,
        "skipped": sum(case.find("skipped") is not None for case in cases),
    }
    facts = (
        element("property", name=name, value=report[name])
        for name in ("endpoint", "revision", "version")
    )
    return element(
        "testsuite",
        element("properties", *facts),
        *cases,
        name=name,
        timestamp=report["started_at"].rstrip("Z"),
        **counts,
    )


def _counts(suites: Iterable[Element]) -> dict[str, int]:
    names = ("tests", "failures", "errors", "skipped")
    return {name: sum(int(suite.get(name, "0")) for suite in suites) for name in names}


def _statement(each: Found) -> Element:
    result = None
    if each["status"] == FAILED:
        result = _failure(each["why"], [each])
    elif each["status"] == NOT_SHOWN:
        result = element("skipped", message=each["why"])
    return _case(f"{each['id']} {each['text']}", each["source"], result)


def _variant(each: Found) -> Element:
    failed = each["failed"]
    message = f"{len(failed)} of {each['requests']} requests failed"
    return _case(each["operation"], "Variants", _failure(message, failed) if failed else None)


def _case(name: str, section: str, result: Element | None) -> Element:
    return element("testcase", result, name=name, classname=section, time=0)


def _failure(message: str, found: Iterable[Found]) -> Element:
    lines = (line for each in found for line in (each.get("request"), each["why"], *each["seen"]))
    return element("failure", "\n".join(filter(None, lines)), message=message)
