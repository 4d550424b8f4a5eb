"""The command that adds an extra: one that works however the package is installed."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from emulator.core import installation
from emulator.core.installation import install_command, missing_package

pytestmark = pytest.mark.proves("D171")

NAME = "momento-objectstore-emulator"
REPOSITORY = "https://example.test/team/emulator.git"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
METADATA = f"""\
Metadata-Version: 2.4
Name: {NAME}
Version: 1.0.0
Provides-Extra: s3
Provides-Extra: tls
Requires-Dist: aiohttp<4,>=3
Requires-Dist: boto3>=1; extra == 's3'
Requires-Dist: cryptography>=42; extra == "tls"
Requires-Dist: h2>=4.1; (python_version >= '3.8') and extra == 'tls'
"""


@dataclass(frozen=True)
class Environment:
    """A virtual environment, as far as it is asked, with the package installed or in a clone."""

    prefix: Path
    monkeypatch: pytest.MonkeyPatch

    @property
    def site_packages(self) -> Path:
        return self.prefix / "site-packages"

    def installed(self, origin: dict[str, Any] | None = None) -> None:
        """Have the package installed there, from an index or from ``origin``."""
        about = self.site_packages / f"{NAME.replace('-', '_')}-1.0.0.dist-info"
        about.mkdir(parents=True)
        (about / "METADATA").write_text(METADATA, encoding="utf-8")
        if origin is not None:
            (about / "direct_url.json").write_text(json.dumps(origin), encoding="utf-8")
        self.runs_in(self.site_packages)

    def runs_in(self, directory: Path) -> None:
        """Have the package that runs be in this directory."""
        self.monkeypatch.setattr(installation, "PACKAGE", directory / "emulator")

    def clone(self, directory: Path) -> Path:
        directory.mkdir(parents=True)
        project = f'[project]\nname = "{NAME}"\n'
        (directory / "pyproject.toml").write_text(project, encoding="utf-8")
        return directory


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    made = Environment(tmp_path / "venv", monkeypatch)
    made.site_packages.mkdir(parents=True)
    path = [str(made.site_packages)]

    def distribution(name: str) -> metadata.Distribution:
        for each in metadata.distributions(name=name, path=path):
            return each
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", distribution)
    monkeypatch.setattr(sys, "prefix", str(made.prefix))
    monkeypatch.setattr(sys, "executable", "/v/bin/python")
    monkeypatch.setattr("shutil.which", lambda name: f"/v/bin/{name}")
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(made.site_packages))
    monkeypatch.setattr("emulator.core.installation.find_spec", lambda _: object())
    return made


PIP = "python -m pip install"


def test_from_an_index_the_name_is_enough(environment: Environment) -> None:
    environment.installed()

    assert install_command("s3") == f"{PIP} '{NAME}[s3]'"
    assert missing_package("--storage s3", "boto3", "s3") == (
        f"--storage s3 requires boto3, which is not installed: {PIP} '{NAME}[s3]'"
    )


@pytest.mark.parametrize(
    ("origin", "end"),
    [({}, ""), ({"subdirectory": "python/emulator"}, "#subdirectory=python/emulator")],
)
def test_from_a_repository_it_is_the_same_commit(
    environment: Environment, origin: dict[str, str], end: str
) -> None:
    vcs = {"vcs": "git", "requested_revision": "main", "commit_id": COMMIT}
    environment.installed({"url": REPOSITORY, "vcs_info": vcs, **origin})

    assert install_command("s3") == f"{PIP} '{NAME}[s3] @ git+{REPOSITORY}@{COMMIT}{end}'"


def test_from_an_archive_it_is_the_same_archive(environment: Environment, tmp_path: Path) -> None:
    wheel = tmp_path / "a wheel.whl"
    wheel.touch()
    environment.installed({"url": wheel.as_uri(), "archive_info": {}})

    assert install_command("s3") == f"{PIP} '{NAME}[s3] @ {wheel.as_uri()}'"


def test_from_an_archive_elsewhere_it_is_its_address(environment: Environment) -> None:
    url = "https://example.test/emulator.whl"
    environment.installed({"url": url, "archive_info": {}})

    assert install_command("s3") == f"{PIP} '{NAME}[s3] @ {url}'"


@pytest.mark.parametrize(
    "origin",
    [
        {"archive_info": {}},
        {"dir_info": {}},
        pytest.param({"vcs_info": {"vcs": "git", "commit_id": COMMIT}}, id="a repository here"),
    ],
)
def test_where_the_source_is_no_more_or_no_installer_takes_it_its_packages_are_named(
    environment: Environment, tmp_path: Path, origin: dict[str, Any]
) -> None:
    environment.installed({"url": (tmp_path / "gone").as_uri(), **origin})

    assert install_command("s3") == f"{PIP} 'boto3>=1'"
    assert install_command("tls") == f"{PIP} 'cryptography>=42' 'h2>=4.1'"


def test_from_a_directory_it_is_that_directory(environment: Environment, tmp_path: Path) -> None:
    clone = environment.clone(tmp_path / "my clone")
    environment.installed({"url": clone.as_uri(), "dir_info": {}})

    assert install_command("s3") == f"{PIP} '{clone}[s3]'"


def test_where_one_works_on_it_it_stays_editable(
    environment: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = environment.clone(tmp_path / "clone")
    environment.installed({"url": clone.as_uri(), "dir_info": {"editable": True}})
    environment.runs_in(clone)

    assert install_command("s3") == f"{PIP} -e '{clone}[s3]'"
    monkeypatch.chdir(clone)
    assert install_command("s3") == f"{PIP} -e '.[s3]'"


@pytest.mark.parametrize("is_elsewhere_too", [False, True])
def test_a_clone_that_is_not_installed_becomes_so(
    environment: Environment, tmp_path: Path, is_elsewhere_too: bool
) -> None:
    if is_elsewhere_too:
        environment.installed()
    environment.runs_in(environment.clone(tmp_path / "clone"))

    assert install_command("s3") == f"{PIP} -e '{tmp_path}/clone[s3]'"


def test_a_copy_of_the_package_alone_has_the_name(environment: Environment, tmp_path: Path) -> None:
    environment.runs_in(tmp_path / "vendored")

    assert install_command("s3") == f"{PIP} '{NAME}[s3]'"


def test_the_shell_of_another_python_is_given_the_path_of_this_one(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.installed()
    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/python")

    assert install_command("s3") == f"/v/bin/python -m pip install '{NAME}[s3]'"


def test_an_environment_of_uv_has_no_pip(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.installed()
    monkeypatch.setattr("emulator.core.installation.find_spec", lambda _: None)

    assert install_command("s3") == f"uv pip install --python /v/bin/python '{NAME}[s3]'"


def test_a_tool_of_uv_is_installed_again(environment: Environment) -> None:
    environment.installed()
    (environment.prefix / "uv-receipt.toml").touch()

    assert install_command("s3") == f"uv tool install '{NAME}[s3]'"


def test_a_tool_that_uv_runs_once_is_run_with_it(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.installed()
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "archive-v0" / "kYvTu4m"))

    assert install_command("s3") == f"uvx --from '{NAME}[s3]' {NAME}"


def test_pipx_injects_packages(environment: Environment) -> None:
    environment.installed()
    (environment.prefix / "pipx_metadata.json").touch()

    assert install_command("tls") == "pipx inject venv 'cryptography>=42' 'h2>=4.1'"


def test_what_pipx_runs_once_is_run_with_it(
    environment: Environment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.installed()
    prefix = tmp_path / ".cache" / "86daa37"
    prefix.mkdir(parents=True)
    (prefix / "pipx_metadata.json").touch()
    monkeypatch.setattr(sys, "prefix", str(prefix))

    assert install_command("s3") == f"pipx run --spec '{NAME}[s3]' {NAME}"


def test_who_may_not_write_there_is_told_who_may(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.installed()
    monkeypatch.setattr(os, "access", lambda *_: False)
    said = install_command("s3")

    assert said.startswith(f"{PIP} '{NAME}[s3]' (as a user who may write to ")
    assert str(environment.site_packages) in said
    assert "in a container, when its image is built" in said


@pytest.mark.parametrize("content", ["", "{", "[]", '{"url": 1}'])
def test_what_an_installer_has_damaged_is_as_from_an_index(
    environment: Environment, content: str
) -> None:
    environment.installed({})
    (file,) = environment.site_packages.glob("*/direct_url.json")
    file.write_text(content, encoding="utf-8")

    assert "install" in install_command("s3")


def test_a_windows_shell_has_other_quotation_marks(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.installed()
    monkeypatch.setattr(installation, "_IS_WINDOWS", True)

    assert install_command("s3") == f'{PIP} "{NAME}[s3]"'
