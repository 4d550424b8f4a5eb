"""What cases expect of answers."""

from __future__ import annotations

from emulator.conformance.answer import Answer


def expect_error(answer: Answer, status: int, text: str = "") -> None:
    """The answer has this status, and its body the text that the documents quote."""
    assert answer.status == status, f"{answer.status}, not {status}"
    shown = answer.body.decode("utf-8", "replace")
    assert text in shown, f"{text!r} is not in {shown[:200]!r}"


def expect_refused(answer: Answer) -> None:
    """The request is refused as the client's error, with whatever status of that class."""
    assert 400 <= answer.status < 500, f"not refused: {_briefly(answer)}"


def expect_details(answer: Answer, status: int) -> None:
    """The request is refused with ``status``, and the body says more."""
    assert answer.status == status, f"not {status}: {_briefly(answer)}"
    assert answer.body.strip(), f"{status} without a body"


def expect_object(answer: Answer, body: bytes) -> None:
    """The answer is a hit with exactly ``body``."""
    assert answer.status == 200, f"no hit: {_briefly(answer)}"
    assert answer.body == body, f"another body: {_briefly(answer)}"


def names_in(answer: Answer) -> list[str]:
    """Return the names in a list of stores; none where listing is refused."""
    if answer.status != 200:
        return []
    return [str(store["name"]) for store in answer.json()["object_stores"]]


def _briefly(answer: Answer) -> str:
    return f"{answer.status} {answer.body[:200]!r}"
