"""Composition root: the parts of an emulator, and the order in which they start."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from emulator.backends.account.base import AccountBackend, as_changes
from emulator.backends.account.memory import MemoryAccount
from emulator.backends.cache.base import Cache, CachedObject
from emulator.backends.storage.base import Storage
from emulator.backends.valkey.url import ValkeyUrl
from emulator.config.options import EXAMPLE_CLUSTER, Config
from emulator.control.clock import ClockControl
from emulator.control.clusters import ClusterControl
from emulator.control.faults import Faults
from emulator.control.journal import Journal
from emulator.control.late import ServiceParts, late_parts
from emulator.control.parts import Control
from emulator.control.state import Initial, StateControl
from emulator.control.telemetry import Telemetry
from emulator.control.tier_counters import TierCounters
from emulator.control.tier_faults import FaultyCache, FaultyStorage
from emulator.control.tiers import Tiers
from emulator.core.background import TimeLimit, in_background
from emulator.core.clock import Clock
from emulator.core.failures import ConfigurationError, EngineUnavailableError
from emulator.core.forks import release_in_children
from emulator.core.operation import Observer, operations_of
from emulator.core.private import monotonic
from emulator.core.revisions import Feature
from emulator.engines import account_engine, cache_engine, cloudwatch, storage_engine, tls_of
from emulator.http.cluster_handlers import ClusterHandlers
from emulator.http.console_files import ConsoleFiles
from emulator.http.control_handlers import ControlHandlers
from emulator.http.guard import Guard
from emulator.http.in_flight import InFlight
from emulator.http.server import HttpServer
from emulator.http.timeouts import Timeouts
from emulator.parts import Parts
from emulator.service.account.services import AccountServices
from emulator.service.auth_apis import AuthApis
from emulator.service.body_budget import BodyBudget
from emulator.service.cache_tier import CacheTier
from emulator.service.cluster_plane import ClusterPlane
from emulator.service.clusters import Clusters
from emulator.service.completion import Completion, log_operation
from emulator.service.console import Console
from emulator.service.credential_admission import CredentialAdmission
from emulator.service.departures import Departures
from emulator.service.health import Health, Tier
from emulator.service.objects import Objects
from emulator.service.reaper import Reaper
from emulator.service.stores import Stores
from emulator.startup.bootstrap import OpenAccount, open_account
from emulator.startup.data_directory import DataDirectory
from emulator.telemetry.pipeline import TelemetryPipeline
from emulator.tls.hosts import OWN_NAME, Hosts

if TYPE_CHECKING:
    from emulator.control.hints.finder import Hints
    from emulator.control.overview import Overview, Reached
    from emulator.http.grpc import GrpcCalls
    from emulator.service.new_stores import NewStores
    from emulator.startup.seed import Seed
    from emulator.tls.parts import Tls

logger = logging.getLogger(__name__)

_GRACE_SHARE, _CUT_SHARE, _END_SHARE = 0.5, 0.1, 0.9
"""The shares of ``stop_timeout`` for requests to finish, for those cut off to end, and until when
all resources are closed. The rest is for a machine that is busy."""

_DELIVERY_SHARE = 0.8
"""The share of the time for closing that the last delivery of telemetry may take."""

RESET_GRACE_SECONDS = 1.0
"""How long a change of the whole state waits for running requests."""


class Service(NamedTuple):
    """The parts that serve requests of one state."""

    stores: Stores
    clusters: Clusters
    objects: Objects
    account: AccountServices


class App:
    """One emulator: its parts, composed as ``config`` says.

    Raises:
        ConfigurationError: a part cannot be made as configured.
    """

    def __init__(self, config: Config, clock: Clock) -> None:
        self.config = config
        self._clock = clock
        self._endpoint = ""
        self._started = monotonic()
        self.reached: Callable[[], Reached]
        """Returns how clients reach the emulator, once it is announced."""
        self._tier_check: asyncio.Task[None] | None = None
        self.opened: OpenAccount
        self._parts = _parts(config, clock)
        self._control_token = config.read_control_token()
        self._directory = _directory(config)
        try:
            self._choose_engines()
            self._make_service()
            self._watch_operations()
            self._make_control()
            self._make_server()
        except BaseException:
            if self._directory is not None:
                self._directory.close()
            raise

    def _choose_engines(self) -> None:
        config = self.config
        self._seed = _seed(config)
        self.tls = tls_of(config)
        self._backend = account_engine(config, self._directory)
        self._storage = storage_engine(config, self._directory, self._account_id)
        self._cache = cache_engine(config)
        self._pipeline = TelemetryPipeline(
            config.revision,
            log_size=config.access_log_size,
            log_bytes=config.journal_bytes,
            log_directory=config.access_log_dir,
            log_groups=config.existing_log_groups or config.log_groups or (),
            cloudwatch=cloudwatch(
                config, account_id=self._account_id, endpoint_name=self._endpoint_name
            ),
        )
        self._cache_tier = self._cache_tier_of(self._cache, self._clock)

    def _cache_tier_of(self, engine: Cache, clock: Clock) -> CacheTier:
        return CacheTier(engine, clock, max_object_bytes=self.config.cache_max_object_bytes)

    def _service_of(
        self, account: AccountBackend, storage: Storage, cache: CacheTier, clock: Clock
    ) -> Service:
        """Create the configured service over these tiers."""
        config = self.config
        existing = config.existing_clusters
        clusters = Clusters(
            account, cache, clock, delay=config.cluster_delay, configured=existing or ()
        )
        stores = self._parts.stores(
            account,
            cache,
            max_stores=config.max_stores,
            clusters=None if existing is None else clusters,
            log_groups=None if config.existing_log_groups is None else self._pipeline.log_groups,
        )
        objects = Objects(
            stores,
            storage,
            cache,
            clock,
            max_object_bytes=config.max_object_bytes,
            budget=BodyBudget(config.upload_memory),
        )
        self._parts.connect(stores, objects)
        services = self._parts.account_services(account, clock, config.max_custom_roles)
        return Service(stores, clusters, objects, services)

    def _make_service(self) -> None:
        config, clock = self.config, self._clock
        service = self._service_of(self._backend, self._storage, self._cache_tier, clock)
        self._stores, self._clusters, self._objects, self.account = service
        self._admission = self._parts.admission(self._backend, self._stores)
        self._limiter = self._parts.limiter()
        self._auth_limiter = self._parts.auth_limiter()
        limiter = None if config.no_limits else self._limiter
        self.data_plane = self._parts.data_plane(
            self._admission, self._stores, self._objects, limiter
        )

    def _watch_operations(self) -> None:
        self._completion = Completion(self._clock)
        self.counters = TierCounters()
        observers = self._completion.observers
        if self.config.log_level == "debug":
            observers.append(log_operation)
        observers.append(self.counters.observe)
        observers += self._pipeline.observers
        self._own_observers = len(observers)

    def _make_control(self) -> None:
        clock, revision = self._clock, self.config.revision
        journal = Journal(
            self.config.journal_size,
            revision,
            max_bytes=self.config.journal_bytes,
            hints=self._hints,
        )
        telemetry = Telemetry(
            self._pipeline,
            self._stores,
            revision=revision,
            account_id=self._account_id,
            endpoint=self._endpoint_name,
        )
        holders = (self._pipeline, self._limiter, self.counters)
        self._stores.on_departure = Departures(self._stores.list, holders).note
        changing = asyncio.Lock()
        storage = self._objects.storage_tier
        self.reaper = Reaper(clock, (storage, self._cache_tier.expiring), changing)
        tiers = Tiers(
            self._stores,
            self._objects,
            storage,
            self._cache_tier,
            self.counters,
            changing,
            has_tags=revision.has(Feature.TAGS),
        )
        faults = Faults(
            self._admission.gates,
            tiers,
            self.account.roles,
            clock,
            operations_of(revision),
            arm=self._arm_tiers,
        )
        self._in_flight = InFlight()
        state = StateControl(
            self._backend,
            storage,
            self._cache_tier,
            self._objects,
            clock,
            faults,
            journal,
            self.counters,
            changing=changing,
            in_flight=self._in_flight,
            grace_seconds=RESET_GRACE_SECONDS,
            initial=self._initial,
            own_records=lambda: self.opened.first_keys,
            on_restore=self._fill_limits,
        )
        self.control = Control(
            ClockControl(clock),
            faults,
            journal,
            telemetry,
            state,
            tiers,
            ClusterControl(self._clusters, changing),
            self.describe_api,
            late_parts(
                ServiceParts(
                    self._stores,
                    self._objects,
                    storage,
                    self._cache_tier,
                    clock,
                    self._limiter,
                    self.account,
                    self._in_flight,
                ),
                journal,
                telemetry,
                state,
                changing,
                revision=revision,
                new_stores=lambda: self._new_stores(self._stores, self._clusters),
                overview=self._overview,
            ),
        )

    def _hints(self, journal: Journal) -> Hints:
        from emulator.control.hints.finder import Hints
        from emulator.control.hints.seen import Setting

        config = self.config
        setting = Setting(
            not config.no_limits, config.cache_max_object_bytes, self._parts.untrue_hints()
        )
        return Hints(journal, config.revision, setting)

    def _overview(self) -> Overview:
        from emulator.control.overview import Overview

        revision = self.config.revision
        return Overview(
            self.reached,
            self._health.report,
            self._clock,
            self.control.journal,
            self.counters,
            revision=revision,
            started=self._started,
            has_limits=revision.has(Feature.LIMITS) and not self.config.no_limits,
        )

    def _arm_tiers(self) -> None:
        self._cache_tier.wrap(FaultyCache)
        self._objects.wrap_storage(FaultyStorage)

    def _make_server(self) -> None:
        tiers: dict[str, Tier] = {
            "storage": self._storage,
            "cache": self._cache,
            "account": self._backend,
        }
        self._health = Health(self.config.api_revision, tiers)
        admission, clock, revision = self._admission, self._clock, self.config.revision
        control_plane = self._parts.control_plane(admission, self._stores, self._limiter)
        limits_auth = revision.has(Feature.AUTH_LIMIT) and not self.config.no_limits
        credential_admission = CredentialAdmission(
            admission, self._auth_limiter if limits_auth else None
        )
        auth_apis = AuthApis(credential_admission, self.account, clock)
        console = Console(admission, credential_admission, self.account, clock)
        played = () if self.tls is None else (OWN_NAME,)
        guard = Guard(self.config.hosts, self._control_token, played)
        console_files = ConsoleFiles(guard) if self.config.console else None
        hosts = Hosts(self.config.host_names or ()) if self.tls is None else self.tls.hosts
        self._server = HttpServer(
            self._parts.table(
                {
                    **self._parts.handlers(
                        self.data_plane,
                        control_plane,
                        self._health.report,
                        guard,
                        self.config.routers,
                    ).table(),
                    **self._parts.auth_handlers(auth_apis, console, hosts.cell_of).table(),
                    **ClusterHandlers(ClusterPlane(admission, self._clusters)).table(),
                    **ControlHandlers(self.control, guard).table(),
                    **({} if console_files is None else console_files.table()),
                }
            ),
            clock,
            self._completion,
            self._in_flight,
            self.control.journal.record,
            cors=revision.has(Feature.CORS),
            timeouts=Timeouts(
                self.config.head_timeout, self.config.body_timeout, self.config.keep_alive_timeout
            ),
            tls=self.tls,
            calls=None
            if self.tls is None
            else self._grpc_calls(self.tls, console, credential_admission),
            front=None if console_files is None else console_files.front,
            on_unknown=self._parts.on_unknown(self._backend),
        )

    def _grpc_calls(self, tls: Tls, console: Console, admission: CredentialAdmission) -> GrpcCalls:
        from emulator.http.grpc import GrpcCalls
        from emulator.service.sdk_keys import SdkKeys

        return GrpcCalls(
            console,
            SdkKeys(admission, self.account, self._clock),
            self._clock,
            self._completion,
            self._in_flight,
            self.control.journal.record,
            tls.hosts.cell_of,
        )

    def describe_api(self, name: str, endpoint: str) -> Mapping[str, Any]:
        """Return a document of the HTTP APIs at ``endpoint``, or a schema of files.

        Raises:
            NotFoundError: there is no document of that name. The message lists the names.
        """
        from emulator.openapi.documents import document

        return document(name, self.config.revision, endpoint)

    @property
    def api_keys_file(self) -> Path | None:
        """The file of the data directory with the first keys in plain text, if it exists."""
        if self._directory is None or not self._directory.keys_file.exists():
            return None
        return self._directory.keys_file

    async def start(self) -> tuple[str, int]:
        """Open the account, plant the seed and listen; return the bound address.

        Raises:
            ConfigurationError: it cannot start as configured.
        """
        try:
            self.opened = await self._open_account()
            await self._storage.start()
            await self._pipeline.start()
            await self._plant_seed(
                Service(self._stores, self._clusters, self._objects, self.account)
            )
            address = await self._listen()
            self.reaper.start()
            self._tier_check = in_background(self._health.warn_of_failures("storage", "cache"))
            return address
        except BaseException as error:
            await self._close(TimeLimit(self.config.stop_timeout))
            if isinstance(error, EngineUnavailableError):
                option = "--account: " if isinstance(self.config.account, ValkeyUrl) else ""
                raise ConfigurationError(f"cannot start: {option}{error}") from None
            raise

    def add_observer(self, observer: Observer) -> None:
        """Call ``observer`` after every operation on an object, until the next reset."""
        self._completion.observers.append(observer)

    def announce(self, endpoint: str, reached: Callable[[], Reached]) -> None:
        """Publish the endpoint: in metrics, and in the data directory if there is one. ``reached``
        returns all of how clients reach the emulator."""
        self.reached = reached
        self._endpoint = endpoint.partition("://")[2]
        if self._directory is not None:
            self._directory.announce(endpoint)

    async def stop(self) -> None:
        """Finish the running requests, and release every resource, in ``stop_timeout`` seconds
        (D121)."""
        seconds = self.config.stop_timeout
        limit = TimeLimit(seconds * _END_SHARE)
        self.control.interrupt()
        await self._server.stop(
            grace_seconds=seconds * _GRACE_SHARE, cut_seconds=seconds * _CUT_SHARE
        )
        await self._close(limit)

    @property
    def addresses(self) -> Sequence[tuple[str, int]]:
        """The addresses and the port that it listens on."""
        return self._server.addresses

    @property
    def tls_addresses(self) -> Sequence[tuple[str, int]]:
        """The addresses and the port that it listens on for TLS."""
        return self._server.tls_addresses

    async def _account_id(self) -> str:
        return await self.account.account_id()

    async def _open_account(self) -> OpenAccount:
        try:
            return await open_account(
                self._backend, self._clock, self.config.fixed_keys, self._directory
            )
        except OSError as error:
            raise ConfigurationError(
                f"--data-dir: cannot write to {self.config.data_dir}: {error.strerror}; "
                "choose a writable directory on a disk with free space"
            ) from None

    def _fill_limits(self) -> None:
        self._limiter.clear()
        self._auth_limiter.clear()
        self._parts.clear()

    def _endpoint_name(self) -> str:
        return self._endpoint

    async def _initial(self, storage: Storage) -> Initial:
        """Build the initial state in an account and a cache of its own, and in ``storage``."""
        from emulator.backends.cache.memory import MemoryCache

        account, clock = MemoryAccount(), Clock()
        await self.opened.restore(account)
        cache = self._cache_tier_of(MemoryCache(), clock)
        planted = self._service_of(account, storage, cache, clock)
        await self._plant_seed(planted)

        async def finish() -> None:
            del self._completion.observers[self._own_observers :]
            await self._pipeline.clear()
            self._fill_limits()
            self._objects.follow(cache.versions.latest())
            for store in await planted.stores.list():
                for key, _ in await cache.list(store):
                    copy = await cache.get(store, key)
                    assert isinstance(copy, CachedObject)  # Nothing is freed there.
                    await self._cache_tier.put(store, key, copy.info, copy.body)

        return Initial(as_changes(await account.snapshot()), finish)

    async def _plant_seed(self, service: Service) -> None:
        if self._seed is not None:
            new = self._new_stores(service.stores, service.clusters)
            await self._seed.plant(
                service.stores, new, service.clusters, service.account, service.objects
            )
        await service.account.members.ensure_owner()

    def _new_stores(self, stores: Stores, clusters: Clusters) -> NewStores:
        from emulator.service.new_stores import NewStores

        return NewStores(
            stores,
            clusters,
            example_cluster=EXAMPLE_CLUSTER,
            takes_any_cluster=self.config.existing_clusters is None,
            has_own_buckets=self._storage.can_be_emptied,
        )

    async def _listen(self) -> tuple[str, int]:
        config = self.config
        with _listening("--port", config.host, config.port):
            address = await self._server.start(
                config.host, config.port, reuse_port=config.reuse_port
            )
        if config.tls:
            with _listening("--tls-port", config.host, config.tls_port):
                await self._server.start_tls(
                    config.host, config.tls_port, reuse_port=config.reuse_port
                )
        return address

    async def _close(self, limit: TimeLimit) -> None:
        """Release every resource. One that takes too long is given up, with a warning."""
        if self._tier_check is not None:
            self._tier_check.cancel()
        await limit.finish("the reaper", self.reaper.close())
        delivery = self._pipeline.close(within=limit.left * _DELIVERY_SHARE)
        await limit.finish("the telemetry", delivery)
        self.control.state.checkpoints.close()
        await limit.finish("the cache", self._cache_tier.close())
        await limit.finish("the storage", self._storage.close())
        await limit.finish("the cache", self._cache.close())
        await limit.finish("the account", self._backend.close())
        if self._directory is not None:
            self._directory.close()


@contextlib.contextmanager
def _listening(option: str, host: str, port: int) -> Iterator[None]:
    """Explain why nothing can listen inside the block, where ``option`` chose the port.

    Raises:
        ConfigurationError: instead of the error.
    """
    try:
        yield
    except (OSError, UnicodeError) as error:
        address = getattr(error, "filename", None) or host
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise ConfigurationError(
                f"{option}: {port} on {address} is in use; choose another, or 0 for a free one"
            ) from None
        raise ConfigurationError(
            f"--host: cannot listen on {address} port {port}: {_reason(error)}; "
            "choose an address of this machine and a port that you may use"
        ) from None


def _reason(error: OSError | UnicodeError) -> str:
    """Return only the cause: asyncio adds the address to it, and a resolver has its own numbers."""
    if isinstance(error, UnicodeError):
        return "it is not a valid host name"
    if isinstance(error, socket.gaierror) or error.errno is None:
        return str(error.strerror or error)
    return os.strerror(error.errno)


def _parts(config: Config, clock: Clock) -> Parts:
    if config.answers is None:
        return Parts(config.revision, clock)
    from emulator.answered.parts import AnsweredParts

    return AnsweredParts(config.revision, clock, config.answers)


def _seed(config: Config) -> Seed | None:
    if config.seed is None:
        return None
    from emulator.startup.seed_file import read_seed

    return read_seed(config.seed, config.revision)


def _directory(config: Config) -> DataDirectory | None:
    if config.data_dir is None:
        return None
    engine = config.account_engine
    name = "valkey" if isinstance(engine, ValkeyUrl) else engine
    directory = DataDirectory(config.data_dir, name)
    release_in_children(directory)
    return directory
