"""What type checkers and editors know of the options and conditions that Python gives by name."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest

from emulator.config.keywords import Options
from emulator.config.options import Config
from emulator.control import fault_rule
from emulator.control.operations import BY_NAME

ROOT = Path(__file__).parents[2]

SNIPPET = """\
from emulator import Emulator

with Emulator(port=0, cache="memory", max_object_bytes="8MiB", clusters=("a",)) as emulator:
    rule = emulator.faults.add("cache_down", {"type": "latency", "seconds": 1}, key="a*", nth=2)
    calls = emulator.journal.calls(operation="GetObject", status="4xx", min_status=9, key=None)
    emulator.journal.assert_called(times=1, role="viewer", since=1893456000)
    emulator.journal.to_har("requests.har", complete=True)
    emulator.access_logs.entries("media", http_status_code=404)
    emulator.metrics.sum("Requests", HttpStatusCode=404, Api="GetObject")
    fired: int = rule.fired
    target: str = calls[0].target
"""

WRONG = (
    "Emulator(prot=0)",
    "Emulator(port=[0])",
    "emulator.faults.add('cache_down', operatoin='GetObject')",
    "emulator.faults.add('cache_down', nth='second')",
    "emulator.journal.calls(opertaion='GetObject')",
    "emulator.journal.last(statsu=404)",
    "emulator.journal.assert_called(time=1)",
    "emulator.journal.assert_not_called(keys='x')",
    "emulator.journal.to_json_lines(store_name='x')",
    "emulator.journal.to_har(format='har')",
    "emulator.access_logs.last('media', http_status=404)",
    "emulator.metrics.all(api='GetObject')",
)


def choices(hint: Any) -> set[Any]:
    """The types in a union, or the only type."""
    is_union = get_origin(hint) is Union or type(hint).__name__ == "UnionType"
    return {get_origin(each) or each for each in (get_args(hint) if is_union else [hint])}


def test_the_typed_options_are_the_fields_of_the_configuration() -> None:
    assert [*Options.__annotations__] == [field.name for field in fields(Config)]


def test_an_option_has_the_type_of_its_field_or_is_a_text() -> None:
    of_config, of_options = get_type_hints(Config), get_type_hints(Options)
    for field in fields(Config):
        expected = choices(of_config[field.name]) | {str}
        if float in expected:  # Every one is a time.
            expected.add(timedelta)
        assert choices(of_options[field.name]) == expected, field.name


def test_the_table_of_operations_has_the_members_of_a_rule() -> None:
    members = [member.name for member in BY_NAME["faults.add"].members]
    assert sorted(members) == sorted(fault_rule.MEMBERS)


@pytest.mark.slow(seconds=10)
def test_mypy_finds_a_wrong_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mypy import api

    snippet = tmp_path / "snippet.py"
    snippet.write_text(SNIPPET + "".join(f"    {line}\n" for line in WRONG))
    monkeypatch.setenv("MYPYPATH", str(ROOT))
    options = ["--cache-dir", str(tmp_path / "cache"), "--follow-imports", "silent"]
    found, failed, _ = api.run([*options, "--hide-error-context", str(snippet)])

    assert failed == "", failed
    lines = [int(line.split(":")[1]) for line in found.splitlines() if ": error: " in line]
    first = len(SNIPPET.splitlines()) + 1
    assert lines == [*range(first, first + len(WRONG))], found
