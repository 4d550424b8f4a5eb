"""Our own connection serves while aiohttp's parser is as we know it; else aiohttp's own server."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http import HttpRequestParser

from emulator.http import aiohttp_parser
from emulator.http.choice import connection_class
from emulator.http.connection import Connection
from emulator.http.parser_check import check
from emulator.http.public_connection import PublicConnection

RealParser: Any = HttpRequestParser


class Wrapped:
    """The parser, of which a subclass changes something."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._parser = RealParser(*arguments, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._parser, name)


class OtherArguments(Wrapped):
    def __init__(self, protocol: Any, loop: Any, *, limits: Any) -> None:
        super().__init__(protocol, loop, **limits)


class OtherResult(Wrapped):
    def feed_data(self, data: bytes) -> Any:
        return self._parser.feed_data(data)[0]


class OtherNameOfTheMethod(Wrapped):
    def __getattr__(self, name: str) -> Any:
        if name == "feed_data":
            raise AttributeError(name)
        return super().__getattr__(name)


class PathAsBytes(Wrapped):
    def feed_data(self, data: bytes) -> Any:
        requests, *rest = self._parser.feed_data(data)
        return [(head._replace(path=head.path.encode()), body) for head, body in requests], *rest


class Decompressing(Wrapped):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{**options, "auto_decompress": True})


class Lenient(Wrapped):
    def feed_data(self, data: bytes) -> Any:
        try:
            return self._parser.feed_data(data)
        except aiohttp_parser.ParserError:
            return [], False, b""


def parser(replacement: type) -> Callable[[pytest.MonkeyPatch], None]:
    return lambda patch: patch.setattr(aiohttp_parser, "HttpRequestParser", replacement)


def no_module(name: str) -> Callable[[pytest.MonkeyPatch], None]:
    def move(patch: pytest.MonkeyPatch) -> None:
        for ours in ("aiohttp_parser", "connection", "parser_check", "upgrades"):
            patch.delitem(sys.modules, f"emulator.http.{ours}")
        patch.setitem(sys.modules, name, None)

    return move


def no_drain_helper(patch: pytest.MonkeyPatch) -> None:
    patch.delattr(BaseProtocol, "_drain_helper")


def never_pauses(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(BaseProtocol, "pause_reading", lambda _: None)


MOVES = {
    "base_protocol": no_module("aiohttp.base_protocol"),
    "http": no_module("aiohttp.http"),
    "http_exceptions": no_module("aiohttp.http_exceptions"),
    "arguments": parser(OtherArguments),
    "result": parser(OtherResult),
    "method": parser(OtherNameOfTheMethod),
    "path": parser(PathAsBytes),
    "decompressing": parser(Decompressing),
    "lenient": parser(Lenient),
    "drain": no_drain_helper,
    "pause": never_pauses,
}


async def test_a_connection_has_its_loop_where_aiohttp_gives_its_own_another_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    init = BaseProtocol.__init__

    def renamed(protocol: BaseProtocol, loop: asyncio.AbstractEventLoop) -> None:
        init(protocol, loop)
        del protocol._loop

    monkeypatch.setattr(BaseProtocol, "__init__", renamed)
    loop = asyncio.get_running_loop()

    assert aiohttp_parser.ParsingProtocol(loop)._loop is loop


@pytest.fixture(autouse=True)
def _forgets_the_choice() -> Any:
    """Have each test choose, and none of the others."""
    connection_class.cache_clear()
    yield
    connection_class.cache_clear()


async def test_our_own_connection_is_chosen_over_the_installed_aiohttp(
    caplog: pytest.LogCaptureFixture,
) -> None:
    check()
    assert connection_class() is Connection
    assert caplog.messages == []


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
async def test_aiohttps_own_server_is_chosen_with_one_warning_where_a_release_moved_something(
    move: Callable[[pytest.MonkeyPatch], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with monkeypatch.context() as patch:
        move(patch)
        assert [connection_class() for _ in range(3)] == [PublicConnection] * 3
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert f"aiohttp {aiohttp.__version__} is not as" in record.getMessage()
    assert "aiohttp's own server, which is slower" in record.getMessage()
