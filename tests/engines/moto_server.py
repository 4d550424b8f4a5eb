"""moto's server, one request at a time, so that whoever reads an object sees one version of it.

S3 is like that. moto by itself publishes an object first and what is kept with it afterwards, and
looks at an object's body after its metadata, when there may be another one.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable
from typing import Any
from unittest import mock

from moto import server
from werkzeug.serving import run_simple


class OneAtATime:
    """A WSGI application that is asked one thing at a time, once all of that has come."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self._turn = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        size = environ.get("CONTENT_LENGTH")
        body = environ["wsgi.input"]
        if size or environ.get("wsgi.input_terminated"):
            environ["wsgi.input"] = io.BytesIO(body.read(int(size)) if size else body.read())
        with self._turn:
            answer = self._application(environ, start_response)
            try:
                return list(answer)
            finally:
                getattr(answer, "close", lambda: None)()


def main() -> None:
    def run(host: str, port: int, application: Any, **options: Any) -> None:
        run_simple(host, port, OneAtATime(application), **options)

    with mock.patch.object(server, "run_simple", run):
        server.main()


if __name__ == "__main__":
    main()
