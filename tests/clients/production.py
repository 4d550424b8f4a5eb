"""Programs that know only a host of production, each with another client, and how to run them."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from tests.support import leash
from tests.support.environment import ROOT

from .node_sdk import PROJECT

PROGRAMS = Path(__file__).parent / "programs"
PAGE = ROOT / "docs" / "clients.md"

TIMEOUT_SECONDS = 60.0
COMPILE_SECONDS = 300.0
"""The first time, Go compiles its library too."""

_FIRST_NODE_WITH_PROXY = 24
"""From this major version on, Node's ``fetch`` uses the proxy of the environment."""

_USE_PROXY = re.compile(r"^```js\n// use-proxy\.cjs\n(.*?)^```$", re.MULTILINE | re.DOTALL)

_TRUST_STORE = re.compile(r"['\"]?-Djavax\.net\.ssl\.trustStore=\S+")


def without_trust(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables of somebody who has set the proxy alone."""
    found = {
        name: value
        for name, value in variables.items()
        if not name.endswith(("CERT_FILE", "CA_BUNDLE", "CA_CERTS"))
    }
    found["JAVA_TOOL_OPTIONS"] = _TRUST_STORE.sub("", found["JAVA_TOOL_OPTIONS"])
    return found


class Toolchains:
    """Makes commands of the programs, and compiles each once.

    Args:
        directory: for what is compiled.
        variables: those of the environment in which compilers run.
    """

    def __init__(self, directory: Path, variables: Mapping[str, str]) -> None:
        self._directory = directory
        self._variables = dict(variables)
        self._made: dict[str, Sequence[str]] = {}

    def command(self, client: str) -> Sequence[str]:
        """The command of a client's program; skips the test if a tool is missing."""
        if client not in self._made:
            self._made[client] = CLIENTS[client](self)
        return self._made[client]

    def curl(self) -> Sequence[str]:
        _require("curl")
        return "sh", str(PROGRAMS / "curl.sh")

    def requests(self) -> Sequence[str]:
        return sys.executable, str(PROGRAMS / "with_requests.py")

    def httpx(self) -> Sequence[str]:
        if importlib.util.find_spec("httpx") is None:
            pytest.skip("httpx is not installed: run `make test-all`")
        return sys.executable, str(PROGRAMS / "with_httpx.py")

    def fetch(self) -> Sequence[str]:
        _require("node", "Node.js")
        if self._node_version() >= _FIRST_NODE_WITH_PROXY:
            return "node", str(PROGRAMS / "fetch.mjs")
        (lines,) = _USE_PROXY.findall(PAGE.read_text(encoding="utf-8"))
        use_proxy = self._directory / "use-proxy.cjs"
        use_proxy.write_text(lines, encoding="utf-8")
        return *_with_undici(), "--require", str(use_proxy), str(PROGRAMS / "fetch.mjs")

    def undici(self) -> Sequence[str]:
        _require("node", "Node.js")
        return *_with_undici(), str(PROGRAMS / "undici.cjs")

    def go(self) -> Sequence[str]:
        _require("go", "Go")
        program = self._directory / "client"
        build = ("go", "build", "-o", str(program), str(PROGRAMS / "client.go"))
        self._compile(*build, GOTOOLCHAIN="local", GOPROXY="off", GOFLAGS="", CGO_ENABLED="0")
        return (str(program),)

    def java(self) -> Sequence[str]:
        _require("javac", "JDK")
        self._compile("javac", "-d", str(self._directory), str(PROGRAMS / "Client.java"))
        return "java", "-cp", str(self._directory), "Client"

    def _node_version(self) -> int:
        return int(self._compile("node", "-p", "process.versions.node").partition(".")[0])

    def _compile(self, *command: str, **variables: str) -> str:
        ended: subprocess.CompletedProcess[str] = subprocess.run(
            command,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=COMPILE_SECONDS,
            env={**self._variables, **variables},
            **leash.leashed(),
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout


CLIENTS: Mapping[str, Callable[[Toolchains], Sequence[str]]] = {
    "curl": Toolchains.curl,
    "requests": Toolchains.requests,
    "httpx": Toolchains.httpx,
    "fetch": Toolchains.fetch,
    "undici": Toolchains.undici,
    "go": Toolchains.go,
    "java": Toolchains.java,
}
"""The programs by the client that each uses."""


def _require(program: str, name: str | None = None) -> None:
    if shutil.which(program) is None:
        hint = "install it, with npm" if program == "node" else "run `make services`"
        pytest.skip(f"there is no {name or program} here: {hint}")


def _with_undici() -> tuple[str, ...]:
    modules = PROJECT / "node_modules"
    if not (modules / "undici").is_dir():
        pytest.skip(
            "undici is not installed: run `make test-all`, or `npm ci` in tests/clients/node"
        )
    return "env", f"NODE_PATH={modules}", "node"


def run(
    command: Sequence[str], greeting: str, variables: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a program, which puts the greeting, with these variables alone."""
    return subprocess.run(
        [*command, greeting],
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=TIMEOUT_SECONDS,
        env=dict(variables),
        **leash.leashed(),
    )
