"""Fault rules over HTTP, and the effects that many tests share."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tests.support.raw_client import Client, Response

Document = dict[str, Any]

PATH = "/_emulator/faults"

FAIL: Document = {"type": "status", "status": 503}
"""The effect by which most tests tell that a rule has fired."""

FAILED = 503

FOR_EVER: Document = {"type": "latency", "seconds": 60}
"""Longer than any test waits."""


@dataclass(frozen=True)
class Rules:
    """The fault rules, by the endpoint that only an emulator has."""

    client: Client

    def add(self, document: object) -> Response:
        return self.client.request("POST", PATH, body=json.dumps(document).encode())

    def new(self, effect: object = "cache_down", **conditions: object) -> Document:
        """A rule that was added, as it is described."""
        answer = self.add({"effect": effect, **conditions})
        assert answer.status == 201, answer
        return dict(answer.json)

    def all(self) -> list[Document]:
        answer = self.client.get(PATH)
        assert answer.status == 200, answer
        return list(answer.json["faults"])

    def ids(self) -> list[str]:
        return [rule["id"] for rule in self.all()]

    def get(self, rule_id: str) -> Response:
        return self.client.get(f"{PATH}/{rule_id}")

    def remove(self, rule_id: str) -> Response:
        return self.client.delete(f"{PATH}/{rule_id}")

    def clear(self) -> Response:
        return self.client.delete(PATH)


def status(code: int, **more: object) -> Document:
    return {"type": "status", "status": code, **more}


def in_request(**more: object) -> Document:
    """The effect that closes a connection within the body of a request."""
    return {"type": "close", "where": "request_body", **more}
