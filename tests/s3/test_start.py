"""Emulators that start with their objects in S3, or say why they cannot."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from emulator.config import ConfigurationError
from emulator.core.installation import install_command
from tests.engines.bad_s3 import BadS3
from tests.support.client import create_store
from tests.support.emulators import Start, client
from tests.support.launch import Launcher, run
from tests.support.ports import free_port

NO_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "",
    "AWS_SECRET_ACCESS_KEY": "",
    "AWS_CONFIG_FILE": "/no/such/file",
    "AWS_SHARED_CREDENTIALS_FILE": "/no/such/file",
    "AWS_EC2_METADATA_DISABLED": "true",
}

LARGE = 9 * 1024 * 1024


def test_without_credentials_the_line_says_how_to_give_them(emulators: Launcher) -> None:
    refusal = emulators.refuse("--port", "0", "--storage", "s3", env=NO_CREDENTIALS)
    refusal.says("--storage s3", "no AWS credentials", "AWS_ACCESS_KEY_ID")


def test_a_profile_that_does_not_exist_is_named(emulators: Launcher) -> None:
    env = {**NO_CREDENTIALS, "AWS_PROFILE": "no-such-profile"}
    refusal = emulators.refuse("--port", "0", "--storage", "s3", env=env)
    refusal.says("--storage s3", "no-such-profile")


def test_without_the_extra_the_line_says_how_to_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = ("emulator.backends.storage.s3", "emulator.aws.")
    for name in [name for name in sys.modules if name.startswith(ours)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "botocore.config", None)
    with pytest.raises(ConfigurationError, match=re.escape(install_command("s3"))):
        Emulator(storage="s3").start()


def test_nothing_of_the_library_for_s3_is_imported_for_another_storage() -> None:
    program = (
        "import sys; from emulator import Emulator; Emulator().start(); "
        "print([name for name in sys.modules if 'botocore' in name])"
    )
    assert run(sys.executable, "-c", program).stdout.strip() == "[]"


def test_a_process_serves_objects_from_s3_and_says_where_they_are(
    emulators: Launcher, bad_s3: BadS3, boto3: Any
) -> None:
    options = ("--storage", "s3", "--s3-endpoint-url", bad_s3.url, "--create-buckets", "--fsync")
    running = emulators.start(*options)
    assert f"s3 at {bad_s3.url}" in running.wait_for_banner()
    create_store(running.client(), "store", bucket="new-bucket")
    assert running.client().call("PUT", "/objectstore/store/key", bytes(LARGE)).status == 204
    running.stop()
    assert boto3.head_object(Bucket="new-bucket", Key="key")["ContentLength"] == LARGE


def test_another_emulator_reads_all_that_is_kept_with_an_object(start: Start) -> None:
    one, other = start(), start()
    for emulator in (one, other):
        create_store(client(emulator), "store")
    headers: dict[str, str | bytes] = {
        "mo-meta-content-type": "text/plain",
        "mo-meta-title": "Gr\u00f6\u00dfe".encode(),
    }
    path = "/objectstore/store/key"
    one.clock.freeze()
    assert client(one).call("PUT", f"{path}?ttl_seconds=60", b"body", headers).status == 204
    other.clock.freeze()
    other.clock.set(one.clock.now() + 59_999_999)
    found = client(other).call("GET", path)
    assert (found.status, found.body) == (200, b"body")
    assert found.headers["content-type"] == "text/plain"
    other.clock.set(one.clock.now() + 60_000_000)
    assert client(other).call("GET", path).status == 404


def test_a_data_directory_keeps_the_stores_and_s3_the_objects(start: Start, tmp_path: Path) -> None:
    first = start(data_dir=tmp_path / "data")
    create_store(client(first), "store")
    assert client(first).call("PUT", "/objectstore/store/key", b"body").status == 204
    first.stop()
    again = start(data_dir=tmp_path / "data")
    assert client(again).call("GET", "/objectstore/store/key").body == b"body"


def a_seed(directory: Path) -> Path:
    store = {
        "name": "store",
        "storage_config": {
            "s3": {"bucket_name": "bucket", "iam_role_arn": "arn:aws:iam::123456789012:role/r"}
        },
        "cache_config": {"valkey_cluster": {"cluster_name": "c"}},
    }
    seed = directory / "seed.yaml"
    objects = [{"store": "store", "key": "key", "text": "body"}]
    seed.write_text(json.dumps({"stores": [store], "objects": objects}))
    return seed


def test_a_seed_is_planted_in_s3(start: Start, boto3: Any, tmp_path: Path) -> None:
    start(seed=a_seed(tmp_path))
    assert boto3.get_object(Bucket="bucket", Key="key")["Body"].read() == b"body"


def test_a_seed_that_cannot_be_planted_is_named(start: Start, tmp_path: Path) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(ConfigurationError, match=r"seed.yaml: .*bucket 'bucket'"):
        start(seed=a_seed(tmp_path), s3_endpoint_url=nowhere)
