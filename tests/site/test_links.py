"""The README on the page of a package: every link is absolute, and leads to a file that is here."""

from __future__ import annotations

import re

import pytest

from tests.support.environment import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)]+)\)")
_REPOSITORY = "momento-objectstore-emulator/momento-objectstore-emulator"
FILES = f"https://github.com/{_REPOSITORY}/blob/main/"
PICTURES = f"https://raw.githubusercontent.com/{_REPOSITORY}/main/"

LINKS = _LINK.findall(README)


@pytest.mark.parametrize("link", LINKS)
def test_a_link_is_absolute(link: str) -> None:
    assert link.startswith("https://")


@pytest.mark.parametrize("link", [each for each in LINKS if _REPOSITORY in each])
def test_a_link_into_the_repository_names_a_file_of_it(link: str) -> None:
    (base,) = [each for each in (FILES, PICTURES) if link.startswith(each)]
    assert (ROOT / link.removeprefix(base)).is_file()


def test_the_readme_shows_the_console_and_five_pages() -> None:
    assert [each for each in LINKS if each.startswith(PICTURES)] == [
        f"{PICTURES}docs/images/console-objects.png"
    ]
    assert len([each for each in LINKS if each.startswith(f"{FILES}docs/")]) == len("links")
