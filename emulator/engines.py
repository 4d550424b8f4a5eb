"""Create the engine that the configuration chooses for each tier.

Only the chosen engines are imported, so that a start is fast.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Awaitable, Callable, Iterator
from importlib.util import find_spec
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
    from emulator.tls.parts import Tls


def account_engine(config: Config, directory: DataDirectory | None) -> AccountBackend:
    """Create the account engine.

    Raises:
        ConfigurationError: it cannot be created.
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
    """Create the storage engine; ``account_id`` returns the id of the account.

    Raises:
        ConfigurationError: it cannot be created.
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
    """Create the cache engine, for all clusters.

    Raises:
        ConfigurationError: it cannot be created.
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
    """Create the delivery of access logs and metrics to CloudWatch; None without ``--cloudwatch``.

    Args:
        account_id: returns the id of the account that the stores belong to.
        endpoint_name: returns the emulator's address as ``host:port``.

    Raises:
        ConfigurationError: it cannot be created.
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


_HAS_SOUND_TLS = sys.version_info >= (3, 11)
"""Whether asyncio's TLS is the one that was rewritten."""


def tls_of(config: Config) -> Tls | None:
    """TLS as configured, with the authority made if there is none; None if it is not wanted.

    Raises:
        ConfigurationError: a package is missing, or certificates cannot be made or read.
    """
    if not (config.tls or config.proxy):
        return None
    if not _HAS_SOUND_TLS:
        option = "--tls" if config.tls else "--proxy"
        raise ConfigurationError(
            f"{option} requires Python 3.11 or newer: before, asyncio's TLS loses connections"
        )
    from emulator.tls.contexts import (
        Contexts,
        http_1_1,
        loader_of_authority,
        loader_of_files,
        protocols_of,
    )
    from emulator.tls.hosts import Hosts
    from emulator.tls.parts import Tls

    hosts = Hosts(config.host_names or ())
    if config.tls_certificate is not None and config.tls_key is not None:
        load = loader_of_files(config.tls_certificate, config.tls_key)
        protocols = protocols_of(hosts) if find_spec("h2") else http_1_1
        return Tls(hosts, Contexts(hosts, load, protocols), config.proxy, None, None, None)
    with _extra("tls", "--tls" if config.tls else "--proxy"):
        from emulator.tls.directory import AuthorityDirectory

        if find_spec("h2") is None:
            raise ModuleNotFoundError(name="h2")

    directory = AuthorityDirectory(config.ca_dir, hosts.more)
    contexts = Contexts(hosts, loader_of_authority(directory, hosts), protocols_of(hosts))
    files = directory.certificate, directory.bundle, directory.trust_store
    return Tls(hosts, contexts, config.proxy, *files)


@contextlib.contextmanager
def _extra(name: str, option: str) -> Iterator[None]:
    """Import optional dependencies inside the block, which ``option`` needs.

    Raises:
        ConfigurationError: one is not installed. The text says how to install the extra ``name``.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        from emulator.core.installation import missing_package

        raise ConfigurationError(missing_package(option, error.name, name)) from None
