"""An emulator inside another program: the API that the command line and pytest use too."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from emulator.app import App
from emulator.auth.system_roles import SYSTEM_ROLES
from emulator.config.options import Config
from emulator.control import state_file
from emulator.core.clock import Clock
from emulator.core.errors import NotFoundError, ServiceError
from emulator.core.operation import Observer
from emulator.core.redaction import redact
from emulator.handles import (
    AccessLogsHandle,
    FaultsHandle,
    JournalHandle,
    MetricsHandle,
    TiersHandle,
)
from emulator.handles.loop_thread import LoopThread
from emulator.service.account.api_keys import NewKey
from emulator.service.account.roles import parse_definition as parse_role
from emulator.service.account.tokens import parse_definition as parse_token

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

    from emulator.config.keywords import Options
    from emulator.control.parts import Control

_T = TypeVar("_T")

_STEPS_TO_SETTLE = 3
"""How often the event loop goes round before it is asked for something: a client may have read the
last byte of an answer before the task that sent it has noted so."""


class Emulator:
    """Momento Object Store, served from a thread of this process.

    It is started by ``start`` or by entering it as a context, and is then usable from any HTTP
    client, synchronous or not, in this process or another::

        with Emulator(seed="seed.yaml") as emulator:
            requests.get(f"{emulator.endpoint}/objectstore", headers={
                "Authorization": emulator.api_key("viewer"),
            })

    Args:
        config: how it is to run.
        options: the fields of ``Config`` instead; the port is a free one unless it is given.

    Raises:
        ConfigurationError: the options contradict each other.
    """

    def __init__(self, config: Config | None = None, **options: Unpack[Options]) -> None:
        if config is not None and options:
            raise TypeError("give a config or options, not both")
        given: Mapping[str, Any] = options
        self.config = config or Config(**{"port": 0, **given})
        self.clock = Clock()
        self.journal = JournalHandle(self._run, lambda: self.endpoint)
        self.faults = FaultsHandle(self._run)
        self.tiers = TiersHandle(self._run)
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
        self.stop()

    def start(self) -> None:
        """Start, and return once requests are accepted.

        Raises:
            ConfigurationError: it cannot start as configured.
            RuntimeError: it runs already.
        """
        if self._thread is not None:
            raise RuntimeError("this emulator runs already")
        self._thread = LoopThread("momento-emulator")
        try:
            self._call(self._start())
        except BaseException:
            self._end_thread()
            raise

    def stop(self) -> None:
        """Finish the requests that are running, and stop. Stopping twice is fine."""
        if self._thread is None:
            return
        try:
            self._call(self._running().stop())
        finally:
            self._app = None
            self._end_thread()

    @property
    def host(self) -> str:
        """The address to reach it at, also where it listens on all addresses."""
        self._running()
        host = self._address[0]
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)

    @property
    def port(self) -> int:
        """The port it listens on."""
        self._running()
        return self._address[1]

    @property
    def endpoint(self) -> str:
        """What ``MOMENTO_ENDPOINT`` should be, as in ``http://127.0.0.1:8080``."""
        port = self.port
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{port}"

    @property
    def account_id(self) -> str:
        """The account that it serves."""
        return self._call(self._running().account.account_id())

    @property
    def api_keys(self) -> Mapping[str, str | None]:
        """A key for each system role; None where only its digest is left."""
        return MappingProxyType(dict(self._running().opened.api_keys))

    def api_key(self, role: str = "owner") -> str:
        """A key of the role ``owner``, ``operator`` or ``viewer``.

        Raises:
            KeyError: there is no such role, or no plain key of it is left.
        """
        key = self.api_keys.get(role)
        if key is None:
            raise KeyError(
                f"no API key of role {role!r} is at hand; roles: {', '.join(SYSTEM_ROLES)}"
            )
        return key

    @property
    def api_keys_file(self) -> Path | None:
        """The file of the data directory that has the first keys in plain, if there is one."""
        return self._running().api_keys_file

    def create_api_key(
        self,
        role: str,
        *,
        description: str = "",
        expires_at: int | None = None,
        v1: bool = False,
    ) -> str:
        """A new key, in v2 form unless ``v1`` asks for the older one.

        ``role`` is the id or name of a role, ``expires_at`` is in seconds since the Unix epoch.

        Raises:
            ValueError: there is no such role.
        """
        app = self._running()

        async def create() -> NewKey:
            found = await app.account.roles.find(role)
            return await app.account.api_keys.create(
                found.role_id,
                description=description,
                expires_at=expires_at,
                v1_endpoint=self._authority if v1 else None,
            )

        with _refusal_as(ValueError):
            return self._call(create()).api_key

    def revoke_api_key(self, api_key: str) -> None:
        """Revoke a key: it is refused from the next request on.

        Raises:
            KeyError: it is unknown already.
        """
        with _refusal_as(KeyError):
            self._call(self._running().account.api_keys.revoke(api_key))

    def create_role(
        self, role_name: str, permissions: Mapping[str, Any], *, description: str = ""
    ) -> str:
        """A new custom role; its id.

        ``permissions`` is a permission set as the Auth APIs take one.

        Raises:
            ValueError: that is no permission set, or another role has the name.
        """
        document = {
            "role_name": role_name,
            "permissions": permissions,
            "description": description,
        }
        with _refusal_as(ValueError):
            return self._call(self._running().account.roles.create(parse_role(document))).role_id

    def create_token(self, permissions: Mapping[str, Any], *, expires_in: int = 3600) -> str:
        """A disposable token that lives for ``expires_in`` seconds, at most 25 hours.

        ``permissions`` is a permission set as the Auth APIs take one, of at most 20 rules.

        Raises:
            ValueError: that is no such permission set, or it would live for too long.
        """
        document = {"permissions": permissions, "expires_in_seconds": expires_in}
        with _refusal_as(ValueError):
            work = self._running().account.tokens.create(parse_token(document), self._authority)
            return self._call(work).token

    def reset(self) -> None:
        """Go back to the start: the first keys, the seed, nothing else, and the real time.

        No disposable token is valid any more; observers, fault rules and the journal's calls are
        gone. Checkpoints stay. Requests that are running are finished, or cut off after a second;
        new ones wait.

        Raises:
            ValueError: the objects are in S3, and not the emulator's to remove.
        """
        self._run(lambda control: control.state.reset())

    def checkpoint(self, name: str) -> None:
        """Keep the state under that name: account, stores, objects, caches, clock, fault rules.

        Raises:
            ValueError: that is no name, or the objects are in S3.
        """
        self._run(lambda control: control.state.checkpoint(name))

    def restore(self, name: str) -> None:
        """Have the state again that was kept under that name. The journal goes on.

        Raises:
            LookupError: there is none.
        """
        self._run(lambda control: control.state.restore(name))

    def drop_checkpoint(self, name: str) -> None:
        """Forget a checkpoint.

        Raises:
            LookupError: there is none of that name.
        """
        self._run(lambda control: control.state.drop(name))

    @property
    def checkpoints(self) -> list[str]:
        """The names of the checkpoints, in the order in which they were made."""
        return self._run(_checkpoint_names)

    def export_state(self, path: str | Path | None = None) -> dict[str, Any]:
        """The account, the stores, the objects in storage and the clock as a document; written to
        the file ``path`` too if that is given.

        Raises:
            OSError: the file cannot be written.
        """
        document = self._run(lambda control: control.state.export())
        if path is not None:
            Path(path).write_text(state_file.to_text(document), encoding="utf-8")
        return document

    def import_state(self, source: str | Path | Mapping[str, Any]) -> None:
        """Have the state of a file, or of a document, that ``export_state`` made. The first API
        keys of this emulator stay valid.

        Raises:
            ValueError: it is no such state, or one of a newer format, or the objects are in S3.
            OSError: the file cannot be read.
        """
        document = dict(source) if isinstance(source, Mapping) else _read_json(Path(source))
        self._run(lambda control: control.state.import_(document))

    def add_observer(self, observer: Observer) -> None:
        """Have ``observer`` called, in the emulator's thread, for every data-plane operation."""
        self._running().add_observer(observer)

    @property
    def _authority(self) -> str:
        return self.endpoint.partition("://")[2]

    def _running(self) -> App:
        if self._app is None:
            raise RuntimeError("this emulator does not run: start it, or enter it as a context")
        return self._app

    async def _start(self) -> None:
        app = App(self.config, self.clock)
        self._address = await app.start()
        self._app = app
        app.announce(self.endpoint)

    def _run(self, work: Callable[[Control], Awaitable[_T]]) -> _T:
        control = self._running().control

        async def settled() -> _T:
            for _ in range(_STEPS_TO_SETTLE):
                await asyncio.sleep(0)
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


async def _checkpoint_names(control: Control) -> list[str]:
    return [each["name"] for each in control.state.checkpoints.all()]


def _read_json(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise ValueError(f"{path} is not JSON") from None


@contextlib.contextmanager
def _refusal_as(
    error_type: type[Exception], *, not_found: type[Exception] | None = None
) -> Iterator[None]:
    """Raise what is refused as an error that Python's users expect, and as ``not_found`` where
    there is nothing by a name, if that is another."""
    try:
        yield
    except ServiceError as error:
        if not_found is not None and isinstance(error, NotFoundError):
            error_type = not_found
        raise error_type(redact(error.message)) from None
