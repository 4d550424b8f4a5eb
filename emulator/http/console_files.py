"""The files of the console, the pages that show in a browser what is in the emulator (D155)."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from aiohttp import hdrs

from emulator.core.errors import ForbiddenError, NotFoundError
from emulator.http.endpoint import Endpoint, Incoming, Table
from emulator.http.guard import Guard
from emulator.http.message import Request, Response

CONSOLE_PATH = "/_emulator/"
"""Where the console is; its other files are below ``/_emulator/console/``."""

_DIRECTORY = Path(__file__).parents[1] / "console"

_FIRST = "index.html"

_DOCS_PATH = f"{CONSOLE_PATH}docs"
_DOCS = "docs.html"
"""The page that shows the OpenAPI documents (D162)."""

_NAME = r"(?:[a-z0-9][a-z0-9_-]*/)*[a-z0-9][a-z0-9_-]*\.(?P<type>[a-z0-9]+)"
"""Names that stay in the directory: no part begins with a dot, nothing is escaped."""

MEDIA_TYPES: Mapping[str, str] = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
    "png": "image/png",
    "ico": "image/x-icon",
    "webmanifest": "application/manifest+json",
}
"""The media types of the files, by the end of their names."""

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "frame-src blob: 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)

_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


class ConsoleFiles:
    """Serves the console. ``guard`` says who may load it."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    def table(self) -> Table:
        """The first page, and every other file."""
        first, docs = Endpoint(partial(self._get, _FIRST)), Endpoint(partial(self._get, _DOCS))
        file = Endpoint(self._get_file)
        return {
            CONSOLE_PATH: {hdrs.METH_GET: first, hdrs.METH_HEAD: first},
            _DOCS_PATH: {hdrs.METH_GET: docs, hdrs.METH_HEAD: docs},
            f"{CONSOLE_PATH}console/{{file*}}": {hdrs.METH_GET: file, hdrs.METH_HEAD: file},
        }

    def front(self, request: Request) -> Response | None:
        """Lead a browser that asks for ``/`` or ``/_emulator`` to the console; None for any other
        client."""
        if request.method not in (hdrs.METH_GET, hdrs.METH_HEAD):
            return None
        if "text/html" not in request.headers.get(hdrs.ACCEPT, "").lower():
            return None
        try:
            self._guard.admit_to_console(request)
        except ForbiddenError:
            return None
        return Response(302, b"", {hdrs.LOCATION: CONSOLE_PATH, hdrs.VARY: hdrs.ACCEPT})

    async def _get(self, name: str, incoming: Incoming) -> Response:
        self._guard.admit_to_console(incoming.request)
        return _file(name, incoming.request)

    async def _get_file(self, incoming: Incoming) -> Response:
        return await self._get(incoming.target.parts[0], incoming)


def _file(name: str, request: Request) -> Response:
    """Answer with a file, or 304 for who has it already.

    Raises:
        NotFoundError: the console has no such file.
    """
    found = re.fullmatch(_NAME, name)
    media_type = None if found is None else MEDIA_TYPES.get(found["type"])
    path = _DIRECTORY / name
    if media_type is None or not os.path.isfile(path):
        raise NotFoundError("The console has no such file")
    content = path.read_bytes()
    tag = _tag(content)
    headers = {**_HEADERS, hdrs.ETAG: tag}
    if tag in request.headers.get(hdrs.IF_NONE_MATCH, ""):
        return Response(304, b"", headers)
    return Response(200, content, {hdrs.CONTENT_TYPE: media_type, **headers})


def _tag(content: bytes) -> str:
    from hashlib import sha256  # Not before the console is opened.

    return f'"{sha256(content).hexdigest()[:32]}"'
