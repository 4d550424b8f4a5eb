"""What cases expect of answers, where several say the same."""

from __future__ import annotations

from emulator.conformance.answer import Answer


def expect_error(answer: Answer, status: int, text: str = "") -> None:
    """The answer has this status, and its body the text that the documents quote."""
    assert answer.status == status, f"{answer.status}, not {status}"
    shown = answer.body.decode("utf-8", "replace")
    assert text in shown, f"{text!r} is not in {shown[:200]!r}"


def expect_found(answer: Answer, body: bytes) -> None:
    """The answer has an object with this body."""
    assert answer.status == 200, f"{answer.status}, not 200"
    assert answer.body == body, f"{answer.body[:200]!r}, not {body[:200]!r}"
