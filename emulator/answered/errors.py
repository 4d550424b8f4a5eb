"""Errors in the words of an endpoint: messages, some statuses, and codes of the Auth APIs."""

from __future__ import annotations

from typing import NamedTuple

from emulator.core.answers import OURS, Answers
from emulator.core.errors import ServiceError
from emulator.http.endpoint import Endpoint, Handler, Incoming, Table
from emulator.http.message import Response

_OF_A_STORE = ("CreateOrUpdateObjectStore",)
_OF_CREDENTIALS = ("CreateApiKey", "CreateRole", "ReplaceRole")
_CONTENT_TYPE = "Invalid Content-Type"


class _Case(NamedTuple):
    """Errors of a status whose messages begin so, and the switches that decide about them."""

    status: int
    starts: tuple[str, ...]
    text: str = ""
    new_status: str = ""
    operations: tuple[str, ...] = ()
    """The operations that it is about; none for all."""


_CASES = (
    _Case(401, ("Missing API key",), "D02.missing-key"),
    _Case(401, ("Invalid API key: it is neither",), "D02.malformed-key"),
    _Case(401, ("Invalid API key: it is not known",), "D02.unknown-key"),
    _Case(401, ("Invalid API key: the Authorization header must",), "D02.bearer"),
    _Case(403, ("The API key's role",), "D02.permission"),
    _Case(400, ("Invalid store name",), "D02.store-name"),
    _Case(400, ("Invalid key",), "D02.object-key"),
    _Case(400, ("Invalid ttl_seconds",), "D02.ttl"),
    _Case(400, ("The object is too large: ",), "", "D22"),
    _Case(400, (_CONTENT_TYPE,), "D02.content-type", "D13.content-type", _OF_A_STORE),
    _Case(400, ("The body is not JSON",), "D02.syntax", "D13.syntax", _OF_A_STORE),
    _Case(400, ("Missing ", "Invalid "), "D02.member", "D13.member", _OF_A_STORE),
    _Case(400, (_CONTENT_TYPE,), "", "D54", _OF_CREDENTIALS),
    _Case(400, ("There is already a role",), "", "D46", ("ReplaceRole",)),
)
"""The first one that fits an error decides."""

_CODES = {401: "D40.401", 409: "D40.409", 412: "D40.412"}


class AnsweredError(ServiceError):
    """An error with the status, the code and the message of an endpoint."""

    def __init__(self, error: ServiceError, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.outcome = status, code, error.outcome


class Errors:
    """Turns errors of the service into those of an endpoint, by the answers D02, D13, D22, D40, D46
    and D54."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._changes = answers.changes("D02", "D13", "D22", "D40", "D46", "D54")

    def table(self, table: Table) -> Table:
        """Return the endpoints, of which those of the service raise the endpoint's errors."""
        if not self._changes:
            return table
        return {
            resource: {
                method: each._replace(handle=self._raising(each)) if each.operation else each
                for method, each in endpoints.items()
            }
            for resource, endpoints in table.items()
        }

    def _raising(self, endpoint: Endpoint) -> Handler:
        async def handle(incoming: Incoming) -> Response:
            try:
                return await endpoint.handle(incoming)
            except ServiceError as error:
                raise self.answered(error, endpoint.operation) from error

        return handle

    def answered(self, error: ServiceError, operation: str) -> ServiceError:
        """Return the error of the endpoint in place of ``error``."""
        status, message, answers = error.status, error.message, self._answers
        for case in _CASES:
            if case.status != status or not message.startswith(case.starts):
                continue
            if case.operations and operation not in case.operations:
                continue
            if case.text and answers[case.text] != OURS:
                message = str(answers[case.text])
            if case.new_status and str(answers[case.new_status]).isdecimal():
                status = answers.number(case.new_status)
            break
        code = str(answers[_CODES[status]]) if status in _CODES else error.code
        if (status, message, code) == (error.status, error.message, error.code):
            return error
        return AnsweredError(error, status, code, message)
