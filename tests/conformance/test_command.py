"""The command ``conformance``: what it says, asks, writes, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emulator import Emulator
from emulator.conformance import command
from emulator.core.installation import install_command
from tests.support.client import ROLE_ARN
from tests.support.command_line import Ended, Run

FACTS = ("--bucket", "b", "--role-arn", ROLE_ARN, "--cluster", "my-valkey-cluster")
ONE_STATEMENT = ("--only", "HTTP-PUT-43", "--rate", "0")


def held(run: Run, emulator: Emulator, *words: str | Path) -> Ended:
    """Run the command on the emulator with the Owner's key."""
    key = {"MOMENTO_API_KEY": emulator.api_key("owner")}
    return run("conformance", "--endpoint", emulator.endpoint, *FACTS, *words, env=key)


def test_it_says_beforehand_what_it_will_do(run: Run, emulator: Emulator) -> None:
    ended = held(run, emulator, *ONE_STATEMENT)
    assert ended.status == 0, ended
    said = ended.stdout
    for words in (
        f"Endpoint  {emulator.endpoint}, revision 2026-08-12\n",
        "Sends     about ",
        "Makes     stores over the bucket b, objects, API keys and roles.\n",
        "Costs     about ",
        "Leaves    nothing that it can delete.\n",
        "Ctrl-C stops it; the same command then goes on.\n",
    ):
        assert words in said, said


def test_it_leaves_nothing_behind(run: Run, emulator: Emulator, tmp_path: Path) -> None:
    before = emulator.account.api_keys()
    assert held(run, emulator, "--only", "HTTP-AUTH*,HTTP-PUT*", "--rate", "0").status == 0
    assert emulator.stores.all() == []
    assert emulator.account.api_keys() == before
    assert list(tmp_path.iterdir()) == []


def test_it_writes_each_report(run: Run, emulator: Emulator, tmp_path: Path) -> None:
    names = ("r.html", "r.json", "r.md", "r.junit", "r.svg")
    reports = [word for name in names for word in ("--report", name)]
    ended = held(run, emulator, *ONE_STATEMENT, *reports)
    assert ended.status == 0, ended
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(names)
    report = json.loads((tmp_path / "r.json").read_text())
    (shown,) = [each for each in report["statements"] if each["status"] == "held"]
    assert shown["id"] == "HTTP-PUT-43"
    assert shown["source"]
    assert "PUT /objectstore/conformance/conformance -> 204" in shown["seen"]
    assert report["score"]["percent"] == 100


def test_quiet_prints_the_result_alone(run: Run, emulator: Emulator) -> None:
    said = held(run, emulator, *ONE_STATEMENT, "--quiet").stdout
    assert "Endpoint" not in said
    assert "100" in said


def test_the_first_revision_is_found_and_objects_stay(run: Run) -> None:
    with Emulator(cache="memory") as first:
        said = held(run, first, *ONE_STATEMENT).stdout
    assert "revision 2026-02-05\n" in said
    assert "Leaves    Objects stay in the bucket below conformance-" in said


def test_what_does_not_hold_is_named_with_exit_status_1(run: Run, emulator: Emulator) -> None:
    with emulator.faults.add({"type": "status", "status": 500}, operation="PutObject"):
        ended = held(run, emulator, *ONE_STATEMENT)
    assert ended.status == 1
    assert "HTTP-PUT-43" in ended.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--bucket", ""), "--bucket or MOMENTO_CONFORMANCE_BUCKET is missing"),
        (("--revision", "2026-01-01"), "--revision: '2026-01-01' is not one of 2026-02-05"),
        (("--only", "HTPP-*"), "--only: nothing has an id like HTPP-*"),
        (("--rate", "fast"), "--rate: "),
        (("--report", "report.pdf"), "report.pdf"),
        (("--endpoint", "ftp://x"), "an endpoint is an http or https URL with a host"),
        (("--endpoint", "http://127.0.0.1:1"), "no answer"),
        (("--bukket", "b"), "unknown option --bukket: did you mean --bucket?"),
    ],
)
def test_a_mistake_is_one_line(
    run: Run, emulator: Emulator, words: tuple[str, str], said: str
) -> None:
    held(run, emulator, *words).fails(2, said, "see conformance --help")


def test_every_option_can_be_in_the_environment(run: Run, emulator: Emulator) -> None:
    variables = {
        "ENDPOINT": emulator.endpoint,
        "OWNER_KEY": emulator.api_key("owner"),
        "BUCKET": "b",
        "ROLE_ARN": ROLE_ARN,
        "CLUSTER": "my-valkey-cluster",
        "ONLY": "HTTP-PUT-01,HTTP-PUT-02",
        "RATE": "0",
    }
    env = {f"MOMENTO_CONFORMANCE_{name}": value for name, value in variables.items()}
    assert run("conformance", env=env).status == 0


def test_without_pytest_the_message_says_what_to_install(
    run: Run, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    held(run, emulator).fails(
        1, f"conformance requires pytest, which is not installed: {install_command('conformance')}"
    )


def test_a_run_that_was_stopped_goes_on(
    run: Run, emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("--only", "HTTP-PUT*", "--rate", "0", "--report", "r.json")

    def stop(_: object, done: int, __: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(command._Progress, "on_case", stop)
        stopped = held(run, emulator, *words)
    assert stopped.status == 130
    assert "Stopped. The same command goes on" in stopped.stdout
    assert emulator.stores.all() == []
    assert json.loads((tmp_path / "r.json").read_text())["complete"] is False
    kept = (tmp_path / "momento-conformance.json").read_text()
    assert emulator.api_key("owner") not in kept
    whole = held(run, emulator, *words)
    assert whole.status == 0
    assert "3 cases are done" in whole.stdout
    assert [each.name for each in tmp_path.iterdir()] == ["r.json"]
    assert json.loads((tmp_path / "r.json").read_text())["complete"] is True


def test_a_run_on_another_endpoint_does_not_go_on_here(
    run: Run, emulator: Emulator, tmp_path: Path
) -> None:
    other = tmp_path / "momento-conformance.json"
    other.write_text('{"format": "something else", "version": 1}')
    held(run, emulator).fails(2, "keeps no run of this release")
    assert other.exists()


def test_what_is_learnt_is_what_another_emulator_reads(
    run: Run, emulator: Emulator, tmp_path: Path
) -> None:
    held(run, emulator, "--only", "D03,D27*", "--rate", "0", "--learn", "answers.json")

    content = json.loads((tmp_path / "answers.json").read_text())
    assert content["endpoint"] == emulator.endpoint
    assert content["answers"]["D03"] == "refused"
    assert content["answers"]["D27.range"] == "ignored"
    assert content["not_switchable"] == {}
    with Emulator(cache="memory", api_revision="latest", answers=tmp_path / "answers.json"):
        pass


@pytest.mark.parametrize("path", ["none/answers.json", "answers", "answers.html", "json"])
def test_a_file_of_answers_that_cannot_be_written_is_said_before(
    run: Run, emulator: Emulator, path: str
) -> None:
    held(run, emulator, *ONE_STATEMENT, "--learn", path).fails(2, path)
