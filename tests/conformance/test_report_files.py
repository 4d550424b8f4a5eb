"""A report is written in the form that the file's name asks for, whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from emulator.conformance.report import require_known, write

from .reports import hostile, report


@pytest.mark.parametrize(
    ("suffix", "beginning"),
    [
        ("html", "<!doctype html>"),
        ("json", "{"),
        ("md", "### Conformance: 75 %"),
        ("junit", "<?xml"),
        ("xml", "<?xml"),
        ("svg", "<svg"),
    ],
)
def test_the_suffix_chooses_the_form(tmp_path: Path, suffix: str, beginning: str) -> None:
    path = tmp_path / f"of-today.{suffix}"
    require_known(str(path))
    assert write(report(), str(path)) == path
    assert path.read_text(encoding="utf-8").startswith(beginning)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("word", ["html", "json", "md", "junit"])
def test_a_suffix_alone_names_the_file_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    monkeypatch.chdir(tmp_path)
    require_known(word)
    assert write(report(), word) == Path(f"report.{word}")
    assert os.listdir() == [f"report.{word}"]


def test_json_is_the_report(tmp_path: Path) -> None:
    for each in (report(), hostile()):
        path = write(each, str(tmp_path / "a.JSON"))
        assert json.loads(path.read_bytes()) == json.loads(json.dumps(each))


@pytest.mark.parametrize("path", ["report.pdf", "report", "pdf", "", "html.", ".html"])
def test_another_suffix_is_refused_with_those_that_are_known(path: str) -> None:
    for refuse in (require_known, lambda path: write(report(), path)):
        with pytest.raises(ValueError, match=r"suffixes of reports: \.html, \.json, \.md, \.junit"):
            refuse(path)


def test_a_folder_that_is_missing_is_noticed_before_the_run(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="missing"):
        require_known(str(tmp_path / "missing" / "report.html"))


def test_a_folder_of_the_name_is_noticed_before_the_run(tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()
    with pytest.raises(ValueError, match="is a folder"):
        require_known(str(tmp_path / "report.html"))


def test_an_old_report_stays_where_the_new_one_cannot_be_made(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("old")
    with pytest.raises(KeyError):
        write({}, str(path))
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
