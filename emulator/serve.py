"""The ``serve`` command: start, tell the user where it is, and stop on a signal."""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterable
from pathlib import Path

from emulator.backends.valkey.url import ValkeyUrl
from emulator.config.options import Config
from emulator.core.failures import ConfigurationError
from emulator.core.files import write_atomically
from emulator.core.logs import configure
from emulator.core.revisions import Feature
from emulator.core.version import __version__
from emulator.embedding import Emulator
from emulator.startup.quick_start import without_collections

logger = logging.getLogger(__name__)

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def serve(config: Config, warnings: Iterable[str] = ()) -> None:
    """Run an emulator until SIGINT or SIGTERM.

    Args:
        config: how it is to run.
        warnings: what to log once the log is set up.

    Raises:
        ConfigurationError: it cannot start as configured.
    """
    configure(config.log_level, config.log_format)
    for warning in (*warnings, *config.warnings()):
        logger.warning("%s", warning)
    if config.ready_file is not None:
        _remove_ready_file(config.ready_file)  # One that a killed process left says nothing of us.
    signals = _Signals()
    with contextlib.ExitStack() as stack:
        with without_collections():
            emulator = stack.enter_context(Emulator(config))
        if config.ready_file is not None:
            _write_ready_file(emulator, config)
        try:
            _print_banner(emulator, config)
            signals.wait()
            logger.info("stopping; another signal does not wait for running requests")
        finally:
            if config.ready_file is not None:
                config.ready_file.unlink(missing_ok=True)
    logger.info("stopped")


class _Signals:
    """Waits for the first SIGINT or SIGTERM; a second one ends the process at once.

    The system may hand a signal to any thread, where Python only takes note of it, and a main
    thread that waits for a lock sleeps on. What is written to the wake-up descriptor wakes it.
    """

    def __init__(self) -> None:
        self._reader, writer = socket.socketpair()
        writer.setblocking(False)
        self._writer = writer
        signal.set_wakeup_fd(writer.fileno())
        for each in _SIGNALS:
            signal.signal(each, lambda *_: None)

    def wait(self) -> None:
        self._reader.recv(1)
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_DFL)


def _remove_ready_file(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
        if not path.parent.is_dir():
            raise FileNotFoundError(errno.ENOENT, f"there is no directory {path.parent}")
    except OSError as error:
        raise _unwritable_ready_file(path, error) from None


def _unwritable_ready_file(path: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"--ready-file: cannot write {path}: {error.strerror}; "
        "choose a file in a directory that you may write"
    )


def _write_ready_file(emulator: Emulator, config: Config) -> None:
    assert config.ready_file is not None
    document = {
        "endpoint": emulator.endpoint,
        "port": emulator.port,
        "pid": os.getpid(),
        "version": __version__,
        "api_revision": config.api_revision,
        "account_id": emulator.account_id,
        "api_keys": dict(emulator.api_keys),
    }
    content = json.dumps(document, indent=2).encode() + b"\n"
    try:
        write_atomically(config.ready_file, content, fsync=False)
    except OSError as error:
        raise _unwritable_ready_file(config.ready_file, error) from None


def _print_banner(emulator: Emulator, config: Config) -> None:
    key = emulator.api_keys["owner"]
    if config.log_format == "json":
        document = {
            "message": "ready",
            "endpoint": emulator.endpoint,
            "api_revision": config.api_revision,
            "storage": config.storage_engine,
            "cache": str(config.cache),
            "account": str(config.account_engine),
            "environment": {"MOMENTO_ENDPOINT": emulator.endpoint, "MOMENTO_API_KEY": key},
        }
        print(json.dumps(document), file=sys.stderr, flush=True)
        return
    storage = config.storage_engine
    if storage == "filesystem":
        storage += f" in {config.data_dir}"
    if config.s3_endpoint_url is not None:
        storage += f" at {config.s3_endpoint_url}"
    facts = {
        "endpoint": emulator.endpoint,
        "revision": config.api_revision,
        "storage": storage,
        "cache": config.cache,
        "account": _account(config),
        "limits": _limits(config),
        "keys": emulator.api_keys_file,
        "seed": config.seed,
    }
    lines = [
        f"Momento Object Store emulator {__version__}",
        "",
        *(f"  {name:9} {fact}" for name, fact in facts.items() if fact is not None),
        "",
        f"  export MOMENTO_ENDPOINT={emulator.endpoint}",
        f"  export MOMENTO_API_KEY={key}" if key else f"  {_no_key(config)}",
        "",
        "Ctrl-C stops it.",
        "",
    ]
    print("\n".join(lines), file=sys.stderr, flush=True)


def _account(config: Config) -> str | None:
    engine = config.account_engine
    if engine == "file":
        return f"in {config.data_dir}"
    return None if engine == "memory" else f"in {engine}"


def _limits(config: Config) -> str | None:
    if not config.revision.has(Feature.LIMITS):
        return None
    return "not watched" if config.no_limits else "those of each store; --no-limits for none"


def _no_key(config: Config) -> str:
    if isinstance(config.account_engine, ValkeyUrl):
        return (
            "(The account was there already: the emulator that made it has shown its API keys. "
            "Use those, or start all with MOMENTO_EMULATOR_OWNER_KEY set to a key of yours.)"
        )
    return (
        "(The plain API keys of this data directory are gone; only their digests are kept. "
        "Set MOMENTO_EMULATOR_OWNER_KEY to a key of yours.)"
    )
