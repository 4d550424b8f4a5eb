"""Questions: each decision has one, and the emulator answers each as its table says."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from emulator import Emulator
from emulator.conformance.outcome import UNCLEAR
from emulator.conformance.questions.kinds import kind_of
from emulator.conformance.questions.learn import learn
from emulator.conformance.questions.question import Question, ask
from emulator.conformance.questions.table import QUESTIONS
from emulator.conformance.target import Target
from emulator.core.answers import SWITCHES
from emulator.core.answers_file import parse_answers
from emulator.core.revisions import REVISIONS
from emulator.service.account import pages
from emulator.service.account.pages import Pages
from tests.support.fidelity import decisions
from tests.support.switches import no_switches, switches, written_in_docs

from .own import NoTime, OwnTime, options


@pytest.fixture(scope="module", params=REVISIONS)
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    with Emulator(cache="memory", api_revision=request.param) as emulator:
        given = options(emulator.endpoint, emulator.api_key("owner"), revision=request.param)
        made = Target(given, clock=OwnTime(emulator))
        yield made
        left = made.clean_up()
        made.close()
        # The first revision has no way to delete objects.
        assert [each for each in left if each.kind != "object"] == []


ASKED = [each for each in QUESTIONS.values() if each.probe is not None]


@pytest.mark.parametrize(
    ("target", "question"),
    [
        pytest.param(date, each, id=f"{date}-{each.id}")
        for date in REVISIONS
        for each in ASKED
        if date in each.revisions
    ],
    indirect=["target"],
)
def test_the_emulator_answers_as_the_table_says(question: Question, target: Target) -> None:
    given = ask(question, target)

    assert given.answer in question.ours, given.seen
    assert given.seen


def test_what_an_endpoint_refuses_to_do_leaves_a_question_unclear(target: Target) -> None:
    def probe(target: Target) -> str:
        answer = target.store.get("conformance-missing")
        raise AssertionError(f"a Get is {answer.status}\nwith more lines")

    given = ask(Question("D07", "What?", ("other",), probe, "no reason"), target)

    assert given.answer == UNCLEAR
    assert given.seen[-1] == "a Get is 404"


def test_no_key_is_in_what_was_seen(target: Target) -> None:
    given = ask(
        Question("D07", "What?", ("other",), lambda target: f"the key {target.owner}"), target
    )

    assert target.owner not in given.answer


def test_page_tokens_may_have_any_characters(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        target.new_key(target.role_id("viewer"))
    monkeypatch.setattr(pages, "LARGEST_PAGE", 3)  # As many as there are system roles.
    monkeypatch.setattr(Pages, "_token", lambda _self, position: f"a+{position}&b")
    monkeypatch.setattr(Pages, "_position", lambda _self, token: int(token[2:-2]))

    given = ask(QUESTIONS["D42"], target)

    assert given.answer == "not listed", given.seen


def test_a_list_without_a_last_page_leaves_a_question_unclear(
    target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = Pages.take

    def endless(self: Pages, entries: Any, request: Any) -> tuple[list[Any], str | None]:
        return ([], "again") if self._listing == "api-keys" else take(self, entries, request)

    monkeypatch.setattr(Pages, "take", endless)

    given = ask(QUESTIONS["D42"], target)

    assert given.answer == UNCLEAR
    assert given.seen[-1] == "/api-keys has no last page"


def test_every_decision_has_a_question() -> None:
    assert {each.decision for each in QUESTIONS.values()} == set(decisions())


def test_every_question_has_a_probe_or_a_reason() -> None:
    for each in QUESTIONS.values():
        assert (each.probe is None) == (not each.ours), each.id
        assert each.probe is None or each.is_switch or each.why, each.id
        assert each.probe is not None or each.why, each.id
        assert each.revisions, each.id


def test_every_switch_has_a_question_with_a_probe() -> None:
    assert {each.id for each in ASKED if each.is_switch} == set(SWITCHES)


def test_kinds_are_those_of_the_page() -> None:
    assert {id: kind_of(id) for id in decisions()} == {
        id: each.kind for id, each in decisions().items()
    }


def test_the_page_has_the_tables_of_switches() -> None:
    assert written_in_docs("| switch |") == switches()
    assert written_in_docs("| decision | question |") == no_switches()


def test_an_endpoint_as_ours_needs_no_switch(target: Target) -> None:
    asked = {each.id: ask(each, target) for each in ASKED if target.revision in each.revisions}
    learnt = learn("http://endpoint", target.revision, ASKED, asked)

    assert learnt["not_switchable"] == {}
    answers = parse_answers(learnt, target.revision, "it").answers
    assert not answers.changes("D")
    assert not [id for id in answers.given if id.startswith("D02.")]


class Other(BaseHTTPRequestHandler):
    """Answers every request in one way; what is sent behind its head is not read."""

    status, body = 200, b""

    def handle_one_request(self) -> None:
        if self.rfile.readline():
            while self.rfile.readline().strip():
                pass
            head = f"HTTP/1.1 {self.status} So\r\nContent-Length: {len(self.body)}\r\n"
            self.wfile.write(f"{head}Connection: close\r\n\r\n".encode() + self.body)
        self.close_connection = True


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b'{"message": 5, "object_stores": {}}'),
        (201, b"[]"),
        (204, b""),
        (404, b"<a/>"),
        (500, b"[]"),
    ],
)
def test_what_is_not_the_service_is_asked_without_an_error(status: int, body: bytes) -> None:
    answering = type("Answering", (Other,), {"status": status, "body": body})
    with ThreadingHTTPServer(("127.0.0.1", 0), answering) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        endpoint = f"http://127.0.0.1:{server.server_port}"
        target = Target(options(endpoint, "k" * 40, revision=max(REVISIONS)), clock=NoTime())
        given = {each.id: ask(each, target) for each in ASKED}
        target.close()
        server.shutdown()
        thread.join()

    assert given["D167"].answer == UNCLEAR
    learnt = learn(endpoint, max(REVISIONS), ASKED, given)
    assert set(parse_answers(learnt, max(REVISIONS), "it").answers.given) < set(SWITCHES)
