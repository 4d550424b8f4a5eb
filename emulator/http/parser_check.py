"""Checks that aiohttp's parser, and what belongs to it, behave as a connection relies on.

It takes less than a millisecond, once in a process.
"""

from __future__ import annotations

import asyncio

from emulator.http.aiohttp_parser import (
    ParserError,
    ParsingProtocol,
    as_malformed,
    drops_behind_upgrade,
    fail,
)
from emulator.http.serving import READ_AHEAD_BYTES

_GET = b"GET /a%2Fb?c HTTP/1.1\r\nHost: h\r\nX: \xff\r\n\r\n"
_PUT = b"PUT /a HTTP/1.0\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
_CHUNKED = b"PUT /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
_UPGRADE = b"GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"


class MovedError(Exception):
    """The installed release of aiohttp behaves in another way."""


def check() -> None:
    """Try a few requests. An event loop has to run.

    Raises:
        Exception: something is not as it has to be; ``MovedError`` if it differs, and anything else
            if it is not there.
    """
    loop = asyncio.get_running_loop()
    _check_heads(loop)
    _check_bodies(loop)
    _check_refusals(loop)
    _check_writing(loop)


def _protocol(loop: asyncio.AbstractEventLoop) -> ParsingProtocol:
    """A protocol over a transport that does nothing."""
    protocol = ParsingProtocol(loop)
    protocol.connection_made(asyncio.Transport())
    return protocol


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise MovedError(what)


def _check_heads(loop: asyncio.AbstractEventLoop) -> None:
    protocol = _protocol(loop)
    requests, is_upgraded, rest = protocol.parse(_GET + _GET[:9])
    [(head, body)] = requests
    _require((head.method, head.path) == ("GET", "/a%2Fb?c"), "the request line")
    _require(head.version == (1, 1) and not head.should_close, "the version")
    _require(head.headers.getall("x") == ["\udcff"], "the headers")
    _require(list(head.raw_headers) == [(b"Host", b"h"), (b"X", b"\xff")], "the raw headers")
    _require(body.is_eof() and not body.read_nowait(), "a request without a body")
    _require(not (head.upgrade or head.chunked or is_upgraded or rest), "the end of a request")
    [(again, _)], *_ = protocol.parse(_GET[9:])
    _require(again.path == head.path, "a head in two pieces")
    [(offer, _)], is_upgraded, rest = protocol.parse(_UPGRADE + _GET)
    _require(offer.upgrade, "an offered upgrade")
    if is_upgraded:
        protocol.decline_upgrade()
        _require(len(protocol.parse(rest)[0]) == 1, "a request behind an offered upgrade")
    drops_behind_upgrade()


def _check_bodies(loop: asyncio.AbstractEventLoop) -> None:
    protocol, octets = _protocol(loop), b"hello, world"
    [(head, body)], *_ = protocol.parse(_PUT % len(octets) + octets[:5])
    _require(head.should_close and head.version == (1, 0), "HTTP/1.0")
    _require(not body.is_eof() and body.read_nowait() == octets[:5], "the begin of a body")
    _require(not protocol.is_body_full, "a body that is read")
    protocol.parse(octets[5:-1])
    protocol.parse(octets[-1:])
    _require(body.read_nowait() == octets[5:], "the rest of a body")
    _require(body.is_eof() and body.at_eof(), "the end of a body")
    _require(body.total_bytes == len(octets), "the size of a body")
    protocol, octets = _protocol(loop), bytes(2 * READ_AHEAD_BYTES + 1)
    [(head, body)], *_ = protocol.parse(_CHUNKED + b"%x\r\n%b\r\n" % (len(octets), octets))
    _require(head.chunked and protocol.is_body_full, "a body that nobody reads")
    body.read_nowait()
    _require(not protocol.is_body_full and not body.is_eof(), "a body that is read on")
    error = ConnectionResetError()
    fail(body, error)
    _require(body.exception() is error, "a body that fails")


def _check_refusals(loop: asyncio.AbstractEventLoop) -> None:
    for malformed in (b"no HTTP\r\n\r\n", _CHUNKED + b"no size\r\n"):
        try:
            _protocol(loop).parse(malformed)
        except ParserError as error:
            _require(as_malformed(error).status == 400, "the error of what is malformed")
        else:
            raise MovedError("what is malformed")


def _check_writing(loop: asyncio.AbstractEventLoop) -> None:
    protocol = _protocol(loop)
    for is_paused in (False, True, False):
        if is_paused:
            protocol.pause_writing()
        waiting = protocol.drain()
        try:
            waiting.send(None)
            waits = True
        except StopIteration:
            waits = False
        waiting.close()
        _require(waits is is_paused, "waiting for a client")
        if is_paused:
            protocol.resume_writing()
