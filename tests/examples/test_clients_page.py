"""The page about clients: its recipe for Python passes, its commands and variables exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from emulator.commands.exec import parser
from emulator.config.sources import load
from emulator.tls.environment import environment
from tests.support.environment import ROOT
from tests.support.nested_pytest import run as run_pytest
from tests.support.nested_pytest import without_others
from tests.support.tls import needs_tls

PAGE = (ROOT / "docs" / "clients.md").read_text(encoding="utf-8")
_BLOCK = re.compile(r"^```python\n# (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@needs_tls
def test_the_recipe_for_python_passes_as_it_stands_on_the_page(tmp_path: Path) -> None:
    ((name, program),) = _BLOCK.findall(PAGE)
    (tmp_path / name).write_text(program, encoding="utf-8")

    run_pytest(tmp_path, *without_others()).passed(name.removesuffix(".py"), tests=1)


def test_every_client_has_a_recipe() -> None:
    titles = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)

    assert titles[3:-1] == [
        *("Terraform", "SDKs", "curl", "Go", "Node", "Java", "Python", "Browsers"),
    ]


@pytest.mark.parametrize("options", re.findall(r"-m emulator exec (.*?)-- ", PAGE))
def test_every_command_of_the_page_has_options_that_exist(options: str) -> None:
    assert load(vars(parser().parse(shlex.split(options))), {}).storage_engine == "memory"


def test_every_variable_is_on_the_page() -> None:
    found = environment(
        endpoint="http://h",
        api_key="k",
        proxy="http://h:1",
        ca_file=Path("a"),
        ca_bundle=Path("b"),
        trust_store=Path("c"),
    )

    assert [name for name in found if f"`{name}`" not in PAGE] == []
