"""docs/hints.md: it has every hint as the table has it, and its example runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from emulator.control.hints.table import IDS, TABLE, Rule
from emulator.core.revisions import REVISIONS
from tests.examples.blocks import named
from tests.examples.test_testing_page import BLOCKS, COMMON
from tests.support.environment import ROOT
from tests.support.nested_pytest import run, without_others

pytestmark = pytest.mark.proves("D165")

PAGE = (ROOT / "docs" / "hints.md").read_text(encoding="utf-8")
EXAMPLES = named("docs/hints.md")
FIDELITY = (ROOT / "docs" / "fidelity.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### (\S+)\n\n(.*?)(?=\n### |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def revisions_of(rule: Rule) -> str:
    dates = [date for date, revision in REVISIONS.items() if rule.exists_in(revision)]
    return "Both revisions" if len(dates) == len(REVISIONS) else f"Only revision {dates[0]}"


def test_the_page_has_every_hint_in_the_order_of_the_table() -> None:
    assert tuple(SECTIONS) == IDS


@pytest.mark.parametrize("rule", TABLE, ids=IDS)
def test_a_section_has_the_sentence_the_revisions_and_the_source(rule: Rule) -> None:
    sentence, more = (" ".join(each.split()) for each in SECTIONS[rule.id].split("\n\n", 1))
    assert sentence == rule.text
    assert more.startswith(f"*{revisions_of(rule)}. Source: {rule.source}.* ")


@pytest.mark.parametrize("rule", TABLE, ids=IDS)
def test_a_source_is_a_decision_or_an_operation_of_the_reference(rule: Rule) -> None:
    is_decision = f"\n| {rule.source} |" in FIDELITY
    assert is_decision or rule.source in ("Get Object", "Put Object")


def test_the_example_passes(tmp_path: Path) -> None:
    for name in COMMON:
        (tmp_path / name).write_text(BLOCKS[name], encoding="utf-8")
    (tmp_path / "test_leaning.py").write_text(EXAMPLES["test_leaning.py"], encoding="utf-8")
    run(tmp_path, *without_others()).passed("test_leaning", tests=3)
