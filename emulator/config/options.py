"""The table of options, and the configuration of an emulator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

from emulator.auth.well_known import WELL_KNOWN_KEYS, is_well_known
from emulator.backends.valkey.url import ValkeyUrl
from emulator.config import values
from emulator.core.failures import ConfigurationError
from emulator.core.loopback import is_loopback
from emulator.core.object_info import CACHED_BYTES
from emulator.core.revisions import FIRST, REVISIONS, Feature, Revision, latest
from emulator.tls.hosts import host_names

ENVIRONMENT_PREFIX = "MOMENTO_EMULATOR_"

EXAMPLE_CLUSTER = "my-valkey-cluster"
"""The cluster of the reference's examples, which exists by default."""

EXAMPLE_LOG_GROUP = "/momento/object-store"
"""The log group of the examples, which exists by default."""

_MAX_S3_OBJECT_BYTES = 5 * 1024**3
"""The largest object that S3 can copy in one step, which is how a large upload is published."""


_TLS_PORT = 8443

_OF_TLS = ("host_names", "ca_dir", "tls_certificate", "tls_key")
"""Options that mean nothing without TLS."""


def _option(
    default: Any, parse: Callable[[str], Any], help_text: str, metavar: str = "", **more: Any
) -> Any:
    return field(
        default=default,
        metadata={"parse": parse, "help": help_text, "metavar": metavar, **more},
    )


@dataclass(frozen=True, kw_only=True)
class Config:
    """The configuration of an emulator. Sizes are in bytes, times in seconds.

    A value may also be text as a user would write it, as in ``"8MiB"`` or ``"1h"``, and a time a
    ``timedelta``.

    Raises:
        ConfigurationError: a value is not valid, or two options contradict each other.
    """

    host: str = _option(
        "127.0.0.1",
        values.hosts,
        "address or name to listen on, or several; localhost is 127.0.0.1 and ::1",
        "ADDRESS,...",
    )
    port: int = _option(8080, values.port, "port to listen on; 0 takes a free one", "PORT")
    reuse_port: bool = _option(
        False,
        values.flag,
        "share the port with other emulators that have this option too (false)",
        "true|false",
    )
    tls: bool = _option(
        False,
        values.flag,
        "serve HTTPS too, with certificates of an authority of the emulator's own (false)",
        "true|false",
    )
    tls_port: int = _option(
        _TLS_PORT, values.port, "port for HTTPS; 0 takes a free one (8443)", "PORT"
    )
    proxy: bool = _option(
        False,
        values.flag,
        "be a forward proxy to the hosts of Momento's cells and of emulator.test, which the "
        "emulator plays itself (false)",
        "true|false",
    )
    host_names: tuple[str, ...] | None = _option(
        None,
        host_names,
        "other hosts to play with TLS, each with its api.cache., cache., control. and token.",
        "NAME,...",
    )
    ca_dir: Path | None = _option(
        None,
        values.file_path,
        "directory of the authority, which is made once (a directory for data of this user)",
        "DIR",
    )
    tls_certificate: Path | None = _option(
        None, values.file_path, "certificate chain for all hosts instead, in PEM", "FILE"
    )
    tls_key: Path | None = _option(
        None, values.file_path, "key of --tls-certificate, in PEM", "FILE"
    )
    head_timeout: float = _option(
        30.0, values.seconds, "how long the head of a request may take (30)", "SECONDS"
    )
    body_timeout: float = _option(
        60.0,
        values.seconds,
        "how long a request waits for the next piece of its body (60)",
        "SECONDS",
    )
    keep_alive_timeout: float = _option(
        75.0,
        values.seconds,
        "how long a connection is kept open for the next request (75)",
        "SECONDS",
    )
    stop_timeout: float = _option(
        7.0,
        values.seconds,
        "how long a stop may take; running requests get about half of that to finish (7)",
        "SECONDS",
    )
    storage: str | None = _option(
        None,
        values.one_of("memory", "filesystem", "s3"),
        "where objects are stored: in memory, in files of the data directory, or in S3 with the "
        "credentials that AWS's tools find (filesystem with --data-dir, else memory)",
        "memory|filesystem|s3",
    )
    data_dir: Path | None = _option(
        None, values.file_path, "directory that keeps the account, stores, keys and objects", "DIR"
    )
    account: str | ValkeyUrl | None = _option(
        None,
        values.one_of_or_valkey("memory", "file"),
        "where stores, keys, roles and members are stored: in memory, in a file of the data "
        "directory, or in a Valkey that several emulators can share, "
        "valkey://[user:password@]host:port[/db] (file with --data-dir, else memory)",
        "memory|file|URL",
    )
    valkey_timeout: float = _option(
        1.0, values.seconds, "timeout of one call to a Valkey (1)", "SECONDS"
    )
    fsync: bool = _option(
        True,
        values.flag,
        "whether acknowledged writes survive a crash of the machine; false is faster (true)",
        "true|false",
    )
    s3_endpoint_url: str | None = _option(
        None, values.url, "URL of S3, if it is not AWS's", "URL", only_with=("storage", "s3")
    )
    s3_region: str | None = _option(
        None,
        values.region,
        "region of the buckets (as AWS's tools find it, else us-east-1)",
        "REGION",
        only_with=("storage", "s3"),
    )
    s3_path_style: bool | None = _option(
        None,
        values.flag,
        "put the bucket into the path, not into the host name (true with an endpoint URL)",
        "true|false",
        only_with=("storage", "s3"),
    )
    s3_timeout: float = _option(
        30.0,
        values.seconds,
        "timeout of a call to S3 or CloudWatch, including all attempts (30)",
        "SECONDS",
        only_with=("storage", "s3"),
        or_with="cloudwatch",
    )
    create_buckets: bool = _option(
        False,
        values.flag,
        "create an S3 bucket when it is first needed (false)",
        "true|false",
        only_with=("storage", "s3"),
    )
    assume_role: bool = _option(
        False,
        values.flag,
        "call S3 and CloudWatch with each store's own IAM role, assumed through STS (false)",
        "true|false",
        only_with=("storage", "s3"),
        or_with="cloudwatch",
    )
    cache: str | ValkeyUrl = _option(
        "fakeredis",
        values.one_of_or_valkey("fakeredis", "memory"),
        "cache in front of the storage: Valkey's commands in this process, a plain dictionary, or "
        "a real Valkey, valkey://[user:password@]host:port or valkey-cluster://... (fakeredis)",
        "fakeredis|memory|URL",
    )
    cache_clusters: Mapping[str, ValkeyUrl] | None = _option(
        None,
        values.clusters,
        "clusters with a Valkey of their own; all other clusters are in --cache",
        "NAME=URL,...",
    )
    cache_max_object_bytes: int = _option(
        CACHED_BYTES, values.size, "larger objects are not cached (8MiB)", "SIZE"
    )
    max_object_bytes: int = _option(
        5 * 1024**3, values.size, "larger objects are refused with 400 (5GiB)", "SIZE"
    )
    upload_memory: int = _option(
        256 * 1024**2,
        values.size,
        "most bytes of uploads to hold in memory at once; further uploads wait (256MiB)",
        "SIZE",
    )
    max_stores: int | None = _option(
        None, values.count, "most stores; creating more is refused with 429 (no limit)", "N"
    )
    max_custom_roles: int | None = _option(
        None, values.count, "most custom roles; creating more is refused with 429 (no limit)", "N"
    )
    api_revision: str = _option(
        FIRST.date,
        values.revision,
        "documented revision of the HTTP API to serve, one of " + ", ".join(REVISIONS),
        "DATE|latest",
    )
    answers: Path | None = _option(
        None,
        values.file_path,
        "JSON file with the answers of an endpoint to the questions that documents leave open; the "
        "emulator behaves as that endpoint does",
        "FILE",
    )
    no_limits: bool = _option(
        False,
        values.flag,
        "do not enforce the limits of stores and of the Auth APIs, so that nothing is throttled "
        "(false)",
        "true|false",
    )
    routers: int = _option(
        1,
        values.routers,
        "how many routers GET /endpoints names, in three zones, all of them this process (1)",
        "N",
        since=Feature.ENDPOINTS,
    )
    clusters: tuple[str, ...] | None = _option(
        None,
        values.names,
        "Valkey clusters that exist, in addition to those of --cache-clusters and of the account "
        f"({EXAMPLE_CLUSTER})",
        "NAME,...",
        since=Feature.CLUSTER_MUST_EXIST,
    )
    strict_clusters: bool | None = _option(
        None,
        values.flag,
        "refuse stores in a cluster that does not exist; false accepts any name (true where the "
        "revision says so)",
        "true|false",
        since=Feature.CLUSTER_MUST_EXIST,
    )
    cluster_delay: float = _option(
        0.0,
        values.delay,
        "how long the creation, a change or the deletion of a Valkey cluster takes on the "
        "emulator's clock (0)",
        "SECONDS",
    )
    log_groups: tuple[str, ...] | None = _option(
        None,
        values.log_groups,
        "log groups that exist, in addition to those of --cloudwatch "
        f"({EXAMPLE_LOG_GROUP} without --cloudwatch)",
        "NAME,...",
        since=Feature.LOG_GROUP_MUST_EXIST,
    )
    strict_log_groups: bool | None = _option(
        None,
        values.flag,
        "refuse stores with a log group that does not exist; false accepts any name (true where "
        "the revision says so)",
        "true|false",
        since=Feature.LOG_GROUP_MUST_EXIST,
    )
    access_log_dir: Path | None = _option(
        None,
        values.file_path,
        "directory for access logs: a file of JSON lines for each log group",
        "DIR",
        since=Feature.ACCESS_LOGS,
    )
    access_log_size: int = _option(
        10_000,
        values.count,
        "how many of the last entries of each log group the emulator keeps",
        "N",
    )
    cloudwatch: str | None = _option(
        None,
        values.cloudwatch,
        "deliver access logs and metrics to CloudWatch: at a URL, or aws for AWS's own, with the "
        "credentials that AWS's tools find (not delivered)",
        "URL|aws",
        since=Feature.ACCESS_LOGS,
    )
    seed: Path | None = _option(
        None, values.file_path, "YAML file with stores, keys and objects to start with", "FILE"
    )
    ready_file: Path | None = _option(
        None,
        values.file_path,
        "JSON file to write when requests are accepted; removed on exit",
        "FILE",
    )
    exit_with_parent: bool = _option(
        False,
        values.flag,
        "stop when the process that started the emulator ends, even if it is killed (false)",
        "true|false",
    )
    control_token: str | None = _option(
        None,
        values.control_token,
        "token that requests to the control API must send; without it, that API is open on "
        "loopback only; better in the environment or a file, since others can see a command line",
        "TOKEN",
    )
    control_token_file: Path | None = _option(
        None, values.file_path, "file that contains the control token", "FILE"
    )
    console: bool = _option(
        True,
        values.flag,
        "serve the console, pages at /_emulator/ for a browser (true)",
        "true|false",
    )
    journal_size: int = _option(
        10_000, values.count, "how many of the last requests the journal keeps", "N"
    )
    journal_bytes: int = _option(
        64 * 1024**2,
        values.size,
        "how much memory the journal takes, and the access logs as much again (64MiB)",
        "SIZE",
    )
    quiet: bool | None = _option(
        None,
        values.flag,
        "print no line for each request; false prints them into a pipe too (false on a terminal)",
        "true|false",
    )
    log_level: str = _option(
        "info",
        values.one_of("debug", "info", "warning", "error"),
        "how much to log; debug logs every operation on an object",
        "debug|info|warning|error",
    )
    log_format: str = _option(
        "text", values.one_of("text", "json"), "format of the log", "text|json"
    )
    owner_key: str | None = _option(
        None, values.api_key, "API key with the role Owner", "KEY", secret=True
    )
    operator_key: str | None = _option(
        None, values.api_key, "API key with the role Operator", "KEY", secret=True
    )
    viewer_key: str | None = _option(
        None, values.api_key, "API key with the role Viewer", "KEY", secret=True
    )
    well_known_keys: bool = _option(
        False,
        values.flag,
        "use three published API keys, which compose files and tests can name (false)",
        "true|false",
    )
    allow_well_known_keys_beyond_loopback: bool = _option(
        False,
        values.flag,
        "accept the published keys also where other machines may reach the emulator, as in a "
        "container (false)",
        "true|false",
    )

    def __post_init__(self) -> None:
        for option in OPTIONS:
            value = getattr(self, option.name)
            if isinstance(value, timedelta):
                value = value.total_seconds()
            if isinstance(value, (str, int, float, Path)):
                text = str(value).lower() if isinstance(value, bool) else str(value)
                parsed = parse_option(option, text, option.flag or option.name)
                object.__setattr__(self, option.name, parsed)
        self._check_combinations()
        if len(set(self.fixed_keys.values())) < len(self.fixed_keys):
            names = ", ".join(f"{role}_key" for role in self.fixed_keys)
            raise ConfigurationError(f"two of {names} are the same key: give each role its own")

    def _check_combinations(self) -> None:
        if self.storage == "filesystem" and self.data_dir is None:
            raise ConfigurationError("--storage filesystem: requires --data-dir DIR")
        if self.account == "file" and self.data_dir is None:
            raise ConfigurationError("--account file: requires --data-dir DIR")
        if self.control_token is not None and self.control_token_file is not None:
            raise ConfigurationError("--control-token-file: --control-token is given too; give one")
        self._check_tls()
        self._check_well_known_keys()
        for option in OPTIONS:
            other, wanted = option.only_with or ("", "")
            is_given = getattr(self, option.name) != option.default
            has_alternative = bool(option.or_with) and getattr(self, option.or_with) is not None
            if other and is_given and not has_alternative and getattr(self, other) != wanted:
                or_with = f" or --{option.or_with}" if option.or_with else ""
                raise ConfigurationError(f"{option.flag}: requires --{other} {wanted}{or_with}")
            asks = is_given and getattr(self, option.name) is not False
            if option.since is not None and asks and not self.revision.has(option.since):
                raise ConfigurationError(
                    f"{option.flag}: requires --api-revision {latest().date} or later"
                )
        if self.storage == "s3" and self.max_object_bytes > _MAX_S3_OBJECT_BYTES:
            raise ConfigurationError(
                "--max-object-bytes: with --storage s3 it must be at most 5GiB, the most that S3 "
                "copies in one step"
            )

    def _check_tls(self) -> None:
        given = [name for name in _OF_TLS if getattr(self, name) is not None]
        if given and not (self.tls or self.proxy):
            raise ConfigurationError(f"{_flag(given[0])}: requires --tls or --proxy")
        if (self.tls_certificate is None) != (self.tls_key is None):
            missing = "tls_key" if self.tls_key is None else "tls_certificate"
            other = "tls_certificate" if self.tls_key is None else "tls_key"
            raise ConfigurationError(f"{_flag(other)}: requires {_flag(missing)} FILE")
        if self.tls_certificate is not None and self.ca_dir is not None:
            raise ConfigurationError("--ca-dir: --tls-certificate is given too; give one")

    def _check_well_known_keys(self) -> None:
        for option in filter(lambda each: each.secret, OPTIONS):
            key = getattr(self, option.name)
            if key is not None and self.well_known_keys:
                raise ConfigurationError(
                    f"--well-known-keys: {option.variable} is given too; give one"
                )
            if key is not None and is_well_known(key):
                raise ConfigurationError(
                    f"{option.variable}: everybody knows this key; make one with "
                    "'python -m emulator keys create', or give --well-known-keys instead"
                )
        if self.well_known_keys and not self.allow_well_known_keys_beyond_loopback:
            others = [f"--host {host}" for host in self.hosts if not is_loopback(host)]
            if isinstance(self.account, ValkeyUrl):
                others.append("an --account that others share")
            if others:
                raise ConfigurationError(
                    f"--well-known-keys: everybody knows these keys, and {others[0]} is beyond "
                    "loopback: leave one of the two out, or add "
                    "--allow-well-known-keys-beyond-loopback"
                )

    def warnings(self) -> list[str]:
        """Return warnings about settings that are valid, but probably a mistake."""
        found = []
        shares_account = isinstance(self.account, ValkeyUrl)
        if shares_account and not isinstance(self.cache, ValkeyUrl):
            found.append(
                f"--account is shared and --cache {self.cache} is not: an emulator may serve old "
                "copies of objects that another one has changed; give all of them --cache "
                "valkey://host:port"
            )
        if self.clusters is not None and self.strict_clusters is False:
            found.append("--clusters with --no-strict-clusters: any cluster name is still accepted")
        if self.log_groups is not None and self.strict_log_groups is False:
            found.append(
                "--log-groups with --no-strict-log-groups: any log group is still accepted"
            )
        if self.reuse_port and not (shares_account and self.storage_engine == "s3"):
            found.append(
                "--reuse-port without --account valkey://host:port and --storage s3: each of the "
                "emulators that share the port has its own stores, keys and objects"
            )
        if not self.tls and self.tls_port not in (0, _TLS_PORT):
            found.append("--tls-port without --tls: HTTPS is not served")
        return found

    def read_control_token(self) -> str | None:
        """Return the control token, from its file if that is given.

        Raises:
            ConfigurationError: the file cannot be read, or contains no valid token.
        """
        path = self.control_token_file
        if path is None:
            return self.control_token
        try:
            return values.control_token(path.read_text(encoding="utf-8").strip())
        except OSError as error:
            raise ConfigurationError(
                f"--control-token-file: cannot read {path}: {error.strerror}"
            ) from None
        except ValueError:
            raise ConfigurationError(
                f"--control-token-file: {path} must contain 8 to 1024 printable ASCII characters, "
                "without spaces"
            ) from None

    @property
    def hosts(self) -> tuple[str, ...]:
        """The addresses and names to listen on."""
        return tuple(self.host.split(","))

    @property
    def revision(self) -> Revision:
        """The revision of the HTTP API to serve."""
        return REVISIONS[self.api_revision]

    @property
    def existing_clusters(self) -> frozenset[str] | None:
        """The clusters that exist beside those of the account; None if any name is accepted."""
        if not self._is_strict(self.strict_clusters, Feature.CLUSTER_MUST_EXIST):
            return None
        named = (EXAMPLE_CLUSTER,) if self.clusters is None else self.clusters
        return frozenset((*named, *(self.cache_clusters or ())))

    @property
    def existing_log_groups(self) -> frozenset[str] | None:
        """The log groups that exist beside those of CloudWatch; None if any name is accepted."""
        if not self._is_strict(self.strict_log_groups, Feature.LOG_GROUP_MUST_EXIST):
            return None
        examples = () if self.cloudwatch else (EXAMPLE_LOG_GROUP,)
        return frozenset(examples if self.log_groups is None else self.log_groups)

    def _is_strict(self, chosen: bool | None, feature: Feature) -> bool:
        return self.revision.has(feature) if chosen is None else chosen

    @property
    def fixed_keys(self) -> Mapping[str, str]:
        """The API keys that the configuration sets, by role."""
        if self.well_known_keys:
            return WELL_KNOWN_KEYS
        keys = {"owner": self.owner_key, "operator": self.operator_key, "viewer": self.viewer_key}
        return {role_id: key for role_id, key in keys.items() if key is not None}

    @property
    def storage_engine(self) -> str:
        """The storage engine, chosen or implied by the data directory."""
        return self.storage or ("memory" if self.data_dir is None else "filesystem")

    @property
    def account_engine(self) -> str | ValkeyUrl:
        """The account engine, chosen or implied by the data directory."""
        return self.account or ("memory" if self.data_dir is None else "file")


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


@dataclass(frozen=True)
class Option:
    """One row of the table: a field of ``Config``, and how users set it."""

    name: str
    default: Any
    parse: Callable[[str], Any]
    help: str
    metavar: str
    secret: bool
    only_with: tuple[str, str] | None
    """The option and its value that this option requires."""
    or_with: str
    """Another option that satisfies ``only_with`` if it is set; may be empty."""
    since: Feature | None
    """The feature of the API revision that this option requires."""

    @property
    def is_flag(self) -> bool:
        """Whether it is a boolean; without a value, the option then means true."""
        return self.parse is values.flag

    @property
    def flag(self) -> str | None:
        """Its name on the command line. Secrets have none: other users can read command lines."""
        return None if self.secret else _flag(self.name)

    @property
    def off_flag(self) -> str | None:
        """The flag that sets it to false, as in ``--no-fsync`` and ``--limits``; None unless it is
        a boolean."""
        if not self.is_flag:
            return None
        return _flag(self.name[3:] if self.name.startswith("no_") else f"no_{self.name}")

    @property
    def variable(self) -> str:
        """Its environment variable."""
        return ENVIRONMENT_PREFIX + self.name.upper()


OPTIONS: tuple[Option, ...] = tuple(
    Option(
        name=item.name,
        default=item.default,
        parse=item.metadata["parse"],
        help=item.metadata["help"],
        metavar=item.metadata["metavar"],
        secret=item.metadata.get("secret", False),
        only_with=item.metadata.get("only_with"),
        or_with=item.metadata.get("or_with", ""),
        since=item.metadata.get("since"),
    )
    for item in fields(Config)
)


def parse_option(option: Option, text: str, source: str) -> Any:
    """Parse the value of an option; ``source`` names where the user set it, for the message.

    Raises:
        ConfigurationError: it is invalid.
    """
    try:
        return option.parse(text)
    except ValueError as error:
        raise ConfigurationError(f"{source}: {error}") from None
