"""Where nothing has to be waited for, answers are the same as where every step waits.

A request to one emulator runs in one go. In the other, others have their turn at every call of an
engine.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, BinaryIO, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

import emulator.app
from emulator import Emulator
from emulator.backends.cache.local import LocalCache
from emulator.control.call import Call
from emulator.core.event_loop import sleep
from emulator.core.revisions import REVISIONS
from tests.service.account.accounts import UnhurriedAccount
from tests.service.tiers import HookedCache, HookedStorage
from tests.support.client import Client
from tests.support.emulators import ANY_NAMES

STARTED_AT = "2026-03-01T12:00:00Z"

WITH_ITS_OWN_VALUE = re.compile(rb"(?m)^(Date|mo-request-id): .*\r$")
"""Headers that differ from answer to answer."""


class Sent(NamedTuple):
    """A request: ``head`` has no credentials yet."""

    method: str
    head: bytes
    body: bytes
    key: str
    expects: bool


@dataclass
class Side:
    """One emulator, and a connection to it."""

    running: Emulator
    keys: dict[str, str]
    connection: socket.socket | None = None
    answers: BinaryIO | None = None

    def ask(self, requests: Sequence[Sent], cuts: Sequence[int]) -> list[bytes]:
        """Send requests one after the other without waiting, cut at these places; return their
        answers."""
        if self.connection is None:
            self.connection = socket.create_connection((self.running.host, self.running.port))
            self.connection.settimeout(30)
            self.answers = self.connection.makefile("rb")
        octets = b"".join(self._octets(each) for each in requests)
        begins = [0, *sorted(cut for cut in cuts if cut < len(octets)), len(octets)]
        for begin, end in pairwise(begins):
            self.connection.sendall(octets[begin:end])
        return [self._answer(each) for each in requests]

    def _octets(self, sent: Sent) -> bytes:
        authorization = self.keys[sent.key]
        return sent.head.replace(b"{AUTHORIZATION}", authorization.encode()) + sent.body

    def _answer(self, sent: Sent) -> bytes:
        assert self.answers is not None
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.answers.readline()
            assert line, head
            head += line
            if head == b"HTTP/1.1 100 Continue\r\n\r\n":
                head = b""  # Whether it is sent depends on whether the body has come.
        length = re.search(rb"(?i)\ncontent-length: (\d+)\r", head)
        has_body = sent.method != "HEAD" and length is not None
        body = self.answers.read(int(length[1])) if has_body and length is not None else b""
        if sent.expects:  # Whether the connection stays open depends on when the body comes.
            head = head.replace(b"Connection: close\r\n", b"")
            self.close()
        elif b"\nConnection: close\r" in head:
            assert self.answers.read() == b""
            self.close()
        return WITH_ITS_OWN_VALUE.sub(rb"\1", head) + body

    def close(self) -> None:
        if self.connection is not None and self.answers is not None:
            self.answers.close()
            self.connection.close()
        self.connection = None


async def let_others_go_on(_call: str) -> None:
    await sleep(0)


def slow_engines(patch: pytest.MonkeyPatch) -> None:
    """Let the next emulator have engines that are asked over a long way."""
    names = ("account", "cache", "storage")
    original: dict[str, Any] = {name: getattr(emulator.app, f"{name}_engine") for name in names}

    def account(*arguments: Any) -> UnhurriedAccount:
        return UnhurriedAccount(1, original["account"](*arguments))

    def cache(*arguments: Any) -> HookedCache:
        engine = HookedCache(original["cache"](*arguments))
        engine.hook = let_others_go_on
        return engine

    def storage(*arguments: Any) -> HookedStorage:
        engine = HookedStorage(original["storage"](*arguments))
        engine.hook = let_others_go_on
        return engine

    for name, make in (("account", account), ("cache", cache), ("storage", storage)):
        patch.setattr(emulator.app, f"{name}_engine", make)


def side(running: Emulator) -> Side:
    owner = Client(running.endpoint, running.api_key())
    owner.create_store("media")
    keys = {name: running.api_key(name) for name in ("owner", "operator", "viewer")}
    wrong = keys["owner"][:-4] + "AAAA"
    return Side(running, {**keys, "wrong": wrong, "bearer": f"Bearer {wrong}", "none": ""})


@pytest.fixture(scope="module", params=["memory", "fakeredis"])
def cache(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module", params=REVISIONS)
def sides(request: pytest.FixtureRequest, cache: str) -> Iterator[tuple[Side, Side]]:
    """The fast emulator and the slow one, of the same revision and with the same clock."""
    with ExitStack() as stack:
        found = []
        for is_slow in (False, True):
            with pytest.MonkeyPatch.context() as patch:
                if is_slow:
                    slow_engines(patch)
                running = Emulator(cache=cache, api_revision=request.param, **ANY_NAMES)
                stack.enter_context(running)
            running.clock.freeze(STARTED_AT)
            found.append(side(running))
        fast, slow = found
        assert isinstance(fast.running._app._cache, LocalCache)  # type: ignore[union-attr]
        assert not isinstance(slow.running._app._cache, LocalCache)  # type: ignore[union-attr]
        yield fast, slow
        fast.close()
        slow.close()


NAMES = st.sampled_from(["media", "media", "media", "other", "bad%20name"])
OBJECTS = st.sampled_from(["a", "a", "b", "deep/c", "%C3%BC", "%zz", ""])
KEYS = st.sampled_from(["owner", "owner", "owner", "operator", "viewer", "wrong", "bearer", "none"])
QUERIES = st.sampled_from(["", "", "?ttl_seconds=1", "?ttl_seconds=60", "?ttl_seconds=0", "?x=y"])
HEADERS = st.lists(
    st.sampled_from(
        [
            "mo-meta-content-type: text/plain",
            "Mo-Meta-Colour: r\u00f6t",
            "mo-meta-set-cookie: blocked",
            "mo-tag-kind: test",
            "mo-persistence: ephemeral",
            "mo-persistence: durable",
            "mo-persistence: never",
            "read-concern: consistent",
            "Connection: close",
        ]
    ),
    max_size=3,
)


@st.composite
def requests(draw: st.DrawFn) -> Sent:
    method = draw(st.sampled_from(["GET", "GET", "PUT", "PUT", "HEAD", "DELETE", "POST"]))
    store, key = draw(NAMES), draw(OBJECTS)
    query, headers = draw(QUERIES), draw(HEADERS)
    body = draw(st.binary(max_size=300)) if method == "PUT" else b""
    is_chunked = method == "PUT" and draw(st.booleans())
    expects = method == "PUT" and draw(st.integers(0, 7)) == 0
    lines = [f"{method} /objectstore/{store}/{key}{query} HTTP/1.1", "Host: h"]
    lines += ["Authorization: {AUTHORIZATION}", *headers]
    if expects:
        lines.append("Expect: 100-continue")
    if is_chunked:
        lines.append("Transfer-Encoding: chunked")
        middle = len(body) // 2
        chunks = [body[:middle], body[middle:]]
        body = b"".join(b"%x\r\n%b\r\n" % (len(each), each) for each in chunks if each)
        body += b"0\r\n\r\n"
    elif method == "PUT":
        lines.append(f"Content-Length: {len(body)}")
    head = "\r\n".join([*lines, "", ""]).encode()
    return Sent(method, head, body, draw(KEYS), expects)


class Step(NamedTuple):
    """What happens next: requests at once, then the clock goes on."""

    requests: list[Sent]
    cuts: list[int]
    seconds: int


@st.composite
def steps(draw: st.DrawFn) -> Step:
    sent = draw(st.lists(requests(), min_size=1, max_size=3))
    ends = [number for number, each in enumerate(sent) if b"Connection: close" in each.head]
    ends += [number for number, each in enumerate(sent) if each.expects]  # It may end it too.
    if ends:
        sent = sent[: min(ends) + 1]
    cuts = draw(st.lists(st.integers(1, 1500), max_size=2))
    return Step(sent, cuts, draw(st.sampled_from([0, 0, 0, 1, 59])))


@given(st.lists(steps(), min_size=1, max_size=8))
def test_what_waits_for_nothing_is_answered_as_what_waits_at_every_step(
    sides: tuple[Side, Side], happens: list[Step]
) -> None:
    for each in sides:
        each.running.reset()
        each.running.clock.freeze(STARTED_AT)
        Client(each.running.endpoint, each.keys["owner"]).create_store("media")
        each.running.journal.clear()
    for step in happens:
        fast, slow = (each.ask(step.requests, step.cuts) for each in sides)
        assert fast == slow
        for each in sides:
            each.running.clock.advance(step.seconds)
    fast_calls, slow_calls = (
        [shown(call) for call in each.running.journal.calls()] for each in sides
    )
    assert fast_calls == slow_calls


def shown(call: Call) -> tuple[object, ...]:
    """What the journal says of a call, without what differs from one emulator to the next."""
    asked = (call.number, call.time, call.operation, call.method, call.target, call.store, call.key)
    caller = (call.key_id, call.role, call.role_name)
    return (*asked, *caller, call.status, call.outcome, call.response_size, call.object_age)
