"""What a path and a method lead to: an endpoint, and what it is handed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from aiohttp import web

from emulator.core.clock import Clock
from emulator.core.exchange import Exchange
from emulator.core.operation import Operation
from emulator.core.routes import Resource, Target


class Incoming(NamedTuple):
    """A request that is to be answered."""

    request: web.BaseRequest
    target: Target
    exchange: Exchange
    operation: Operation
    clock: Clock


Handler = Callable[[Incoming], Awaitable[web.StreamResponse]]
"""Does what a request asks for; the answer is for its caller to send."""


class Endpoint(NamedTuple):
    """A handler, and the name of the service's operation that it does. What only an emulator has is
    no operation, and has an empty name."""

    handle: Handler
    operation: str = ""


Table = Mapping[Resource | str, Mapping[str, Endpoint]]
"""The endpoints by method, for each resource or template of a path."""
