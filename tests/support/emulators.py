"""Emulators in the test's own process: how they are started, and clients of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from emulator import Emulator

from . import raw_client as raw
from .client import Answer, Client

ANY_NAMES: Mapping[str, Any] = {"strict_clusters": False, "strict_log_groups": False}
"""Options with which a store may name any cluster and log group, in every revision: for tests of
something else."""

Start = Callable[..., Emulator]
"""Starts an emulator with options; it ends with the test."""


@contextmanager
def starting(**defaults: Any) -> Iterator[Start]:
    """A function that starts emulators, with ``defaults`` for the options that it is not given.
    They end with the block."""
    defaults = {**ANY_NAMES, **defaults}
    with ExitStack() as stack:

        def start(**options: Any) -> Emulator:
            emulator = Emulator(**{**defaults, **options})
            stack.callback(emulator.stop)
            emulator.start()
            return emulator

        yield start


def as_new(emulator: Emulator) -> Emulator:
    """Put an emulator back into its first state, without checkpoints."""
    for name in emulator.checkpoints:
        emulator.drop_checkpoint(name)
    emulator.reset()
    return emulator


def client(emulator: Emulator, role: str = "owner") -> Client:
    """A client with the first key of a role."""
    return Client(emulator.endpoint, emulator.api_key(role))


def with_store(emulator: Emulator, name: str = "store") -> Client:
    """A client that may do everything, and a store that it has created."""
    owner = client(emulator)
    assert owner.create_store(name).status == 201
    return owner


def raw_client(emulator: Emulator, role: str = "owner") -> raw.Client:
    """A client with the first key of a role that sends what it is given, byte for byte."""
    return raw.Client(emulator.endpoint, emulator.api_key(role))


def wire(emulator: Emulator) -> raw.Wire:
    """A connection on which every byte is ours; it has an Owner's key."""
    return raw_client(emulator).wire()


def control(
    emulator: Emulator,
    method: str,
    path: str,
    document: object = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Call the control API, with `document` as JSON where there is one."""
    body = None if document is None else json.dumps(document).encode()
    return Client(emulator.endpoint).call(method, f"/_emulator{path}", body, headers)


def status_with(emulator: Emulator, api_key: str, path: str = "/objectstore") -> int:
    """The status of a GET with that key."""
    return Client(emulator.endpoint, api_key).call("GET", path).status
