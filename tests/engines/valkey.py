"""A real Valkey, or a Redis where there is none: one server, or a cluster of three."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from .process import HOST, START_SECONDS, EngineProcess

HINT = "a Valkey or Redis server is needed: `make services` installs one"

_NODES = 3


def find_server() -> str | None:
    """The server's program, where this machine has one."""
    return shutil.which("valkey-server") or shutil.which("redis-server")


def find_cli() -> str:
    """The program that people use to talk to it."""
    found = shutil.which("valkey-cli") or shutil.which("redis-cli")
    assert found is not None, HINT
    return found


def cli(port: int, *words: str) -> str:
    """What the server on ``port`` answers to a command, as a person reads it."""
    return subprocess.run(
        [find_cli(), "-h", HOST, "-p", str(port), *words],
        check=True,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
    ).stdout


class ValkeyServer(EngineProcess):
    """One server that keeps nothing on disk, unless ``options`` have it so."""

    def __init__(self, directory: Path, *options: str) -> None:
        super().__init__(lambda port: _command(port, *options), directory, answers=_pongs)

    @property
    def url(self) -> str:
        return f"valkey://{HOST}:{self.port}"

    def cli(self, *words: str) -> str:
        return cli(self.port, *words)


class ValkeyCluster:
    """Three primaries that share the slots; a node that is lost takes its slots with it.

    They keep nothing on disk, unless ``options`` have it so.
    """

    def __init__(self, directory: Path, *options: str) -> None:
        of_cluster = ("--cluster-enabled", "yes", "--cluster-node-timeout", "1000")
        self.nodes = [
            ValkeyServer(
                directory / str(number),
                *of_cluster,
                *("--cluster-require-full-coverage", "no"),
                *options,
            )
            for number in range(_NODES)
        ]

    @property
    def url(self) -> str:
        return f"valkey-cluster://{HOST}:{self.nodes[0].port}"

    def start(self) -> None:
        """Start the nodes, and have them be one cluster."""
        for node in self.nodes:
            node.start()
        addresses = [f"{HOST}:{node.port}" for node in self.nodes]
        cli(self.nodes[0].port, "--cluster", "create", *addresses, "--cluster-yes")
        deadline = time.monotonic() + START_SECONDS
        while not all("cluster_state:ok" in node.cli("CLUSTER", "INFO") for node in self.nodes):
            assert time.monotonic() < deadline, "the nodes did not become a cluster"
            time.sleep(0.05)

    def owner_of(self, tag: str) -> ValkeyServer:
        """The node that has the names with that tag."""
        # Any other node answers that the name has moved.
        (owner,) = [node for node in self.nodes if "MOVED" not in node.cli("GET", f"{{{tag}}}")]
        return owner

    def stop(self) -> None:
        for node in self.nodes:
            node.stop()


def _command(port: int, *options: str) -> Sequence[str]:
    server = find_server()
    assert server is not None, HINT
    quiet = ("--save", "", "--appendonly", "no", "--bind", HOST, "--dir", ".")
    return [server, "--port", str(port), *quiet, *options]


def _pongs(port: int) -> bool:
    answer = subprocess.run(
        [find_cli(), "-h", HOST, "-p", str(port), "PING"],
        check=False,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
    )
    return answer.stdout.strip() in ("PONG", "NOAUTH Authentication required.")
