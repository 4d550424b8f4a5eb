"""Run an emulator inside another program. The command line and the pytest plugin use this API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from emulator.app import App
from emulator.auth.system_roles import SYSTEM_ROLES
from emulator.config.options import Config
from emulator.control.state_file import from_document
from emulator.control.state_reader import read_state
from emulator.control.state_writer import text_of
from emulator.core.clock import MICROSECONDS
from emulator.core.errors import NotFoundError, ServiceError
from emulator.core.event_loop import others_recorded
from emulator.core.instants import parse_instant
from emulator.core.operation import Observer
from emulator.core.redaction import redact
from emulator.handles import (
    AccessLogsHandle,
    ClockHandle,
    ClustersHandle,
    FaultsHandle,
    JournalHandle,
    MetricsHandle,
    TiersHandle,
)
from emulator.handles.loop_thread import LoopThread
from emulator.http.console_files import CONSOLE_PATH
from emulator.service.account.api_keys import NewKey
from emulator.service.account.roles import parse_definition as parse_role
from emulator.service.account.tokens import parse_definition as parse_token
from emulator.startup.quick_start import without_collections
from emulator.tls.environment import environment
from emulator.tls.hosts import OWN_NAME

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

    from emulator.config.keywords import Options
    from emulator.control.overview import Reached
    from emulator.control.parts import Control
    from emulator.handles.account import AccountHandle
    from emulator.handles.stores import StoresHandle

_T = TypeVar("_T")

__tracebackhide__ = True  # pytest shows the line of the test that called.


class Emulator:
    """Momento Object Store, served from a thread of this process.

    ``start`` starts it, and so does a ``with`` block. Then any HTTP client can use it, synchronous
    or not, in this process or another::

        with Emulator(seed="seed.yaml") as emulator:
            requests.get(f"{emulator.endpoint}/objectstore", headers={
                "Authorization": emulator.api_key("viewer"),
            })

    Args:
        config: its configuration.
        options: fields of ``Config`` instead; without ``port`` and ``tls_port`` it takes free ones.

    Raises:
        ConfigurationError: an option is not valid, or two contradict each other.
    """

    def __init__(self, config: Config | None = None, **options: Unpack[Options]) -> None:
        if config is not None and options:
            raise TypeError("give a config or options, not both")
        given: Mapping[str, Any] = options
        _require_known(given)
        self.config = config or Config(**{"port": 0, "tls_port": 0, **given})
        self.clock = ClockHandle(self._require_own_process)
        self.journal = JournalHandle(self._run, lambda: self.endpoint)
        self.faults = FaultsHandle(self._run)
        self.tiers = TiersHandle(self._run)
        self.clusters = ClustersHandle(self._run)
        self.access_logs = AccessLogsHandle(self._run)
        self.metrics = MetricsHandle(self._run)
        self._app: App | None = None
        self._address = ("", 0)
        self._thread: LoopThread | None = None

    def __repr__(self) -> str:
        where = "not running" if self._app is None else self.endpoint
        return f"<Emulator, {where}>"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._thread is None or not self._thread.is_of_parent:
            self.stop()

    def start(self) -> None:
        """Start, and return once requests are accepted.

        Raises:
            ConfigurationError: it cannot start as configured.
            RuntimeError: it is already running.
        """
        if self._thread is not None:
            self._thread.require_own_process()
            raise RuntimeError("this emulator is already running")
        self._thread = LoopThread("momento-emulator")
        try:
            self._call(self._start())
        except BaseException:
            self._end_thread()
            raise

    def stop(self) -> None:
        """Finish the running requests, and stop, in ``stop_timeout`` seconds. A second call does
        nothing.

        Raises:
            RuntimeError: the emulator runs in the process from which this one was forked. The end
                of a ``with`` block does nothing there.
        """
        if self._thread is None:
            return
        self._thread.require_own_process()
        try:
            self._call(self._running().stop())
        finally:
            self._app = None
            self._end_thread()

    @cached_property
    def stores(self) -> StoresHandle:
        """The object stores."""
        from emulator.handles.stores import StoresHandle  # Few runs need it.

        return StoresHandle(self._run)

    @cached_property
    def account(self) -> AccountHandle:
        """The API keys, roles, members and invitations of the account."""
        from emulator.handles.account import AccountHandle  # Few runs need it.

        return AccountHandle(self._run)

    @property
    def host(self) -> str:
        """The address at which to reach it, also if it listens on all addresses."""
        self._running()
        host = self._address[0]
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        self._running()
        return self._address[1]

    @property
    def addresses(self) -> Sequence[str]:
        """All that it listens on, as in ``127.0.0.1:8080`` and ``[::1]:8080``."""
        return [_authority(host, port) for host, port in self._running().addresses]

    @property
    def endpoint(self) -> str:
        """The value for ``MOMENTO_ENDPOINT``, as in ``http://127.0.0.1:8080``."""
        return f"http://{_authority(self.host, self.port)}"

    @property
    def console(self) -> str | None:
        """The URL of the console, as in ``http://127.0.0.1:8080/_emulator/``; None without it."""
        return f"{self.endpoint}{CONSOLE_PATH}" if self.config.console else None

    @property
    def tls_endpoint(self) -> str | None:
        """The URL for HTTPS, as in ``https://127.0.0.1:8443``; None without ``tls``."""
        addresses = self._running().tls_addresses
        return f"https://{_authority(self.host, addresses[0][1])}" if addresses else None

    @property
    def proxy(self) -> str | None:
        """The value for ``HTTPS_PROXY``; None without ``proxy``."""
        return self.endpoint if self.config.proxy else None

    @property
    def ca_file(self) -> Path | None:
        """The file with the certificate of the emulator's own authority; None without TLS, or with
        ``tls_certificate``."""
        tls = self._running().tls
        return None if tls is None else tls.certificate_file

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment variables that lead clients here: the endpoint, the Owner's API key and,
        with TLS, how to trust it and the proxy (D142)."""
        tls = self._running().tls
        return environment(
            endpoint=self.endpoint,
            api_key=self.api_keys["owner"],
            tls_endpoint=self.tls_endpoint,
            proxy=self.proxy,
            ca_file=self.ca_file,
            ca_bundle=None if tls is None else tls.bundle_file,
            trust_store=None if tls is None else tls.trust_store,
        )

    @property
    def account_id(self) -> str:
        """The id of the account that it serves."""
        return self._call(self._running().account.account_id())

    @property
    def api_keys(self) -> Mapping[str, str | None]:
        """An API key for each system role; None if only the key's digest is stored."""
        return MappingProxyType(dict(self._running().opened.api_keys))

    def api_key(self, role: str = "owner") -> str:
        """Return an API key of the role ``owner``, ``operator`` or ``viewer``.

        Raises:
            KeyError: there is no such role, or only the key's digest is stored.
        """
        key = self.api_keys.get(role)
        if key is None:
            raise KeyError(
                f"no plain API key of role {role!r}; the roles are {', '.join(SYSTEM_ROLES)}"
            )
        return key

    @property
    def api_keys_file(self) -> Path | None:
        """The file of the data directory with the first keys in plain text, if it exists."""
        return self._running().api_keys_file

    def create_api_key(
        self,
        role: str,
        *,
        description: str = "",
        expires_at: int | str | datetime | None = None,
        v1: bool = False,
    ) -> str:
        """Create an API key and return it, in v2 format or with ``v1`` in the older one.

        ``role`` is the id or name of a role. ``expires_at`` is in seconds since the Unix epoch, in
        ISO 8601, or a ``datetime`` with a UTC offset.

        Raises:
            ValueError: there is no such role, or the instant is not valid.
        """
        app = self._running()
        if isinstance(expires_at, (str, datetime)):
            with _refusal_as(ValueError):
                expires_at = parse_instant(expires_at, "expires_at") // MICROSECONDS

        async def create() -> NewKey:
            found = await app.account.roles.find(role)
            return await app.account.api_keys.create(
                found.role_id,
                description=description,
                expires_at=expires_at,
                v1_endpoint=OWN_NAME if v1 else None,
            )

        with _refusal_as(ValueError):
            return self._call(create()).api_key

    def revoke_api_key(self, api_key: str) -> None:
        """Revoke an API key: it is refused from the next request on.

        Raises:
            KeyError: there is no such key.
        """
        with _refusal_as(KeyError):
            self._call(self._running().account.api_keys.revoke(api_key))

    def create_role(
        self, role_name: str, permissions: Mapping[str, Any], *, description: str = ""
    ) -> str:
        """Create a custom role, and return its id.

        ``permissions`` is a permission set as in the Auth APIs.

        Raises:
            ValueError: the permission set is not valid, or another role has the name.
        """
        document = {
            "role_name": role_name,
            "permissions": permissions,
            "description": description,
        }
        with _refusal_as(ValueError):
            return self._call(self._running().account.roles.create(parse_role(document))).role_id

    def create_token(
        self, permissions: Mapping[str, Any], *, expires_in: int | str | timedelta = 3600
    ) -> str:
        """Create a disposable token, valid for ``expires_in`` seconds, at most 25 hours. It may
        also be text as ``"1h"``, or a ``timedelta``.

        ``permissions`` is a permission set as in the Auth APIs, with at most 20 rules.

        Raises:
            ValueError: the permission set is not valid, or ``expires_in`` is too long.
        """
        document = {"permissions": permissions, "expires_in_seconds": expires_in}
        with _refusal_as(ValueError):
            work = self._running().account.tokens.create(parse_token(document), OWN_NAME)
            return self._call(work).token

    def reset(self) -> None:
        """Go back to the initial state: only the first keys and the seed, and the real time.

        Disposable tokens become invalid; observers, fault rules and the journal's calls are
        removed. Checkpoints stay. Running requests end, or are cut off after a second; new ones
        wait.

        Raises:
            ValueError: the objects are in S3, and the emulator may not remove them.
        """
        self._run(lambda control: control.state.reset())

    def checkpoint(self, name: str) -> None:
        """Save the state under a name: account, stores, objects, caches, clock, fault rules.

        Raises:
            ValueError: the name is not valid, or the objects are in S3.
        """
        self._run(lambda control: control.state.checkpoint(name))

    def restore(self, name: str) -> None:
        """Go back to a checkpoint. The journal is not changed.

        Raises:
            LookupError: there is no such checkpoint.
            ValueError: the objects are in S3.
        """
        self._run(lambda control: control.state.restore(name))

    def drop_checkpoint(self, name: str) -> None:
        """Delete a checkpoint.

        Raises:
            LookupError: there is no such checkpoint.
        """
        self._run(lambda control: control.state.drop(name))

    @property
    def checkpoints(self) -> list[str]:
        """The names of the checkpoints, the oldest first."""
        return self._run(_checkpoint_names)

    def export_state(self, path: str | Path | None = None) -> dict[str, Any]:
        """Return the account, the stores, the objects in storage and the clock as a document, and
        write it to the file ``path`` if it is given.

        Raises:
            OSError: the file cannot be written.
        """
        exported = self._run(lambda control: control.state.export())
        document = exported.document()
        if path is not None:
            with Path(path).open("w", encoding="utf-8") as file:
                file.writelines(text_of(document))
        return document

    def import_state(self, source: str | Path | Mapping[str, Any]) -> None:
        """Replace the state with that of a file or a document from ``export_state``. The first
        API keys of this emulator stay valid.

        Raises:
            ValueError: the state is not valid or has a newer format, or the objects are in S3.
            OSError: the file cannot be read.
        """
        with _refusal_as(ValueError):
            self._running().control.state.require_import_allowed()
            if isinstance(source, Mapping):
                state = from_document(dict(source))
            else:
                state = read_state(Path(source))
        self._run(lambda control: control.state.import_(state))

    def openapi(self, document: str = "service.json") -> Mapping[str, Any]:
        """Return an OpenAPI document, of the service (``service.json``) or of the control API
        (``control.json``), or a JSON Schema of files.

        Raises:
            LookupError: there is no such document. The message lists the names.
        """
        with _refusal_as(ValueError, not_found=LookupError):
            return self._running().describe_api(document, self.endpoint)

    def add_observer(self, observer: Observer) -> None:
        """Call ``observer`` in the emulator's thread after every operation on an object."""
        app = self._running()
        self._require_own_process()
        app.add_observer(observer)

    def _running(self) -> App:
        if self._app is None:
            raise RuntimeError("this emulator is not running: call start(), or use a with block")
        return self._app

    def _require_own_process(self) -> None:
        if self._thread is not None:
            self._thread.require_own_process()

    async def _start(self) -> None:
        with without_collections():  # It imports the engines.
            app = App(self.config, self.clock)
        self._address = await app.start()
        self._app = app
        app.announce(self.endpoint, self._reached)

    def _reached(self) -> Reached:
        from emulator.control.overview import Reached

        return Reached(self.endpoint, self.tls_endpoint, self.environment, self.api_keys)

    def _run(self, work: Callable[[Control], Awaitable[_T]]) -> _T:
        control = self._running().control

        async def settled() -> _T:
            await others_recorded()
            return await work(control)

        with _refusal_as(ValueError, not_found=LookupError):
            return self._call(settled())

    def _call(self, work: Coroutine[Any, Any, _T]) -> _T:
        assert self._thread is not None
        return self._thread.call(work)

    def _end_thread(self) -> None:
        assert self._thread is not None
        self._thread.end()
        self._thread = None


def _require_known(names: Iterable[str]) -> None:
    """Check the names of options.

    Raises:
        TypeError: there is no option of that name.
    """
    known = Config.__dataclass_fields__
    for name in names:
        if name not in known:
            import difflib  # Only for who has misspelt one.

            near = difflib.get_close_matches(name, known, 1)
            meant = f"; did you mean {near[0]}?" if near else ""
            raise TypeError(f"an emulator has no option {name!r}{meant}")


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


async def _checkpoint_names(control: Control) -> list[str]:
    return [each["name"] for each in control.state.checkpoints.all()]


class _refusal_as:  # noqa: N801  it reads as a function.
    """Raise a refusal inside the block as ``error_type``, or as ``not_found``, if that is given,
    where there is nothing with a name."""

    def __init__(
        self, error_type: type[Exception], *, not_found: type[Exception] | None = None
    ) -> None:
        self._type, self._not_found = error_type, not_found or error_type

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, ServiceError):
            wanted = self._not_found if isinstance(error, NotFoundError) else self._type
            raise wanted(redact(error.message)) from None
