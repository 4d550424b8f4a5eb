"""Generated requests: the emulator answers each as its documents say, and never fails."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable

from emulator import Emulator
from emulator.core.revisions import REVISIONS, latest
from emulator.openapi.json_schema import used_by
from tests.support.client import Client
from tests.support.environment import ROOT

from .documents import Document, openapi, operations

if TYPE_CHECKING:
    from schemathesis import Case

pytestmark = pytest.mark.slow(seconds=60)

EXAMPLES = 4
"""How many requests are generated for each operation and way of generating."""


@pytest.fixture(scope="module", params=REVISIONS)
def emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    seed = ROOT / "fixtures" / "seed.yaml"
    # Generated requests come faster than the Auth APIs take them.
    with Emulator(cache="memory", api_revision=request.param, seed=seed, no_limits=True) as running:
        yield running


@pytest.fixture(autouse=True)
def _as_in_the_beginning(emulator: Emulator) -> None:
    emulator.reset()
    Client(emulator.endpoint, emulator.api_key()).put("web-assets", "images/logo.png", b"logo")


def check_every_operation(emulator: Emulator, name: str, headers: dict[str, str]) -> set[str]:
    """Send generated requests of each operation of a document, and return the names of those that
    have succeeded at least once."""
    import schemathesis

    raw = dict(emulator.openapi(f"{name}.json"))
    schema = schemathesis.openapi.from_dict(raw)
    known = _answered_by_the_latest(emulator, name, raw)
    checks = _checks()
    succeeded: set[str] = set()
    for found in schema.get_all_operations():
        operation: Any = found.ok()
        described = operation.definition.raw
        if operation.method == "head" or _is_endless(described):
            continue  # HEAD is GET without a body.
        if described["operationId"] in known:
            continue
        for mode in schemathesis.GenerationMode:
            strategy = operation.as_strategy(generation_mode=mode)

            @settings(
                max_examples=EXAMPLES,
                phases=[Phase.explicit, Phase.generate],
                suppress_health_check=[*HealthCheck],
                database=None,
                deadline=None,
                derandomize=True,
            )
            @given(strategy)
            def check(case: Case) -> None:
                answer = case.call(base_url=emulator.endpoint, headers=headers, timeout=20)
                case.validate_response(answer, checks=checks)
                if answer.status_code < 300:
                    succeeded.add(case.operation.definition.raw["operationId"])

            with contextlib.suppress(Unsatisfiable):  # Nothing can be wrong with its requests.
                check()
    return succeeded


def _is_endless(operation: dict[str, Any]) -> bool:
    """Whether an answer is a stream of events, which ends when the emulator does."""
    return "text/event-stream" in operation["responses"].get("200", {}).get("content", {})


def _answered_by_the_latest(emulator: Emulator, name: str, raw: Document) -> set[str]:
    """The operations that the latest revision has in the same words, and is asked for itself."""
    if emulator.config.revision is latest():
        return set()
    newest = _in_words(openapi(name, latest().date))
    return {each for each, words in _in_words(raw).items() if newest.get(each) == words}


def _in_words(found: Document) -> dict[str, str]:
    """Each operation by its name, with the schemas that it refers to, as a text."""
    schemas = found["components"]["schemas"]
    return {
        each["operationId"]: json.dumps([path, each, used_by(each, schemas)], sort_keys=True)
        for path, _, each in operations(found)
    }


def _checks() -> list[Any]:
    from schemathesis import checks
    from schemathesis.specs.openapi import checks as openapi

    return [
        checks.not_a_server_error,
        openapi.status_code_conformance,
        openapi.content_type_conformance,
        openapi.response_headers_conformance,
        openapi.response_schema_conformance,
    ]


def test_the_service_answers_as_described(emulator: Emulator) -> None:
    headers = {"Authorization": emulator.api_key()}
    succeeded = check_every_operation(emulator, "service", headers)
    if emulator.config.revision is latest():
        assert {"ListObjectStores", "ListRoles", "Health"} <= succeeded


def test_the_control_api_answers_as_described(emulator: Emulator) -> None:
    succeeded = check_every_operation(emulator, "control", {})
    assert "stores.list" in succeeded
    if emulator.config.revision is latest():
        assert {"clock.show", "faults.list", "journal.show", "state.export"} <= succeeded
