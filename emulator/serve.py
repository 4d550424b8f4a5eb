"""The ``serve`` command: start an emulator, print its endpoint, and stop it on a signal."""

from __future__ import annotations

import contextlib
import functools
import json
import logging
import os
import selectors
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from emulator.backends.valkey.url import ValkeyUrl
from emulator.config.options import Config
from emulator.core.logs import configure
from emulator.core.revisions import Feature
from emulator.core.version import __version__
from emulator.embedding import Emulator
from emulator.hint_lines import logging_hints
from emulator.service.rate_limits import AUTH_OPERATIONS_PER_SECOND
from emulator.startup.parent import POLL_SECONDS, Parent
from emulator.startup.quick_start import collect_rarely, keeping_all
from emulator.startup.ready_file import ReadyFile
from emulator.tls.environment import FORMATS

logger = logging.getLogger(__name__)

_HANGUP = [each for each in signal.Signals if each.name == "SIGHUP"]
"""The signal of a terminal that is closed; Windows has none. Both the system and a shell send it,
so a second one does not ask for haste."""

_ANY_IPV6 = "[::]:"

_WELL_KNOWN = "well-known ones, which everybody has"

_LATE_SECONDS = 0.75
"""How long the process may take to end after its ``stop_timeout``."""

_SECONDS_FOR_A_LINE = 0.2
"""How long the line that says so may take."""


def serve(config: Config, warnings: Iterable[str] = ()) -> None:
    """Run an emulator until SIGINT, SIGTERM or SIGHUP, or until its parent ends if that is wanted.

    Args:
        config: the configuration of the emulator.
        warnings: warnings to log at the start.

    Raises:
        ConfigurationError: it cannot start with this configuration.
    """
    configure(config.log_level, config.log_format)
    for warning in (*warnings, *config.warnings()):
        logger.warning("%s", warning)
    ready_file = None if config.ready_file is None else ReadyFile(config.ready_file)
    if ready_file is not None:
        ready_file.clear()
    with contextlib.ExitStack() as stack:
        signals = stack.enter_context(contextlib.closing(_Signals(_parent(config))))
        printing_requests = _printing_requests(config)
        with keeping_all():
            emulator = stack.enter_context(Emulator(config))
        collect_rarely()
        if ready_file is not None:
            ready_file.write(_facts(emulator, config))
        try:
            with contextlib.suppress(OSError):  # Whoever could have read it may be gone.
                _print_banner(emulator, config)
            with printing_requests(emulator), logging_hints(emulator):
                cause = signals.wait()
            deadline = _end_at_the_latest(config.stop_timeout + _LATE_SECONDS)
            logger.info("%s; a second signal stops without waiting for running requests", cause)
        finally:
            if ready_file is not None:
                ready_file.remove()
    logger.info("stopped")
    if not _has_busy_threads():
        deadline.cancel()


def _printing_requests(
    config: Config,
) -> Callable[[Emulator], contextlib.AbstractContextManager[None]]:
    """Return what prints a line for each request, if one is wanted.

    It is imported before the start: later, clients may have taken every descriptor.
    """
    is_terminal = sys.stderr is not None and sys.stderr.isatty()
    if config.quiet or (config.quiet is None and not is_terminal):
        return lambda _: contextlib.nullcontext()
    from emulator.request_lines import printing_requests

    return functools.partial(printing_requests, as_json=config.log_format == "json")


def _parent(config: Config) -> Parent | None:
    if not config.exit_with_parent:
        return None
    parent = Parent()
    if parent.is_visible:
        return parent
    logger.warning("--exit-with-parent has no effect: this process has no parent in its container")
    return None


class _Signals:
    """Waits for the first signal to stop, or the end of the parent; a second signal other than
    SIGHUP ends the process at once.

    The system may deliver a signal to any thread, where Python only records it; a main thread that
    waits for a lock would sleep on. So the main thread reads the wake-up descriptor instead.
    """

    def __init__(self, parent: Parent | None) -> None:
        self._parent = parent
        self._reader, self._writer = socket.socketpair()
        self._writer.setblocking(False)
        # Now, not in ``wait``: by then, clients may have taken every descriptor.
        self._selector = selectors.DefaultSelector()
        signal.set_wakeup_fd(self._writer.fileno())
        self._numbers = _stopping_signals()
        for each in self._numbers:
            signal.signal(each, lambda *_: None)

    def wait(self) -> str:
        """Return why the emulator has to stop."""
        parent, selector = self._parent, self._selector
        selector.register(self._reader, selectors.EVENT_READ)
        pause = None
        if parent is not None and parent.descriptor is not None:
            selector.register(parent.descriptor, selectors.EVENT_READ)
        elif parent is not None:
            pause = POLL_SECONDS
        while not selector.select(pause):
            if parent is not None and parent.has_ended():
                break
        for each in self._numbers:
            signal.signal(each, signal.SIG_IGN if each in _HANGUP else signal.SIG_DFL)
        if parent is not None and parent.has_ended():
            return "stopping with the process that started the emulator"
        return "stopping"

    def close(self) -> None:
        """Close the descriptors."""
        signal.set_wakeup_fd(-1)
        self._selector.close()
        self._reader.close()
        self._writer.close()
        if self._parent is not None:
            self._parent.close()


def _stopping_signals() -> list[signal.Signals]:
    """The signals that stop the emulator: SIGHUP is one unless it is ignored, as after ``nohup``
    (D129)."""
    hangup = [each for each in _HANGUP if signal.getsignal(each) is not signal.SIG_IGN]
    return [signal.SIGINT, signal.SIGTERM, *hangup]


def _end_at_the_latest(seconds: float) -> threading.Timer:
    """End the process after ``seconds``, even if a disk hangs that a thread waits for: what was
    acknowledged is on the disk, and the next start removes the rest. Return the timer."""

    def end() -> None:
        _in_a_thread(_SECONDS_FOR_A_LINE, lambda: os._exit(1))  # The log may be what hangs.
        logger.error("The stop takes too long: ended at once")
        os._exit(1)

    return _in_a_thread(seconds, end)


def _in_a_thread(seconds: float, work: Callable[[], object]) -> threading.Timer:
    """Do ``work`` after ``seconds``, unless the process has ended by then; return the timer."""
    timer = threading.Timer(seconds, work)
    timer.daemon = True
    timer.start()
    return timer


def _has_busy_threads() -> bool:
    """Whether the end of the process would wait for a thread."""
    return any(
        not thread.daemon and thread is not threading.main_thread()
        for thread in threading.enumerate()
    )


def _facts(emulator: Emulator, config: Config) -> dict[str, object]:
    """What the ready file says."""
    return {
        "endpoint": emulator.endpoint,
        "addresses": emulator.addresses,
        "port": emulator.port,
        "console": emulator.console,
        "tls_endpoint": emulator.tls_endpoint,
        "proxy": emulator.proxy,
        "ca_file": _text(emulator.ca_file),
        "environment": dict(emulator.environment),
        "pid": os.getpid(),
        "version": __version__,
        "api_revision": config.api_revision,
        "account_id": emulator.account_id,
        "api_keys": dict(emulator.api_keys),
        "well_known_keys": config.well_known_keys,
    }


def _print_banner(emulator: Emulator, config: Config) -> None:
    key = emulator.api_keys["owner"]
    if config.log_format == "json":
        document = {
            "message": "ready",
            "endpoint": emulator.endpoint,
            "addresses": emulator.addresses,
            "api_revision": config.api_revision,
            "storage": config.storage_engine,
            "cache": str(config.cache),
            "account": str(config.account_engine),
            "console": emulator.console,
            "tls_endpoint": emulator.tls_endpoint,
            "proxy": emulator.proxy,
            "ca_file": _text(emulator.ca_file),
            "environment": {"MOMENTO_API_KEY": None, **emulator.environment},
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
        "listens": _listens(emulator),
        "console": emulator.console,
        "https": emulator.tls_endpoint,
        "proxy": emulator.proxy,
        "authority": emulator.ca_file,
        "revision": config.api_revision,
        "storage": storage,
        "cache": config.cache,
        "account": _account(config),
        "limits": _limits(config),
        "keys": _WELL_KNOWN if config.well_known_keys else emulator.api_keys_file,
        "seed": config.seed,
    }
    lines = [
        f"Momento Object Store emulator {__version__}",
        "",
        *(f"  {name:9} {fact}" for name, fact in facts.items() if fact is not None),
        "",
        *(f"  {each}" for each in FORMATS["sh"](emulator.environment).splitlines()),
        *([] if key else [f"  {_no_key(config)}"]),
        "",
        "Ctrl-C stops it.",
        "",
    ]
    print("\n".join(lines), file=sys.stderr, flush=True)


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _listens(emulator: Emulator) -> str | None:
    """What it listens on; None if the endpoint says that."""
    addresses = emulator.addresses
    if addresses == [emulator.endpoint.partition("://")[2]]:
        return None
    is_any_ipv6 = len(addresses) == 1 and addresses[0].startswith(_ANY_IPV6)
    hint = " (IPv6 alone; 0.0.0.0,:: is both)" if is_any_ipv6 else ""
    return "on " + ", ".join(addresses) + hint


def _account(config: Config) -> str | None:
    engine = config.account_engine
    if engine == "file":
        return f"in {config.data_dir}"
    return None if engine == "memory" else f"in {engine}"


def _limits(config: Config) -> str | None:
    if not config.revision.has(Feature.LIMITS):
        return None
    if config.no_limits:
        return "not enforced"
    credentials = f"{AUTH_OPERATIONS_PER_SECOND}/s on keys, roles and tokens"
    return f"those of each store, {credentials}; --no-limits for none"


def _no_key(config: Config) -> str:
    if isinstance(config.account_engine, ValkeyUrl):
        return (
            "(The account exists already: the emulator that created it has printed its API keys. "
            "Use those, or set MOMENTO_EMULATOR_OWNER_KEY to your own key for all emulators.)"
        )
    return (
        "(No file of API keys is in this data directory; at most their digests are left. "
        "Set MOMENTO_EMULATOR_OWNER_KEY to your own key, or start with --well-known-keys.)"
    )
