"""The longest time that a server does not answer, seen by a process of its own.

`python -m tests.bench.standstill PORT` asks for `/_emulator/health` again and again until its
standard input ends, and prints the longest time to an answer in seconds.
"""

import http.client
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

PAUSE_SECONDS = 0.01


class Watch:
    """The result of a watch, once it has ended."""

    longest = 0.0


@contextmanager
def watched(port: int) -> Iterator[Watch]:
    """Watch the server on `port` inside the block."""
    watch = Watch()
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.standstill", str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        try:
            yield watch
        finally:
            output, _ = process.communicate()
        watch.longest = float(output)


def main(port: int) -> None:
    ended = threading.Event()

    def wait_for_the_end() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    connection, longest = http.client.HTTPConnection("127.0.0.1", port, timeout=60), 0.0
    while not ended.wait(PAUSE_SECONDS):
        begin = time.perf_counter()
        connection.request("GET", "/_emulator/health")
        connection.getresponse().read()
        longest = max(longest, time.perf_counter() - begin)
    print(longest)


if __name__ == "__main__":
    main(int(sys.argv[1]))
