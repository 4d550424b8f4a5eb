"""Create or Update Object Store: a new name makes a store, a name that is there changes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from emulator.conformance.answer import Answer
from emulator.conformance.target import Store, Target

from .configurations import (
    ROLE,
    Configuration,
    changed,
    expect_configuration,
    smallest,
    with_value,
)
from .expecting import expect_nothing, expect_object, expect_success, names_in


class Made:
    """A store, what it was made with, and the answer."""

    def __init__(self, target: Target) -> None:
        self.store = Store(target, target.fresh_name())
        self.body: Configuration = target.store_body()
        self.answer: Answer = self.store.configure(self.body)


@pytest.fixture
def made(target: Target) -> Iterator[Made]:
    """A store that this case has made."""
    made = Made(target)
    yield made
    made.store.remove()


@pytest.mark.statement("HTTP-STORE-01")
def test_a_new_name_makes_a_store(target: Target) -> None:
    store = Store(target, target.fresh_name())
    expect_nothing(store.describe())
    store.configure(target.store_body())
    expect_success(store.describe())
    store.remove()


@pytest.mark.statement("HTTP-STORE-02")
def test_the_name_of_a_store_changes_that_store(target: Target, made: Made) -> None:
    body = changed(target, made.body)
    made.store.configure(body)
    expect_configuration(made.store.describe(), body)
    assert names_in(target.request("GET", "/objectstore")).count(made.store.name) == 1


@pytest.mark.statement("HTTP-STORE-03")
def test_a_change_replaces_the_whole_configuration(target: Target, made: Made) -> None:
    body = changed(target, made.body)
    made.store.configure(body)
    expect_configuration(made.store.describe(), body)
    made.store.configure(smallest(target))
    expect_configuration(made.store.describe(), smallest(target))


@pytest.mark.statement("HTTP-STORE-04")
def test_a_store_is_made_by_a_put_of_its_name(target: Target) -> None:
    path = f"/objectstore/{target.fresh_name()}"
    expect_success(target.send_json("PUT", path, target.store_body()))
    expect_success(target.request("GET", path))
    target.request("DELETE", path)


@pytest.mark.statement("HTTP-STORE-26")
def test_making_a_store_answers_201(made: Made) -> None:
    assert made.answer.status == 201


@pytest.mark.statement("HTTP-STORE-27")
def test_the_201_has_the_name(made: Made) -> None:
    assert made.answer.json()["name"] == made.store.name


@pytest.mark.parametrize(
    "member",
    [
        pytest.param("storage_config", marks=pytest.mark.statement("HTTP-STORE-28")),
        pytest.param("cache_config", marks=pytest.mark.statement("HTTP-STORE-29")),
    ],
)
def test_the_201_has_the_configuration(made: Made, member: str) -> None:
    assert made.answer.json()[member] == made.body[member]


@pytest.mark.statement("HTTP-STORE-30")
def test_changing_a_store_answers_200(target: Target, made: Made) -> None:
    assert made.store.configure(changed(target, made.body)).status == 200


@pytest.mark.statement("HTTP-STORE-31")
def test_the_200_has_the_same_body_as_the_201(made: Made) -> None:
    assert made.store.configure(made.body).json() == made.answer.json()


@pytest.mark.statement("HTTP-IAM-12")
def test_a_store_with_the_arn_of_the_role_is_written_and_read(
    target: Target, key: str, new_store: Callable[..., Store]
) -> None:
    store = new_store(with_value(target.store_body(), ROLE, target.options.role_arn))
    expect_success(store.put(key, b"body"))
    expect_object(store.get(key), b"body")
