"""Objects and stores for the tests of the console, and how their pages are opened."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from emulator import Emulator
from tests.support.client import Client, object_path, put_configuration, store_configuration
from tests.support.emulators import client

from .browser import expect
from .pages import Console

if TYPE_CHECKING:
    from playwright.async_api import FilePayload

LATEST = {"api_revision": "latest"}
"""Options of an emulator whose revision has everything that the pages show."""

NO_LIMITS = {
    "object_store_limits": dict.fromkeys(
        (
            "read_operations_per_second",
            "write_operations_per_second",
            "read_bytes_per_second",
            "write_bytes_per_second",
        ),
        10**9,
    )
}

_ROLE = "arn:aws:iam::123456789012:role/MomentoObjectStoreRole"


def create_store(emulator: Emulator, store: str = "media", **more: Any) -> Client:
    """Create a store without limits; ``more`` are members of its document. Return a client."""
    owner = client(emulator)
    put_configuration(owner, store, {**store_configuration(store), **NO_LIMITS, **more})
    return owner


def telemetry(log_group: str) -> dict[str, Any]:
    """Members of a store's document: an access log and metrics."""
    to = {"iam_role_arn": _ROLE, "region": "us-east-1"}
    return {
        "access_logging_config": {"cloudwatch": {"log_group_name": log_group, **to}},
        "metrics_config": {"cloudwatch": to},
    }


def put(
    owner: Client,
    key: str,
    body: bytes,
    content_type: str | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    ttl_seconds: int | None = None,
) -> None:
    """Put an object into the store ``media``."""
    sent = {} if content_type is None else {"mo-meta-content-type": content_type}
    query = "" if ttl_seconds is None else f"?ttl_seconds={ttl_seconds}"
    answer = owner.call("PUT", object_path("media", key) + query, body, {**sent, **(headers or {})})
    assert answer.status == 204, answer


async def open_store(console: Console, store: str = "media", **query: str) -> None:
    """Go to the objects of a store."""
    address = f"{console.endpoint}/_emulator/#/objects/{quote(store, safe='')}"
    await console.page.goto(f"{address}?{urlencode(query)}" if query else address)
    await expect(console.heading(store)).to_be_visible()


async def open_object(console: Console, key: str, store: str = "media") -> None:
    """Go to an object."""
    path = f"{quote(store, safe='')}/{quote(key, safe='')}"
    await console.page.goto(f"{console.endpoint}/_emulator/#/objects/{path}")
    await expect(console.page.get_by_role("heading", name="Details")).to_be_visible()


def a_file(name: str, body: bytes, media_type: str = "") -> FilePayload:
    """A file to choose on the page."""
    return {"name": name, "mimeType": media_type, "buffer": body}


def a_png(width: int, height: int) -> bytes:
    """A picture with colours."""
    rows = (
        b"\0" + bytes(value for x in range(width) for value in (x % 256, y % 256, 150))
        for y in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(name, content)
        for name, content in (
            (b"IHDR", header),
            (b"IDAT", zlib.compress(b"".join(rows))),
            (b"IEND", b""),
        )
    )


def _chunk(name: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)
