"""mo-request-id, by which an answer is found in the access log."""

from __future__ import annotations

import re

import pytest

from emulator.conformance.answer import Answer
from emulator.conformance.target import Store

UUID_V7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def request_id(answer: Answer) -> str:
    """The request id of the answer, which has one and no more."""
    assert len(answer.all("mo-request-id")) == 1
    return answer.all("mo-request-id")[0]


@pytest.mark.statement("OS12-PUT-16")
def test_a_put_answers_204_with_a_request_id(store: Store, key: str) -> None:
    answer = store.put(key, b"body")
    assert answer.status == 204
    assert request_id(answer)


@pytest.mark.statement("OS12-PUT-17")
def test_a_request_id_is_a_uuid_of_version_7_and_given_once(store: Store, key: str) -> None:
    ids = [request_id(store.put(key, b"body")) for _ in range(2)]
    assert ids[0] != ids[1]
    assert UUID_V7.fullmatch(ids[0].lower())
    assert UUID_V7.fullmatch(ids[1].lower())


@pytest.mark.statement("OS12-GET-06")
def test_a_get_answers_200_with_a_request_id(store: Store, key: str) -> None:
    store.put(key, b"body")
    answer = store.get(key)
    assert answer.status == 200
    assert request_id(answer)


@pytest.mark.statement("OS12-DELETE-04")
def test_a_delete_answers_with_a_request_id(store: Store, key: str) -> None:
    store.put(key, b"body")
    assert request_id(store.delete(key))
    assert request_id(store.delete(key))
