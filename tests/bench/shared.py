"""Emulators whose tiers are real engines, alone or several behind one port."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.bench.process import ServerProcess, StartError, serving
from tests.bench.subjects import Emulator, Place, RequestError, Running, free_port
from tests.engines import valkey
from tests.engines.s3 import Moto
from tests.support.keys import v2_key

OWNER_KEY = v2_key("bench-owner")


class WithValkey(Emulator):
    """One emulator, its objects in memory, over a Valkey of its own that runs on the load
    generator's processor."""

    def __init__(self, name: str, title: str, *, account: bool) -> None:
        super().__init__(name, title, "--storage", "memory")
        self._account = account

    @contextmanager
    def running(self) -> Iterator[Running]:
        with ExitStack() as stack:
            scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-"))
            server = stack.enter_context(valkey_of_its_own(scratch))
            account = ["--account", server.url] if self._account else []
            emulator = Emulator(
                self.name, self.title, *self._options, "--cache", server.url, *account
            )
            with emulator.running() as running:
                yield running


class Processes(Emulator):
    """Emulators that share one port, a Valkey with the caches and the account, and an S3; nobody
    is pinned to a processor."""

    def __init__(self, count: int) -> None:
        title = "one emulator" if count == 1 else f"{count} emulators"
        super().__init__(f"processes-{count}", title)
        self._count = count

    @contextmanager
    def running(self) -> Iterator[Running]:
        with ExitStack() as stack:
            scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-"))
            server = stack.enter_context(valkey_of_its_own(scratch))
            s3 = Moto(Path(scratch, "moto"))
            s3.start()
            stack.callback(s3.stop)
            port = free_port()
            options = [
                *("--reuse-port", "true", "--cache", server.url, "--account", server.url),
                *("--storage", "s3", "--s3-endpoint-url", s3.url, "--create-buckets", "true"),
            ]
            processes = [
                stack.enter_context(self._process(Path(scratch, str(number)), port, options, s3))
                for number in range(self._count)
            ]
            running = Running(self, processes[0], port, {"Authorization": OWNER_KEY})
            try:
                self.prepare(running)
            except (OSError, RequestError) as error:
                raise StartError(f"{error} ({processes[0].log_tail()})") from error
            yield running

    @contextmanager
    def _process(
        self, scratch: Path, port: int, options: list[str], s3: Moto
    ) -> Iterator[ServerProcess]:
        scratch.mkdir()
        place = Place(port, scratch / "ready.json")
        command = [*self.command(place), *options, "--port", str(port)]
        environment = {**s3.environment, "MOMENTO_EMULATOR_OWNER_KEY": OWNER_KEY}
        with serving(command, scratch, environment, pinned=False) as process:
            process.wait_for(lambda: _is_ready(place.ready_file))
            yield process


@contextmanager
def valkey_of_its_own(scratch: str) -> Iterator[valkey.ValkeyServer]:
    """A Valkey that keeps nothing on disk.

    Raises `StartError`.
    """
    if valkey.find_server() is None:
        raise StartError(valkey.HINT)
    server = valkey.ValkeyServer(Path(scratch, "valkey"))
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _is_ready(ready_file: Path) -> bool | None:
    return True if ready_file.exists() and json.loads(ready_file.read_text()) else None


VALKEY = WithValkey("valkey", "emulator, cache in a Valkey", account=False)
VALKEY_ACCOUNT = WithValkey("valkey-account", "the same, account there too", account=True)
PROCESSES = (Processes(1), Processes(2), Processes(4))
