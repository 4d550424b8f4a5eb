"""The generated parts of the documentation are current, and leave nothing out."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.config.options import OPTIONS
from tests.support.environment import ROOT

from .control_table import groups
from .generated import DOCS, pages, parts, written
from .options_table import BY_NAME, options_table

OPTIONS_PAGE = (DOCS / "options.md").read_text(encoding="utf-8")
CONTROL_PAGE = (DOCS / "control-api.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("path", "is_text", "is_to_be"), [*pages()], ids=lambda each: getattr(each, "name", "")
)
def test_a_page_is_current(path: Path, is_text: str, is_to_be: str) -> None:
    """Else `python -m tests.site.generated`, or `make docs`, makes it so."""
    assert is_text == is_to_be, path.relative_to(ROOT)


def test_both_pages_are_among_them() -> None:
    assert {path.name for path, _, _ in pages()} >= {"options.md", "control-api.md"}


def test_the_page_of_options_has_each_option_once() -> None:
    named = [name for names in parts("options", OPTIONS_PAGE) for name in names]
    assert sorted(named) == sorted(option.name for option in OPTIONS)


def test_the_page_of_the_control_api_has_each_group_once() -> None:
    named = [name for names in parts("control", CONTROL_PAGE) for name in names]
    assert sorted(named) == sorted(groups())


def test_a_part_that_is_not_current_is_written_again() -> None:
    changed = OPTIONS_PAGE.replace("port to listen on", "a port")
    assert changed != OPTIONS_PAGE
    assert written(changed) == OPTIONS_PAGE


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("port", "| `--port` | `PORT` | `8080` | port to listen on; 0 takes a free one |"),
        (
            "no_limits",
            "| `--no-limits`, `--limits` |  | `false` | do not enforce the limits of stores and of "
            "the Auth APIs, so that nothing is throttled |",
        ),
        (
            "s3_region",
            "| `--s3-region` | `REGION` | as AWS's tools find it, else us-east-1 | region of the "
            "buckets. Requires `--storage s3` |",
        ),
        (
            "routers",
            "| `--routers` | `N` | `1` | how many routers GET /endpoints names, in three zones, "
            "all of them this process. Requires `--api-revision 2026-08-12` or later |",
        ),
        (
            "owner_key",
            "| `MOMENTO_EMULATOR_OWNER_KEY` | `KEY` |  | API key with the role Owner |",
        ),
    ],
)
def test_a_row_has_the_option_its_value_its_default_and_what_it_requires(
    name: str, row: str
) -> None:
    assert [*options_table([name])][2:] == [row]
    assert name in BY_NAME
