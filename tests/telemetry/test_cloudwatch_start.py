"""What `--cloudwatch` needs for a start, and what a start without it is spared."""

from __future__ import annotations

import sys

import pytest

from emulator.config import Config, ConfigurationError
from emulator.engines import cloudwatch
from tests.support.launch import run

from .cloudwatch import ENDPOINT, account_id, opened

CONFIGURED = Config(api_revision="latest", cloudwatch="aws")


def test_without_the_option_there_is_no_cloudwatch() -> None:
    config = Config(api_revision="latest")
    assert cloudwatch(config, account_id=account_id, endpoint_name=lambda: ENDPOINT) is None


async def test_without_the_extra_the_line_says_how_to_have_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours = ("emulator.telemetry.cloudwatch", "emulator.aws.")
    for name in [name for name in sys.modules if name.startswith(ours)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "botocore.config", None)
    with pytest.raises(ConfigurationError, match=r"--cloudwatch requires .*pip install .*\[aws\]"):
        cloudwatch(CONFIGURED, account_id=account_id, endpoint_name=lambda: ENDPOINT)


async def test_without_credentials_the_line_says_how_to_give_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/no/such/file")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(ConfigurationError, match="--cloudwatch: no AWS credentials were found"):
        async with opened("http://127.0.0.1:1"):
            raise AssertionError


def test_nothing_of_the_library_is_imported_without_the_option() -> None:
    program = (
        "import sys; from emulator import Emulator; Emulator(api_revision='latest').start(); "
        "print([name for name in sys.modules if 'botocore' in name])"
    )
    assert run(sys.executable, "-c", program).stdout.strip() == "[]"
