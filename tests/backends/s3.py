"""The storage engine in S3 as tests open it, and what its servers cannot do."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from emulator.backends.storage.s3 import S3Storage
from emulator.backends.storage.s3_client import S3Settings

_LONGEST_FILE_NAME = 200
"""s3rver puts names of its own behind the last part of a key, up to the 255 bytes of a file's."""


def holds(engine: str, key: str) -> bool:
    """Whether what is behind the engine can have an object of that key at all.

    moto's pattern of a URL ends at a line feed. s3rver takes a key as a path below the bucket's
    directory, and cannot list a control character.
    """
    if engine == "moto":
        return "\n" not in key
    if engine == "s3rver":
        *folders, last = key.split("/")
        parts = [*folders, last] if last else folders
        if re.search(r"[\x00-\x1f\x7f]", key):
            return False
        return all(
            part not in ("", ".", "..") and len(part.encode()) <= _LONGEST_FILE_NAME
            for part in parts
        )
    return True


@asynccontextmanager
async def opened_s3(url: str | None, **settings: Any) -> AsyncIterator[S3Storage]:
    """A storage engine in S3 at `url`; if None, where AWS has it."""
    storage = S3Storage(S3Settings(endpoint_url=url, **settings))
    try:
        await storage.start()
        yield storage
    finally:
        await storage.close()
