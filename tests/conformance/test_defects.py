"""Whatever a service does wrong, the suite finds it, and names the statement."""

from __future__ import annotations

import pytest

from .defects import DEFECTS, Defect
from .own import emulator_of, failures, report_on

SAMPLE = 8
"""The quick suite tries every so many of them."""


@pytest.mark.parametrize(
    "defect",
    [
        pytest.param(each, id=each.name, marks=[pytest.mark.slow] if number % SAMPLE else [])
        for number, each in enumerate(DEFECTS)
    ],
)
def test_a_defect_is_found(defect: Defect, monkeypatch: pytest.MonkeyPatch) -> None:
    defect.apply(monkeypatch)
    with emulator_of(defect.revision, stop_timeout=1) as emulator:
        found = failures(report_on(emulator, revision=defect.revision, only=(defect.found_by,)))
    assert defect.found_by in found


def test_there_are_thirty_defects_at_least() -> None:
    assert len({each.found_by for each in DEFECTS}) >= 30
