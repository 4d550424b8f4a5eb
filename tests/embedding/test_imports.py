"""What is imported by whom: nobody pays for the server who does not start one, and a session of
pytest that uses no fixture pays for nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.launch import run
from tests.support.tls import needs_tls

HEAVY = ["aiohttp", "asyncio", "fakeredis", "jwt", "yaml"]


def imported_by(statement: str) -> set[str]:
    """The modules that are loaded in a new interpreter after ``statement``."""
    result = run(sys.executable, "-c", f"{statement}\nimport sys; print(*sys.modules)")
    assert result.returncode == 0, result.stderr
    return set(result.stdout.split())


@pytest.mark.parametrize(
    "statement",
    [
        "import emulator",
        "import emulator.config",
        "import emulator.cli",
        "from emulator import *",
    ],
)
def test_an_import_is_light_until_an_emulator_is_wanted(statement: str) -> None:
    light = imported_by("pass")
    wanted = HEAVY if "*" not in statement else []

    assert [name for name in wanted if name in imported_by(statement) - light] == []


def test_the_pytest_plugin_imports_nothing_but_itself_until_it_is_used() -> None:
    imported = imported_by("import pytest_momento_emulator") - imported_by("import pytest")

    assert imported == {"pytest_momento_emulator"}


def test_the_emulator_is_there_when_it_is_asked_for() -> None:
    assert "aiohttp" in imported_by("from emulator import Emulator")


LATER = [
    "botocore",
    "cryptography.x509",
    "emulator.answered",
    "emulator.core.answers",
    "emulator.http.grpc",
    "emulator.http.https",
    "emulator.tls.contexts",
    "aiohttp.web",
    "emulator.backends.valkey.connection",
    "emulator.commands",
    "emulator.control.fault_effects",
    "emulator.control.fault_rule",
    "emulator.startup.seed_file",
    "emulator.telemetry.cloudwatch",
    "google.protobuf",
    "grpc",
    "h2",
    "jwt",
    "yaml",
]
"""What only some emulators need."""


def test_a_start_imports_nothing_that_it_may_not_need() -> None:
    started = imported_by("from emulator import Emulator\nwith Emulator(): pass")

    assert [name for name in LATER if name in started] == []
    assert "fakeredis" in started  # The default cache: it is there before the first request.


@needs_tls
def test_a_start_with_tls_imports_nothing_of_http_2_before_a_connection(tmp_path: Path) -> None:
    directory = str(tmp_path / "ca")
    started = imported_by(
        f"from emulator import Emulator\nwith Emulator(proxy=True, ca_dir={directory!r}): pass"
    )

    assert [name for name in ("google.protobuf", "grpc", "h2") if name in started] == []
    assert "emulator.http.grpc" in started


def test_the_package_says_what_it_has() -> None:
    result = run(
        sys.executable, "-c", "import emulator; print(emulator.__all__); emulator.Simulator"
    )

    assert result.stdout == "['Emulator', '__version__']\n"
    assert "AttributeError: module 'emulator' has no attribute 'Simulator'" in result.stderr


def test_options_that_are_refused_cost_no_import_of_the_server() -> None:
    refused = (
        "import emulator.cli\ntry: emulator.cli.main(['--port', 'x'])\nexcept SystemExit: pass"
    )

    assert "aiohttp" not in imported_by(refused)
