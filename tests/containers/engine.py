"""What builds and runs the image: Docker where its engine answers, else Podman.

Docker takes the base image from its registry. Podman gets a stand-in for it under the same name,
made of Debian's packages, and a storage of its own, so that nothing of the user's is touched.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support import leash
from tests.support.environment import ROOT
from tests.support.waiting import wait_until

HINT = "a container engine is needed: Docker, or podman as `make services` installs it"

IMAGE = "localhost/momento-emulator-test"

BUILD_SECONDS = 500.0
SECONDS = 60.0
"""The longest that a build, and any other command of an engine, may take."""

BASE = "docker.io/library/python:3.13-slim"
_BASE_SUITE = "trixie"
"""The release of Debian that the base image is made of, which has the same Python."""

_BASE_PACKAGES = "ca-certificates,passwd,python-is-python3,python3-venv"

_CERTIFICATES = Path("/etc/ssl/certs")
"""Those that this machine trusts: what pip calls may be known to it alone."""

_LIMITS = ("--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024")
"""Podman asks for more than it may have where root is limited itself."""


class ContainerEngine:
    """Docker, or Podman with other options. Both take the same words."""

    def __init__(
        self, command: Sequence[str], *, to_build: Sequence[str] = (), to_run: Sequence[str] = ()
    ) -> None:
        self._command = command
        self._to_build = to_build
        self._to_run = to_run

    def build(self, *options: str) -> None:
        """Build the image of the Dockerfile."""
        self("build", "--tag", IMAGE, *self._to_build, *options, str(ROOT), seconds=BUILD_SECONDS)

    @contextmanager
    def running(self, *options: str, words: Sequence[str] = ()) -> Iterator[str]:
        """Run a container of the image, without any network, inside the block.

        Args:
            options: options of ``run``.
            words: what the program of the image gets.

        Yields:
            The container's id.
        """
        # Whatever does not end when it is told to is killed at once at the end of the block.
        own = ("--detach", "--network=none", "--stop-timeout=0", *self._to_run)
        name = self("run", *own, *options, IMAGE, *words).strip()
        try:
            yield name
        finally:
            self("rm", "--force", "--volumes", name)

    @contextmanager
    def api(self) -> Iterator[dict[str, str]]:
        """Have an API of Docker inside the block.

        Yields:
            The variables by which Testcontainers find it, and the image of the projects' tests.
        """
        host = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
        yield {"DOCKER_HOST": host, "MOMENTO_EMULATOR_IMAGE": f"{IMAGE}:latest"}

    def health_check(self) -> list[str]:
        """The command of the image's HEALTHCHECK."""
        name = self("create", "--network=none", IMAGE).strip()
        try:
            form, *command = self.inspect(name)["Config"]["Healthcheck"]["Test"]
        finally:
            self("rm", name)
        assert form == "CMD"
        return [*map(str, command)]

    def inspect(self, name: str) -> Any:
        """What the engine says about a container or an image."""
        (found,) = json.loads(self("inspect", name))
        return found

    def log(self, name: str) -> str:
        """What the program of a container has written."""
        ended = self.attempt("logs", name)
        return ended.stdout + ended.stderr

    def clean_up(self) -> None:
        """Remove the image."""
        self("rmi", "--force", IMAGE)

    def __call__(self, *words: str, given: str = "", seconds: float = SECONDS) -> str:
        """Run a command of the engine, with this as its input, and return what it prints."""
        ended = self.attempt(*words, given=given, seconds=seconds)
        assert ended.returncode == 0, f"{words}: {ended.stdout[-4000:]}\n{ended.stderr[-4000:]}"
        return ended.stdout

    def attempt(
        self, *words: str, given: str = "", seconds: float = SECONDS
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of the engine, whatever its status."""
        return subprocess.run(
            [*self._command, *words],
            input=given,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            **leash.leashed(),
        )


class Podman(ContainerEngine):
    """Podman, with its storage in a directory, as root."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._storage = directory / "storage"
        places = (f"--root={self._storage}", f"--runroot={directory / 'run'}")
        super().__init__(
            ["podman", *places, "--runtime=runc", "--cgroup-manager=cgroupfs"],
            # Docker's format has health checks; Podman's own has none.
            to_build=[
                "--format=docker",
                "--pull=never",
                "--network=host",
                f"--volume={_CERTIFICATES}:{_CERTIFICATES}:ro",
            ],
            # Health checks are systemd's work with Podman, and this machine may have none.
            to_run=["--no-healthcheck", "--read-only-tmpfs=false", *_LIMITS],
        )

    def works(self) -> bool:
        """Whether a container can be run here at all: root in another container often cannot."""
        run = ("run", "--rm", "--network=none", *_LIMITS, BASE, "true")
        return self.attempt(*run).returncode == 0

    @contextmanager
    def api(self) -> Iterator[dict[str, str]]:
        configuration = self._directory / "containers.conf"
        limits = ", ".join(f'"{each.partition("=")[2]}"' for each in _LIMITS)
        configuration.write_text(f"[containers]\ndefault_ulimits = [{limits}]\n", encoding="utf-8")
        socket = self._directory / "api.sock"
        service = leash.popen(
            [*self._command, "system", "service", "--time=0", f"unix://{socket}"],
            env={**os.environ, "CONTAINERS_CONF": str(configuration)},
        )
        try:
            wait_until(socket.exists, "Podman's API")
            yield {
                "DOCKER_HOST": f"unix://{socket}",
                "MOMENTO_EMULATOR_IMAGE": f"{IMAGE}:latest",
                "TESTCONTAINERS_RYUK_DISABLED": "true",  # It is an image in a registry.
                "TESTCONTAINERS_CONNECTION_MODE": "docker_host",
            }
        finally:
            service.terminate()
            service.wait()

    def clean_up(self) -> None:
        """Remove the storage with all that is in it."""
        self("rmi", "--all", "--force")
        subprocess.run(["umount", self._storage / "overlay"], capture_output=True, check=False)
        shutil.rmtree(self._storage)


def find_engine(directory: Path) -> ContainerEngine | None:
    """The engine of this machine. All that Podman makes is in the directory."""
    if shutil.which("docker") and _succeeds("docker", "version"):
        return ContainerEngine(["docker"])
    if not all(map(shutil.which, ("podman", "mmdebstrap", "runc"))) or os.geteuid() != 0:
        return None
    archive = directory / "base.tar"
    if not _make_base(archive):
        return None
    podman = Podman(directory)
    podman("import", "--quiet", str(archive), BASE)
    archive.unlink()
    if podman.works():
        return podman
    podman.clean_up()
    return None


def _make_base(archive: Path) -> bool:
    """Make the stand-in for the base image. Returns False if Debian's packages cannot be had."""
    ask = ("apt-get", "indextargets", "--format=$(REPO_URI)")
    mirrors = subprocess.run(
        [*ask, "Created-By: Packages", "Label: Debian"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    options = ("--quiet", "--mode=root", "--variant=apt", f"--include={_BASE_PACKAGES}")
    made = ("mmdebstrap", *options, _BASE_SUITE, str(archive))
    return bool(mirrors) and _succeeds(*made, mirrors[0], seconds=BUILD_SECONDS)


def _succeeds(*command: str, seconds: float = SECONDS) -> bool:
    ended = subprocess.run(
        command, capture_output=True, timeout=seconds, check=False, **leash.leashed()
    )
    return ended.returncode == 0
