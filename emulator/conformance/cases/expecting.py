"""What cases expect of answers."""

from __future__ import annotations

import pytest

from emulator.conformance.answer import Answer


def expect_error(answer: Answer, status: int, text: str = "") -> None:
    """The answer has this status, and its body the text that the documents quote."""
    assert answer.status == status, f"{answer.status}, not {status}"
    shown = answer.body.decode("utf-8", "replace")
    assert text in shown, f"{text!r} is not in {shown[:200]!r}"


def expect_success(answer: Answer) -> None:
    """The request succeeds; which status says so is for other cases to show."""
    assert answer.is_success, f"no success: {answer.briefly}"


def expect_nothing(answer: Answer) -> None:
    """What the request asks for is not there; which status says so is for other cases to show."""
    assert 400 <= answer.status < 500, f"it is there: {answer.briefly}"


def expect_refused(answer: Answer) -> None:
    """The request is refused as wrong; which status says so is for other cases to show."""
    assert 400 <= answer.status < 500, f"not refused: {answer.briefly}"


def expect_details(answer: Answer, status: int) -> None:
    """The body of an error with ``status`` says more; another status shows nothing of that."""
    if answer.status != status:
        pytest.skip(f"It answered {answer.status}, not {status}.")
    assert answer.body.strip(), f"{status} without a body"


def expect_object(answer: Answer, body: bytes) -> None:
    """The answer is a hit with exactly ``body``."""
    assert answer.is_success, f"no hit: {answer.briefly}"
    assert answer.body == body, f"another body: {answer.briefly}"


def names_in(answer: Answer) -> list[str]:
    """Return the names in a list of stores; none where listing is refused."""
    if not answer.is_success:
        return []
    return [str(store.get("name")) for store in answer.json()["object_stores"]]
