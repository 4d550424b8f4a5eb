"""A body that stops being HTTP after its request has begun."""

from __future__ import annotations

import asyncio

import pytest

from emulator import Emulator

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


async def talk(emulator: Emulator, start: bytes, body: bytes = b"") -> bytes:
    """Send ``start`` and, once the emulator asks for it, ``body``; return all that comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", emulator.port)
    writer.write(start)
    if body:
        assert await asyncio.wait_for(reader.readexactly(len(CONTINUE)), 10) == CONTINUE
        writer.write(body)
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return answer


def head(emulator: Emulator, method: str, path: str, *headers: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: h", f"Authorization: {emulator.api_key()}"]
    return "\r\n".join([*lines, *headers, "", ""]).encode()


@pytest.mark.proves("D33")
@pytest.mark.parametrize("piece", [b"ZZZ\r\n", b"-5\r\n", b"5\r\nhello!!\r\n"])
@pytest.mark.parametrize("path", ["/objectstore/web-assets/key", "/objectstore/store"])
async def test_a_broken_chunk_is_400_at_once_and_stores_nothing(
    momento_emulator: Emulator, path: str, piece: bytes
) -> None:
    start = head(
        momento_emulator,
        "PUT",
        path,
        "Content-Type: application/json",
        "Transfer-Encoding: chunked",
        "Expect: 100-continue",
    )
    await make_store(momento_emulator, "web-assets")
    answer = await talk(momento_emulator, start, b"5\r\nhello\r\n" + piece)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"connection: close" in answer.lower()
    gone = await talk(momento_emulator, head(momento_emulator, "GET", path, "Connection: close"))
    assert gone.startswith(b"HTTP/1.1 404 ")


@pytest.mark.proves("D39")
async def test_a_connection_whose_body_was_never_asked_for_is_closed_with_the_answer(
    momento_emulator: Emulator,
) -> None:
    start = head(
        momento_emulator,
        "PUT",
        "/objectstore/missing/key",
        "Content-Length: 1000",
        "Expect: 100-continue",
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", momento_emulator.port)
    writer.write(start)
    answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b"connection: close" in answer.lower()


async def make_store(emulator: Emulator, name: str) -> None:
    body = (
        b'{"storage_config": {"s3": {"bucket_name": "b", "iam_role_arn": '
        b'"arn:aws:iam::123456789012:role/r"}},'
        b'"cache_config": {"valkey_cluster": {"cluster_name": "c"}}}'
    )
    made = await talk(
        emulator,
        head(
            emulator,
            "PUT",
            f"/objectstore/{name}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            "Connection: close",
        )
        + body,
    )
    assert made.startswith(b"HTTP/1.1 201 ")
