"""The variables that lead clients to an emulator, in the forms that shells and files have."""

from __future__ import annotations

import json
import subprocess
from functools import partial
from pathlib import Path

import pytest

from emulator import Emulator
from emulator.tls.environment import FORMATS, environment
from tests.support.command_line import Run

plain = partial(environment, endpoint="http://127.0.0.1:1", api_key="key")
HARD = {
    "A": "plain",
    "B": 'it\'s "$HOME" `id` \\ # !',
    "C": "",
    "D": "\u2018curly\u2019",
    "E": "a b",
}


def test_without_tls_it_is_the_endpoint_and_the_key_alone() -> None:
    assert plain() == {
        "MOMENTO_ENDPOINT": "http://127.0.0.1:1",
        "MOMENTO_API_KEY": "key",
    }


def test_with_tls_it_is_the_url_for_https_and_what_to_trust(tmp_path: Path) -> None:
    found = plain(tls_endpoint="https://127.0.0.1:2", ca_file=tmp_path, ca_bundle=tmp_path / "all")

    assert found["MOMENTO_ENDPOINT"] == "https://127.0.0.1:2"
    assert found["NODE_EXTRA_CA_CERTS"] == str(tmp_path)
    bundles = {name for name, value in found.items() if value == str(tmp_path / "all")}
    assert bundles == {
        "SSL_CERT_FILE",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
        "AWS_CA_BUNDLE",
    }
    assert not {"HTTPS_PROXY", "NO_PROXY"} & found.keys()


def test_with_a_proxy_the_endpoint_is_a_bare_host_as_in_production() -> None:
    found = plain(tls_endpoint="https://h", proxy="http://127.0.0.1:1")

    assert found["MOMENTO_ENDPOINT"] == "emulator.test"
    assert found["HTTPS_PROXY"] == found["https_proxy"] == "http://127.0.0.1:1"
    assert found["NO_PROXY"] == found["no_proxy"] == "localhost,127.0.0.1,::1"


def test_java_is_told_the_proxy_and_the_trust_store_in_its_own_variable() -> None:
    proxy = plain(proxy="http://127.0.0.1:1")
    trust = plain(trust_store=Path("/a b/it's.p12"))
    both = plain(proxy="http://[::1]:2", trust_store=Path("/a.p12"))

    assert proxy["JAVA_TOOL_OPTIONS"] == "-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=1"
    assert trust["JAVA_TOOL_OPTIONS"] == '"-Djavax.net.ssl.trustStore=/a b/it\'s.p12"'
    assert both["JAVA_TOOL_OPTIONS"] == (
        "-Dhttps.proxyHost=::1 -Dhttps.proxyPort=2 -Djavax.net.ssl.trustStore=/a.p12"
    )


def test_an_unknown_key_is_left_out() -> None:
    assert "MOMENTO_API_KEY" not in environment(endpoint="http://h", api_key=None)


def test_a_shell_reads_every_value_as_it_is(tmp_path: Path) -> None:
    script = tmp_path / "env.sh"
    script.write_text(FORMATS["sh"](HARD), encoding="utf-8")
    shown = 'for each in A B C D E; do eval "printf \'%s\\n\' \\"\\$$each\\""; done'
    shell = subprocess.run(
        ["sh", "-euc", f". {script}\n{shown}"], capture_output=True, check=True, timeout=20
    )

    assert shell.stdout.decode().splitlines() == [*HARD.values()]


@pytest.mark.parametrize(
    ("form", "lines"),
    [
        (
            "fish",
            [
                "set -gx A 'plain'",
                "set -gx B 'it\\'s \"$HOME\" `id` \\\\ # !'",
                "set -gx C ''",
                "set -gx D '\u2018curly\u2019'",
                "set -gx E 'a b'",
            ],
        ),
        (
            "powershell",
            [
                "$Env:A = 'plain'",
                "$Env:B = 'it''s \"$HOME\" `id` \\ # !'",
                "$Env:C = ''",
                "$Env:D = '\u2018\u2018curly\u2019\u2019'",
                "$Env:E = 'a b'",
            ],
        ),
        (
            "dotenv",
            [
                "A=plain",
                'B="it\'s \\"\\$HOME\\" \\`id\\` \\\\ # !"',
                "C=",
                'D="\u2018curly\u2019"',
                'E="a b"',
            ],
        ),
    ],
)
def test_each_other_form_quotes_as_its_reader_wants(form: str, lines: list[str]) -> None:
    assert FORMATS[form](HARD).splitlines() == lines


def test_json_is_an_object_of_the_variables() -> None:
    assert json.loads(FORMATS["json"](HARD)) == HARD


def test_env_prints_what_the_ready_file_says(run: Run, emulator: Emulator, tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    ready.write_text(json.dumps({"environment": dict(emulator.environment)}), encoding="utf-8")

    shown = run("env", "--ready-file", str(ready), "--format", "json")
    assert json.loads(shown.stdout) == emulator.environment
    assert run("env", f"--ready-file={ready}").stdout.startswith(
        "export MOMENTO_ENDPOINT=emulator.test\nexport MOMENTO_API_KEY="
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "there is no file"),
        ("{", "is not the ready file of an emulator"),
        ('{"endpoint": "http://h"}', "is not the ready file of an emulator"),
        ('{"environment": {"A": 1}}', "is not the ready file of an emulator"),
        ('{"environment": []}', "is not the ready file of an emulator"),
        ("[]", "is not the ready file of an emulator"),
    ],
)
def test_env_refuses_what_is_no_ready_file(
    run: Run, tmp_path: Path, content: str | None, said: str
) -> None:
    ready = tmp_path / "ready.json"
    if content is not None:
        ready.write_text(content, encoding="utf-8")

    ended = run("env", "--ready-file", str(ready))
    assert ended.status == 1
    assert said in ended.stderr
    assert ended.stdout == ""


def test_env_without_a_ready_file_says_how_to_have_one(run: Run) -> None:
    ended = run("env")

    assert ended.status == 2
    assert "MOMENTO_EMULATOR_READY_FILE" in ended.stderr
