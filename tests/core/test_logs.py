"""What the log writes: everything that was said, and no key of it."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from collections.abc import Callable, Iterator

import pytest

from emulator.auth.keys import inner_key, mint_v1, mint_v2, new_signing_secret
from emulator.auth.tokens import mint_token
from emulator.core import logs

from .permission_sets import a_set

SECRET = new_signing_secret()
V1 = mint_v1("id", SECRET, "cell-1.example.com")
TOKEN = mint_token("id", SECRET, "localhost:8080", permissions=a_set(), expires_at=2**31)

CREDENTIALS = {
    "v2 key": mint_v2("id", SECRET),
    "v2 key that expires": mint_v2("id", SECRET, expires_at=2**31),
    "v1 key": V1,
    "inside of a v1 key": inner_key(V1) or "",
    "token": TOKEN,
    "inside of a token": inner_key(TOKEN) or "",
}

FORMATS = ("text", "json")


@pytest.fixture(params=FORMATS)
def log_format(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def log(log_format: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is written to stderr, with every level shown."""
    root, own = logging.getLogger(), logging.getLogger("emulator")
    before = root.handlers[:], root.level, own.level
    stderr = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stderr)
    logs.configure("debug", log_format)
    yield stderr
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    own.setLevel(before[2])


own = logging.getLogger("emulator.some.module")
foreign = logging.getLogger("aiohttp.server")


class CredentialError(Exception):
    """Has the credential in its text, and in its repr."""


def fail(credential: str) -> None:
    raise CredentialError(f"cannot read {credential} here")


def fail_with_a_cause(credential: str) -> None:
    try:
        fail(credential)
    except CredentialError as error:
        raise ValueError("of something else") from error


def fail_in_a_document(credential: str) -> None:
    raise CredentialError({"headers": {"Authorization": credential}, "body": credential.encode()})


def log_exception(failure: Callable[[str], None], credential: str) -> None:
    try:
        failure(credential)
    except Exception:
        foreign.exception("Error handling request")


Saying = Callable[[str], None]

SAYINGS: dict[str, Saying] = {
    "in a message": lambda key: own.warning(f"the key {key} is unknown"),
    "as a message": own.error,
    "as an argument": lambda key: own.info("the key %s is unknown (%d)", key, 401),
    "as an argument of many": lambda key: own.debug("headers: %r", {"Authorization": [key]}),
    "as a named argument": lambda key: own.info("the key %(key)s is unknown", {"key": key}),
    "as bytes": lambda key: foreign.error("bad line: %r", key.encode()),
    "over several lines": lambda key: foreign.error("bad message:\n\n  %s\n    ^", key),
    "beside other texts": lambda key: own.info('?token=%s&x="日本"\x00\x1b', key),
    "twice": lambda key: own.info("%s,%s", key, key),
    "in an exception": lambda key: log_exception(fail, key),
    "in the cause of an exception": lambda key: log_exception(fail_with_a_cause, key),
    "in the repr of an exception": lambda key: log_exception(fail_in_a_document, key),
    "in an exception and a message": lambda key: own.error(key, exc_info=CredentialError(key)),
    "in the name of a logger": lambda key: logging.getLogger(key).error("in a name"),
    "with the stack": lambda key: own.error(f"at {key}", stack_info=True),
}


def leaked(written: str, credential: str) -> list[str]:
    parts = {credential[index : index + 20] for index in range(len(credential) - 19)}
    return [part for part in parts if part in written]


@pytest.mark.parametrize("credential", CREDENTIALS.values(), ids=CREDENTIALS)
@pytest.mark.parametrize("say", SAYINGS.values(), ids=SAYINGS)
def test_no_key_or_token_is_in_the_log_wherever_it_was(
    log: io.StringIO, say: Saying, credential: str
) -> None:
    say(credential)
    written = log.getvalue()
    assert "[redacted]" in written
    assert leaked(written, credential) == []


@pytest.mark.parametrize("say", SAYINGS.values(), ids=SAYINGS)
@pytest.mark.parametrize("log_format", ["json"], indirect=True)
def test_each_entry_of_a_json_log_is_a_line_with_an_object(log: io.StringIO, say: Saying) -> None:
    say(CREDENTIALS["v1 key"])
    [line] = log.getvalue().splitlines()
    document = json.loads(line)
    assert {"time", "level", "logger", "message"} <= set(document)
    assert document.keys() <= {"time", "level", "logger", "message", "exception"}


def test_what_is_no_key_is_in_the_log_as_it_was_said(log: io.StringIO, log_format: str) -> None:
    own.info("Served %s in %d ms", "/objectstore/store/ü", 17)
    try:
        raise KeyError("the cause")
    except KeyError:
        own.exception("It failed")
    written = log.getvalue()
    if log_format == "json":
        served, failed = (json.loads(line) for line in written.splitlines())
        assert served["message"] == "Served /objectstore/store/ü in 17 ms"
        assert (served["level"], served["logger"]) == ("info", "emulator.some.module")
        assert failed["exception"].endswith("KeyError: 'the cause'")
    else:
        assert "INFO    emulator.some.module: Served /objectstore/store/ü in 17 ms\n" in written
        assert written.endswith("KeyError: 'the cause'\n")


def test_libraries_are_in_the_log_only_when_something_is_wrong(log: io.StringIO) -> None:
    foreign.info("in passing")
    own.debug("in detail")
    foreign.warning("wrong")
    written = log.getvalue()
    assert "in passing" not in written
    assert "in detail" in written
    assert "wrong" in written


TURNS = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Characters that change the direction of a text, so that a terminal shows it otherwise."""

CODES = (*range(32), *range(127, 160), 0x2028, 0x2029, 0xD800, 0xDFFF, *TURNS)
CONTROLS = [chr(code) for code in CODES]

FORGED = "2026-01-01 00:00:00,000 INFO    emulator: forged"


def lines_of(written: str) -> list[str]:
    """The lines of a text as the most liberal reader sees them."""
    return [line for line in re.split("[\n-\r\x1c-\x1e\x85\u2028\u2029]", written) if line]


@pytest.mark.usefixtures("log")
def test_a_control_character_is_escaped_and_ends_no_line(log_format: str) -> None:
    handler = logging.getLogger().handlers[0]  # No logger: pytest would keep the surrogates.
    for control in CONTROLS:
        key = f"a{control}{FORGED}"
        record = own.makeRecord("emulator", logging.WARNING, "", 0, "no %s", (key,), None)
        [line] = lines_of(handler.format(record))
        assert control not in line
        if log_format == "json":
            assert json.loads(line)["message"] == f"no {key}"
        else:
            assert f"no a{control.encode('unicode_escape').decode()}{FORGED}" in line


def test_the_message_of_an_exception_cannot_look_like_a_record(
    log: io.StringIO, log_format: str
) -> None:
    try:
        raise ValueError(f"bad\n{FORGED}\r{FORGED}\x1b[2K\u2028{FORGED}")
    except ValueError as error:
        own.error("It failed: %s", error, exc_info=error)
    first, *others = lines_of(log.getvalue())
    if log_format == "json":
        assert others == []
        assert FORGED in json.loads(first)["exception"]
    else:
        assert "It failed: bad\\n2026" in first
        assert others[0] == "  Traceback (most recent call last):"
        assert all(line.startswith("  ") for line in others)
        assert "\x1b" not in log.getvalue()


def test_the_line_of_an_error_that_ends_the_process_is_one_line(log_format: str) -> None:
    said = logs.line("cannot read a\nb\x7f\u2028", log_format)
    assert len(said.splitlines()) == 1
    if log_format == "json":
        assert json.loads(said)["message"] == "cannot read a\nb\x7f\u2028"
    else:
        assert said == "cannot read a\\nb\\x7f\\u2028"
