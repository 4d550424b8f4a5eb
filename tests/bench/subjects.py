"""The servers that are compared: how each is started and what its requests look like.

A further subject (the emulator with another cache, with a custom role's key, with access logs) is
another instance of `Emulator`, or a subclass that overrides `prepare`.
"""

import http.client
import importlib.util
import json
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from tests.bench.process import ServerProcess, StartError, serving

HOST = "127.0.0.1"
STORE = "bench"
STORE_CONFIGURATION = {
    "storage_config": {
        "s3": {
            "bucket_name": "bench-bucket",
            "iam_role_arn": "arn:aws:iam::123456789012:role/MomentoObjectStoreRole",
        }
    },
    "cache_config": {"valkey_cluster": {"cluster_name": "bench-cluster"}},
}
_ROLE = {
    "iam_role_arn": "arn:aws:iam::123456789012:role/MomentoCloudWatchRole",
    "region": "us-east-1",
}
TELEMETRY_CONFIGURATION = {
    "access_logging_config": {"cloudwatch": {"log_group_name": "/bench/access", **_ROLE}},
    "metrics_config": {"cloudwatch": _ROLE},
}


@dataclass(frozen=True)
class Place:
    """Where a server is to listen, or to write where it listens."""

    port: int
    ready_file: Path


class AbsentError(StartError):
    """A server that is measured where it can be had, and cannot be had here."""


_JSON = {"Content-Type": "application/json"}


class RequestError(Exception):
    """A server answered a request of the benchmark's own with something else than success."""


@dataclass
class Running:
    """A subject that accepts requests."""

    subject: "Subject"
    process: ServerProcess
    port: int
    headers: dict[str, str]  # sent with every request

    def path(self, key: str) -> str:
        return self.subject.prefix + key

    def request(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> bytes:
        """Send one request on a connection of its own and return the body of a 2xx answer."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=60)
        try:
            connection.request(method, path, body, {**self.headers, **(headers or {})})
            response = connection.getresponse()
            answer = response.read()
        finally:
            connection.close()
        if not 200 <= response.status < 300:
            text = answer[:300].decode(errors="replace")
            raise RequestError(f"{method} {path} answered {response.status}: {text}")
        return answer

    def put(self, key: str, body: bytes) -> None:
        self.request("PUT", self.path(key), body)

    def get(self, key: str) -> bytes:
        return self.request("GET", self.path(key))


class Subject:
    """A server that can be started as often as needed, and put to and got from."""

    prefix = "/objects/"
    put_status = 204
    environment: Mapping[str, str] = MappingProxyType({})  # beside our own
    requires: tuple[str, ...] = ()  # modules without which it cannot start
    hint = ""  # how to get them

    def __init__(self, name: str, title: str) -> None:
        self.name = name
        self.title = title

    def require(self) -> None:
        """Raise `StartError` if it cannot be started here."""
        missing = [name for name in self.requires if importlib.util.find_spec(name) is None]
        if missing:
            raise StartError(f"needs {', '.join(missing)}{self.hint}")

    def command(self, place: Place) -> list[str]:
        raise NotImplementedError

    def connect(self, process: ServerProcess, place: Place) -> Running:
        """Wait until the server accepts connections."""
        process.wait_for(lambda: _accepts(place.port))
        return Running(self, process, place.port, {})

    def prepare(self, running: Running) -> None:
        """Create what objects are put into."""

    @contextmanager
    def running(self) -> Iterator[Running]:
        """Start the server, ready for its first object, and stop it when the block ends.

        Raises `StartError`.
        """
        self.require()
        with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
            place = Place(free_port(), Path(scratch, "ready.json"))
            with serving(self.command(place), Path(scratch), self.environment) as process:
                running = self.connect(process, place)
                try:
                    self.prepare(running)
                except (OSError, RequestError) as error:
                    raise StartError(f"{error} ({process.log_tail()})") from error
                yield running


class Module(Subject):
    """A server of the benchmark's own."""

    def __init__(self, name: str, title: str, module: str) -> None:
        super().__init__(name, title)
        self._module = module

    def command(self, place: Place) -> list[str]:
        return [sys.executable, "-m", self._module, "--port", str(place.port)]


class Emulator(Subject):
    """The emulator, with the options of its command line."""

    prefix = f"/objectstore/{STORE}/"
    requires = ("emulator",)
    configuration: Mapping[str, object] = MappingProxyType(STORE_CONFIGURATION)  # of the store

    def __init__(self, name: str, title: str, *options: str) -> None:
        super().__init__(name, title)
        self._options = options

    def command(self, place: Place) -> list[str]:
        serve = [sys.executable, "-m", "emulator", "serve", "--port", "0", "--exit-with-parent"]
        return [*serve, "--ready-file", str(place.ready_file), *self._options]

    def connect(self, process: ServerProcess, place: Place) -> Running:
        ready_file = place.ready_file
        text = process.wait_for(lambda: ready_file.read_text() if ready_file.exists() else None)
        ready = json.loads(text)
        return Running(self, process, ready["port"], {"Authorization": ready["api_keys"]["owner"]})

    def prepare(self, running: Running) -> None:
        running.request(
            "PUT",
            f"/objectstore/{STORE}",
            json.dumps(dict(self.configuration)).encode(),
            _JSON,
        )


class EmulatorWithTelemetry(Emulator):
    """The emulator with a store that has an access log and metrics.

    Args:
        with_files: whether the access log goes to a file too.
    """

    configuration = MappingProxyType({**STORE_CONFIGURATION, **TELEMETRY_CONFIGURATION})

    def __init__(self, name: str, title: str, *options: str, with_files: bool = False) -> None:
        super().__init__(name, title, *options)
        self._with_files = with_files

    def command(self, place: Place) -> list[str]:
        more = ["--access-log-dir", str(place.ready_file.parent / "logs")]
        return [*super().command(place), *(more if self._with_files else ())]


class EmulatorWithCustomRole(Emulator):
    """The emulator, asked by a key of a custom role of which only the last rule fits."""

    rules = 20

    def prepare(self, running: Running) -> None:
        super().prepare(running)
        rules = [
            {
                "type": "store",
                "permissions": ["read", "write"],
                "stores": {"name": STORE},
                "items": {"key_prefix": f"{number}/" if number < self.rules else "object-"},
            }
            for number in range(1, self.rules + 1)
        ]
        role = {"role_name": "bench", "permissions": {"rules": rules}}
        role_id = json.loads(running.request("POST", "/roles", json.dumps(role).encode(), _JSON))[
            "role_id"
        ]
        key = {"role_id": role_id, "description": "bench", "expiry": "never"}
        made = json.loads(running.request("POST", "/api-keys", json.dumps(key).encode(), _JSON))
        running.headers["Authorization"] = made["api_key"]


class Moto(Subject):
    """moto's S3, path style.

    moto checks no signature by default but refuses to read an object back for a request that
    carries none, so every request carries one that was computed once, if at all.
    """

    prefix = f"/{STORE}/"
    put_status = 200
    requires = ("moto", "flask")
    hint = ": pip install 'moto[server]'"

    def command(self, place: Place) -> list[str]:
        return [sys.executable, "-m", "moto.server", "-H", HOST, "-p", str(place.port)]

    def connect(self, process: ServerProcess, place: Place) -> Running:
        running = super().connect(process, place)
        running.headers["Authorization"] = (
            "AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/s3/aws4_request, "
            "SignedHeaders=host, Signature=0"
        )
        return running

    def prepare(self, running: Running) -> None:
        running.request("PUT", f"/{STORE}")


CONSTANT = Module("constant", "constant bytes", "tests.bench.constant")
BARE = Module("bare", "bare aiohttp", "tests.bench.bare")
MEMORY = Emulator("memory", "emulator, memory cache", "--storage", "memory", "--cache", "memory")
FAKEREDIS = Emulator(
    "fakeredis", "emulator, fakeredis cache", "--storage", "memory", "--cache", "fakeredis"
)
CUSTOM_ROLE = EmulatorWithCustomRole(
    "custom-role",
    "the same, custom role of 20 rules",
    *("--storage", "memory", "--cache", "memory"),
)
_LATER = (
    *("--storage", "memory", "--cache", "memory"),
    *(
        "--api-revision",
        "2026-08-12",
        "--no-limits",
        "--no-strict-clusters",
        "--no-strict-log-groups",
    ),
)
LATER = Emulator("later", "emulator, revision 2026-08-12", *_LATER)
TELEMETRY = EmulatorWithTelemetry("telemetry", "with access log and metrics", *_LATER)
TELEMETRY_FILES = EmulatorWithTelemetry(
    "telemetry-files", "with the access log in a file too", *_LATER, with_files=True
)
DEFAULT = Emulator("default", "emulator, default options")
MOTO = Moto("moto", "moto server")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port


def _accepts(port: int) -> bool | None:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return None
    return True
