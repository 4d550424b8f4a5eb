"""What people look for in a repository is there, and says what is true."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from tests.support.environment import ROOT, environment

from .files import make_targets, read

PAGES = ["CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md"]

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")

MANIFESTS = {
    "Dockerfile": "docker",
    "compose*.yaml": "docker-compose",
    "go.mod": "gomod",
    "package.json": "npm",
    "pom.xml": "maven",
    "pyproject.toml": "pip",
    "requirements.txt": "pip",
    "*.tf": "terraform",
}
"""Files that name dependencies, and by what name Dependabot knows their kind."""

HOOKS = read(ROOT / ".pre-commit-config.yaml")["repos"]

_PATH = re.compile(r"`((?:docs|tests|emulator|\.github)/[\w./-]+|[\w-]+\.(?:md|toml|yaml))`")
_LINK = re.compile(r"\]\(([\w./-]+)\)")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def editorconfig() -> ConfigParser:
    parser = ConfigParser(interpolation=None)
    parser.read_string(f"[top]\n{text('.editorconfig')}")
    return parser


@pytest.mark.parametrize("page", PAGES)
def test_a_page_names_files_that_exist(page: str) -> None:
    named = {*_PATH.findall(text(page)), *_LINK.findall(text(page))}
    assert {name for name in named if not (ROOT / name).exists()} == set()


def test_what_a_contributor_types_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    assert {"test", "lint", "test-all", "services"} <= make_targets(text("CONTRIBUTING.md"))
    assert make_targets(text("CONTRIBUTING.md")) <= targets


def test_editors_break_lines_of_python_where_ruff_does() -> None:
    (length,) = re.findall(r"^line-length = (\d+)$", text("pyproject.toml"), re.MULTILINE)
    assert editorconfig()["*.py"]["max_line_length"] == length


def test_editors_and_hooks_leave_the_same_files_byte_for_byte() -> None:
    (folders,) = re.findall(
        r"^\[fixtures/\{([\w,]+)\}/\*\*\]$", text(".editorconfig"), re.MULTILINE
    )
    excluded = {hook["exclude"] for repo in HOOKS for hook in repo["hooks"] if "exclude" in hook}
    assert excluded == {f"^fixtures/({folders.replace(',', '|')})/|^docs/images/"}


def test_every_hook_is_a_tool_that_make_lint_installs() -> None:
    assert [repo["repo"] for repo in HOOKS] == ["local"]
    entries = [hook["entry"] for repo in HOOKS for hook in repo["hooks"]]
    assert all(entry.startswith(".venv/bin/") for entry in entries)


def test_a_form_asks_for_what_a_report_needs() -> None:
    forms = {path.stem: read(path) for path in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml")}
    required = {
        name: {
            each["id"]
            for each in form.get("body", [])
            if each.get("validations", {}).get("required") == "true"
        }
        for name, form in forms.items()
    }
    assert required == {
        "bug": {"what", "how", "version", "where"},
        "config": set(),
        "feature": {"goal"},
        "fidelity": {"request", "emulator", "service", "revision"},
    }


def test_the_form_on_fidelity_knows_every_revision() -> None:
    from emulator.core.revisions import REVISIONS

    body = read(ROOT / ".github" / "ISSUE_TEMPLATE" / "fidelity.yml")["body"]
    (options,) = (each["attributes"]["options"] for each in body if each.get("id") == "revision")
    assert options == list(REVISIONS)


def test_dependabot_looks_at_every_folder_that_has_dependencies() -> None:
    updates = read(ROOT / ".github" / "dependabot.yml")["updates"]
    places = {each["package-ecosystem"]: _places(each) for each in updates}
    forgotten = {
        path
        for pattern, ecosystem in MANIFESTS.items()
        for path in _files(pattern)
        if not any(fnmatch(f"/{_folder(path)}", place) for place in places[ecosystem])
    }
    assert forgotten == set()
    assert places["github-actions"] == ["/"]


@pytest.mark.slow(seconds=60)
def test_every_hook_passes_on_the_whole_repository(tmp_path: Path) -> None:
    pre_commit = Path(sys.executable).parent / "pre-commit"
    if not pre_commit.exists() or not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("pre-commit and a clone by git are needed: run `make test-all` in one")
    copy = tmp_path / "copy"
    copy.mkdir()
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    (copy / ".venv").symlink_to(sys.prefix)
    for words in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *words], cwd=copy, check=True)
    ended = subprocess.run(
        [pre_commit, "run", "--all-files", "--show-diff-on-failure"],
        cwd=copy,
        env=environment({"PRE_COMMIT_HOME": str(tmp_path / "pre-commit")}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, f"{ended.stdout[-4000:]}\n{ended.stderr[-2000:]}"


def _places(update: dict[str, Any]) -> list[str]:
    return [*map(str, update.get("directories", [update.get("directory")]))]


def _files(pattern: str) -> Iterator[Path]:
    """The files of that name in the root, `tests` and `fixtures`, but for what npm installs."""
    yield from ROOT.glob(pattern)
    for folder in ("tests", "fixtures"):
        for path in (ROOT / folder).rglob(pattern):
            if "node_modules" not in path.parts:
                yield path


def _folder(path: Path) -> str:
    return path.parent.relative_to(ROOT).as_posix().removeprefix(".")
