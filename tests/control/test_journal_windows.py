"""A part of the journal: behind a number, the first ones, the last ones."""

from __future__ import annotations

from typing import Any

import pytest

from emulator import Emulator
from tests.support.client import Client
from tests.support.emulators import client, control


@pytest.fixture
def ten(stocked: Emulator) -> Emulator:
    """Ten calls: of the even numbers an object that is there."""
    owner, connection = client(stocked), client(stocked).connect()
    for number in range(1, 11):
        owner.get("store", "none" if number % 2 else "key", over=connection)
    connection.close()
    return stocked


def numbers(emulator: Emulator, query: str) -> list[int]:
    document: Any = control(emulator, "GET", f"/journal?{query}").json()
    assert document["count"] == len(document["calls"])
    return [each["number"] for each in document["calls"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [*range(1, 11)]),
        ("after=0", [*range(1, 11)]),
        ("after=7", [8, 9, 10]),
        ("after=10", []),
        ("after=99", []),
        ("limit=3", [1, 2, 3]),
        ("last=2", [9, 10]),
        ("last=99", [*range(1, 11)]),
        ("after=3&limit=2", [4, 5]),
        ("after=3&limit=4&last=2", [6, 7]),
        ("status=404&limit=2", [1, 3]),
        ("status=404&after=4&last=2", [7, 9]),
    ],
)
def test_a_window_has_the_calls_that_fulfil_the_conditions(
    ten: Emulator, query: str, expected: list[int]
) -> None:
    assert numbers(ten, query) == expected


def test_other_forms_have_the_same_window(ten: Emulator) -> None:
    lines = control(ten, "GET", "/journal?format=jsonl&last=2").body.splitlines()
    assert len(lines) == 2
    archive = control(ten, "GET", "/journal?format=har&after=7").json()
    assert len(archive["log"]["entries"]) == 3


@pytest.mark.parametrize("query", ["after=-1", "limit=0", "last=0", "last=x", "after=", "last=1.5"])
def test_a_bad_window_is_refused(ten: Emulator, query: str) -> None:
    answer = Client(ten.endpoint).call("GET", f"/_emulator/journal?{query}")
    assert answer.status == 400
    assert query.partition("=")[0] in answer.json()["message"]
