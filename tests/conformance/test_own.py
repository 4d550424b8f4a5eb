"""The emulator keeps every statement that a black box can show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from emulator.conformance.command import REQUESTS_PER_CASE
from emulator.conformance.outcome import HELD
from emulator.conformance.statements import STATEMENTS
from emulator.core.revisions import REVISIONS
from tests.suites import one_in_full
from tests.support.tls import needs_tls

from .own import emulator_of, failures, ids, run_on, without_fsync
from .pages import pages, reports

TIERS = one_in_full(
    "memory-memory", "memory-fakeredis", "filesystem-memory", "filesystem-fakeredis"
)


def expect_all(emulator: Emulator, revision: str, **others: Any) -> None:
    """Every statement holds that a black box can show, and nothing is left behind."""
    run = run_on(emulator, **others)
    report = run.report(complete=True)
    assert failures(report) == {}
    assert set(ids(report, HELD)) == {
        each.id for each in STATEMENTS if revision in each.revisions and not each.not_shown
    }
    assert run.left == []
    assert run.target.ledger.entries == []
    assert run.target.sent == pytest.approx(REQUESTS_PER_CASE * len(run.findings.cases), rel=0.35)


@pytest.mark.parametrize("tiers", TIERS)
@pytest.mark.parametrize("revision", REVISIONS)
def test_the_emulator_keeps_every_statement(revision: str, tiers: str, tmp_path: Path) -> None:
    storage, cache = tiers.split("-")
    files = without_fsync(tmp_path) if storage == "filesystem" else {}
    with emulator_of(revision, storage=storage, cache=cache, **files) as emulator:
        expect_all(emulator, revision)


@pytest.mark.slow(seconds=20)
def test_the_pages_say_what_the_runs_say() -> None:
    for path, text in pages(reports()).items():
        assert path.read_text() == text, f"{path.name} is not of today: make conformance"


@pytest.mark.slow(seconds=20)
@needs_tls
@pytest.mark.parametrize("revision", REVISIONS)
def test_the_emulator_keeps_every_statement_over_https(revision: str, tmp_path: Path) -> None:
    with emulator_of(revision, tls=True, ca_dir=tmp_path) as emulator:
        expect_all(
            emulator, revision, endpoint=emulator.tls_endpoint, ca_file=str(emulator.ca_file)
        )
