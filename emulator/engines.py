"""The engine that a configuration chooses for each tier.

What a start does not need is not imported: only the engine that is chosen is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING

from emulator.backends.account.base import AccountBackend
from emulator.backends.account.memory import MemoryAccount
from emulator.backends.cache.base import Cache
from emulator.backends.storage.base import Storage
from emulator.backends.valkey.url import ValkeyUrl
from emulator.config.options import Config
from emulator.config.values import AWS
from emulator.core.failures import ConfigurationError
from emulator.startup.data_directory import DataDirectory

if TYPE_CHECKING:
    from emulator.telemetry.cloudwatch import CloudWatch


def account_engine(config: Config, directory: DataDirectory | None) -> AccountBackend:
    """What keeps the account.

    Raises:
        ConfigurationError: it cannot be had.
    """
    engine = config.account_engine
    if isinstance(engine, ValkeyUrl):
        with _extra("valkey", "--account"):
            from emulator.backends.account.valkey import ValkeyAccount

        _require_certificates(engine, "--account")
        return ValkeyAccount(engine, timeout=config.valkey_timeout)
    if engine == "memory" or directory is None:
        return MemoryAccount()
    from emulator.backends.account.file import FileAccount

    try:
        return FileAccount(directory.account_file, fsync=config.fsync)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ConfigurationError(
            f"--data-dir: cannot use {directory.account_file}: {reason}; "
            "repair it, or choose another directory"
        ) from None


def storage_engine(
    config: Config, directory: DataDirectory | None, account_id: Callable[[], Awaitable[str]]
) -> Storage:
    """What keeps the objects; ``account_id`` says whose they are.

    Raises:
        ConfigurationError: it cannot be had.
    """
    if config.storage_engine == "s3":
        return _s3_storage(config, account_id)
    if config.storage_engine == "memory" or directory is None:
        from emulator.backends.storage.memory import MemoryStorage

        return MemoryStorage()
    from emulator.backends.storage.filesystem import FilesystemStorage

    return FilesystemStorage(
        directory.objects, directory.temporary, directory.checkpoints, fsync=config.fsync
    )


def _s3_storage(config: Config, account_id: Callable[[], Awaitable[str]]) -> Storage:
    with _extra("s3", "--storage s3"):
        from emulator.backends.storage.s3 import S3Storage
        from emulator.backends.storage.s3_client import S3Settings

    settings = S3Settings(
        endpoint_url=config.s3_endpoint_url,
        region=config.s3_region,
        path_style=config.s3_path_style,
        timeout=config.s3_timeout,
        create_buckets=config.create_buckets,
    )
    return S3Storage(settings, account_id=account_id if config.assume_role else None)


def cache_engine(config: Config) -> Cache:
    """What keeps the copies of objects, for the clusters of any name.

    Raises:
        ConfigurationError: it cannot be had.
    """
    default = _cache_engine(config.cache, config)
    if config.cache_clusters is None:
        return default
    from emulator.backends.cache.by_cluster import CacheByCluster

    named = config.cache_clusters.items()
    return CacheByCluster(default, {name: _cache_engine(url, config) for name, url in named})


def cloudwatch(
    config: Config,
    *,
    account_id: Callable[[], Awaitable[str]],
    endpoint_name: Callable[[], str],
) -> CloudWatch | None:
    """What delivers access logs and metrics to CloudWatch; None where nothing does.

    Args:
        account_id: says which account the stores belong to.
        endpoint_name: says where the emulator is, as ``host:port``.

    Raises:
        ConfigurationError: it cannot be had.
    """
    if config.cloudwatch is None:
        return None
    with _extra("aws", "--cloudwatch"):
        from emulator.telemetry.cloudwatch import CloudWatch

    return CloudWatch(
        None if config.cloudwatch == AWS else config.cloudwatch,
        account_id=account_id,
        endpoint_name=endpoint_name,
        timeout=config.s3_timeout,
        assume_role=config.assume_role,
    )


def _cache_engine(engine: str | ValkeyUrl, config: Config) -> Cache:
    if isinstance(engine, ValkeyUrl):
        with _extra("valkey", "--cache"):
            from emulator.backends.cache.valkey import ValkeyCache

        _require_certificates(engine, "--cache")
        return ValkeyCache(engine, timeout=config.valkey_timeout)
    if engine == "memory":
        from emulator.backends.cache.memory import MemoryCache

        return MemoryCache()
    from emulator.backends.cache.fakeredis import FakeRedisCache

    return FakeRedisCache()


def _require_certificates(url: ValkeyUrl, option: str) -> None:
    try:
        url.ssl_context()
    except OSError as error:
        raise ConfigurationError(
            f"{option}: cannot use the certificates in {url.ca}: {error.strerror or error}; "
            "give a file in PEM form as ca"
        ) from None


@contextlib.contextmanager
def _extra(name: str, option: str) -> Iterator[None]:
    """Import in it what only some users install, and that ``option`` asks for."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"{option} needs what is not installed here ({error.name}): "
            f"pip install 'momento-objectstore-emulator[{name}]'"
        ) from None
