"""The schemas are valid, and accept what the emulator accepts, and refuse what it refuses."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given, settings

from emulator.control.fault_rule import parse_rule
from emulator.control.state_file import from_document
from emulator.core.errors import BadRequestError
from emulator.core.revisions import FIRST, latest
from emulator.openapi.documents import document
from tests.control.clients import EVERYTHING
from tests.control.states import JUNK, paths_of, put_at, remove
from tests.faults.test_arbitrary_rules import rule_likes, rules_of_several
from tests.startup.test_seed_files import BROKEN_KEYS, BROKEN_OBJECTS, BROKEN_STORES, WRONG_SHAPES
from tests.suites import examples
from tests.support.client import Client, put_configuration
from tests.support.emulators import Start
from tests.support.environment import ROOT

from .documents import EACH, Document, openapi, operations

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

pytestmark = pytest.mark.slow

SEED = ROOT / "fixtures" / "seed.yaml"


class _PlainLoader(yaml.SafeLoader):
    """Reads instants as texts, as editors do."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - It is a class attribute of the library's.
        first: [each for each in resolvers if each[0] != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


@cache
def validator(name: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    schema = document(name, FIRST, "")
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize(("name", "date"), EACH)
def test_a_document_is_valid(name: str, date: str) -> None:
    from openapi_spec_validator import OpenAPIV31SpecValidator

    OpenAPIV31SpecValidator(openapi(name, date)).validate()


def _shown(found: Document) -> Iterator[tuple[str, Mapping[str, Any], object]]:
    """The name of an operation, a schema and an example of each place that has one."""
    for _, _, each in operations(found):
        bodies = [each.get("requestBody", {}), *each["responses"].values()]
        for content in (shape for body in bodies for shape in body.get("content", {}).values()):
            for example in content.get("examples", {}).values():
                yield each["operationId"], content["schema"], example["value"]
        for parameter in each.get("parameters", ()):
            if "example" in parameter:
                yield each["operationId"], parameter["schema"], parameter["example"]


@pytest.mark.parametrize(("name", "date"), EACH)
def test_each_example_is_as_its_schema_says(name: str, date: str) -> None:
    from jsonschema import Draft202012Validator

    found = openapi(name, date)
    shown = list(_shown(found))
    assert shown or name == "control"
    for operation, schema, example in shown:
        checked = Draft202012Validator({**schema, "components": found["components"]})
        assert checked.is_valid(example), operation


def test_the_example_of_a_seed_file_is_valid_and_names_its_schema() -> None:
    text = SEED.read_text(encoding="utf-8")
    first = text.splitlines()[0]
    place = first.removeprefix("# yaml-language-server: $schema=")
    assert (SEED.parent / place).resolve() == ROOT / "docs" / "openapi" / "seed.schema.json"
    assert not list(validator("seed.schema.json").iter_errors(yaml.load(text, _PlainLoader)))


UNSEEN = {
    "beyond the number",
    "in an unknown store",
    "of an unknown role",
    "too large",
    "with a directory for a file",
    "with half a character in its metadata",
    "with a key too long",
    "with a file that is not there",
    "with half a character in its key",
    "with half a character in its body",
}
"""What is wrong with a seed and no schema can tell."""


_TABLES: tuple[Mapping[str, Any], ...] = (
    WRONG_SHAPES,
    BROKEN_STORES,
    BROKEN_KEYS,
    BROKEN_OBJECTS,
)
BROKEN_SEEDS = {name: row[0] for table in _TABLES for name, row in table.items()}


@pytest.mark.parametrize("name", BROKEN_SEEDS)
def test_a_broken_seed_is_not_valid(name: str) -> None:
    assert validator("seed.schema.json").is_valid(BROKEN_SEEDS[name]) == (name in UNSEEN)


def test_a_seed_may_be_empty_and_so_may_its_sections() -> None:
    seeds = validator("seed.schema.json")
    empty: list[Any] = [None, {}, {"stores": None}, {"stores": []}]
    for seed in empty:
        assert seeds.is_valid(seed)


_STORE = """
stores:
- name: media
  storage_config: {s3: {bucket_name: media, iam_role_arn: "arn:aws:iam::123456789012:role/R"}}
  cache_config: {valkey_cluster: {cluster_name: my-valkey-cluster}}
"""

SLIPS = {
    "store: []": "$",
    "stores: [{name: media, cache_config: {valkey_cluster: {}}}]": (
        "$.stores[0].cache_config.valkey_cluster"
    ),
    _STORE.replace("arn:aws:iam", "arn"): "$.stores[0].storage_config.s3.iam_role_arn",
    f"{_STORE}  object_store_limits: {{read_operations_per_second: 0}}": (
        "$.stores[0].object_store_limits.read_operations_per_second"
    ),
    "objects: [{store: a, key: b, text: c, ttl_seconds: 1 hour}]": "$.objects[0].ttl_seconds",
    "members: [{user_name: a, role: owner}, {user_name: b, role: admin}]": "$.members[1].role",
}
"""Seeds with a slip, and where it is."""


@pytest.mark.parametrize("text", SLIPS)
def test_a_slip_in_a_seed_is_found_where_it_is(text: str) -> None:
    errors = validator("seed.schema.json").iter_errors(yaml.load(text, _PlainLoader))
    assert SLIPS[text] in [each.json_path for each in errors]


def test_editors_say_what_a_text_has_to_be_and_not_its_expression() -> None:
    schema = validator("seed.schema.json").schema
    arn = schema["$defs"]["StorageConfig"]["properties"]["s3"]["properties"]["iam_role_arn"]
    assert arn["patternErrorMessage"] == "It has to be: the ARN of an IAM role"


def test_the_members_of_a_seed_have_an_owner() -> None:
    seeds = validator("seed.schema.json")
    owner, viewer = ({"user_name": role, "role": role} for role in ("owner", "viewer"))
    assert seeds.is_valid({"members": [viewer, owner]})
    assert not seeds.is_valid({"members": [viewer]})


@pytest.fixture
def exported(start: Start) -> Document:
    """The exported state of an emulator with something of everything."""
    emulator = start(api_revision=latest().date, strict_log_groups=False)
    emulator.clusters.create("media-cluster")
    owner = Client(emulator.endpoint, emulator.api_key())
    role_arn = "arn:aws:iam::123456789012:role/Logs"
    cloudwatch = {"iam_role_arn": role_arn, "region": "us-east-1"}
    put_configuration(
        owner,
        "full",
        {
            "storage_config": {"s3": {"bucket_name": "full", "iam_role_arn": role_arn}},
            "cache_config": {"valkey_cluster": {"cluster_name": "media-cluster"}},
            "access_logging_config": {"cloudwatch": {**cloudwatch, "log_group_name": "full"}},
            "metrics_config": {"cloudwatch": cloudwatch},
            "object_store_limits": {"read_operations_per_second": 5},
        },
    )
    owner.put("full", "bytes", b"\0\1\2", ttl_seconds=60, metadata={"colour": "red"})
    emulator.create_role("mine", EVERYTHING)
    emulator.clock.freeze(5_000_000)
    state: Document = json.loads(json.dumps(emulator.export_state()))
    return state


def test_an_export_is_valid(exported: Document) -> None:
    assert not list(validator("state.schema.json").iter_errors(exported))


def test_what_the_schema_of_states_refuses_cannot_be_imported(exported: Document) -> None:
    states, refused = validator("state.schema.json"), 0
    for path in paths_of(exported)[::3]:
        for junk in (..., *JUNK[::4]):
            spoilt = copy.deepcopy(exported)
            if junk is ...:
                remove(spoilt, path)
            else:
                put_at(spoilt, path, junk)
            if not states.is_valid(spoilt):
                refused += 1
                with pytest.raises(BadRequestError):
                    from_document(spoilt)
    assert refused > len(paths_of(exported))


def _without_nulls(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_nulls(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {name: _without_nulls(each) for name, each in value.items() if each is not None}


@settings(max_examples=examples(400))
@given(rule_likes | rules_of_several)
def test_a_rule_that_can_be_added_is_valid(rule: dict[str, Any]) -> None:
    """Members that are null say nothing, those of its effects neither."""
    try:
        parse_rule(rule, "rule")
    except BadRequestError:
        return
    assert validator("fault-rule.schema.json").is_valid(_without_nulls(rule))


VALID_RULES: list[dict[str, Any]] = [
    {"effect": "cache_down"},
    {"effect": "close"},
    {"effect": "close", "probability": 0.5, "seed": -1},
    {"effects": ["truncate", {"type": "status", "status": 503}]},
    {"effect": {"type": "latency", "seconds": "250ms"}, "operation": "Get*", "probability": 0.5},
    {"effect": {"type": "latency", "distribution": "uniform", "min_seconds": 0, "max_seconds": 1}},
    {"effect": {"type": "storage_slow", "distribution": "fixed", "seconds": 1}, "nth": 3},
    {"effect": {"type": "cache_lost", "key": "live/*"}, "since": "2030-01-01T00:00:00Z"},
    {"effect": {"type": "close", "where": "answer_body", "after_bytes": 5, "reset": True}},
]

BROKEN_RULES: list[Any] = [
    [],
    {},
    {"effect": "explode"},
    {"effect": "status"},
    {"effect": "cache_down", "effects": ["cache_down"]},
    {"effects": []},
    {"effect": "cache_down", "nth": 0},
    {"effect": "cache_down", "probability": 2},
    {"effect": "cache_down", "operations": "Get*"},
    {"effect": {"type": "status", "status": 418}},
    {"effect": {"type": "status", "status": 500, "seconds": 1}},
    {"effect": {"type": "trickle", "bytes_per_second": 0}},
    {"effect": {"type": "latency"}},
    {"effect": {"type": "latency", "distribution": "uniform", "seconds": 1}},
    {"effect": {"type": "latency", "seconds": 1, "sigma": 1}},
    {"effect": {"type": "truncate", "after_bytes": 1, "after_fraction": 0.5}},
]


def test_the_schema_of_rules_knows_rules_from_what_is_none() -> None:
    rules = validator("fault-rule.schema.json")
    for rule in VALID_RULES:
        parse_rule(rule, "rule")
        assert rules.is_valid(rule), rule
    for broken in BROKEN_RULES:
        with pytest.raises(BadRequestError):
            parse_rule(broken, "rule")
        assert not rules.is_valid(broken), broken
