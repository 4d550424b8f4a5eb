"""What is on stderr: lines of JSON where asked for, one for each operation, never an API key."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.client import Client, object_path
from tests.support.connections import Raw
from tests.support.keys import envelope, v1_key, v2_key
from tests.support.launch import Launcher, Running
from tests.support.waiting import wait_until

DEBUG = ["--log-level", "debug"]
JSON = ["--log-format", "json"]


def operations(log: str) -> list[str]:
    """The lines about data-plane operations."""
    return re.findall(r"^.*(?:GetObject|PutObject).*$", log, re.MULTILINE)


def exercise(running: Running) -> None:
    """Have every kind of outcome once, in the order of ``OUTCOMES``."""
    owner = running.client()
    owner.create_store("store")
    owner.put("store", "key", b"body")
    owner.get("store", "key")
    owner.get("store", "none")
    owner.put("store", "large", b"x" * 3000)
    owner.get("store", "large")
    owner.call("PUT", object_path("store", "key") + "?ttl_seconds=0", b"")
    running.anonymous().get("store", "key")
    running.client("viewer").put("store", "key", b"")
    owner.get("no-such-store", "key")


OUTCOMES = [
    ("PutObject", "204", "ok"),
    ("GetObject", "200", "cache_hit"),
    ("GetObject", "404", "miss"),
    ("PutObject", "204", "ok"),
    ("GetObject", "200", "storage_hit"),
    ("PutObject", "400", "bad_request"),
    ("GetObject", "401", "authz_error"),
    ("PutObject", "403", "authz_error"),
    ("GetObject", "404", "bad_request"),
]


def test_debug_has_one_line_for_every_operation_with_its_outcome(emulators: Launcher) -> None:
    running = emulators.start(*DEBUG, "--cache-max-object-bytes", "1KiB")
    exercise(running)

    lines = operations(running.stop())

    assert len(lines) == len(OUTCOMES)
    for line, words in zip(lines, OUTCOMES, strict=True):
        assert not set(words) - set(line.split()), line


def test_info_has_no_line_for_operations(emulators: Launcher) -> None:
    running = emulators.start()
    exercise(running)

    assert operations(running.stop()) == []


def test_an_operation_is_one_line_whatever_its_key_holds_and_however_it_ends(
    emulators: Launcher,
) -> None:
    running = emulators.start(*DEBUG)
    owner = running.client()
    owner.create_store("store")
    keys = ["a\nb", "a\r\nb", "a\x1b[2Jb", "a\u2028b", "a\x85b", "ü 日本"]
    for key in keys:
        assert owner.put("store", key, b"").status == 204
    owner.get("no%0Astore%0A", "key")
    with Raw(owner) as raw:
        head = {"Authorization": running.keys["owner"], "Content-Length": "100"}
        raw.send_head("PUT", object_path("store", "broken-off"), head)
    wait_until(lambda: "broken-off" in running.stderr, "the line of the upload that broke off")

    log = running.stop()

    lines = operations(log)
    assert len(lines) == len(keys) + 2
    assert not {"400", "bad_request"} - set(lines[-1].split())
    assert all(character.isprintable() for line in log.split("\n") for character in line)


def test_json_is_on_every_line_also_where_the_terminal_knows_only_ascii(
    emulators: Launcher, tmp_path: Path
) -> None:
    data = tmp_path / "dätä"
    env = {"MOMENTO_EMULATOR_PROT": "1", "PYTHONIOENCODING": "ascii"}
    running = emulators.start(*DEBUG, *JSON, "--data-dir", data, env=env)
    exercise(running)
    provoke_an_internal_error(running, data)
    with Raw(running.anonymous()) as raw:
        raw.exchange(b"this is not HTTP\r\n\r\n")

    log = running.end()

    documents = [json.loads(line) for line in log.splitlines()]
    assert all(isinstance(document, dict) for document in documents)
    ready = [document for document in documents if document.get("message") == "ready"]
    assert len(ready) == 1
    assert ready[0]["endpoint"] == running.endpoint
    assert ready[0]["environment"] == {
        "MOMENTO_ENDPOINT": running.endpoint,
        "MOMENTO_API_KEY": running.keys["owner"],
    }
    assert sum("MOMENTO_EMULATOR_PROT" in document["message"] for document in documents) == 1
    assert sum("failed: cannot use " + str(data) in each["message"] for each in documents) == 1
    assert len(operations(log)) == len(OUTCOMES) + 1


def provoke_an_internal_error(running: Running, data: Path) -> None:
    shutil.rmtree(data / "tmp")
    assert running.client().put("store", "key", b"body").status == 500


KEYS: dict[str, str] = {
    "v2": v2_key("a-stranger"),
    "v1": v1_key("a-stranger"),
    "inner v1": str(envelope(v1_key("a-stranger"))["api_key"]),
    "no key at all": "hunter2-hunter2-hunter2",
}

GET = "GET /objectstore/store/key HTTP/1.1\r\nHost: e\r\n"
PUT = "PUT /objectstore/store/key HTTP/1.1\r\nHost: e\r\nAuthorization: {key}\r\n"

MALFORMED = {
    "a scheme before it": GET + "Authorization: Bearer {key}\r\n\r\n",
    "two headers": GET + "Authorization: {key}\r\nAuthorization: {key}\r\n\r\n",
    "a NUL in the header": GET + "Authorization: {key}\0\r\n\r\n",
    "a space in the name": GET + "Authori zation: {key}\r\n\r\n",
    "no colon": GET + "Authorization {key}\r\n\r\n",
    "a folded header": GET + "Authorization:\r\n {key}\r\n\r\n",
    "an oversized header": GET + "Authorization: {many}\r\n\r\n",
    "an oversized name": GET + "{many}: x\r\n\r\n",
    "too many headers": GET + "{headers}\r\n",
    "a request line of its own": "{key}\r\n\r\n",
    "the place of the method": "{key} /objectstore/store/key HTTP/1.1\r\nHost: e\r\n\r\n",
    "the place of the version": "GET /objectstore/store/key {key}\r\nHost: e\r\n\r\n",
    "an expectation": PUT + "Expect: {key}\r\nContent-Length: 1\r\n\r\n",
    "a length": PUT + "Content-Length: {key}\r\n\r\n",
    "a framing": PUT + "Transfer-Encoding: {key}\r\n\r\n",
    "a body cut short": PUT + "Content-Length: 9999\r\n\r\n{key}",
    "a broken chunk": PUT + "Transfer-Encoding: chunked\r\n\r\n{key}\r\n",
    "a TTL": PUT.replace(" HTTP", "?ttl_seconds={key} HTTP") + "Content-Length: 0\r\n\r\n",
    "metadata": PUT + "mo-meta-{key}: \x01{key}\r\nContent-Length: 0\r\n\r\n",
    "a store's JSON": PUT.replace("/key", "", 1)
    + "Content-Type: application/json\r\nContent-Length: 999\r\n\r\n{{{key}",
}


@pytest.fixture
def secretive(emulators: Launcher, data: Path) -> Running:
    """An emulator that logs all it can, and has said hello."""
    running = emulators.start(*DEBUG, "--data-dir", data)
    running.client().create_store("store")
    running.wait_for_banner()
    return running


def secrets_of(keys: list[str]) -> list[str]:
    """Each key, and of JWTs the part that is secret."""
    return [part for key in keys for part in (key, key.rpartition(".")[2])]


def what_leaked(log: str, keys: list[str]) -> list[str]:
    _, said_hello, after = log.partition("Ctrl-C stops it.")
    assert said_hello
    return [secret for secret in secrets_of(keys) if secret in after]


def test_no_line_holds_a_key_that_was_sent(secretive: Running, data: Path) -> None:
    own = list(secretive.keys.values())
    for key in [*own, *KEYS.values()]:
        client = Client(secretive.endpoint, key)
        client.put("store", "key", b"body", metadata={"note": "n"})
        client.get("store", "key")
        client.list_stores()
        client.create_store("other")
        client.call("PATCH", "/objectstore/store", b"")
        client.call("GET", "/no-such-path")
    provoke_an_internal_error(secretive, data)

    log = secretive.end()

    assert len(operations(log)) == 2 * len([*own, *KEYS.values()]) + 1
    assert what_leaked(log, [*own, *KEYS.values()]) == []


def test_no_line_holds_a_key_from_a_malformed_request(secretive: Running) -> None:
    own = list(secretive.keys.values())
    for key in [*own, *KEYS.values()]:
        places: dict[str, Any] = {
            "key": key,
            "many": key * (20_000 // len(key)),
            "headers": f"x-again: {key}\r\n" * 200,
        }
        for request in MALFORMED.values():
            with Raw(secretive.anonymous()) as raw:
                raw.exchange(request.format(**places).encode("latin-1"))

    log = secretive.stop()

    assert what_leaked(log, [*own, *KEYS.values()]) == []
