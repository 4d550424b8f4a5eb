"""Whether the contract allows an answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator

from emulator.conformance.answer import Answer
from emulator.openapi.json_schema import Schema
from emulator.openapi.responses import JSON

from .operations import AUTH, Response
from .request import Request
from .valid import BLOCKED

_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_REQUEST_ID = "mo-request-id"
_METADATA = "mo-meta-"

_REPEATED = ("storage_config", "cache_config", "object_store_limits", "role_name", "description")
"""Members of documents that answers repeat."""


def violation(request: Request, answer: Answer) -> str:
    """Say what the contract does not allow in the answer; empty for nothing.

    A 429 says nothing of the request, where the operation has it.
    """
    response = request.operation.responses.get(answer.status)
    if answer.status not in request.statuses and not (answer.status == 429 and response):
        if answer.status >= 500:
            return f"answered {answer.status}"
        due = " or ".join(map(str, sorted(request.statuses)))
        return f"answered {answer.status} instead of {due}"
    if response is None:
        return ""
    return next(_violations(request, response, answer), "")


def _violations(request: Request, response: Response, answer: Answer) -> Iterator[str]:
    is_success = answer.status < 300
    for name, schema in response.headers.items():
        if name == _REQUEST_ID and not is_success:
            continue  # The reference promises it of successes alone.
        value = answer.header(name)
        if value is None:
            yield f"the answer has no {name}"
        elif name == _REQUEST_ID and not _UUID7.fullmatch(value.lower()):
            yield f"{name} is no UUIDv7"
        elif not Draft202012Validator(schema).is_valid(value):
            yield f"{name} is {value!r}"
    if answer.status == 204 and answer.body:
        yield "the answer 204 has a body"
    # What an error's body is, the reference says of the Auth APIs alone.
    if response.media_type == JSON and (is_success or request.operation.group == AUTH):
        if answer.media_type != JSON:
            yield f"the answer is {answer.media_type or 'of no type'}, not {JSON}"
        yield from _of_body(response.schema, answer)
        if is_success and not request.wrong:
            yield from _of_repeated(request, answer.json())


def _of_body(schema: Schema, answer: Answer) -> Iterator[str]:
    try:
        document: Any = json.loads(answer.body)
    except ValueError:
        yield "the body of the answer is no JSON"
        return
    for error in Draft202012Validator(schema).iter_errors(document):
        # The index of an item is no other reason.
        path = re.sub(r"\d+", "*", error.json_path)
        yield f"the answer breaks the rule {error.validator!r} at {path}"


def _of_repeated(request: Request, answered: Any) -> Iterator[str]:
    sent = request.document if request.operation.body is not None else {}
    found = answered.get("key_info", answered)
    for name in _REPEATED:
        if name in sent and not _has(found.get(name), sent[name]):
            yield f"{name} comes back otherwise"


def _has(found: Any, sent: Any) -> bool:
    """Whether all that was sent is found, perhaps with more members."""
    if isinstance(sent, dict) and isinstance(found, dict):
        return all(_has(found.get(name), value) for name, value in sent.items())
    return bool(found == sent)


def is_kept(request: Request) -> bool:
    """Whether the request puts an object that a Get has to find as it was put."""
    return request.operation.name == "PutObject" and not request.wrong


def difference(request: Request, answer: Answer) -> str:
    """Say in what the answer of a Get is not what the request has put; empty for nothing."""
    if answer.status != 200:
        return f"a Get of the object answers {answer.status}"
    if answer.body != request.body:
        return "a Get of the object answers another body"
    metadata = {
        name.lower()[len(_METADATA) :]: value
        for name, value in request.fields
        if name.lower().startswith(_METADATA)
    }
    for name in sorted(metadata.keys() - {*BLOCKED}):
        if answer.header(name) != metadata[name]:
            return f"a Get of the object answers {name} otherwise"
    return ""
