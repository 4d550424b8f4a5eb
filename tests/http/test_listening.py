"""Listening on one or more addresses, and accepting when the system gives no descriptor."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import sys
from collections.abc import Iterator

import pytest

from emulator.http import listening
from emulator.http.listening import Acceptor, bind
from tests.support.forks import in_child, needs_fork
from tests.support.loop_time import LoopTime
from tests.support.ports import has_ipv6

RETRY = 0.2
"""Longer than accepting pauses."""

linux = pytest.mark.skipif(sys.platform != "linux", reason="127.0.0.2 is not bound elsewhere")
ipv6 = pytest.mark.skipif(not has_ipv6(), reason="there is no IPv6 here")


@pytest.fixture
def bound() -> Iterator[list[socket.socket]]:
    """Sockets to close at the end of the test."""
    sockets: list[socket.socket] = []
    yield sockets
    for each in sockets:
        each.close()


def names(sockets: list[socket.socket]) -> list[str]:
    return [each.getsockname()[0] for each in sockets]


def ports(sockets: list[socket.socket]) -> set[int]:
    return {each.getsockname()[1] for each in sockets}


@linux
async def test_several_addresses_get_the_same_free_port(bound: list[socket.socket]) -> None:
    bound += await bind(["127.0.0.1", "127.0.0.2", "127.0.0.3"], 0, reuse_port=False)
    assert names(bound) == ["127.0.0.1", "127.0.0.2", "127.0.0.3"]
    assert len(ports(bound)) == 1


@linux
async def test_a_port_that_is_free_on_one_address_alone_is_not_taken(
    bound: list[socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    real, refused = listening._bind, list[int]()

    def refuse_once(address: listening._Address, port: int, *, reuse_port: bool) -> socket.socket:
        if address.host == "127.0.0.2" and not refused:
            refused.append(port)
            raise OSError(errno.EADDRINUSE, "in use", address.host)
        return real(address, port, reuse_port=reuse_port)

    monkeypatch.setattr(listening, "_bind", refuse_once)
    bound += await bind(["127.0.0.1", "127.0.0.2"], 0, reuse_port=False)
    assert len(refused) == 1
    assert len(ports(bound)) == 1


@linux
async def test_a_given_port_that_is_in_use_on_one_address_is_an_error_that_names_it(
    bound: list[socket.socket],
) -> None:
    while True:  # Until the port is free on the other address: others use ports too.
        taken = socket.create_server(("127.0.0.2", 0))
        bound.append(taken)
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use") as caught:
            await bind(["127.0.0.1", "127.0.0.2"], port, reuse_port=False)
        if caught.value.filename != "127.0.0.1":
            break
    assert caught.value.filename == "127.0.0.2"
    bound.append(socket.create_server(("127.0.0.1", port)))  # It was given back.


async def test_an_address_that_is_given_twice_is_bound_once(bound: list[socket.socket]) -> None:
    bound += await bind(["127.0.0.1", "127.0.0.1", "localhost"], 0, reuse_port=False)
    assert names(bound)[:1] == ["127.0.0.1"]
    assert names(bound)[1:] in ([], ["::1"])


@ipv6
@pytest.mark.parametrize("name", ["localhost", "LocalHost"])
async def test_localhost_is_the_loopback_address_of_both_families(
    bound: list[socket.socket], name: str
) -> None:
    bound += await bind([name], 0, reuse_port=False)
    assert names(bound) == ["127.0.0.1", "::1"]
    assert len(ports(bound)) == 1


@ipv6
async def test_all_addresses_of_both_families_go_together(bound: list[socket.socket]) -> None:
    bound += await bind(["0.0.0.0", "::"], 0, reuse_port=False)
    assert names(bound) == ["0.0.0.0", "::"]
    assert len(ports(bound)) == 1


async def test_an_address_among_all_addresses_is_not_bound_again(
    bound: list[socket.socket],
) -> None:
    bound += await bind(["127.0.0.1", "0.0.0.0", "127.0.0.2"], 0, reuse_port=False)
    assert names(bound) == ["0.0.0.0"]


def without(*hosts: str) -> object:
    """Instead of ``_bind``, on a machine that does not have these addresses."""
    real = listening._bind

    def refuse(address: listening._Address, port: int, *, reuse_port: bool) -> socket.socket:
        if address.host in hosts:
            raise OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL), address.host)
        return real(address, port, reuse_port=reuse_port)

    return refuse


async def test_localhost_is_one_address_on_a_machine_with_one_family(
    bound: list[socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "_bind", without("::1"))
    bound += await bind(["localhost"], 0, reuse_port=False)
    assert names(bound) == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("hosts", "missing"),
    [(["127.0.0.1", "::1"], ["::1"]), (["localhost"], ["127.0.0.1", "::1"])],
    ids=["given", "none-left"],
)
async def test_an_address_that_is_missing_is_an_error_if_it_was_given_or_none_is_left(
    monkeypatch: pytest.MonkeyPatch, hosts: list[str], missing: list[str]
) -> None:
    monkeypatch.setattr(listening, "_bind", without(*missing))
    with pytest.raises(OSError, match="assign") as caught:
        await bind(hosts, 0, reuse_port=False)
    assert caught.value.filename == "::1"


class Exhausted(socket.socket):
    """A listening socket that cannot give a connection for a while."""

    is_exhausted = True
    attempts = 0

    def accept(self) -> tuple[socket.socket, object]:
        self.attempts += 1
        if self.is_exhausted:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return super().accept()


class Accepting:
    """An acceptor on an exhausted socket, and the clock of its loop."""

    def __init__(self) -> None:
        self.listening = Exhausted()
        self.listening.bind(("127.0.0.1", 0))
        self.listening.setblocking(False)
        self.time = LoopTime(asyncio.get_running_loop())
        self._acceptor = Acceptor(asyncio.Protocol)
        self._acceptor.start([self.listening])

    async def __aenter__(self) -> Accepting:
        self._reader, self._writer = await asyncio.open_connection(*self.listening.getsockname())
        await self.pass_seconds(0)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._acceptor.stop()
        self._writer.close()

    async def pass_seconds(self, seconds: float) -> None:
        self.time.advance(seconds)
        for _ in range(20):
            await asyncio.sleep(0)


async def test_without_descriptors_there_is_one_line_a_second_and_no_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with Accepting() as accepting:
        for _ in range(10):
            await accepting.pass_seconds(RETRY)
        assert 2 <= accepting.listening.attempts <= 20
        accepting.listening.is_exhausted = False
        await accepting.pass_seconds(RETRY)
    assert 2 <= len(caplog.records) <= 3
    assert all(record.exc_info is None for record in caplog.records)
    assert "Too many open files" in caplog.text


async def test_a_connection_that_waits_is_accepted_once_there_are_descriptors_again() -> None:
    async with Accepting() as accepting:
        accepting.listening.is_exhausted = False
        await accepting.pass_seconds(RETRY)
        assert accepting._acceptor._retry is None
        before = accepting.listening.attempts
        _, writer = await asyncio.open_connection(*accepting.listening.getsockname())
        await accepting.pass_seconds(0)
        assert accepting.listening.attempts > before
        writer.close()


async def test_a_stop_ends_the_pause() -> None:
    async with Accepting() as accepting:
        address = accepting.listening.getsockname()
        await accepting._acceptor.stop()
        await accepting.pass_seconds(RETRY)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=10)


@needs_fork
@pytest.mark.proves("D128")
async def test_a_forked_child_keeps_no_socket_of_a_pause() -> None:
    async with Accepting() as accepting:
        assert accepting._acceptor._retry is not None
        assert in_child(lambda: file_of(accepting.listening)) == os.devnull


@needs_fork
@pytest.mark.proves("D128")
async def test_a_forked_child_keeps_no_connection_that_is_being_made() -> None:
    async with Accepting() as accepting:
        accepting.listening.is_exhausted = False
        accepting._acceptor._accept(accepting.listening)
        (accepted,) = accepting._acceptor._making.values()
        assert in_child(lambda: file_of(accepted)) == os.devnull
        await accepting.pass_seconds(0)


def file_of(opened: socket.socket) -> str:
    return os.readlink(f"/dev/fd/{opened.fileno()}")
