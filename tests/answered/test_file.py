"""The file of ``--answers``: what is read, and what is refused at the start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from emulator.core.answers import SWITCHES
from emulator.core.answers_file import document
from emulator.core.failures import ConfigurationError
from emulator.core.revisions import REVISIONS
from tests.support.answers import written
from tests.support.emulators import Start, raw_client

FIRST = min(REVISIONS)


def content(**changes: Any) -> dict[str, Any]:
    return {**document("http://endpoint", FIRST, {}, {}), **changes}


def refusal(path: Path) -> str:
    with pytest.raises(ConfigurationError) as raised:
        Emulator(answers=path).start()
    text = str(raised.value)
    assert text.startswith("--answers: ")
    assert "\n" not in text
    return text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": "har"}, "its `format` must be 'momento-objectstore-answers'"),
        ({"version": 2}, "a version that this emulator does not read: it reads 1"),
        ({"version": True}, "a version that this emulator does not read"),
        ({"comment": ""}, "an unknown member 'comment': known are format, version, endpoint"),
        ({"revision": "2026-08-12"}, "give --api-revision 2026-08-12"),
        ({"revision": None}, "has no revision that this emulator serves: it is one of 2026-02-05"),
        ({"revision": []}, "has no revision that this emulator serves"),
        ({"answers": ["D03"]}, "has no answers"),
        ({"answers": {"D999": "1"}}, "an answer for 'D999', which is no switch"),
        ({"answers": {"D27.ranges": "honoured"}}, "did you mean D27.range?"),
        ({"answers": {"D03": "perhaps"}}, "D03 that the emulator cannot give: it can be 'refused'"),
        ({"answers": {"D03": None}}, "D03 that the emulator cannot give"),
        ({"answers": {"D03": ["accepted"]}}, "D03 that the emulator cannot give"),
        ({"answers": {"D04": 0}}, "a whole number from 32 to 4096"),
        ({"answers": {"D04": True}}, "a whole number from 32 to 4096"),
        ({"answers": {"D04": 20.5}}, "a whole number from 32 to 4096"),
        ({"answers": {"D04": "20"}}, "a whole number from 32 to 4096"),
        ({"answers": {"D06.maximum": "all"}}, "or 'none'"),
        ({"answers": {"D02.ttl": ""}}, "a line of 1 to 1024 characters"),
        ({"answers": {"D02.ttl": "two\nlines"}}, "a line of 1 to 1024 characters"),
        ({"answers": {"D02.ttl": "x" * 1025}}, "a line of 1 to 1024 characters"),
        ({"answers": {"D01": "key name"}}, "in another order"),
        ({"answers": {"D01": "permission key name store parameters"}}, "before 'permission'"),
    ],
)
def test_a_wrong_file_is_one_clear_error(
    changes: dict[str, Any], said: str, tmp_path: Path
) -> None:
    path = written(tmp_path, content(**changes))

    text = refusal(path)

    assert str(path) in text
    assert said in text


@pytest.mark.parametrize("text", ["", "{", "[1, 2]", "\xff", "[" * 100_000])
def test_what_is_no_json_object_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "answers.json"
    path.write_text(text, encoding="latin-1")

    assert str(path) in refusal(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "No such file" in refusal(tmp_path / "none.json")


def test_what_the_file_does_not_say_stays_as_it_is(start: Start, tmp_path: Path) -> None:
    emulator = start(answers=written(tmp_path, content()))

    assert (
        raw_client(emulator)
        .with_key(f"Bearer {emulator.api_key('owner')}")
        .get("/objectstore")
        .status
        == 401
    )


def test_answers_that_mean_nothing_in_the_revision_are_accepted(
    start: Start, tmp_path: Path
) -> None:
    later = [id for id, switch in SWITCHES.items() if switch.since is not None]
    answers = {id: SWITCHES[id].default for id in later}
    emulator = start(answers=written(tmp_path, content(answers=answers)))

    assert later
    assert raw_client(emulator).get("/objectstore").status == 200


def test_defaults_are_answers_too() -> None:
    admitted = {id: each.answers.admits(each.default) for id, each in SWITCHES.items()}

    assert {id for id, is_admitted in admitted.items() if not is_admitted} == {
        id for id in SWITCHES if id.startswith("D02.")
    }


def test_the_log_names_the_answers_that_are_not_the_emulators_own(
    start: Start, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "emulator")
    start(answers=written(tmp_path, content(answers={"D03": "accepted", "D04": 255})))

    [line] = [record.message for record in caplog.records if "http://endpoint" in record.message]
    assert line.endswith("D03")
