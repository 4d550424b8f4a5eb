"""``exec``: a command with an emulator of its own, and nothing between the two."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from emulator import Emulator
from emulator.commands import exec as exec_command
from emulator.core.installation import install_command
from tests.support import leash
from tests.support.environment import environment
from tests.support.tls import needs_tls
from tests.support.waiting import wait_until

SECONDS = 30.0

CALL = """
import os, sys, urllib.request
request = urllib.request.Request(
    sys.argv[1] if len(sys.argv) > 1 else os.environ["MOMENTO_ENDPOINT"] + "/objectstore",
    headers={"Authorization": os.environ["MOMENTO_API_KEY"]},
)
print(urllib.request.urlopen(request, timeout=10).status)
"""

PYTHON = sys.executable


def words(*arguments: str) -> list[str]:
    return [PYTHON, "-m", "emulator", "exec", "--cache", "memory", *arguments]


def run(
    *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        words(*arguments),
        input=stdin,
        capture_output=True,
        check=False,
        timeout=SECONDS,
        env=environment(env),
        **leash.leashed(),
    )


def test_the_command_finds_an_emulator_in_its_environment() -> None:
    ended = run("--", PYTHON, "-c", CALL)

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"200\n", b"")


@needs_tls
def test_with_the_proxy_it_reaches_the_hosts_of_production(tmp_path: Path) -> None:
    url = "https://api.cache.cell-us-east-1-1.prod.a.momentohq.com/objectstore"
    data = {
        "XDG_DATA_HOME": str(tmp_path),
        "NO_PROXY": "direct.example",
        "JAVA_TOOL_OPTIONS": "-Xmx1g",
    }
    shown = ("NO_PROXY", "no_proxy", "JAVA_TOOL_OPTIONS")
    call = f"{CALL}\nfor name in {shown}: print(os.environ[name][:50])"
    ended = run("--proxy", "--", PYTHON, "-c", call, url, env=data)

    assert (ended.returncode, ended.stderr) == (0, b"")
    direct = "direct.example,localhost,127.0.0.1,::1"  # Clients read one of the two cases.
    java = "-Xmx1g -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort"
    assert ended.stdout.decode().splitlines() == ["200", direct, direct, java[:50]]
    if sys.platform == "linux":
        assert (tmp_path / "momento-objectstore-emulator" / "ca" / "ca.pem").is_file()


def test_a_key_that_is_not_known_is_said(tmp_path: Path) -> None:
    with Emulator(data_dir=tmp_path, cache="memory") as emulator:
        assert emulator.api_keys_file is not None
        emulator.api_keys_file.unlink()

    show = "import os; print(os.environ['MOMENTO_API_KEY'])"
    before = {"MOMENTO_API_KEY": "before"}
    ended = run("--data-dir", str(tmp_path), "--", PYTHON, "-c", show, env=before)

    assert (ended.returncode, ended.stdout) == (0, b"before\n")
    assert b"MOMENTO_API_KEY is left as it is" in ended.stderr


@needs_tls
def test_commands_of_the_emulator_find_it_from_within_the_command(tmp_path: Path) -> None:
    program = ("-m", "emulator", "keys", "list")
    ended = run("--proxy", "--ca-dir", str(tmp_path / "ca"), "--", PYTHON, *program)

    assert (ended.returncode, ended.stderr) == (0, b"")
    assert b"first-owner" in ended.stdout


def test_stdin_stdout_stderr_and_the_status_are_those_of_the_command() -> None:
    noise = bytes(range(256)) * 1000
    program = "import sys, shutil; shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)"
    ended = run("--", PYTHON, "-c", f"{program}; sys.stderr.write('e'); sys.exit(7)", stdin=noise)

    assert (ended.returncode, ended.stdout, ended.stderr) == (7, noise, b"e")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_signal_that_ends_the_command_is_in_the_status(number: signal.Signals) -> None:
    ended = run("--", "sh", "-c", f"kill -{number.name.removeprefix('SIG')} $$")

    assert ended.returncode == 128 + number


TRAPS = """
import os, signal, sys, time
number = int(sys.argv[1])
signal.signal(number, lambda *_: sys.exit(40))
with open(sys.argv[2], "w") as file:  # A finalizer that writes it would swallow the exception.
    file.write(os.environ["MOMENTO_ENDPOINT"])
while True:
    time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1])
def test_signals_are_handed_on_to_the_command(tmp_path: Path, number: signal.Signals) -> None:
    began = tmp_path / "began"
    process = leash.popen(
        words("--", PYTHON, "-c", TRAPS, str(int(number)), str(began)),
        env=environment(),
        stdin=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: began.is_file() and began.read_text() != "", "the command has begun")
        process.send_signal(number)
        assert process.wait(SECONDS) == 40
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize(
    ("command", "status", "said"),
    [("no-such-command", 127, "No such file"), ("/", 126, "ermission denied")],
)
def test_a_command_that_cannot_be_run_has_the_status_of_a_shell(
    command: str, status: int, said: str
) -> None:
    ended = run("--", command)

    assert ended.returncode == status
    assert f"cannot run {command}: " in ended.stderr.decode()
    assert said in ended.stderr.decode()
    assert ended.stdout == b""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "the command is missing: it comes behind --"),
        (("--",), "the command is missing"),
        (("npm", "test", "-w", "a b"), "comes behind --: exec --cache memory -- npm test -w 'a b'"),
        (("--tls", "pytest"), "the command comes behind --: exec --cache memory --tls -- pytest"),
        (("--tls", "true"), "the command is missing"),
        (("--", "--tls", "true"), "--tls comes before --, which only the command follows"),
        (("--prot", "1", "--", "true"), "unknown option --prot: did you mean --port?"),
        (("--ready-file", "x", "--", "true"), "unknown option --ready-file: the command finds all"),
        (("--port", "x", "--", "true"), "--port: 'x' is not a port"),
        (("--ca-dir", "x", "--", "true"), "--ca-dir: requires --tls or --proxy"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_before_the_command_runs(
    arguments: tuple[str, ...], said: str
) -> None:
    ended = run(*arguments)

    assert ended.returncode == 2
    assert said in ended.stderr.decode()
    assert len(ended.stderr.splitlines()) == 1


PUT = """
import os, urllib.request
for path, body in (("/_emulator/stores/media", b""), ("/objectstore/media/a?ttl=60", b"a")):
    urllib.request.urlopen(urllib.request.Request(
        os.environ["MOMENTO_ENDPOINT"] + path, body, method="PUT",
        headers={"Authorization": os.environ["MOMENTO_API_KEY"]},
    ))
"""


def test_hints_are_logged_where_the_log_shows_them() -> None:
    told = run("--log-level", "info", "--", PYTHON, "-c", PUT).stderr.decode()
    assert "emulator.hints: query-ignored (request 1)" in told
    assert run("--", PYTHON, "-c", PUT).stderr == b""


def test_the_help_has_the_defaults_of_exec(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        exec_command.run(["--help"])
    said = " ".join(capsys.readouterr().out.split())
    assert "port to listen on; 0 takes a free one (0)" in said
    assert "port for HTTPS; 0 takes a free one (0)" in said
    assert "debug logs every operation on an object (warning)" in said


@needs_tls
def test_an_extra_that_is_missing_is_named(tmp_path: Path) -> None:
    hidden = tmp_path / "cryptography.py"
    hidden.write_text("raise ModuleNotFoundError('hidden', name='cryptography')", encoding="utf-8")
    paths = {"PYTHONPATH": str(tmp_path)}
    ended = run("--proxy", "--", "true", env=paths)

    assert ended.returncode == 2
    said = ended.stderr.decode()
    assert "--proxy requires cryptography, which is not installed" in said
    assert install_command("tls") in said


@needs_tls
@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
def test_options_of_the_emulator_come_before_the_command(tmp_path: Path) -> None:
    script = 'curl -sS -H "Authorization: $MOMENTO_API_KEY" "$MOMENTO_ENDPOINT/objectstore"'
    ended = run("--tls", "--ca-dir", str(tmp_path / "ca"), "--", "sh", "-c", script)

    assert (ended.stdout, ended.stderr) == (b'{"object_stores": []}', b"")
