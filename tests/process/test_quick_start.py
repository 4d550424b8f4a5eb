"""What a start leaves out is there again once it is over."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.certificates import certificate
from tests.support.launch import run

pytestmark = pytest.mark.slow

PROGRAM = """
import gc, json, ssl, sys
from emulator.config.options import Config
from emulator.startup.quick_start import import_aiohttp, without_collections

with without_collections():
    collected = gc.isenabled()
    import_aiohttp(calls_aws=Config(**json.loads(sys.argv[1])).calls_aws)

from aiohttp.connector import _SSL_CONTEXT_VERIFIED
print(json.dumps({
    "collected meanwhile": collected,
    "collected": gc.isenabled(),
    "looked at": len(gc.get_objects()),
    "never looked at": gc.get_freeze_count(),
    "authorities of aiohttp": _SSL_CONTEXT_VERIFIED.cert_store_stats()["x509_ca"],
    "authorities": ssl.create_default_context().cert_store_stats()["x509_ca"],
}))
"""


def found(directory: Path, **options: str) -> dict[str, Any]:
    """What a process finds that starts so, where one authority is trusted."""
    authority, _ = certificate(directory, "authority")
    env = {"SSL_CERT_FILE": str(authority), "SSL_CERT_DIR": str(directory / "none")}
    ended = run(sys.executable, "-c", PROGRAM, json.dumps(options), env=env)
    assert ended.stderr == ""
    facts: dict[str, Any] = json.loads(ended.stdout)
    return facts


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a process finds that starts with no option."""
    return found(tmp_path_factory.mktemp("authority"))


def test_nothing_is_collected_before_the_start_is_over_and_modules_never(
    facts: dict[str, Any],
) -> None:
    assert (facts["collected meanwhile"], facts["collected"]) == (False, True)
    assert facts["looked at"] < facts["never looked at"] / 10


def test_certificates_are_read_when_they_are_needed_and_not_at_the_start(
    facts: dict[str, Any],
) -> None:
    assert (facts["authorities of aiohttp"], facts["authorities"]) == (0, 1)


@pytest.mark.parametrize(
    "options",
    [{"storage": "s3"}, {"cloudwatch": "aws", "api_revision": "latest"}],
    ids=["s3", "cloudwatch"],
)
def test_a_client_of_aws_has_certificates_from_the_start(
    tmp_path: Path, options: dict[str, str]
) -> None:
    facts = found(tmp_path, **options)
    assert (facts["authorities of aiohttp"], facts["authorities"]) == (1, 1)
