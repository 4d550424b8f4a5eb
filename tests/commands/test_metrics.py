"""``metrics``: what the operations on objects amount to, from the shell."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emulator import Emulator
from tests.support.client import Client
from tests.support.command_line import Run
from tests.support.emulators import ANY_NAMES
from tests.telemetry.stores import (
    INSTANT,
    MICROSECONDS,
    REVISION,
    configure,
    delete,
    get,
    observed,
    put,
)


@pytest.fixture(scope="module")
def counting() -> Iterator[Emulator]:
    with Emulator(cache="memory", api_revision=REVISION, **ANY_NAMES) as emulator:
        yield emulator


@pytest.fixture
def emulator(counting: Emulator) -> Emulator:
    """An emulator of the revision that has metrics; it has just begun, its clock stands still."""
    counting.reset()
    counting.clock.freeze(INSTANT * MICROSECONDS)
    return counting


@pytest.fixture
def requests(emulator: Emulator) -> None:
    """Two stores have been used."""
    owner = Client(emulator.endpoint, emulator.api_key())
    for store in ("media", "other"):
        configure(owner, store, **observed())
    put(owner)
    emulator.clock.advance(1)
    get(owner)
    emulator.clock.advance(2)
    get(owner)
    get(owner, "nope")
    get(Client(emulator.endpoint))
    delete(owner)
    put(owner, store="other", query="?ttl_seconds=x")


REQUESTS = """\
STORE  API           REQUESTS  BYTES  MEAN MS  MIN MS  MAX MS
media  GetObject     4         10     0.0      0.0     0.0
media  PutObject     1         5      0.0      0.0     0.0
media  DeleteObject  1         -      0.0      0.0     0.0"""

RESULTS = """\
STORE  API           RESULT              HTTP  REQUESTS  MEAN AGE S  MIN  MAX
media  GetObject     AuthorizationError  401   1         -           -    -
media  GetObject     CacheHit            200   2         2.0         1.0  3.0
media  GetObject     Miss                404   1         -           -    -
media  PutObject     Ok                  204   1         -           -    -
media  DeleteObject  Ok                  204   1         -           -    -"""


@pytest.mark.usefixtures("requests")
def test_the_metrics_of_a_store_are_two_tables(anybody: Run) -> None:
    lines = anybody("metrics", "show", "--store", "media").lines
    assert lines == f"{REQUESTS}\n\n{RESULTS}".splitlines()


@pytest.mark.usefixtures("requests")
def test_the_metrics_of_all_stores_come_by_store(anybody: Run) -> None:
    lines = anybody("metrics", "show").lines
    rows = [line.split() for line in lines]
    assert ["other", "PutObject", "1", "0", "0.0", "0.0", "0.0"] in rows
    assert ["other", "PutObject", "BadRequest", "400", "1", "-", "-", "-"] in rows
    assert len(lines) == len(f"{REQUESTS}\n\n{RESULTS}".splitlines()) + 2


@pytest.mark.usefixtures("requests")
def test_metrics_as_json_are_the_document_of_the_api(anybody: Run, emulator: Emulator) -> None:
    document = anybody("metrics", "show", "--json").json()
    assert document == {"namespace": "Momento/ObjectStore", "metrics": emulator.metrics.all()}
    some = anybody("metrics", "show", "--store", "other", "--json").json()
    assert some["metrics"] == emulator.metrics.all(ObjectStore="other")


@pytest.mark.usefixtures("requests")
def test_cleared_metrics_count_from_nothing(anybody: Run, emulator: Emulator) -> None:
    assert anybody("metrics", "clear").lines == ["Reset the metrics to zero."]
    assert emulator.metrics.all() == []
    assert anybody("metrics", "clear", "--json").json() == {}


def test_where_there_are_no_metrics_the_command_says_so(anybody: Run) -> None:
    none = ["There are no metrics: no store with metrics_config has been used."]
    assert anybody("metrics", "show").lines == none
    assert anybody("metrics", "show", "--store", "nope").lines == none
    assert anybody("metrics", "show", "--json").json()["metrics"] == []


@pytest.mark.parametrize(
    ("words", "fragments"),
    [
        ("show media", ["'media'", "too many"]),
        ("show --store", ["--store: it needs a value"]),
        ("show --stores x", ["did you mean --store?"]),
        ("clear all", ["'all'", "too many"]),
    ],
)
def test_what_is_not_quite_right_is_told_what_would_be(
    anybody: Run, words: str, fragments: list[str]
) -> None:
    anybody("metrics", *words.split()).misused(*fragments)
