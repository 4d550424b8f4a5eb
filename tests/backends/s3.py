"""The storage engine in S3 as tests open it, and what its servers cannot do."""

from __future__ import annotations

import functools
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
from botocore.config import Config
from botocore.retries.standard import ExponentialBackoff

from emulator.backends.storage.s3 import S3Storage
from emulator.backends.storage.s3_client import S3Settings
from tests.engines.s3 import S3Server

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


@contextmanager
def aws_environment(server: S3Server) -> Iterator[None]:
    """The server, emptied, with what the usual chain of AWS finds its credentials in.

    AWS's library tries again at once what it does try again.
    """
    server.empty()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ExponentialBackoff, "delay_amount", lambda *_: 0)
        for name, value in server.environment.items():
            patch.setenv(name, value)
        yield


@asynccontextmanager
async def opened_s3(url: str, **settings: Any) -> AsyncIterator[S3Storage]:
    """A storage engine in S3 at `url`."""
    storage = S3Storage(S3Settings(endpoint_url=url, **settings))
    try:
        await storage.start()
        yield storage
    finally:
        await storage.close()


def boto3_client(server: S3Server, service: str = "s3", region: str = "us-east-1") -> Any:
    """AWS's own client of the server, which has none of our code. All tests share it."""
    login = (server.access_key_id, server.secret_access_key)
    return _boto3_client(server.url, *login, service, region)


@functools.cache
def _boto3_client(
    url: str, access_key_id: str, secret_access_key: str, service: str, region: str
) -> Any:
    import boto3  # The quick suite does without it.

    return boto3.client(
        service,
        endpoint_url=url,
        aws_access_key_id=access_key_id,
        aws_secret_access_key=secret_access_key,
        region_name=region,
        config=Config(s3={"addressing_style": "path"}),
    )
