"""Every command of the page on deployment, and the compose file, are such as the emulator takes."""

from __future__ import annotations

import re
import shlex

import pytest
import yaml

from emulator.cli import _parser
from emulator.config.options import Config
from emulator.config.sources import load
from tests.support.environment import ROOT

PAGE = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "fixtures" / "compose.yaml").read_text(encoding="utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")

# Those in the background are run by test_waiting.py.
COMMANDS = re.findall(r"^python -m emulator( --.*)$(?<!&)", PAGE.replace("\\\n", " "), re.MULTILINE)


def configured(words: list[str]) -> Config:
    """What an emulator is told that is started with these words."""
    return load(vars(_parser().parse_args(words)), {})


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_page_is_one_that_starts_an_emulator(command: str) -> None:
    assert configured(shlex.split(command)) != Config()


def test_the_page_has_a_command_for_every_kind_of_tier() -> None:
    found = [configured(shlex.split(command)) for command in COMMANDS]
    assert {config.storage_engine for config in found} >= {"memory", "filesystem", "s3"}
    assert any(config.cache_clusters for config in found)
    assert any(config.reuse_port for config in found)


def test_the_emulators_of_the_compose_file_share_every_tier() -> None:
    config = configured(COMPOSE["services"]["emulator"]["command"])
    assert config.storage_engine == "s3"
    assert config.create_buckets
    servers = {name for name in COMPOSE["services"] if name != "emulator"}
    assert {str(config.cache), str(config.account_engine), config.s3_endpoint_url} == {
        "valkey://cache:6379",
        "valkey://account:6379",
        "http://s3:5000",
    }
    assert servers == {"cache", "account", "s3"}
    assert set(COMPOSE["services"]["emulator"]["depends_on"]) == servers


def test_the_emulators_of_the_compose_file_wait_until_cache_and_account_answer() -> None:
    services = COMPOSE["services"]
    conditions = {
        name: each["condition"] for name, each in services["emulator"]["depends_on"].items()
    }
    assert conditions == {
        "s3": "service_started",
        "cache": "service_healthy",
        "account": "service_healthy",
    }
    for name in ("cache", "account"):
        assert services[name]["healthcheck"]["test"] == ["CMD", "valkey-cli", "ping"]


def test_the_ports_of_the_compose_file_are_open_to_this_machine_alone() -> None:
    (ports,) = COMPOSE["services"]["emulator"]["ports"]
    assert ports.startswith("127.0.0.1:")


def test_the_image_is_built_without_what_it_need_not_hold() -> None:
    ignored = set((ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n"))
    assert ignored >= {".git", ".venv", "**/node_modules", "**/__pycache__", "tests", "data"}
    copied = set(re.findall(r"^COPY (.*) \S+$", DOCKERFILE, re.MULTILINE))
    assert not ignored & {name for names in copied for name in names.split()}


def test_the_account_of_the_compose_file_lasts_and_is_never_evicted() -> None:
    words = COMPOSE["services"]["account"]["command"]
    options = dict(zip(words[1::2], words[2::2], strict=True))
    assert options["--appendonly"] == "yes"
    assert options["--appendfsync"] == "always"
    assert options["--maxmemory-policy"] == "noeviction"


def test_the_image_installs_what_the_compose_file_needs() -> None:
    assert "'.[s3,valkey]'" in DOCKERFILE
    (copied,) = re.findall(r"^COPY (.*) \./$", DOCKERFILE, re.MULTILINE)
    for name in copied.split():
        assert (ROOT / name).is_file()
