"""The HTTP client of the commands: one request, then a JSON document or an error of one line.

It uses ``http.client``, which follows neither proxies nor redirects: an API key is sent only to the
endpoint. The proxy of ``exec --proxy`` is the emulator itself, so commands call it directly.
"""

from __future__ import annotations

import contextlib
import json
import os
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

from emulator.commands.errors import (
    ForeignAnswerError,
    RefusedError,
    UnreachableError,
    UsageError,
)
from emulator.commands.output import one_line
from emulator.commands.parser import INVOCATION
from emulator.config.options import ENVIRONMENT_PREFIX
from emulator.core.headers import CONTROL_TOKEN
from emulator.core.loopback import is_loopback
from emulator.tls.hosts import OWN_NAME, SERVICES

ENDPOINT_VARIABLE = "MOMENTO_ENDPOINT"
KEY_VARIABLE = "MOMENTO_API_KEY"
TOKEN_VARIABLE = f"{ENVIRONMENT_PREFIX}CONTROL_TOKEN"
DEFAULT_ENDPOINT = "http://127.0.0.1:8080"
TIMEOUT_SECONDS = 30

_BLOCK = 256 * 1024
"""How many bytes of a body are sent and read at a time."""

_LONGEST_ERROR = 64 * 1024

PROXY_VARIABLES = ("https_proxy", "HTTPS_PROXY")
"""In the order in which clients look at them."""

_OWN_NAMES = frozenset((OWN_NAME, *(f"{service}.{OWN_NAME}" for service in SERVICES)))
"""Hosts that are an emulator's for certain, wherever a proxy leads."""

_PLAYED_PORT = 443

_REAL_SERVICE = (".momentohq.com", ".gomomento.com")

_SHORTEST_KEY = 16  # In characters; anything shorter is a mistake, and may be a common word.

_NEEDED = f"{KEY_VARIABLE} must be a key of this emulator with auth_management permission"
_WHERE = f"start one with '{INVOCATION}', or set its URL with --endpoint or {ENDPOINT_VARIABLE}"


class Endpoint(NamedTuple):
    """The address of an emulator."""

    scheme: str
    host: str
    port: int | None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port is None else f":{self.port}")


def parse_endpoint(text: str, source: str) -> Endpoint:
    """Parse an endpoint; ``http://`` may be left out for this machine, and ``emulator.test`` is the
    emulator whose proxy the environment names.

    ``source`` names where the user set it, for the message. The SDKs read the same variables, which
    may then have the host of the real service: that is refused, so that a key of the real service
    is never sent there in clear text.

    Raises:
        UsageError: it is not the endpoint of an emulator.
    """
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        host, port = parts.hostname or "", parts.port
        host.encode("idna")
    except ValueError:
        raise _not_an_endpoint(text, source) from None
    has_more = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in ("http", "https") or not _is_host(host) or has_more:
        raise _not_an_endpoint(text, source)
    is_played = host in _OWN_NAMES and port in (None, _PLAYED_PORT)
    if is_played and not text.startswith("http://"):
        return _emulator_behind_proxy(host, source)
    if host.endswith(_REAL_SERVICE) or ("://" not in text and not is_loopback(host)):
        raise UsageError(
            f"{source}: {host} does not look like an emulator: give its scheme, host and port, as "
            f"in {DEFAULT_ENDPOINT}, or {OWN_NAME} for the one that is the proxy"
        )
    return Endpoint(parts.scheme, host, port)


def _emulator_behind_proxy(host: str, source: str) -> Endpoint:
    """The emulator that is the proxy of this environment: it serves HTTP on the proxy's port."""
    name = next((each for each in PROXY_VARIABLES if os.environ.get(each)), None)
    if name is None:
        raise UsageError(
            f"{source}: {host} is reached through the proxy of an emulator alone, and "
            f"{PROXY_VARIABLES[-1]} is not set: set what '{INVOCATION} env' prints, or give the "
            f"emulator's scheme, host and port, as in {DEFAULT_ENDPOINT}"
        )
    proxy = os.environ[name]
    try:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        found = Endpoint(parts.scheme, parts.hostname or "", parts.port)
    except ValueError:
        raise _not_an_endpoint(proxy, name) from None
    if found.scheme != "http" or not _is_host(found.host) or "@" in parts.netloc:
        raise _not_an_endpoint(proxy, name)
    return found


def _is_host(text: str) -> bool:
    return bool(text) and not any(each.isspace() or not each.isprintable() for each in text)


def _not_an_endpoint(text: str, source: str) -> UsageError:
    shown = repr(text) if "@" not in text else "text with an @"  # It may contain a password.
    return UsageError(
        f"{source}: {shown} is not an endpoint: give scheme, host and port, "
        f"as in {DEFAULT_ENDPOINT}"
    )


class Credential(NamedTuple):
    """The header and value that authorize a command; ``needed`` is the hint if it is refused."""

    header: str
    value: str
    needed: str


class _Answer(NamedTuple):
    status: int
    media_type: str
    body: bytes

    @property
    def succeeded(self) -> bool:
        return 200 <= self.status < 300

    def json_object(self) -> dict[str, Any] | None:
        """Return the body as a JSON object; None if it is something else."""
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None


class Streamed:
    """The answer of a success, whose body is read in pieces."""

    def __init__(
        self,
        response: HTTPResponse,
        reaching: Callable[[], contextlib.AbstractContextManager[None]],
        other_service: Callable[[int], RefusedError],
    ) -> None:
        self._response = response
        self._reaching = reaching
        self._other_service = other_service
        self.headers = response.headers

    def require(self, media_type: str) -> None:
        """Require the media type that the emulator's answer has.

        Raises:
            RefusedError: it has another one, so it is not the emulator's.
        """
        if self.headers.get_content_type() != media_type.partition(";")[0]:
            raise self._other_service(self._response.status)

    @property
    def size(self) -> int | None:
        """The length of the whole body in bytes, if the answer tells it."""
        length = self.headers.get("Content-Length", "")
        return int(length) if length.isdecimal() else None

    def pieces(self) -> Iterator[bytes]:
        """Read the body.

        Raises:
            UnreachableError: the connection breaks, or the body ends before its announced length.
        """
        left = self.size
        while True:
            with self._reaching():
                piece = self._response.read1(_BLOCK)
            if not piece:
                break
            if left is not None:
                left -= len(piece)
            yield piece
        if left:
            raise UnreachableError(f"the answer ends {left} bytes before the object does")

    def lines(self) -> Iterator[bytes]:
        """Read the body by lines, each as soon as it comes; return when the connection ends.

        Raises:
            UnreachableError: nothing has come for the client's ``timeout``.
        """
        with self._reaching(), contextlib.suppress(HTTPException, ConnectionError):
            while line := self._response.readline():
                yield line


def _pieces(content: bytes, note: Callable[[int], object]) -> Iterator[bytes]:
    for start in range(0, len(content), _BLOCK):
        piece = content[start : start + _BLOCK]
        yield piece
        note(len(piece))


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "an unknown status"


class Client:
    """Calls the emulator at ``endpoint`` with a credential."""

    def __init__(self, endpoint: Endpoint, credential: Credential) -> None:
        self._endpoint = endpoint
        self._credential = credential
        self.timeout: float = TIMEOUT_SECONDS
        """How long to wait for an answer, and for the next piece of it, in seconds."""

    @property
    def endpoint(self) -> str:
        """The URL that it calls."""
        return str(self._endpoint)

    def with_credential(self, credential: Credential) -> Client:
        """Return a client of the same emulator with another credential."""
        return Client(self._endpoint, credential)

    def call(
        self,
        method: str,
        path: str,
        document: object = None,
        *,
        answer: Mapping[str, type] | None = None,
        hints: Mapping[int, str] | None = None,
        note: Callable[[int], object] | None = None,
    ) -> dict[str, Any]:
        """Send a request; return the JSON object of the answer.

        Args:
            method: the method of the request.
            path: its target, percent-encoded.
            document: its body, if it has one; bytes are JSON already.
            answer: the members that the answer must have, and their types.
            hints: hints to add to the service's error message, by status.
            note: called with the length of each piece of a body of bytes that was sent.

        Raises:
            RefusedError: the service answers with an error, or its answer is not the emulator's.
            UnreachableError: it does not answer.
        """
        answered = self._send(method, path, document, note or (lambda _: None))
        if not answered.succeeded:
            raise self._refusal(answered, hints or {})
        found = answered.json_object()
        if found is None or not _has(found, answer or {}):
            raise self._other_service(answered.status)
        return found

    def entries(
        self, path: str, name: str, parameters: Mapping[str, str] | None = None
    ) -> list[dict[str, Any]]:
        """Return all entries of a list, from all its pages; ``name`` is the member that has them.

        Raises:
            RefusedError: see ``call``.
            UnreachableError: see ``call``.
        """
        entries: list[dict[str, Any]] = []
        query = dict(parameters or {})
        while True:
            target = f"{path}?{urlencode(query)}" if query else path
            page = self.call("GET", target, answer={name: list})
            entries += page[name]
            if "next_token" not in page:
                return entries
            query["next_token"] = str(page["next_token"])

    def role_names(self) -> Mapping[str, str]:
        """Return the names of the roles by id; none if the key may not list them."""
        with contextlib.suppress(RefusedError, UnreachableError):
            return {
                str(role.get("role_id")): str(role.get("role_name"))
                for role in self.entries("/roles", "roles")
            }
        return {}

    def _refusal(
        self, answered: _Answer, hints: Mapping[int, str], *, has_body: bool = True
    ) -> RefusedError:
        found = answered.json_object() if has_body else {"message": _phrase(answered.status)}
        if found is None or not _has(found, {"message": str}):
            return self._other_service(answered.status)
        code, message = answered.status, found["message"]
        hint = self._credential.needed if code in (401, 403) else hints.get(code)
        return RefusedError(
            f"refused with {code}: {self._without_credential(message)}"
            + (f"; {hint}" if hint else ""),
            code=code,
            lines=[self._without_credential(line) for line in message.split("\n")],
        )

    def _other_service(self, status: int) -> RefusedError:
        return ForeignAnswerError(
            f"the answer of {self._endpoint}, with status {status}, does not come from "
            f"this emulator: {_WHERE}",
            answered=status,
        )

    @contextlib.contextmanager
    def streamed(
        self,
        method: str,
        path: str,
        body: Iterable[bytes] | None = None,
        headers: Mapping[str, str | bytes] | None = None,
        *,
        hints: Mapping[int, str] | None = None,
    ) -> Iterator[Streamed]:
        """Send a request with a body in pieces; give the answer of a success, to be read in pieces.

        Without ``Content-Length`` among ``headers`` the body is sent in chunks.

        Raises:
            RefusedError: see ``call``.
            UnreachableError: see ``call``.
        """
        with self._opened(method, path, body, headers or {}) as response:
            if not 200 <= response.status < 300:
                with self._reaching():
                    media_type = response.headers.get_content_type()
                    answered = _Answer(response.status, media_type, response.read(_LONGEST_ERROR))
                raise self._refusal(answered, hints or {}, has_body=method != "HEAD")
            yield Streamed(response, self._reaching, self._other_service)

    def _send(
        self, method: str, path: str, document: object, note: Callable[[int], object]
    ) -> _Answer:
        headers = {}
        body: Iterable[bytes] | bytes | None = None
        if document is not None:
            headers["Content-Type"] = "application/json"
            content = document if isinstance(document, bytes) else json.dumps(document).encode()
            headers["Content-Length"] = str(len(content))
            body = _pieces(content, note) if len(content) > _BLOCK else content
        with self._opened(method, path, body, headers) as response, self._reaching():
            media_type = response.headers.get_content_type()
            return _Answer(response.status, media_type, response.read())

    @contextlib.contextmanager
    def _opened(
        self,
        method: str,
        path: str,
        body: Iterable[bytes] | bytes | None,
        headers: Mapping[str, str | bytes],
    ) -> Iterator[HTTPResponse]:
        """Send a request, and give its answer, with the body to be read."""
        connect = HTTPSConnection if self._endpoint.scheme == "https" else HTTPConnection
        connection = connect(
            self._endpoint.host, self._endpoint.port, timeout=self.timeout, blocksize=_BLOCK
        )
        given: Mapping[str, Any] = {self._credential.header: self._credential.value, **headers}
        with contextlib.closing(connection):
            with self._reaching():
                try:
                    connection.request(method, path, body, given)
                except (BrokenPipeError, ConnectionResetError):
                    if body is None:
                        raise  # Else it may have been refused before all of it was sent.
                response = connection.getresponse()
            yield response

    @contextlib.contextmanager
    def _reaching(self) -> Iterator[None]:
        """Say of an error of the connection in the block what is wrong, and what would be right."""
        try:
            yield
            return
        except TimeoutError:
            cause = f"no answer within {self.timeout:g} seconds"
        except ssl.SSLCertVerificationError as error:
            cause = (
                f"its certificate is not trusted ({error.verify_message}): set SSL_CERT_FILE, as "
                f"'{INVOCATION} env' prints it"
            )
        except OSError as error:
            cause = error.strerror or str(error)
            if self._endpoint.scheme == "https":
                cause += ", and without --tls an emulator's endpoint begins with http://"
        except HTTPException:
            cause = "the server there does not speak HTTP"
        cause = self._without_credential(cause)
        raise UnreachableError(f"cannot reach an emulator at {self._endpoint}: {cause}; {_WHERE}")

    def _without_credential(self, message: str) -> str:
        """Return ``message`` in one line without the credential, even if that is an invalid key."""
        if len(self._credential.value) >= _SHORTEST_KEY:
            message = message.replace(self._credential.value, "[redacted]")
        return one_line(message)


def _has(document: Mapping[str, Any], wanted: Mapping[str, type]) -> bool:
    return all(isinstance(document.get(name), kind) for name, kind in wanted.items())


def client_with_api_key(endpoint: str | None) -> Client:
    """Create a client for ``endpoint``, or else that of the environment, with the environment's
    API key.

    Raises:
        UsageError: there is no key, or it cannot be sent; or the endpoint is invalid.
    """
    where = _endpoint_of_user(endpoint)
    api_key = os.environ.get(KEY_VARIABLE, "").strip()
    if not api_key:
        raise UsageError(
            f"{KEY_VARIABLE} is not set: set it to an API key with auth_management permission, "
            "such as the one that the emulator prints when it starts"
        )
    _require_key(api_key)
    return Client(where, Credential("Authorization", api_key, _NEEDED))


def client_with_control_token(endpoint: str | None) -> Client:
    """Create a client for ``endpoint``, or else that of the environment, with the environment's
    control token, if set.

    Raises:
        UsageError: the token cannot be sent, or the endpoint is invalid.
    """
    where = _endpoint_of_user(endpoint)
    token = os.environ.get(TOKEN_VARIABLE, "").strip()
    if not (token.isascii() and token.isprintable()):
        raise UsageError(f"{TOKEN_VARIABLE} has a character that no control token has")
    needed = f"{TOKEN_VARIABLE} must be the emulator's --control-token"
    return Client(where, Credential(CONTROL_TOKEN, token, needed))


_NEEDED_FOR_OBJECTS = (
    f"{KEY_VARIABLE} must be a key of this emulator whose role permits this; without it, the "
    "command acts past roles and limits"
)


def with_api_key_if_set(client: Client) -> Client | None:
    """Return a client of the same emulator with the environment's API key; None if there is none.

    Raises:
        UsageError: the key cannot be sent.
    """
    api_key = os.environ.get(KEY_VARIABLE, "").strip()
    if not api_key:
        return None
    _require_key(api_key)
    return client.with_credential(Credential("Authorization", api_key, _NEEDED_FOR_OBJECTS))


def _require_key(api_key: str) -> None:
    if not (api_key.isascii() and api_key.isprintable()):
        raise UsageError(f"{KEY_VARIABLE} has a character that no API key has: copy it again")


def _endpoint_of_user(endpoint: str | None) -> Endpoint:
    if endpoint is not None:
        return parse_endpoint(endpoint, "--endpoint")
    return parse_endpoint(os.environ.get(ENDPOINT_VARIABLE) or DEFAULT_ENDPOINT, ENDPOINT_VARIABLE)
