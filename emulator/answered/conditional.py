"""Conditional and partial answers to Get Object, as RFC 9110 has them, by the answers D27.

A single range of bytes is honoured, and validators that the answer itself has. Several ranges, and
what is malformed, get the whole object.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator, Mapping
from email.utils import formatdate, parsedate_to_datetime
from typing import BinaryIO

from aiohttp import hdrs

from emulator.backends.storage.base import BodyStream
from emulator.core.answers import Answers
from emulator.core.clock import MICROSECONDS
from emulator.core.object_info import ObjectInfo
from emulator.http.message import Request, Response
from emulator.http.render import error_response

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
_TAG = re.compile(r'(?:W/)?("[^"]*")')
_VALIDATORS = ("etag", "last-modified")
_KEPT_WITHOUT_BODY = (*_VALIDATORS, "cache-control", "expires", "vary")
"""The headers of a 304: those that a cache updates from it."""


class Conditional:
    """Turns the answer with the whole object into what a request's headers ask for."""

    def __init__(self, answers: Answers) -> None:
        self._sends_tag = answers.has("D27.etag", "sent")
        self._sends_date = answers.has("D27.last-modified", "sent")
        self._honours_tag = answers.has("D27.if-none-match", "honoured")
        self._honours_date = answers.has("D27.if-modified-since", "honoured")
        self._honours_range = answers.has("D27.range", "honoured")

    async def answer(self, request: Request, info: ObjectInfo, response: Response) -> Response:
        """Return the answer; ``response`` is closed if it is another one."""
        headers = response.headers
        if self._sends_tag:
            headers.setdefault("etag", f'"{info.version:x}"')
        if self._sends_date:
            seconds = info.created_at // MICROSECONDS
            headers.setdefault("last-modified", formatdate(seconds, usegmt=True))
        if self._is_unchanged(request.headers, headers):
            await response.close()
            kept = {name: headers[name] for name in _KEPT_WITHOUT_BODY if name in headers}
            return Response(304, headers=kept)
        if self._honours_range and request.method == hdrs.METH_GET:
            return await _partial(request.headers, info.size, response)
        return response

    def _is_unchanged(self, asked: Mapping[str, str], headers: Mapping[str, str]) -> bool:
        """Whether the client has the object already. A tag goes before a date."""
        tags = asked.get(hdrs.IF_NONE_MATCH) if self._honours_tag else None
        if tags is not None:
            found = _TAG.fullmatch(headers.get("etag", ""))
            return found is not None and (tags.strip() == "*" or found[1] in _TAG.findall(tags))
        since = asked.get(hdrs.IF_MODIFIED_SINCE) if self._honours_date else None
        if since is None or "last-modified" not in headers:
            return False
        with contextlib.suppress(ValueError, TypeError):
            changed = parsedate_to_datetime(headers["last-modified"])
            return changed <= parsedate_to_datetime(since)
        return False


async def _partial(asked: Mapping[str, str], size: int, response: Response) -> Response:
    """Return the part that a ``Range`` asks for, or ``response``."""
    found = _RANGE.fullmatch(asked.get(hdrs.RANGE, "").strip())
    if_range = asked.get(hdrs.IF_RANGE)
    if found is None or not (found[1] or found[2]):
        return response
    if if_range is not None and if_range not in map(response.headers.get, _VALIDATORS):
        return response
    if found[1]:
        first, last = int(found[1]), int(found[2] or size)
        if found[2] and last < first:
            return response
    else:
        first, last = max(0, size - int(found[2])), size
    last = min(last, size - 1)
    if first > last:
        await response.close()
        refused = error_response(416, "The object has no such range")
        refused.headers["content-range"] = f"bytes */{size}"
        return refused
    length = last - first + 1
    headers = {
        **response.headers,
        "content-range": f"bytes {first}-{last}/{size}",
        "content-length": str(length),
    }
    body = response.body
    if isinstance(body, bytes):
        return Response(206, body[first : last + 1], headers)
    return Response(206, _Part(body, first, length), headers, length)  # type: ignore[arg-type]


class _Part(BodyStream):
    """A part of a body that is too large for memory; its beginning is read and dropped."""

    file: BinaryIO | None = None

    def __init__(self, whole: BodyStream, first: int, length: int) -> None:
        self._whole = whole
        self._first = first
        self._length = length

    async def chunks(self) -> AsyncIterator[bytes | memoryview]:
        skipped, left = self._first, self._length
        async for chunk in self._whole.chunks():
            part = chunk[skipped : skipped + left]
            skipped = max(0, skipped - len(chunk))
            left -= len(part)
            if part:
                yield part
            if not left:
                return

    async def close(self) -> None:
        await self._whole.close()
