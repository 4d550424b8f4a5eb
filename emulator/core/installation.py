"""How this package is installed, and the command that adds an extra to it there (D171).

``pip install 'momento-objectstore-emulator[s3]'`` does not help who installed from a clone, an
archive or a repository, who has the program from pipx or uv, or whose ``pip`` is that of another
Python. Only errors import this module.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sys
import sysconfig
from collections.abc import Sequence
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

DISTRIBUTION = "momento-objectstore-emulator"
"""The name of the distribution, and of the program that it installs."""

PACKAGE = Path(__file__).resolve().parents[1]
"""The directory of the package ``emulator`` that runs."""

_IS_WINDOWS = sys.platform == "win32"

_PLAIN = re.compile(r"[\w./:=+-]+")
"""A word that no shell changes."""


class Target(NamedTuple):
    """What an installer is given, and whether it is a directory in which the package stays."""

    word: str
    is_editable: bool = False


def missing_package(what: str, package: str | None, extra: str) -> str:
    """Say that ``what`` requires a package of an extra, and how to install the extra."""
    return f"{what} requires {package}, which is not installed: {install_command(extra)}"


def install_command(extra: str) -> str:
    """Return the command that installs an extra of this package into the running environment: one
    line for a shell, and who has to run it, if this user may not."""
    distribution = _distribution()
    target = _target(extra, distribution)
    packages = [] if distribution is None else _packages(extra, distribution)
    command = _quoted(_command(target, packages))
    site_packages = sysconfig.get_path("purelib")
    if os.access(site_packages, os.W_OK):
        return command
    return (
        f"{command} (as a user who may write to {site_packages}: in a container, when its image is "
        "built)"
    )


def _distribution() -> metadata.Distribution | None:
    """Return the installed distribution that has the package which runs; None if there is none, as
    for a clone that is only on Python's path."""
    try:
        found = metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return None
    directory, is_editable = _directory_of(_origin(found))
    root = directory if is_editable and directory else Path(str(found.locate_file("")))
    return found if root.resolve() == PACKAGE.parent else None


def _target(extra: str, distribution: metadata.Distribution | None) -> Target | None:
    """Return what to install; None if what it was installed from is gone."""
    name = f"{DISTRIBUTION}[{extra}]"
    if distribution is None:
        if _is_clone(PACKAGE.parent):
            return Target(f"{_from_here(PACKAGE.parent)}[{extra}]", is_editable=True)
        return Target(name)
    origin = _origin(distribution)
    url = str(origin.get("url", ""))
    if not url:  # It came from an index.
        return Target(name)
    if isinstance(origin.get("vcs_info"), dict):
        # Some releases of pip take no repository without a host, as one on this machine.
        has_host = bool(urlsplit(url).netloc)
        return Target(f"{name} @ {_of_repository(url, origin)}") if has_host else None
    directory, is_editable = _directory_of(origin)
    if directory is not None:
        is_there = _is_clone(directory)
        return Target(f"{_from_here(directory)}[{extra}]", is_editable) if is_there else None
    is_file = urlsplit(url).scheme == "file"
    return None if is_file and not _path(url).exists() else Target(f"{name} @ {url}")


def _origin(distribution: metadata.Distribution) -> dict[str, object]:
    """Return what the installer has recorded of the source (``direct_url.json``): nothing for a
    package from an index."""
    try:
        found = json.loads(distribution.read_text("direct_url.json") or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _of_repository(url: str, origin: dict[str, object]) -> str:
    about = origin["vcs_info"]
    assert isinstance(about, dict)
    directory = origin.get("subdirectory")
    fragment = f"#subdirectory={directory}" if directory else ""
    return f"{about.get('vcs')}+{url}@{about.get('commit_id')}{fragment}"


def _directory_of(origin: dict[str, object]) -> tuple[Path | None, bool]:
    """Return the directory from which it was installed, if it was, and whether it runs there."""
    about = origin.get("dir_info")
    if not isinstance(about, dict):
        return None, False
    return _path(str(origin.get("url"))), about.get("editable") is True


def _path(url: str) -> Path:
    path = unquote(urlsplit(url).path)
    return Path(path.lstrip("/") if _IS_WINDOWS else path)


def _is_clone(directory: Path) -> bool:
    try:
        project = (directory / "pyproject.toml").read_text(encoding="utf-8")
    except OSError:
        return False
    return f'name = "{DISTRIBUTION}"' in project


def _from_here(directory: Path) -> str:
    return "." if directory == Path.cwd() else str(directory)


def _packages(extra: str, distribution: metadata.Distribution) -> list[str]:
    """Return the requirements of an extra."""
    marker = re.compile(rf"extra == ['\"]{re.escape(extra)}['\"]")
    found = (each.partition(";") for each in distribution.requires or ())
    return [requirement.strip() for requirement, _, condition in found if marker.search(condition)]


def _command(target: Target | None, packages: Sequence[str]) -> list[str]:
    """Return the command of the installer that has made this environment."""
    prefix = Path(sys.prefix)
    is_temporary = prefix.parent.name == ".cache"
    if (prefix / "pipx_metadata.json").exists() and not is_temporary:
        return ["pipx", "inject", prefix.name, *packages]
    if target is not None and (prefix / "pipx_metadata.json").exists():
        return ["pipx", "run", "--spec", target.word, DISTRIBUTION]
    if target is not None and prefix.parent.name.startswith("archive-v"):
        return ["uvx", "--from", target.word, DISTRIBUTION]
    words = packages if target is None else [*["-e"] * target.is_editable, target.word]
    if target is not None and (prefix / "uv-receipt.toml").exists():
        return ["uv", "tool", "install", *words]
    if find_spec("pip") is None and shutil.which("uv"):
        return ["uv", "pip", "install", "--python", sys.executable, *words]
    return [_python(), "-m", "pip", "install", *words]


def _python() -> str:
    """Return the word that starts this Python: its path, where the shell would find another one."""
    found = shutil.which("python")
    return "python" if found and Path(found) == Path(sys.executable) else sys.executable


def _quoted(words: Sequence[str]) -> str:
    """Return the words for a shell of this system."""
    if not _IS_WINDOWS:
        return shlex.join(words)
    return " ".join(word if _PLAIN.fullmatch(word) else f'"{word}"' for word in words)
