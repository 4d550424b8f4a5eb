"""Error answers of both APIs, and the parts of a document that they share."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from emulator.core import errors
from emulator.core.errors import (
    ClusterNotFoundError,
    InternalError,
    ObjectNotFoundError,
    ServiceError,
    StoreNotFoundError,
)
from emulator.openapi.json_schema import Schemas, one_of, record, ref, text
from emulator.service.rate_limits import BYTES_MESSAGE, OPERATIONS_MESSAGE

VERSION = "3.1.0"
"""The version of OpenAPI."""

JSON = "application/json"
BODY = "application/octet-stream"

Document = dict[str, Any]


def _errors() -> Iterator[type[ServiceError]]:
    for _, each in inspect.getmembers(errors, inspect.isclass):
        if issubclass(each, ServiceError) and "status" in vars(each):
            yield each


ERRORS: Mapping[int, type[ServiceError]] = {each.status: each for each in _errors()}
"""The error of each status."""

ERROR_SCHEMAS: Schemas = {
    "Error": record({"message": text("what is wrong")}),
    "AuthError": record(
        {"code": text("the class of the error"), "message": text("what is wrong")},
        {"err": text()},
        "An error of the Auth APIs.",
    ),
}

HEALTH_SCHEMAS: Schemas = {
    "Health": record(
        {
            "status": one_of(("ok", "failing")),
            "version": text("the emulator's"),
            "api_revision": text(),
            **{name: ref("TierHealth") for name in ("storage", "cache", "account")},
        }
    ),
    "TierHealth": record(
        {"engine": text(), "status": one_of(("ok", "failing"))},
        {"cause": text("only for those who may use the control API")},
    ),
}

STORE_NOT_FOUND = StoreNotFoundError().message
OBJECT_NOT_FOUND = ObjectNotFoundError().message
CLUSTER_NOT_FOUND = ClusterNotFoundError().message

_MESSAGES: Mapping[int, tuple[str, ...]] = {500: (InternalError().message,)}
OVER_LIMIT = (OPERATIONS_MESSAGE, BYTES_MESSAGE)
"""The messages of a request over a limit of a store."""


def error_response(
    status: int,
    *,
    with_code: bool = False,
    messages: Iterable[str] = (),
    headers: Mapping[str, Any] | None = None,
    note: str = "",
) -> Document:
    """The response of an error status, with its messages as examples.

    Args:
        status: the status.
        with_code: whether errors have the form of the Auth APIs.
        messages: the texts that are fixed; the others say what is wrong.
        headers: of the answer.
        note: a sentence beside what the error means.
    """
    error = ERRORS[status]
    code = {"code": error.code} if with_code else {}
    shown = {
        _name(message.partition(":")[0]): {"value": {**code, "message": message}}
        for message in messages or _MESSAGES.get(status, ())
    }
    content: Document = {"schema": ref("AuthError" if with_code else "Error")}
    if shown:
        content["examples"] = shown
    meaning = inspect.cleandoc(error.__doc__ or "").partition("\n\n")[0].replace("\n", " ")
    return response(status, " ".join(filter(None, (meaning, note))), content, headers=headers)


def response(
    status: int,
    description: str = "",
    content: Document | None = None,
    *,
    media_type: str = JSON,
    headers: Mapping[str, Any] | None = None,
) -> Document:
    """A response, described by the status's own phrase unless ``description`` is given."""
    found: Document = {"description": description or f"{HTTPStatus(status).phrase}."}
    if headers:
        found["headers"] = dict(headers)
    if content is not None:
        found["content"] = {media_type: content}
    return found


def without_body(operation: Document, operation_id: str, summary: str) -> Document:
    """The HEAD of a GET: the same without bodies (D17)."""
    responses = {
        status: {name: each[name] for name in ("description", "headers") if name in each}
        for status, each in operation["responses"].items()
    }
    return {
        **operation,
        "operationId": operation_id,
        "summary": summary,
        "responses": responses,
    }


def document(
    info: Document, servers: Iterable[str], paths: Document, components: Document, **more: Any
) -> Document:
    """A document with these paths."""
    return {
        "openapi": VERSION,
        "info": info,
        "servers": [{"url": each} for each in servers],
        "paths": paths,
        "components": components,
        **more,
    }


def _name(message: str) -> str:
    return "".join(each for each in message.title() if each.isalnum())[:40]
