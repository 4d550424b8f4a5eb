"""Two implementations of S3 that have nothing in common: moto's server, and s3rver from npm."""

from __future__ import annotations

import os
import shutil
import sys
import urllib.request
from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path

from tests.support.environment import python_path
from tests.support.ports import HOST

from .process import EngineProcess

NODE_DIRECTORY = Path(__file__).parent / "node"
_S3RVER = NODE_DIRECTORY / "node_modules" / "s3rver" / "bin" / "s3rver.js"

S3RVER_HINT = "s3rver is needed: install Node.js with npm, then `make test` fetches it"

REGION = "us-east-1"

PAGE_KEYS = 10
"""How many keys moto lists at once: so few that most lists have several pages."""


class S3Server(EngineProcess):
    """An S3 whose buckets go with it, and the credentials it takes."""

    access_key_id = "S3RVER"
    secret_access_key = "S3RVER"

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @abstractmethod
    def empty(self) -> None:
        """Have no bucket."""

    @property
    def environment(self) -> dict[str, str]:
        """What the usual chain of AWS finds credentials for it in."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }


class Moto(S3Server):
    """moto's server, which has STS, IAM and CloudFormation too."""

    def __init__(self, directory: Path) -> None:
        command = [sys.executable, "-m", f"{__package__}.moto_server", "-H", HOST, "-p"]
        own = {"MOTO_S3_DEFAULT_MAX_KEYS": str(PAGE_KEYS), "PYTHONPATH": python_path()}
        super().__init__(lambda port: [*command, str(port)], directory, env={**os.environ, **own})

    def empty(self) -> None:
        """Have no bucket, role or stack."""
        request = urllib.request.Request(f"{self.url}/moto-api/reset", method="POST")
        urllib.request.urlopen(request, timeout=30).close()


class S3rver(S3Server):
    """s3rver, which has S3 alone and keeps it in files."""

    def __init__(self, directory: Path) -> None:
        self._buckets = directory / "buckets"
        super().__init__(lambda port: s3rver_command(port, self._buckets), directory)

    def empty(self) -> None:
        """Have no bucket."""
        for bucket in self._buckets.iterdir():
            shutil.rmtree(bucket)


def has_s3rver() -> bool:
    """Whether s3rver can be started here."""
    return shutil.which("node") is not None and _S3RVER.exists()


def s3rver_command(port: int, directory: Path) -> Sequence[str]:
    directory.mkdir(exist_ok=True)
    node = shutil.which("node")
    assert node is not None, S3RVER_HINT
    options = ["--address", HOST, "--port", str(port), "--directory", str(directory)]
    return [node, os.fspath(_S3RVER), *options, "--no-vhost-buckets"]
