"""The documents' curl examples, run as they are written against the emulator."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from emulator import Emulator
from tests.support.client import Client
from tests.support.environment import ROOT
from tests.support.ports import HOST, reserved_port
from tests.support.tls import needs_tls

FIXTURES = ROOT / "fixtures"
SCRIPT = FIXTURES / "curl-examples.sh"
SEED = FIXTURES / "seed.yaml"
TIMEOUT_SECONDS = 120

STATUS_OF_EACH_EXAMPLE = [
    ("Before the examples: no store named my-store", "404"),
    ("Create an object store", "201"),
    ("List object stores", "200"),
    ("Describe an object store", "200"),
    ("Put an object", "204"),
    ("Put an object with a TTL of one hour", "204"),
    ("Put an object with metadata", "204"),
    ("Get an object", "200"),
    ("Delete an object store", "200"),
]

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


class Examples:
    """Runs the script in an empty folder, with an empty folder for its temporary files."""

    def __init__(self, folder: Path) -> None:
        self._here = folder / "here"
        self._temporary = folder / "temporary"
        self._here.mkdir()
        self._temporary.mkdir()

    def run(
        self, shell: str = "sh", path: str | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        program = shutil.which(shell)
        assert program is not None
        return subprocess.run(
            [program, str(SCRIPT)],
            cwd=self._here,
            env={
                "PATH": os.environ["PATH"] if path is None else path,
                "TMPDIR": str(self._temporary),
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )

    def left_behind(self) -> list[Path]:
        return [*self._here.iterdir(), *self._temporary.iterdir()]


@pytest.fixture
def examples(tmp_path: Path) -> Examples:
    return Examples(tmp_path)


def statuses(output: str) -> list[tuple[str, str]]:
    """Each title that the script printed, with the status code under it."""
    return re.findall(r"^== (.+)\n +status: (\d+)$", output, re.MULTILINE)


@needs_curl
@pytest.mark.parametrize("shell", ["sh", "dash", "bash"])
def test_every_curl_example_of_the_documents_gets_its_documented_answer(
    momento_emulator: Emulator, examples: Examples, shell: str
) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")

    done = examples.run(
        shell,
        MOMENTO_ENDPOINT=momento_emulator.endpoint,
        MOMENTO_API_KEY=momento_emulator.api_key("operator"),
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert statuses(done.stdout) == STATUS_OF_EACH_EXAMPLE
    assert done.stdout.endswith("All answers are as documented.\n")


@needs_tls
@needs_curl
def test_the_curl_examples_run_through_the_proxy_too(examples: Examples, tmp_path: Path) -> None:
    with Emulator(proxy=True, ca_dir=tmp_path / "ca", stop_timeout=1) as emulator:
        done = examples.run(**emulator.environment)

    assert (done.returncode, done.stderr) == (0, "")
    assert statuses(done.stdout) == STATUS_OF_EACH_EXAMPLE


@needs_curl
def test_the_curl_examples_can_be_run_again_because_they_delete_their_store(
    momento_emulator: Emulator, examples: Examples
) -> None:
    key = momento_emulator.api_key("owner")
    environment = {"MOMENTO_ENDPOINT": momento_emulator.endpoint, "MOMENTO_API_KEY": key}

    assert examples.run(**environment).returncode == 0
    assert Client(momento_emulator.endpoint, key).describe_store("my-store").status == 404
    assert examples.left_behind() == []
    assert examples.run(**environment).returncode == 0


@needs_curl
def test_the_curl_examples_run_with_the_keys_of_the_seed_file(examples: Examples) -> None:
    keys = yaml.safe_load(SEED.read_text(encoding="utf-8"))["api_keys"]
    operator_keys = [entry["api_key"] for entry in keys if entry["role"] == "operator"]

    with Emulator(seed=SEED) as emulator:
        for key in operator_keys:
            done = examples.run(MOMENTO_ENDPOINT=emulator.endpoint, MOMENTO_API_KEY=key)
            assert (done.returncode, done.stderr) == (0, "")


@needs_curl
def test_the_curl_examples_leave_a_store_of_the_same_name_alone(
    momento_emulator: Emulator, examples: Examples
) -> None:
    key = momento_emulator.api_key("operator")
    operator = Client(momento_emulator.endpoint, key)
    operator.create_store("my-store")
    before = operator.describe_store("my-store").json()

    done = examples.run(MOMENTO_ENDPOINT=momento_emulator.endpoint, MOMENTO_API_KEY=key)

    assert done.returncode == 1
    assert "expected status 404, got status 200" in done.stderr
    assert operator.describe_store("my-store").json() == before


@needs_curl
def test_an_unknown_key_ends_the_curl_examples_with_the_status_it_got(
    momento_emulator: Emulator, examples: Examples
) -> None:
    done = examples.run(
        MOMENTO_ENDPOINT=momento_emulator.endpoint, MOMENTO_API_KEY="nobody-knows-this-key"
    )

    assert done.returncode == 1
    assert "got status 401" in done.stderr
    assert examples.left_behind() == []


@needs_curl
def test_a_viewer_key_ends_the_curl_examples_where_they_first_write(
    momento_emulator: Emulator, examples: Examples
) -> None:
    done = examples.run(
        MOMENTO_ENDPOINT=momento_emulator.endpoint,
        MOMENTO_API_KEY=momento_emulator.api_key("viewer"),
    )

    assert done.returncode == 1
    assert '"Create an object store": expected status 201, got status 403' in done.stderr
    assert examples.left_behind() == []


@needs_curl
def test_the_curl_examples_say_when_nothing_listens_at_the_endpoint(examples: Examples) -> None:
    with reserved_port() as port:
        endpoint = f"http://{HOST}:{port}"
        done = examples.run(MOMENTO_ENDPOINT=endpoint, MOMENTO_API_KEY="any")

    assert done.returncode == 2
    assert f"nothing listens at {endpoint}" in done.stderr
    assert examples.left_behind() == []


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"MOMENTO_ENDPOINT": "http://127.0.0.1:8080"},
        {"MOMENTO_API_KEY": "any"},
        {"MOMENTO_ENDPOINT": "", "MOMENTO_API_KEY": ""},
    ],
    ids=["neither", "no key", "no endpoint", "both empty"],
)
def test_the_curl_examples_say_in_one_line_which_variables_they_need(
    examples: Examples, environment: dict[str, str]
) -> None:
    done = examples.run(**environment)

    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert "set MOMENTO_ENDPOINT" in line
    assert "MOMENTO_API_KEY" in line


def test_the_curl_examples_say_that_an_endpoint_is_a_url(examples: Examples) -> None:
    done = examples.run(MOMENTO_ENDPOINT="localhost:8080", MOMENTO_API_KEY="any")

    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert "must begin with http://" in line
    assert "'localhost:8080'" in line


def test_the_curl_examples_say_when_curl_is_missing(examples: Examples, tmp_path: Path) -> None:
    done = examples.run(
        path=str(tmp_path / "no-programs"),
        MOMENTO_ENDPOINT="http://127.0.0.1:8080",
        MOMENTO_API_KEY="any",
    )

    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert "curl is not installed" in line
