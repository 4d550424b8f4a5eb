"""A process of our own: its start collects no garbage and loads no certificates, and later it looks
at all that it holds only rarely."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from tests.support.launch import run

pytestmark = pytest.mark.slow

PROGRAM = """
import gc, json, sys
from emulator.startup.quick_start import import_aiohttp, keeping_all

with keeping_all():
    collected = gc.isenabled()
    import_aiohttp()

from emulator.startup.late_certificates import LateContext
from aiohttp import connector
print(json.dumps({
    "collected meanwhile": collected,
    "collected": gc.isenabled(),
    "looked at": len(gc.get_objects()),
    "never looked at": gc.get_freeze_count(),
    "late": [
        isinstance(each, LateContext)
        for each in (connector._SSL_CONTEXT_VERIFIED, connector._SSL_CONTEXT_UNVERIFIED)
    ],
}))
"""

COLLECTIONS = """
import gc, json
from emulator.startup.quick_start import collect_rarely, keeping_all

with keeping_all():
    pass
collect_rarely()
full = []
gc.callbacks.append(lambda phase, info: full.append(phase) if info["generation"] == 2 else None)
kept, counts = [], []
for _ in range(2):
    kept += [[] for _ in range(1_500_000)]
    counts.append(full.count("start"))
print(json.dumps(counts))
"""


@pytest.fixture(scope="module")
def facts() -> dict[str, Any]:
    """What a process finds that starts so."""
    ended = run(sys.executable, "-c", PROGRAM)
    assert ended.stderr == ""
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def test_nothing_is_collected_before_the_start_is_over_and_modules_never(
    facts: dict[str, Any],
) -> None:
    assert (facts["collected meanwhile"], facts["collected"]) == (False, True)
    assert facts["looked at"] < facts["never looked at"] / 10


def test_no_certificates_are_loaded_at_the_start(facts: dict[str, Any]) -> None:
    assert facts["late"] == [True, True]


def test_all_that_is_held_is_looked_at_once_in_two_million_containers() -> None:
    ended = run(sys.executable, "-c", COLLECTIONS)

    assert json.loads(ended.stdout) == [0, 1], ended.stderr
