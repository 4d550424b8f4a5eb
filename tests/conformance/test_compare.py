"""Two reports are compared: what failed or was answered in one of them alone is shown."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from emulator.conformance.compare import Change, compare, in_words, read
from emulator.conformance.outcome import Failure, Given
from emulator.conformance.report import write
from emulator.conformance.statements.statement import SECOND
from tests.support.command_line import Run

from .reports import ASKED, findings, hostile, perfect, report


def test_a_report_does_not_differ_from_itself() -> None:
    assert not compare(report(), report()).is_any
    assert in_words(compare(report(), report())).endswith("\nNo difference.")


def test_where_when_and_how_often_are_no_difference() -> None:
    found = findings()
    found.variants["GetObject"] = (10, [])
    other = report(found, endpoint="http://127.0.0.1:8080", complete=False)
    other["version"], other["started_at"] = "9.9.9", "2027-01-01T00:00:00Z"
    assert not compare(report(), other).is_any


def test_a_statement_that_fails_in_one_report_is_a_difference_either_way() -> None:
    name, text, why = "HTTP-PUT-02", "An expired key answers 401.", "expected 401, got 500"
    broken = compare(perfect(), report()).statements
    assert broken == [Change(name, text, "held", "failed", why)]
    mended = compare(report(), perfect()).statements
    assert mended == [Change(name, text, "failed", "held", why)]


def test_what_broke_comes_before_what_was_mended() -> None:
    before = report(findings(failed=("HTTP-PUT-01", "KEYS-LIFE-01")))
    after = report(findings(failed=("HTTP-GET-02",)))
    found = [(each.id, each.before, each.after) for each in compare(before, after).statements]
    assert found == [
        ("HTTP-GET-02", "held", "failed"),
        ("HTTP-PUT-01", "failed", "held"),
        ("KEYS-LIFE-01", "failed", "not shown"),
    ]


def test_a_statement_in_one_report_alone_is_a_difference() -> None:
    later = report(revision=SECOND)
    added = Change("OS12-LOG-01", "An entry has a size.", None, "held")
    assert compare(report(), later).statements == [added]
    assert compare(later, report()).statements == [added._replace(before="held", after=None)]


def test_questions_differ_by_the_endpoints_answer() -> None:
    found = findings()
    del found.questions["D03"]
    found.questions["D17"] = Given("200")
    assert compare(report(), report(found)).questions == [
        Change("D03", ASKED[0].question, "401", "not asked"),
        Change("D17", ASKED[1].question, "405", "200"),
    ]


def test_our_own_answer_is_no_difference_between_two_endpoints() -> None:
    other = report(asked=tuple(each._replace(ours="something else") for each in ASKED))
    assert not compare(report(), other).is_any


def test_operations_differ_by_how_many_requests_failed() -> None:
    found = findings()
    found.variants["GetObject"] = (5, [Failure("GetObject", "GET /", "500")])
    del found.variants["PutObject"]
    assert compare(report(), report(found)).variants == [
        Change("GetObject", "", "0 failed", "1 failed"),
        Change("PutObject", "", "1 failed", None),
    ]


def test_a_difference_has_both_scores() -> None:
    difference = compare(report(), perfect())
    assert (difference.before["percent"], difference.after["percent"]) == (75.0, 100.0)
    document = json.loads(json.dumps(difference.document()))
    assert document["before"]["endpoint"] == "https://api.cache.cell-1.example"
    assert document["statements"][0]["id"] == "HTTP-PUT-02"
    assert [change["id"] for change in document["questions"]] == ["D17"]
    assert [change["id"] for change in document["variants"]] == ["PutObject"]


def test_a_difference_in_words_names_both_sides() -> None:
    text = in_words(compare(perfect(), report(complete=False)))
    lines = text.splitlines()
    assert lines[0].startswith(
        "before:  100 %  https://api.cache.cell-1.example, revision 2026-02-05"
    )
    assert lines[1].startswith("after:    75 %")
    assert lines[1].endswith(", stopped before its end")
    assert "Statements that differ: 1" in lines
    position = lines.index("  HTTP-PUT-02  An expired key answers 401.")
    assert lines[position + 1 : position + 4] == [
        "    before: held",
        "    after:  failed",
        "    expected 401, got 500",
    ]
    assert "    after:  405" in lines


def test_a_difference_is_colored_only_when_asked_for() -> None:
    difference = compare(perfect(), report(revision=SECOND))
    plain = re.sub(r"\x1b\[[0-9;]*m", "", in_words(difference, colored=True))
    assert plain == in_words(difference) != in_words(difference, colored=True)


def test_an_endpoint_cannot_write_to_the_terminal() -> None:
    for text in (in_words(compare(report(), hostile())), in_words(compare(hostile(), report()))):
        assert all(each.isprintable() or each == "\n" for each in text)


def test_a_report_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = write(hostile(), str(tmp_path / "a.json"))
    assert not compare(read(str(path)), hostile()).is_any


def _without(name: str) -> dict[str, object]:
    return {each: value for each, value in report().items() if each != name}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "is no report: it is not an object"),
        ("{}", "endpoint is missing"),
        (json.dumps(_without("variants")), "variants is missing"),
        (json.dumps({**report(), "statements": {}}), "statements is of the wrong type"),
        (json.dumps({**report(), "statements": [1]}), r"statements\[0\]: it is not an object"),
        (json.dumps({**report(), "questions": [{"id": 3}]}), r"questions\[0\]: id is of the wrong"),
        (json.dumps({**report(), "score": {}}), "score: held is missing"),
    ],
    ids=range(10),
)
def test_what_is_no_report_is_refused(tmp_path: Path, content: str, problem: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=f"other.json.*{problem}.*--report NAME.json"):
        read(str(path))


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"cannot read .*a\.json': No such file"):
        read(str(tmp_path / "a.json"))


# The command.


@pytest.fixture
def files(tmp_path: Path) -> None:
    """Reports in the folder of the command: of two endpoints that differ."""
    write(perfect(), str(tmp_path / "a.json"))
    write(hostile(), str(tmp_path / "b.json"))


@pytest.mark.usefixtures("files")
def test_the_command_ends_with_0_where_nothing_differs(run: Run) -> None:
    assert run("conformance", "compare", "a.json", "a.json").lines[-1] == "No difference."


@pytest.mark.usefixtures("files")
def test_the_command_ends_with_1_where_something_differs(run: Run) -> None:
    ended = run("conformance", "compare", "a.json", "b.json")
    assert (ended.status, ended.stderr) == (1, "")
    assert "  HTTP-GET-01  A hit answers 200." in ended.stdout.splitlines()
    assert ended.stdout.endswith("\n")


@pytest.mark.usefixtures("files")
def test_the_command_prints_json_that_any_terminal_shows(run: Run) -> None:
    ended = run("conformance", "compare", "a.json", "b.json", "--json")
    assert (ended.status, ended.stderr) == (1, "")
    assert ended.stdout.isascii()
    assert json.loads(ended.stdout) == json.loads(
        json.dumps(compare(perfect(), hostile()).document())
    )


@pytest.mark.usefixtures("files")
def test_the_command_refuses_what_is_no_report(run: Run, tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text("{}")
    run("conformance", "compare", "a.json", "c.json").misused("'c.json' is no report")
    run("conformance", "compare", "d.json", "a.json").misused("cannot read 'd.json'")
    run("conformance", "compare", "a.json").misused("B.json")
