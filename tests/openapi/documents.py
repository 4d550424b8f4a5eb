"""The documents under test, and where their files are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from emulator.core.revisions import REVISIONS
from emulator.openapi.documents import ENDPOINT, document
from tests.support.environment import ROOT

FILES = ROOT / "docs" / "openapi"

NAMES = ("service", "control")

METHODS = ("get", "head", "put", "post", "patch", "delete", "options")

Document = dict[str, Any]

EACH = [(name, date) for name in NAMES for date in REVISIONS]
"""The name and the revision of each OpenAPI document."""


def openapi(name: str, date: str) -> Document:
    """The document of a revision."""
    return document(f"{name}.json", REVISIONS[date], ENDPOINT)


def operations(found: Document) -> Iterator[tuple[str, str, Document]]:
    """The path, the method and the description of each operation."""
    for path, item in found["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]
