"""What is in the console's files: nothing that makes markup of data, nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import emulator

DIRECTORY = Path(emulator.__file__).parent / "console"
SOURCES = sorted(path for path in DIRECTORY.rglob("*") if path.is_file())
MODULES = [path for path in SOURCES if path.suffix == ".js"]

MAKES_MARKUP_OR_CODE = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|setHTML|document\.write|DOMParser|"
    r"createContextualFragment|\beval\(|new Function|srcdoc|setTimeout\([\"'`]"
)

AN_ICON = re.compile(r'\s+\w+: "M[\w. -]+",$')

LONGEST_LINE = 120
MOST_LINES = 400


def _name(path: Path) -> str:
    return path.relative_to(DIRECTORY).as_posix()


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_no_module_makes_markup_or_code_of_data(module: Path) -> None:
    assert MAKES_MARKUP_OR_CODE.search(module.read_text(encoding="utf-8")) is None


@pytest.mark.parametrize("source", SOURCES, ids=_name)
def test_nothing_is_loaded_from_elsewhere(source: Path) -> None:
    found = re.findall(r"(?:https?:)?//[\w.-]+\.\w+[^\s\"'`]*", source.read_text(encoding="utf-8"))
    assert [url for url in found if not url.endswith("//www.w3.org/2000/svg")] == []


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_a_module_has_one_subject_and_says_it_first(module: Path) -> None:
    lines = module.read_text(encoding="utf-8").splitlines()
    assert re.match(r"// \S.*[.:]", lines[0]), lines[0]
    assert len(lines) <= MOST_LINES
    long = [line for line in lines if len(line) > LONGEST_LINE and not AN_ICON.match(line)]
    assert long == []


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_a_module_imports_what_is_there(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    names = re.findall(r"(?:from|import\(|import) \"(\.[^\"]+)\"", text)
    names += [f"./{name}" for name in re.findall(r"module: \"\./([^\"]+)\"", text)]
    missing = [name for name in names if not (module.parent / name).is_file()]
    assert missing == []


def test_the_page_has_no_script_or_style_of_its_own() -> None:
    page = (DIRECTORY / "index.html").read_text(encoding="utf-8")
    assert re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page) is None
