"""What changes or keeps all of the state, where the objects are not the emulator's (D73)."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from tests.support.client import create_store
from tests.support.emulators import client, control
from tests.support.launch import run

pytestmark = pytest.mark.proves("D73")

STATE = {"format": 1}


@pytest.fixture(autouse=True)
def _an_object(emulator: Emulator) -> None:
    create_store(client(emulator), "store", prefix="prefix")
    assert client(emulator).call("PUT", "/objectstore/store/key", b"body").status == 204
    emulator.faults.add("cache_down", operation="PutObject")


@pytest.mark.parametrize(
    ("method", "path", "document"),
    [
        ("POST", "/reset", None),
        ("PUT", "/checkpoints/name", None),
        ("POST", "/checkpoints/name", None),
        ("PUT", "/state", STATE),
        ("POST", "/faults", {"effects": ["storage_lost"]}),
    ],
)
def test_the_control_api_refuses_what_would_empty_s3_and_changes_nothing(
    emulator: Emulator, method: str, path: str, document: object
) -> None:
    answer = control(emulator, method, path, document)
    assert answer.status == 400, answer
    assert "--storage s3" in answer.json()["message"]
    expect_everything(emulator)


@pytest.mark.parametrize(
    "change",
    [
        Emulator.reset,
        lambda emulator: emulator.checkpoint("name"),
        lambda emulator: emulator.restore("name"),
        lambda emulator: emulator.import_state(STATE),
        lambda emulator: emulator.faults.add("storage_lost"),
    ],
    ids=["reset", "checkpoint", "restore", "import", "storage_lost"],
)
def test_python_refuses_what_would_empty_s3_and_changes_nothing(
    emulator: Emulator, change: Callable[[Emulator], object]
) -> None:
    with pytest.raises(ValueError, match="--storage s3"):
        change(emulator)
    expect_everything(emulator)


@pytest.mark.parametrize(
    "words",
    [["state", "reset"], ["state", "checkpoint", "name"], ["state", "import"], ["faults", "add"]],
    ids=" ".join,
)
def test_the_command_line_refuses_what_would_empty_s3_in_one_line(
    emulator: Emulator, tmp_path: Path, words: list[str]
) -> None:
    file = tmp_path / "state.json"
    file.write_text(json.dumps(STATE))
    more = {"import": [str(file)], "add": ["storage_lost"]}.get(words[-1], [])
    result = run(
        *(sys.executable, "-m", "emulator"), *words, *more, "--endpoint", emulator.endpoint
    )
    assert result.returncode == 1, result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert "--storage s3" in result.stderr
    expect_everything(emulator)


def test_an_export_holds_the_objects_of_the_stores_and_no_others(
    emulator: Emulator, boto3: Any
) -> None:
    boto3.put_object(Bucket="bucket", Key="elsewhere", Body=b"not of a store")
    boto3.put_object(Bucket="bucket", Key="prefix/other", Body=b"of another tool")
    create_store(client(emulator), "same", prefix="prefix")
    document = emulator.export_state()
    with Emulator(cache="memory") as other:
        other.import_state(document)
        got = {
            key: client(other).call("GET", f"/objectstore/store/{key}").body
            for key in ("key", "other")
        }
        placed = other.tiers.objects("store")
    assert got == {"key": b"body", "other": b"of another tool"}
    assert len(placed) == 2
    assert "elsewhere" not in json.dumps(document)


def expect_everything(emulator: Emulator) -> None:
    assert client(emulator).call("GET", "/objectstore/store/key").body == b"body"
    assert len(emulator.faults.all()) == 1
    assert len(emulator.journal.calls()) > 0
