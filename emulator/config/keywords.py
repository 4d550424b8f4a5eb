"""Types of the keyword arguments of ``Emulator``: each takes the type of the field of ``Config``,
or text as on the command line, and a time also a ``timedelta``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TypedDict

from emulator.backends.valkey.url import ValkeyUrl


class Options(TypedDict, total=False):
    """The fields of ``emulator.config.Config``, which explains each."""

    host: str
    port: int | str
    reuse_port: bool | str
    tls: bool | str
    tls_port: int | str
    proxy: bool | str
    host_names: tuple[str, ...] | str | None
    ca_dir: Path | str | None
    tls_certificate: Path | str | None
    tls_key: Path | str | None
    head_timeout: float | timedelta | str
    body_timeout: float | timedelta | str
    keep_alive_timeout: float | timedelta | str
    stop_timeout: float | timedelta | str
    storage: str | None
    data_dir: Path | str | None
    account: ValkeyUrl | str | None
    valkey_timeout: float | timedelta | str
    fsync: bool | str
    s3_endpoint_url: str | None
    s3_region: str | None
    s3_path_style: bool | str | None
    s3_timeout: float | timedelta | str
    create_buckets: bool | str
    assume_role: bool | str
    cache: ValkeyUrl | str
    cache_clusters: Mapping[str, ValkeyUrl] | str | None
    cache_max_object_bytes: int | str
    max_object_bytes: int | str
    upload_memory: int | str
    max_stores: int | str | None
    max_custom_roles: int | str | None
    api_revision: str
    answers: Path | str | None
    no_limits: bool | str
    routers: int | str
    clusters: tuple[str, ...] | str | None
    strict_clusters: bool | str | None
    cluster_delay: float | timedelta | str
    log_groups: tuple[str, ...] | str | None
    strict_log_groups: bool | str | None
    access_log_dir: Path | str | None
    access_log_size: int | str
    cloudwatch: str | None
    seed: Path | str | None
    ready_file: Path | str | None
    exit_with_parent: bool | str
    control_token: str | None
    control_token_file: Path | str | None
    console: bool | str
    journal_size: int | str
    journal_bytes: int | str
    quiet: bool | str | None
    log_level: str
    log_format: str
    owner_key: str | None
    operator_key: str | None
    viewer_key: str | None
    well_known_keys: bool | str
    allow_well_known_keys_beyond_loopback: bool | str
