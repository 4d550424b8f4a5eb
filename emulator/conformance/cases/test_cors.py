"""CORS headers on the answers of the data plane, and OPTIONS."""

from __future__ import annotations

import pytest

from emulator.conformance.answer import Answer
from emulator.conformance.target import Store, Target

METHODS = {"GET", "PUT", "DELETE", "OPTIONS", "HEAD"}


def methods(answer: Answer) -> list[str]:
    """The methods that the answer allows to pages of other origins."""
    allowed = answer.header("Access-Control-Allow-Methods") or ""
    return sorted(word.strip() for word in allowed.split(","))


@pytest.mark.parametrize(
    ("header", "value"),
    [
        pytest.param(
            "Access-Control-Allow-Origin", "*", marks=pytest.mark.statement("OS12-CORS-01")
        ),
        pytest.param(
            "Access-Control-Allow-Headers", "*", marks=pytest.mark.statement("OS12-CORS-03")
        ),
        pytest.param(
            "Access-Control-Expose-Headers", "*", marks=pytest.mark.statement("OS12-CORS-04")
        ),
        pytest.param(
            "Access-Control-Max-Age", "86400", marks=pytest.mark.statement("OS12-CORS-05")
        ),
    ],
)
def test_answers_about_objects_have_the_header(
    store: Store, key: str, header: str, value: str
) -> None:
    assert store.put(key, b"body").all(header) == [value]
    assert store.get(key).all(header) == [value]
    assert store.get(key, api_key=None).all(header) == [value]
    assert store.delete(key).all(header) == [value]
    assert store.get(key).all(header) == [value]


@pytest.mark.statement("OS12-CORS-02")
def test_answers_about_objects_name_the_methods(store: Store, key: str) -> None:
    assert methods(store.put(key, b"body")) == sorted(METHODS)
    assert methods(store.get(key)) == sorted(METHODS)
    assert methods(store.get(key, api_key=None)) == sorted(METHODS)
    assert methods(store.delete(key)) == sorted(METHODS)


@pytest.mark.statement("OS12-CORS-06")
def test_options_answers_204_without_credentials(target: Target, store: Store, key: str) -> None:
    answer = target.request("OPTIONS", store.path_of(key), key=None)
    assert answer.status == 204
    assert answer.header("Access-Control-Allow-Origin") == "*"
    assert methods(answer) == sorted(METHODS)
    assert answer.header("Access-Control-Allow-Headers") == "*"
    assert answer.header("Access-Control-Expose-Headers") == "*"
    assert answer.header("Access-Control-Max-Age") == "86400"
