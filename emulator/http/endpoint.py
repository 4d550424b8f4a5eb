"""Endpoints: what a path and a method lead to, and what a handler is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from emulator.core.clock import Clock
from emulator.core.exchange import Exchange
from emulator.core.operation import Operation
from emulator.core.routes import Resource, Target
from emulator.http.message import Request, Response


class Incoming(NamedTuple):
    """A request to answer, with all that a handler needs."""

    request: Request
    target: Target
    exchange: Exchange
    operation: Operation
    clock: Clock


Handler = Callable[[Incoming], Awaitable[Response]]
"""Does what a request asks for and returns the answer, which the server sends."""


class Endpoint(NamedTuple):
    """A handler, and the name of the service's operation; empty if it does none."""

    handle: Handler
    operation: str = ""


Table = Mapping[Resource | str, Mapping[str, Endpoint]]
"""The endpoints by method, for each resource or template of a path."""
