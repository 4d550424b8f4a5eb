"""Whatever is given, it is a configuration, a seed, or an error that says why not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from emulator.config import ConfigurationError
from emulator.config.options import OPTIONS, Option
from emulator.config.sources import load
from emulator.startup.seed_file import read_seed
from tests.suites import examples

quick = settings(
    max_examples=examples(100),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

flagged = [option for option in OPTIONS if option.flag is not None]


def complaint(call: Callable[..., object], *arguments: Any) -> str | None:
    """What is said of the arguments, or None where nothing is wrong with them."""
    try:
        call(*arguments)
    except ConfigurationError as error:
        return str(error)
    return None


@quick
@given(option=st.sampled_from(flagged), text=st.text(max_size=20))
@example(option=OPTIONS[1], text="\N{ARABIC-INDIC DIGIT THREE}")
@example(option=OPTIONS[3], text="~")
@example(option=OPTIONS[3], text="~no-such-user/data")
def test_any_text_in_a_flag_is_a_configuration_or_an_error(option: Option, text: str) -> None:
    said = complaint(load, {option.name: text}, {"MOMENTO_EMULATOR_DATA_DIR": "data"})

    assert said is None or said.startswith(f"{option.flag}: ")


@quick
@given(content=st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_in_a_file_are_a_configuration_or_an_error(
    tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "emulator.toml"
    file.write_bytes(content)

    said = complaint(load, {}, {}, file)

    assert said is None or str(file) in said


names = st.sampled_from(
    [
        "stores",
        "api_keys",
        "objects",
        "name",
        "storage_config",
        "s3",
        "bucket_name",
        "iam_role_arn",
        "cache_config",
        "valkey_cluster",
        "cluster_name",
        "role",
        "api_key",
        "expires_at",
        "store",
        "key",
        "text",
        "base64",
        "file",
        "metadata",
        "ttl_seconds",
    ]
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["owner", "~", "/", "\0", "\ud800", "2030-01-01T00:00:00Z", "0001-01-01"])
)
shapes = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names | st.text(max_size=4), inner),
    max_leaves=12,
)
fitting = st.fixed_dictionaries(
    {},
    optional={
        "stores": st.lists(st.dictionaries(names, shapes, max_size=4), max_size=2),
        "api_keys": st.lists(
            st.fixed_dictionaries(
                {
                    "role": st.sampled_from(["owner", "viewer", "nobody"]),
                    "api_key": st.sampled_from(["a.b.c", "e30=", "no key"]),
                },
                optional={"expires_at": scalars, "description": scalars},
            ),
            max_size=2,
        ),
        "objects": st.lists(
            st.fixed_dictionaries(
                {"store": scalars, "key": scalars},
                optional={
                    "text": scalars,
                    "base64": scalars,
                    "file": scalars,
                    "metadata": shapes,
                    "ttl_seconds": scalars,
                },
            ),
            max_size=2,
        ),
    },
)


@quick
@given(document=fitting | shapes)
def test_any_document_is_a_seed_or_an_error(tmp_path: Path, document: Any) -> None:
    file = tmp_path / "seed.yaml"
    file.write_text(json.dumps(document))  # What is JSON is YAML too.

    said = complaint(read_seed, file)

    assert said is None or str(file) in said


@quick
@given(content=st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
@example(content=b"[" * 10_000)
@example(content=b"? [a, b]\n: c")
@example(content=b"stores: 2026-99-99")
def test_any_bytes_are_a_seed_or_an_error(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "seed.yaml"
    file.write_bytes(content)

    said = complaint(read_seed, file)

    assert said is None or str(file) in said
