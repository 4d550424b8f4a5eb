"""The documents by name: as the emulator serves them, and as the files of every revision."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping

from emulator.core.errors import NotFoundError
from emulator.core.revisions import REVISIONS, Revision
from emulator.openapi.control import control_document
from emulator.openapi.fault_rules import rule_document
from emulator.openapi.responses import Document
from emulator.openapi.seed import seed_document
from emulator.openapi.service import service_document
from emulator.openapi.state import state_document

ENDPOINT = "http://127.0.0.1:8080"
"""The endpoint in files: that of an emulator with the default options."""

_OF_REVISIONS: Mapping[str, Callable[[Revision, str], Document]] = {
    "service": service_document,
    "control": control_document,
}
"""The OpenAPI documents."""

_OF_FILES: Mapping[str, Callable[[], Document]] = {
    "seed.schema.json": seed_document,
    "state.schema.json": state_document,
    "fault-rule.schema.json": rule_document,
}
"""The JSON Schemas of files, which every revision shares."""

NAMES = (*(f"{name}.json" for name in _OF_REVISIONS), *_OF_FILES)
"""What can be asked for."""


def document(name: str, revision: Revision, endpoint: str) -> Document:
    """Return the document of this name, for an emulator at ``endpoint``.

    Raises:
        NotFoundError: there is none. The message lists the names.
    """
    if name not in NAMES:
        raise NotFoundError(f"There is no document {name!r}; there are {', '.join(NAMES)}")
    if name in _OF_FILES:
        return _OF_FILES[name]()
    return _OF_REVISIONS[name.removesuffix(".json")](revision, endpoint)


def files() -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each file: every revision's documents, and the schemas."""
    for revision in REVISIONS.values():
        for name, build in _OF_REVISIONS.items():
            yield f"{name}-{revision.date}.json", _text(build(revision, ENDPOINT))
    for name, schema in _OF_FILES.items():
        yield name, _text(schema())


def _text(found: Document) -> str:
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"
