"""What a report shows of requests and answers."""

from __future__ import annotations

import json

import pytest

from emulator.auth.keys import mint_v2
from emulator.conformance.answer import Answer
from emulator.conformance.target import Exchange
from emulator.conformance.wire import lines

KEY = mint_v2("some-id", "secret")


@pytest.mark.parametrize("padding", [0, 200, 270], ids=["whole", "cut", "cut-early"])
def test_a_key_in_an_answer_is_not_shown(padding: int) -> None:
    body = json.dumps({"padding": "x" * padding, "api_key": KEY}).encode()
    answer = Answer(200, (("X-Key", KEY),), body)
    shown = "\n".join(lines(Exchange("POST", "/api-keys", (), b"", answer), "run", whole=True))
    assert KEY[:24] not in shown
    assert "api_key" in shown


def test_names_of_the_run_are_the_same_in_every_report() -> None:
    exchange = Exchange("PUT", "/objectstore/run-a/run-a-0123af-7", (), b"", None)
    assert lines(exchange, "run-a", whole=False) == [
        "PUT /objectstore/conformance/conformance -> no answer"
    ]


def test_json_that_is_too_deep_is_no_json() -> None:
    answer = Answer(200, (), b"[" * 100_000)
    assert answer.message == ""
    with pytest.raises(AssertionError, match="not JSON"):
        answer.json()
