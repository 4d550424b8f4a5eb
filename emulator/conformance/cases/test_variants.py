"""Generated requests of every operation: valid ones, and ones with a mistake."""

from __future__ import annotations

import pytest

from emulator.conformance.run import Run
from emulator.conformance.variants.operations import revisions_of
from emulator.conformance.variants.sending import send

_EACH = [
    pytest.param(name, marks=pytest.mark.variant(name, revisions), id=name)
    for name, revisions in revisions_of().items()
]


@pytest.mark.parametrize("operation", _EACH)
def test_generated_requests_are_answered_as_the_contract_allows(run: Run, operation: str) -> None:
    count, failures = run.findings.variants[operation] = send(run.target, operation)
    assert not failures, f"{failures[0].request} ({count} sent): {failures[0].why}"
