"""``--print-completion``: what real shells complete with the script."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from emulator.commands import COMMANDS, LONE_COMMANDS
from emulator.core.installation import install_command
from tests.support.command_line import Run
from tests.support.environment import PROGRAM, environment
from tests.support.launch import START_SECONDS
from tests.support.terminals import at_terminal

pytest.importorskip("shtab", reason="needs the extra [cli]")

CASES = {
    "the first word": ("", {"serve", *LONE_COMMANDS, *COMMANDS}),
    "a command of a group": ("keys ", {*COMMANDS["keys"]}),
    "the beginning of one": ("keys cr", {"create"}),
    "an option of the program": ("--tls-p", {"--tls-port"}),
    "an option of a command": ("tokens create --expi", {"--expires-in"}),
    "an option of serve": ("serve --data-", {"--data-dir"}),
    "a negation": ("--no-fs", {"--no-fsync"}),
    "a value": ("tiers drop media key --tier ", {"storage", "cache"}),
    "the value of a flag": ("--log-format ", {"text", "json"}),
    "a file": ("roles create --permissions up", {"uploads.json"}),
}
"""What is typed after the program's name, and what may follow."""

IN_BASH = """
set -eu
source "$1"
cd "$2"
read -ra COMP_WORDS <<< "$3"
[[ $3 == *' ' ]] && COMP_WORDS+=("")
COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 )) COMP_LINE=$3 COMP_POINT=${#3}
function_of=$(complete -p "$4" | sed 's/.*-F \\([^ ]*\\).*/\\1/')
set +eu
$function_of "$4" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


INTERACTIVE = {
    "zsh": f"""
autoload -U compinit && compinit -u -D && eval "$(cat $SCRIPT)"
{PROGRAM}() {{ print -r -- "GOT<$*>" }}
""",
    "tcsh": f"""
source $SCRIPT
alias {PROGRAM} 'echo "GOT<\\!*>"'
""",
}
"""What makes a shell ready: it completes, and the program says how it was called."""


def needs(shell: str) -> str:
    """The shell, unless it is not installed."""
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"no {shell} here: make services")
    return found


@pytest.fixture
def script(run: Run, tmp_path: Path, shell: str) -> Path:
    """The file of the script for a shell."""
    file = tmp_path / f"completion.{shell}"
    file.write_text("\n".join(run("--print-completion", shell).lines) + "\n")
    (tmp_path / "uploads.json").write_text("{}")
    return file


def said(*command: str | Path) -> list[str]:
    ended = subprocess.run(
        command,
        env=environment(),
        capture_output=True,
        check=True,
        text=True,
        timeout=START_SECONDS,
    )
    assert ended.stderr == ""
    return ended.stdout.split()


@pytest.mark.parametrize("shell", ["bash"])
@pytest.mark.parametrize("case", CASES)
def test_bash_completes(script: Path, tmp_path: Path, case: str) -> None:
    typed, expected = CASES[case]
    line = f"{PROGRAM} {typed}"
    found = said(needs("bash"), "-c", IN_BASH, "bash", script, tmp_path, line, PROGRAM)
    assert expected <= set(found) if case == "the first word" else expected == set(found)


@pytest.mark.parametrize("shell", INTERACTIVE)
@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("keys cr", "keys create"),
        ("cloc", "clock"),
        ("serve --data-d", "serve --data-dir"),
    ],
)
def test_another_shell_completes_at_a_terminal(
    script: Path, shell: str, typed: str, completed: str
) -> None:
    with at_terminal(needs(shell), "-f", "-i", env={"SCRIPT": str(script)}) as terminal:
        terminal.type(INTERACTIVE[shell])
        terminal.type(f"{PROGRAM} ready\n")
        terminal.wait_for("GOT<ready>")
        terminal.type(f"{PROGRAM} {typed}\t\n")
        terminal.wait_for(f"GOT<{completed}>")


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_the_shell_reads_the_script(script: Path, shell: str) -> None:
    options = {"bash": ["-n"], "zsh": ["-n"], "tcsh": ["-f"]}[shell]
    assert said(needs(shell), *options, script) == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_the_script_knows_every_command(run: Run, shell: str) -> None:
    text = "\n".join(run("--print-completion", shell).lines)
    assert [group for group in COMMANDS if group not in text] == []
    assert [name for names in COMMANDS.values() for name in names if name not in text] == []


def test_another_shell_is_told_those_that_there_are(run: Run) -> None:
    run("--print-completion", "fish").misused("'fish'", "bash, zsh, tcsh")
    run("--print-completion").misused("bash, zsh, tcsh")
    assert run("--print-completion=bash").lines == run("--print-completion", "bash").lines


def test_without_the_library_it_says_what_to_install(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    run("--print-completion", "bash").refused(
        "--print-completion requires shtab, which is not installed", install_command("cli")
    )
