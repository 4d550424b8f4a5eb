"""An S3 as tools of AWS meet it: its credentials in the environment, and AWS's own client."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.config import Config
from botocore.retries.standard import ExponentialBackoff

from .s3 import S3Server


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


@contextmanager
def opened_bucket(server: S3Server) -> Iterator[Any]:
    """AWS's own client of the server, which has nothing but the bucket `bucket`."""
    with aws_environment(server):
        client = boto3_client(server)
        client.create_bucket(Bucket="bucket")
        yield client


def boto3_client(server: S3Server, service: str = "s3", region: str = "us-east-1") -> Any:
    """AWS's own client of the server, which has none of our code. All tests share it."""
    login = (server.access_key_id, server.secret_access_key)
    return _boto3_client(server.url, *login, service, region)


def keys_in_bucket(boto3: Any) -> list[str]:
    """The keys of all objects in the bucket `bucket`."""
    return [each["Key"] for each in boto3.list_objects_v2(Bucket="bucket").get("Contents", ())]


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
