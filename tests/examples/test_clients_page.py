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
_EXCERPT = re.compile(
    r"^```\w+\n(?:#|//) (fixtures/clients/\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL
)
_BLOCK = re.compile(r"^```python\n# (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@needs_tls
def test_the_recipe_for_python_passes_as_it_stands_on_the_page(tmp_path: Path) -> None:
    ((name, program),) = [block for block in _BLOCK.findall(PAGE) if "/" not in block[0]]
    (tmp_path / name).write_text(program, encoding="utf-8")

    run_pytest(tmp_path, *without_others()).passed(name.removesuffix(".py"), tests=1)


@pytest.mark.parametrize(("path", "part"), _EXCERPT.findall(PAGE))
def test_what_the_page_shows_of_a_project_is_in_its_file(path: str, part: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    for paragraph in part.split("\n\n"):  # Between two of them, a part may be left out.
        assert paragraph.strip("\n") in text


def test_the_page_shows_something_of_every_language_and_names_every_project() -> None:
    shown = {path.split("/")[2] for path, _ in _EXCERPT.findall(PAGE)}
    assert shown == {"python", "fastapi", "node", "go", "java"}
    projects = {path.name for path in (ROOT / "fixtures" / "clients").iterdir()}
    assert projects == set(re.findall(r"^\| `(\w+)` \|", PAGE.partition("### pytest")[0], re.M))


def test_every_client_has_a_recipe() -> None:
    titles = re.findall(r"^## (.+)$", PAGE, re.MULTILINE)

    assert titles[5:-1] == [
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
