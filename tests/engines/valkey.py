"""A real Valkey, or a Redis where there is none: one server, or a cluster of three."""

from __future__ import annotations

import itertools
import shutil
import socket
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from tests.support.ports import HOST
from tests.support.waiting import wait_until

from .process import START_SECONDS, EngineProcess

HINT = "a Valkey or Redis server is needed: `make services` installs one"

_NODES = 3
_SLOTS = 16384


def find_server() -> str | None:
    """The server's program, where this machine has one."""
    return shutil.which("valkey-server") or shutil.which("redis-server")


def find_cli() -> str:
    """The program that people use to talk to it."""
    found = shutil.which("valkey-cli") or shutil.which("redis-cli")
    assert found is not None, HINT
    return found


def ask(port: int, *words: str, login: str = "", database: int = 0) -> str:
    """What the server on ``port`` answers to a command, as a person reads it in `valkey-cli`.

    Args:
        words: the command.
        login: the password of the default user, if it has one.
        database: where the command is meant.
    """
    commands = [["AUTH", login]] if login else []
    commands += [["SELECT", str(database)]] if database else []
    with (
        socket.create_connection((HOST, port), timeout=START_SECONDS) as connection,
        connection.makefile("rb") as answers,
    ):
        for command in [*commands, words]:
            connection.sendall(_packed(command))
            text = _read(answers)
    return text if text.endswith("\n") else f"{text}\n"


def _packed(command: Sequence[str]) -> bytes:
    words = [word.encode() for word in command]
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(w), w) for w in words)


def _read(answers: BinaryIO) -> str:
    """One answer: a line for each of its parts."""
    line = answers.readline()
    if not line.endswith(b"\r\n"):
        raise ConnectionError("the server hung up")
    kind, rest = line[:1], line[1:-2]
    if kind == b"$":
        return "" if rest == b"-1" else answers.read(int(rest) + 2)[:-2].decode()
    if kind == b"*":
        return "\n".join(_read(answers) for _ in range(int(rest)))
    return rest.decode()


class ValkeyServer(EngineProcess):
    """One server that keeps nothing on disk, unless ``options`` have it so."""

    def __init__(self, directory: Path, *options: str) -> None:
        super().__init__(lambda port: _command(port, *options), directory, answers=_pongs)

    @property
    def url(self) -> str:
        return f"valkey://{HOST}:{self.port}"

    def stop(self) -> None:
        """End it, if it runs, at once: asked to, it takes a tenth of a second."""
        if self._process is not None:
            self.kill()

    def empty(self) -> None:
        """Have it hold nothing."""
        self.ask("FLUSHALL")

    def ask(self, *words: str, login: str = "", database: int = 0) -> str:
        """What it answers to a command: see `ask`."""
        return ask(self.port, *words, login=login, database=database)

    def cli(self, *words: str) -> str:
        """What a person reads who uses the program."""
        return subprocess.run(
            [find_cli(), "-h", HOST, "-p", str(self.port), *words],
            check=True,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
        ).stdout


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
        for number, node in enumerate(self.nodes):
            node.start()
            slots = range(number * _SLOTS // _NODES, (number + 1) * _SLOTS // _NODES)
            node.ask("CLUSTER", "ADDSLOTS", *map(str, slots))
            node.ask("CLUSTER", "SET-CONFIG-EPOCH", str(number + 1))
        for node, other in itertools.combinations(self.nodes, 2):
            node.ask("CLUSTER", "MEET", HOST, str(other.port))
        wait_until(
            lambda: all(is_whole(node) for node in self.nodes),
            "the nodes are a cluster",
            seconds=START_SECONDS,
        )

    def empty(self) -> None:
        """Have it hold nothing."""
        for node in self.nodes:
            node.empty()

    def owner_of(self, tag: str) -> ValkeyServer:
        """The node that has the names with that tag."""
        # Any other node answers that the name has moved.
        (owner,) = [node for node in self.nodes if "MOVED" not in node.ask("GET", f"{{{tag}}}")]
        return owner

    def stop(self) -> None:
        for node in self.nodes:
            node.stop()


StartValkey = Callable[..., ValkeyServer]
StartValkeyCluster = Callable[..., ValkeyCluster]
"""Start one of the test's own, with the options of its servers."""


def _command(port: int, *options: str) -> Sequence[str]:
    server = find_server()
    assert server is not None, HINT
    quiet = ("--save", "", "--appendonly", "no", "--bind", HOST, "--dir", ".")
    return [server, "--port", str(port), *quiet, *options]


def is_whole(node: ValkeyServer, nodes: int = _NODES) -> bool:
    """Whether a node knows all nodes of its cluster, and who has which slot."""
    info = node.ask("CLUSTER", "INFO")
    known = f"cluster_known_nodes:{nodes}\r", f"cluster_slots_ok:{_SLOTS}\r"
    return "cluster_state:ok" in info and all(each in info for each in known)


def misses_another(node: ValkeyServer) -> bool:
    """Whether a node has found that another one of its cluster is lost."""
    return "cluster_slots_fail:0" not in node.ask("CLUSTER", "INFO")


def _pongs(port: int) -> bool:
    try:
        return ask(port, "PING").startswith(("PONG", "NOAUTH"))
    except OSError:
        return False
