"""One emulator of which single requests are timed, one after the other."""

import http.client
import json
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

START_SECONDS = 60


class TimedServer:
    """An emulator with these options, and one connection to it. `scratch` is an empty place."""

    def __init__(self, scratch: Path, *options: str) -> None:
        ready = scratch / "ready.json"
        begin = time.perf_counter()
        words = [*options, "--port", "0", "--ready-file", str(ready)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "emulator", *words],
            stderr=subprocess.DEVNULL,
        )
        while not ready.exists():
            if self._process.poll() is not None or time.perf_counter() - begin > START_SECONDS:
                self._process.kill()
                raise OSError("the emulator did not start")
            time.sleep(0.002)
        self.start_seconds = time.perf_counter() - begin
        facts = json.loads(ready.read_text())
        self._headers = {
            "Authorization": facts["api_keys"]["owner"],
            "Content-Type": "application/json",
        }
        address = urlsplit(facts["endpoint"])
        self._connection = http.client.HTTPConnection(
            str(address.hostname), address.port, timeout=600
        )

    def call(self, method: str, path: str, body: bytes | None = None) -> bytes:
        self._connection.request(method, path, body, self._headers)
        response = self._connection.getresponse()
        answer = response.read()
        if not 200 <= response.status < 300:
            raise OSError(f"{method} {path} answered {response.status}")
        return answer

    def timed(self, method: str, path: str, body: bytes | None = None) -> float:
        begin = time.perf_counter()
        self.call(method, path, body)
        return time.perf_counter() - begin

    def stop(self) -> None:
        with closing(self._connection):
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(60)
