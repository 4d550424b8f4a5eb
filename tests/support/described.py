"""Holds requests and answers against an OpenAPI document.

An answer must be described: its status, its content type, its document and its headers. A request
that succeeds must be described, too; one that is refused may be anything.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

import pytest
from jsonschema import Draft202012Validator

from .raw_client import Client, Fields, Response

Document = Mapping[str, Any]

_METHODS = ("get", "head", "put", "post", "patch", "delete", "options")
_NO_OPERATION = {400, 404, 405, 408}
"""The statuses of answers to requests that no operation describes."""

_NO_REQUEST = {431, 501}
"""The statuses of answers to what is not understood as a request."""

_OF_FAULTS = {503}
"""The statuses that only fault rules bring about."""

_MOST_DIGITS = 1000


class Operation(NamedTuple):
    """An operation of the document, and the expression of its path, which slashes may be in."""

    path: re.Pattern[str]
    method: str
    described: Document
    parameters: Mapping[tuple[str, str], Document]


class Description:
    """The operations that a document describes; objects in it have no further members.

    Args:
        document: the OpenAPI document.
    """

    def __init__(self, document: Document) -> None:
        self._document = closed(document)
        self._validators: dict[str, Draft202012Validator] = {}
        self.seen: set[tuple[str, int]] = set()
        """The names of operations, and statuses, of the answers that were checked."""

    @cached_property
    def operations(self) -> list[Operation]:
        """The operations, those with the most specific paths first."""
        paths = sorted(self._document["paths"], key=lambda path: (path.count("{"), -len(path)))
        return [each for path in paths for each in self._operations(path)]

    def find(self, method: str, target: str) -> Operation | None:
        """The operation that a request asks for; None if there is none."""
        path = target.partition("?")[0]
        for each in self.operations:
            if each.method.upper() == method and each.path.fullmatch(path):
                return each
        return None

    def check(
        self, method: str, target: str, fields: Fields, body: object, answer: Response
    ) -> None:
        """Check a request and its answer.

        Raises:
            AssertionError: the document does not describe one of them.
        """
        operation = self.find(method, target)
        where = f"{method} {target[:200]} -> {answer!r}"
        if operation is None or answer.status in _NO_REQUEST:
            assert answer.status in _NO_OPERATION | _NO_REQUEST, f"no operation: {where}"
            assert method == "HEAD" or answer.message, where
            return
        self._check_answer(operation, answer, where)
        if answer.status < 300:
            self._check_request(operation, target, fields, body, where)
        self.seen.add((operation.described["operationId"], answer.status))

    def _operations(self, path: str) -> Iterator[Operation]:
        item = self._document["paths"][path]
        expression = re.sub(r"\\{(\w+)\\}", _group, re.escape(path))
        for method in _METHODS:
            if method in item:
                given = [*item.get("parameters", ()), *item[method].get("parameters", ())]
                parameters = {(each["in"], each["name"].lower()): each for each in given}
                yield Operation(re.compile(expression), method, item[method], parameters)

    def _check_answer(self, operation: Operation, answer: Response, where: str) -> None:
        described = operation.described["responses"].get(str(answer.status))
        if described is None and answer.status in _OF_FAULTS:
            described = operation.described["responses"]["500"]
        assert described is not None, f"no such status: {where}"
        for name, given in described.get("headers", {}).items():
            header = self._resolved(given)
            value = answer.headers.get(name)
            assert value is not None or not header.get("required"), f"no {name}: {where}"
            if value is not None:
                self._validate(value, header["schema"], f"{name}: {where}")
        if operation.method == "head":
            return
        content = described.get("content")
        if content is None:
            assert answer.body == b"", f"a body: {where}"
            return
        shape = content.get(answer.media_type, content.get("*/*"))
        assert shape is not None, f"no such content type: {where}"
        if answer.media_type == "application/json" and "*/*" not in content:
            self._validate(answer.json, shape["schema"], where)

    def _check_request(
        self, operation: Operation, target: str, fields: Fields, body: object, where: str
    ) -> None:
        path, _, query = target.partition("?")
        found = operation.path.fullmatch(path)
        assert found is not None
        given = {("path", name.lower()): unquote(each) for name, each in found.groupdict().items()}
        given |= {("query", name): value for name, value in parse_qsl(query)}
        given |= {("header", name.lower()): _text(value) for name, value in fields}
        for key, parameter in operation.parameters.items():
            if key in given:
                self._validate_text(given[key], parameter["schema"], f"{key}: {where}")
            else:
                assert not parameter.get("required"), f"no {key}: {where}"
        described = operation.described.get("requestBody", {}).get("content", {})
        if "application/json" in described and isinstance(body, bytes) and body:
            schema = {**described["application/json"]["schema"]}
            self._validate(json.loads(body), schema, f"request of {where}", is_open=True)

    def _validate_text(self, value: str, schema: Document, where: str) -> None:
        is_number = schema.get("type") in ("integer", "number")
        self._validate(int(value[:_MOST_DIGITS]) if is_number else value, schema, where)

    def _validate(
        self, value: object, schema: Document, where: str, *, is_open: bool = False
    ) -> None:
        name = f"{is_open} {json.dumps(schema, sort_keys=True)}"
        validator = self._validators.get(name)
        if validator is None:
            components = self._document["components"]
            if is_open:  # Unknown members are ignored (D12), where a schema does not say otherwise.
                schema, components = opened(schema), opened(components)
            validator = Draft202012Validator({**schema, "components": components})
            self._validators[name] = validator
        error = next(validator.iter_errors(value), None)
        assert error is None, f"{error.message} at {error.json_path}: {where}"

    def _resolved(self, value: Document) -> Document:
        if "$ref" not in value:
            return value
        found: Any = self._document
        for part in value["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        resolved: Document = found
        return resolved


@contextlib.contextmanager
def every_answer() -> Iterator[None]:
    """Check each request and answer of a ``Client`` inside of the block against the documents that
    the emulator itself serves."""
    request = Client.request
    served: dict[str, tuple[Description, Description]] = {}

    def checked(client: Client, method: str, path: str, **given: Any) -> Response:
        answer = request(client, method, path, **given)
        given = {"headers": given.get("headers", ()), "body": given.get("body")}
        try:
            _check(served[client.endpoint], method, path, answer, **given)
        except (KeyError, AssertionError):  # Perhaps another emulator has the port now.
            served[client.endpoint] = described_by(Client(client.endpoint), request)
            _check(served[client.endpoint], method, path, answer, **given)
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "request", checked)
        yield


def _check(
    served: tuple[Description, Description],
    method: str,
    path: str,
    answer: Response,
    *,
    headers: Fields,
    body: object,
) -> None:
    service, control = served
    described = control if control.find(method, path) else service
    described.check(method, path, headers, body, answer)


def described_by(
    client: Client, request: Callable[..., Response] = Client.request
) -> tuple[Description, Description]:
    """The descriptions that an emulator serves: of the service and of the control API."""
    of_service, of_control = (
        Description(request(client, "GET", f"/_emulator/openapi/{name}.json").json)
        for name in ("service", "control")
    )
    return of_service, of_control


_MARK = "x-closed"


def closed(value: Any) -> Any:
    """The document, in which objects with properties have no further members."""
    if isinstance(value, list):
        return [closed(each) for each in value]
    if not isinstance(value, dict):
        return value
    found = {name: closed(each) for name, each in value.items()}
    kinds = found.get("type")
    can_be_object = kinds == "object" or (isinstance(kinds, list) and "object" in kinds)
    is_object = can_be_object and isinstance(found.get("properties"), dict)
    if is_object and "additionalProperties" not in found:
        return {**found, "additionalProperties": False, _MARK: True}
    return found


def opened(value: Any) -> Any:
    """The same, as it was."""
    if isinstance(value, list):
        return [opened(each) for each in value]
    if not isinstance(value, dict):
        return value
    left_out = (_MARK, "additionalProperties") if _MARK in value else ()
    return {name: opened(each) for name, each in value.items() if name not in left_out}


def _group(name: re.Match[str]) -> str:
    return f"(?P<{name[1]}>{'.*' if name[1] in ('key', 'log_group') else '[^/]*'})"


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")
