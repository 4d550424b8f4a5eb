"""The command ``conformance``: what it says, asks, writes, and how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from emulator import Emulator
from emulator.conformance import command
from emulator.conformance.run import Run as ConformanceRun
from emulator.core.installation import install_command
from tests.support.client import ROLE_ARN
from tests.support.command_line import Ended, Run
from tests.support.environment import environment

from .own import options

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
    some = "HTTP-PUT-2*,HTTP-STORE-1*,AUTH-KEY-02"
    assert held(run, emulator, "--only", some, "--rate", "0").status == 0
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
        (("--rate", "fast"), "--rate: 'fast' is not a number between 0 and 1000000"),
        (("--variants", "-1"), "--variants: '-1' is not a whole number of 0 or more"),
        (("--owner-key", "schlüssel"), "--owner-key: it has characters that no API key has"),
        (("--owner-key", "unknown"), "--owner-key: the endpoint does not accept it: 401 "),
        (("--state", "none/state.json"), "--state: cannot use none: No such file or directory"),
        (("--endpoint", "https://127.0.0.1:1", "--ca-file", "none.pem"), "cannot use none.pem"),
        (("--endpoint", "http://127.0.0.1:99999"), "URL with a host, not 'http://127.0.0.1:99999'"),
        (("--endpoint", "http://u:p@127.0.0.1"), "an endpoint is an http or https URL"),
        (("--report", "report.pdf"), "report.pdf"),
        (("--endpoint", "ftp://x"), "an endpoint is an http or https URL with a host"),
        (("--endpoint", "http://127.0.0.1:1"), "no answer: Connection refused"),
        (("--bukket", "b"), "unknown option --bukket: did you mean --bucket?"),
    ],
)
def test_a_mistake_is_one_line(
    run: Run, emulator: Emulator, words: tuple[str, str], said: str
) -> None:
    held(run, emulator, *words).fails(2, said, "see conformance --help")


@pytest.mark.parametrize(("said", "status"), [(b"y\n", 0), (b"n\n", 130), (b"\x04", 130)])
def test_on_a_terminal_it_asks_first(
    emulator: Emulator, tmp_path: Path, said: bytes, status: int
) -> None:
    ours, theirs = os.openpty()
    os.write(ours, said)
    words = ("--endpoint", emulator.endpoint, *FACTS, *ONE_STATEMENT, "--report", "r.json")
    ended = subprocess.run(
        [sys.executable, "-m", "emulator", "conformance", *words],
        cwd=tmp_path,
        env=environment({"MOMENTO_API_KEY": emulator.api_key("owner")}),
        stdin=theirs,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    os.close(ours)
    os.close(theirs)
    assert ended.returncode == status, ended
    assert "Go on? [Y/n] " in ended.stdout
    assert "Traceback" not in ended.stderr
    written = [] if status else ["r.json"]
    assert [each.name for each in tmp_path.iterdir()] == written


def test_progress_is_one_line_of_a_narrow_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    command._Progress._print("10/660 cases, 0 failed")
    assert capsys.readouterr().err == "\r10/660 cases, 0 fai"


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
    words = ("--only", "HTTP-PUT-2*", "--rate", "0", "--report", "r.json")

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


def test_a_run_is_kept_though_it_is_stopped_while_it_deletes(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state.json"
    made = ConformanceRun(options(emulator.endpoint, emulator.api_key("owner"), state=str(state)))
    name = made.target.store.name

    def stop() -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(made.target, "clean_up", stop)
        with pytest.raises(KeyboardInterrupt):
            made.end(complete=False)
    assert name in state.read_text()
    made.end(complete=True)
    assert emulator.stores.all() == []
    assert not state.exists()


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


def test_two_runs_do_not_share_a_state(run: Run, emulator: Emulator, tmp_path: Path) -> None:
    stopped(run, emulator)
    state = tmp_path / "momento-conformance.json"
    state.write_text(state.read_text().replace('"process": 0', f'"process": {os.getppid()}'))
    held(run, emulator).fails(2, f"goes on in process {os.getppid()}", "give another --state")


def test_a_run_whose_process_was_killed_goes_on(
    run: Run, emulator: Emulator, tmp_path: Path
) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    stopped(run, emulator)
    state = tmp_path / "momento-conformance.json"
    state.write_text(state.read_text().replace('"process": 0', f'"process": {ended.pid}'))
    assert held(run, emulator, *ONE_STATEMENT).status == 0


def test_an_endpoint_that_answers_no_more_is_given_up(run: Run, emulator: Emulator) -> None:
    words = ("--only", "HTTP-PUT-2*", "--rate", "0")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command._Progress, "on_case", lambda *_: emulator.faults.add("close"))
        ended = held(run, emulator, *words)
    emulator.faults.clear()
    assert ended.status == 1
    assert "did not answer 5 requests in a row: given up.\nThe same command goes on" in ended.stdout
    again = held(run, emulator, *words)
    assert again.status == 0, again.stdout
    assert emulator.stores.all() == []


def test_the_result_says_what_options_would_show(run: Run, emulator: Emulator) -> None:
    said = held(run, emulator, "--only", "OS12-CONFIG-26,VALKEY-CREATE-01", "--rate", "0").stdout
    assert " more can be shown with --create-clusters, --log-group." in said


def stopped(run: Run, emulator: Emulator) -> None:
    """Have a run stop at its third case."""

    def stop(_: object, done: int, __: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command._Progress, "on_case", stop)
        assert held(run, emulator, "--only", "HTTP-PUT-2*", "--rate", "0").status == 130
