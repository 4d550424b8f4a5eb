"""The emulator takes every command of the page on deployment and of the compose files."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest
import yaml

from emulator.auth.well_known import WELL_KNOWN_KEYS
from emulator.cli import _parser
from emulator.config.options import Config
from emulator.config.sources import load
from tests.support.environment import ROOT

PAGE = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
COMPOSE, ENGINES = (
    yaml.safe_load((ROOT / "fixtures" / name).read_text(encoding="utf-8"))
    for name in ("compose.yaml", "compose.engines.yaml")
)

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


def test_the_emulators_over_engines_share_every_tier() -> None:
    config = configured(ENGINES["services"]["momento"]["command"])
    assert config.storage_engine == "s3"
    assert config.create_buckets
    servers = {name for name in ENGINES["services"] if name != "momento"}
    assert {str(config.cache), str(config.account_engine), config.s3_endpoint_url} == {
        "valkey://cache:6379",
        "valkey://account:6379",
        "http://s3:7070",
    }
    assert servers == {"cache", "account", "s3"}
    assert set(ENGINES["services"]["momento"]["depends_on"]) == servers


def test_the_emulators_over_engines_have_the_keys_of_the_s3() -> None:
    s3, momento = (ENGINES["services"][name]["environment"] for name in ("s3", "momento"))
    assert momento["AWS_ACCESS_KEY_ID"] == s3["ROOT_ACCESS_KEY"]
    assert momento["AWS_SECRET_ACCESS_KEY"] == s3["ROOT_SECRET_KEY"]


def test_the_emulators_over_engines_wait_until_cache_and_account_answer() -> None:
    services = ENGINES["services"]
    conditions = {
        name: each["condition"] for name, each in services["momento"]["depends_on"].items()
    }
    assert conditions == {
        "s3": "service_started",
        "cache": "service_healthy",
        "account": "service_healthy",
    }
    for name in ("cache", "account"):
        assert services[name]["healthcheck"]["test"] == ["CMD", "valkey-cli", "ping"]


def test_the_account_of_the_engines_lasts_and_is_never_evicted() -> None:
    words = ENGINES["services"]["account"]["command"]
    options = dict(zip(words[1::2], words[2::2], strict=True))
    assert options["--appendonly"] == "yes"
    assert options["--appendfsync"] == "always"
    assert options["--maxmemory-policy"] == "noeviction"


def test_the_one_service_keeps_everything_in_memory() -> None:
    assert set(COMPOSE["services"]) == {"momento"}
    config = configured(COMPOSE["services"]["momento"]["command"])
    assert config.storage_engine == "memory"


@pytest.mark.parametrize("compose", [COMPOSE, ENGINES], ids=["one", "engines"])
def test_emulators_of_a_compose_file_take_the_well_known_keys_from_this_machine_alone(
    compose: Any,
) -> None:
    service = compose["services"]["momento"]
    config = load(
        vars(_parser().parse_args(service["command"])), {"MOMENTO_EMULATOR_HOST": "0.0.0.0"}
    )
    assert config.fixed_keys == WELL_KNOWN_KEYS
    (ports,) = service["ports"]
    assert ports.startswith("127.0.0.1:")


@pytest.mark.parametrize("compose", [COMPOSE, ENGINES], ids=["one", "engines"])
def test_emulators_of_a_compose_file_may_no_more_than_they_need(compose: Any) -> None:
    service = compose["services"]["momento"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_page_names_each_compose_file() -> None:
    named = set(re.findall(r"fixtures/(compose[\w.]*\.yaml)", PAGE))
    assert named == {path.name for path in (ROOT / "fixtures").glob("compose*.yaml")}
