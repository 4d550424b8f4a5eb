"""Answers to unknown paths and methods by those of an endpoint (D02, D25, D32)."""

from __future__ import annotations

import json

from aiohttp import hdrs

from emulator.auth.authentication import Authenticator
from emulator.core.answers import OURS, Answers
from emulator.core.errors import ServiceError
from emulator.http.endpoint import Incoming
from emulator.http.message import Response
from emulator.http.render import json_response, service_error

from .errors import Errors

_SWITCHES = {404: ("D25.path", "D02.path"), 405: ("D25.method", "D02.method")}
"""The switches of the status and of the message, by the status that the emulator answers with."""


class Unknown:
    """Changes the answers to unknown paths and methods, except those of the control API."""

    def __init__(self, answers: Answers, authenticator: Authenticator) -> None:
        self._answers = answers
        self._authenticator = authenticator
        self._errors = Errors(answers)
        self._asks_for_key = answers.has("D32", "401")

    async def __call__(self, incoming: Incoming, ours: Response) -> Response:
        path = incoming.target.path
        if incoming.target.is_control or ours.status not in _SWITCHES:
            return ours
        status_id, text_id = _SWITCHES[ours.status]
        if self._asks_for_key and ours.status == 404:
            try:
                await self._authenticator.authenticate(incoming.operation.credentials)
            except ServiceError as error:
                return service_error(self._errors.answered(error, ""), path)
        status, text = self._answers.number(status_id), self._answers[text_id]
        if status == ours.status and text == OURS:
            return ours
        assert isinstance(ours.body, bytes)
        document = json.loads(ours.body)
        if text != OURS:
            document["message"] = text
        response = json_response(document, status=status)
        if status == 405:
            response.headers[hdrs.ALLOW] = ours.headers[hdrs.ALLOW]
        return response
