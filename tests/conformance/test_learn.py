"""What is learnt of an endpoint: an emulator with the file answers every question as it did."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from emulator.conformance.outcome import UNCLEAR, Given
from emulator.conformance.questions.learn import learn
from emulator.conformance.questions.question import ask
from emulator.conformance.questions.table import QUESTIONS
from emulator.conformance.target import Target
from emulator.core.answers import CHECKS, SWITCHES, Answer, Number, Order, Text, Words
from emulator.core.answers_file import document
from emulator.core.revisions import REVISIONS
from tests.support.answers import answering, written
from tests.support.emulators import Start

from .own import OwnTime, options

LATEST = max(REVISIONS)
TEXT = "It is not as it should be."
ORDERS = [
    " ".join(order)
    for order in permutations(CHECKS)
    if order.index("key") < order.index("permission")
]
SAMPLED = [
    "key name permission store parameters",
    "name key permission store parameters",
    "key store permission name parameters",
    "parameters name store key permission",
    "store parameters key name permission",
]

NUMBERS: Mapping[str, tuple[int, ...]] = {
    "D04": (32, 63, 4096),
    "D05": (32, 1000, 8192),
    "D06.maximum": (1, 86_400, 10**18 - 1),
    "D26": (1, 3, 60),
    "D145": (1, 4, 10),
    "D167": (0, 1, 7, 60),
}
"""Some answers of the switches that have a number, the first and the last among them."""


def answers_of(id: str) -> list[Answer]:
    """Answers of a switch: all words, one text, some numbers, some orders."""
    allowed = SWITCHES[id].answers
    if isinstance(allowed, Order):
        return list(SAMPLED)
    if isinstance(allowed, Words):
        return list(allowed.words)
    if isinstance(allowed, Number):
        return [*NUMBERS[id], *([allowed.word] if allowed.word else [])]
    assert isinstance(allowed, Text)
    return [TEXT]


EVERY = [
    pytest.param(id, answer, revision, id=f"{revision}-{id}-{answer}")
    for id in SWITCHES
    for answer in answers_of(id)
    for revision in QUESTIONS[id].revisions
]
"""Every switch with every answer, in every revision in which it acts."""


def asked(emulator: Emulator, revision: str, only: str = "") -> dict[str, Given]:
    """The answers of an emulator to all questions, or to one."""
    given = options(emulator.endpoint, emulator.api_key("owner"), revision=revision)
    target = Target(given, clock=OwnTime(emulator))
    answers = {
        each.id: ask(each, target)
        for each in QUESTIONS.values()
        if each.probe is not None and revision in each.revisions and only in ("", each.id)
    }
    target.clean_up()
    target.close()
    return answers


def words(given: Mapping[str, Given]) -> dict[str, str]:
    return {id: each.answer for id, each in given.items()}


@pytest.mark.parametrize(("id", "answer", "revision"), EVERY)
def test_an_answer_is_learnt_of_one_emulator_by_another(
    id: str, answer: Answer, revision: str, start: Start, tmp_path: Path
) -> None:
    one = asked(answering(start, tmp_path, revision, {id: answer}), revision, id)
    assert one[id].answer == str(answer), one[id].seen

    learnt = learn("http://endpoint", revision, QUESTIONS.values(), one)
    assert learnt["not_switchable"] == {}
    other = start(api_revision=revision, answers=written(tmp_path, learnt))

    assert words(asked(other, revision, id)) == words(one)


@pytest.mark.slow(seconds=2)
@pytest.mark.parametrize(
    ("id", "answer", "revision"),
    [*EVERY, *(pytest.param("D01", order, LATEST, id=order) for order in ORDERS)],
)
def test_an_emulator_that_has_learnt_answers_all_questions_as_the_other_does(
    id: str, answer: Answer, revision: str, start: Start, tmp_path: Path
) -> None:
    one = asked(answering(start, tmp_path, revision, {id: answer}), revision)
    assert one[id].answer == str(answer), one[id].seen

    learnt = learn("http://endpoint", revision, QUESTIONS.values(), one)
    assert learnt["not_switchable"] == {}
    other = start(api_revision=revision, answers=written(tmp_path, learnt))

    assert words(asked(other, revision)) == words(one)


def test_all_that_differs_is_learnt_at_once(start: Start, tmp_path: Path) -> None:
    answers: dict[str, Answer] = {
        "D02.path": TEXT,
        "D03": "accepted",
        "D04": 63,
        "D06.zero": "never expires",
        "D09": "binary/octet-stream",
        "D11": "last",
        "D13.member": "422",
        "D15.objects": "removed",
        "D17.store": "405",
        "D25.path": "403",
        "D27.etag": "sent",
        "D27.if-none-match": "honoured",
        "D27.range": "honoured",
        "D40.409": "Conflict",
        "D96.read-concern": "ignored",
    }
    one = asked(answering(start, tmp_path, LATEST, answers), LATEST)

    learnt = learn("http://endpoint", LATEST, QUESTIONS.values(), one)

    found = json.loads(json.dumps(learnt))["answers"]
    assert {id: found[id] for id in answers} == answers
    other = start(api_revision=LATEST, answers=written(tmp_path, learnt))
    assert words(asked(other, LATEST)) == words(one)


def learnt_of(**given: str) -> dict[str, Any]:
    answers = {id.replace("_", "."): Given(answer) for id, answer in given.items()}
    learnt = learn("http://e", LATEST, QUESTIONS.values(), answers)
    found: dict[str, Any] = json.loads(json.dumps(learnt))
    return found


def test_what_is_no_switch_is_named_with_what_was_seen() -> None:
    learnt = learnt_of(D33="400", D07="410 Gone")

    assert learnt["answers"] == {}
    assert learnt["not_switchable"]["D33"] == {
        "seen": "400",
        "ours": "431",
        "why": QUESTIONS["D33"].why,
    }
    assert set(learnt["not_switchable"]) == {"D07", "D33"}


def test_an_answer_that_a_switch_does_not_have_is_named_too() -> None:
    learnt = learnt_of(D09="text/plain", D04="5000", D01="no single order")

    assert learnt["answers"] == {}
    assert learnt["not_switchable"]["D09"]["why"].startswith("the switch D09 can be 'application/")
    assert learnt["not_switchable"]["D04"]["seen"] == "5000"
    assert set(learnt["not_switchable"]) == {"D01", "D04", "D09"}


def test_what_is_unclear_or_was_not_asked_is_left_out() -> None:
    learnt = learnt_of(D03=UNCLEAR, D02_bearer=UNCLEAR, D33=UNCLEAR)

    assert learnt == json.loads(json.dumps(document("http://e", LATEST, {}, {})))


def test_numbers_are_numbers_in_the_file() -> None:
    assert learnt_of(D05="512", D06_maximum="none")["answers"] == {
        "D05": 512,
        "D06.maximum": "none",
    }


def test_our_own_messages_are_left_out_since_they_may_name_what_is_wrong() -> None:
    [ours] = QUESTIONS["D02.permission"].ours

    assert learnt_of(D02_permission=ours)["answers"] == {}
    assert learnt_of(D02_permission=TEXT)["answers"] == {"D02.permission": TEXT}
