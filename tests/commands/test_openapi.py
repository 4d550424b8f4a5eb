"""The command that prints the OpenAPI documents, or writes them as files."""

from __future__ import annotations

import json
from pathlib import Path

from emulator.openapi.documents import NAMES, files
from tests.support.command_line import Run


def test_a_document_is_printed_as_json(run: Run) -> None:
    ended = run("openapi", "service.json", "--api-revision", "2026-08-12")
    assert ended.status == 0
    assert json.loads(ended.stdout)["info"]["version"] == "2026-08-12"


def test_without_a_name_it_is_the_document_of_the_service_in_the_first_revision(run: Run) -> None:
    assert json.loads(run("openapi").stdout)["info"]["version"] == "2026-02-05"


def test_every_document_is_written_into_a_directory(run: Run, tmp_path: Path) -> None:
    directory = tmp_path / "new" / "openapi"
    ended = run("openapi", "--write", str(directory))
    assert ended.status == 0
    written = {each.name: each.read_text(encoding="utf-8") for each in directory.iterdir()}
    assert written == dict(files())
    assert ended.stdout.splitlines() == [str(directory / name) for name in written_names()]


def test_all_are_written_or_one_is_printed(run: Run, tmp_path: Path) -> None:
    ended = run("openapi", "seed.schema.json", "--write", str(tmp_path))
    assert (ended.status, [*tmp_path.iterdir()]) == (1, [])
    assert "leave the DOCUMENT out" in ended.stderr


def written_names() -> list[str]:
    return [name for name, _ in files()]


def test_an_unknown_document_is_refused_with_the_names(run: Run) -> None:
    ended = run("openapi", "other.json")
    assert ended.status != 0
    assert all(name in ended.stderr for name in NAMES)


def test_a_directory_that_cannot_be_written_is_named(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    ended = run("openapi", "--write", str(file))
    assert ended.status != 0
    assert str(file) in ended.stderr
