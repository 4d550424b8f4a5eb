"""The SDK for Node, `@gomomento/sdk`, in one process for all tests."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import Any

from tests.support import leash

from .sdk import API_KEY_VARIABLE, Credentials, RefusedError, clean_environment, variables

PROJECT = Path(__file__).parent / "node"
TIMEOUT_SECONDS = 60
"""The longest that a test waits for any one outcome, the start of Node included."""


class NodeSdk:
    """``CredentialProvider`` of ``@gomomento/sdk``, over the pipes of ``read-credentials.js``."""

    name = "node"

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def from_api_key_v2(self, api_key: str, endpoint: str | None) -> Credentials:
        given = {} if endpoint is None else {"endpoint": endpoint}
        return self._read("fromApiKeyV2", {"apiKey": api_key, **given})

    def from_environment_v2(self, api_key: str, endpoint: str | None) -> Credentials:
        return self._read("fromEnvVarV2", found=variables(api_key, endpoint))

    def from_string(self, credential: str) -> Credentials:
        return self._read("fromString", credential)

    def from_environment(self, credential: str) -> Credentials:
        return self._read("fromEnvironmentVariable", API_KEY_VARIABLE, found=variables(credential))

    def from_disposable_token(self, token: str) -> Credentials:
        return self._read("fromDisposableToken", token)

    def _read(
        self, method: str, *arguments: Any, found: dict[str, str] | None = None
    ) -> Credentials:
        job = {"method": method, "arguments": arguments, "environment": found or {}}
        outcome = self._exchange(json.dumps(job))
        if "error" in outcome:
            raise RefusedError(outcome["error"])
        return Credentials(**outcome["credentials"])

    def _exchange(self, line: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        too_late = Timer(TIMEOUT_SECONDS, self._process.kill)
        too_late.start()
        try:
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        finally:
            too_late.cancel()
        assert answer, f"Node ended with {self._process.wait()}, see what it wrote to stderr"
        outcome = json.loads(answer)
        assert isinstance(outcome, dict)
        return outcome


def why_not() -> str | None:
    """Why the SDK for Node cannot be had here, and what would help; None if it can."""
    if shutil.which("node") is None:
        return "there is no Node.js here: install it, with npm, and run `make test`"
    if not (PROJECT / "node_modules" / "@gomomento" / "sdk").is_dir():
        return (
            "the SDK for Node is not installed: run `make test`, or `npm ci` in tests/clients/node"
        )
    return None


@contextmanager
def start_node() -> Iterator[NodeSdk]:
    """The SDK in a Node of its own."""
    process = leash.popen(
        ["node", "read-credentials.js"],
        cwd=PROJECT,
        env=clean_environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    with process:
        try:
            yield NodeSdk(process)
        finally:
            process.kill()  # It keeps nothing, so it has nothing to finish.
