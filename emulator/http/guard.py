"""Guards the endpoints that take no API key (D56).

With a control token, whoever has it. Without one, whoever is on this machine: not through a browser
that shows somebody else's page, and not through a name that somebody else has pointed here.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection
from urllib.parse import urlsplit

from aiohttp import hdrs

from emulator.core.errors import ForbiddenError, UnauthorizedError
from emulator.core.headers import CONTROL_TOKEN
from emulator.core.loopback import is_loopback
from emulator.http.message import Request
from emulator.http.request import host_name

_CLOSED = (
    "This is open only where the emulator listens on loopback addresses alone, or was given "
    f"--control-token (MOMENTO_EMULATOR_CONTROL_TOKEN), which {CONTROL_TOKEN} then has to repeat"
)


class Guard:
    """Admits requests, or refuses them.

    Args:
        hosts: the addresses and names that the emulator was told to listen on.
        token: what a request has to show, or None.
        played: names that only its own proxy leads to.
    """

    def __init__(
        self, hosts: Collection[str], token: str | None, played: Collection[str] = ()
    ) -> None:
        self._hosts = frozenset(host.lower() for host in hosts)
        self._played = frozenset(played)
        self._is_local = all(map(is_loopback, self._hosts))
        self._token = token

    def admit(self, request: Request) -> None:
        """Let the request pass.

        Raises:
            UnauthorizedError: there is a control token, and the request does not show it.
            ForbiddenError: there is none, and the request may come from elsewhere.
        """
        if self._token is not None:
            self._require_token(request, self._token)
        elif not self._is_local:
            raise ForbiddenError(_CLOSED)
        else:
            self._require_this_machine(request)

    def admit_to_health(self, request: Request) -> bool:
        """Let a request for the health pass, and return whether it may see the causes of failures:
        whether ``admit`` would let it pass too (D125).

        Raises:
            ForbiddenError: the emulator listens on loopback, and the request may come from
                elsewhere, through a browser or a name.
        """
        try:
            self.admit(request)
        except (ForbiddenError, UnauthorizedError):
            if self._is_local:
                self._require_this_machine(request)
            return False
        return True

    def admit_to_console(self, request: Request) -> None:
        """Let a request for a file of the console pass, which needs no token: a page cannot send it
        when it is loaded, and the files hold no data (D155).

        Raises:
            ForbiddenError: the request may come from elsewhere, or nobody may use the control API.
        """
        if self._is_local:
            self._require_this_machine(request)
        elif self._token is None:
            raise ForbiddenError(_CLOSED)
        else:  # Who listens on other addresses may have any name.
            _require_own_page(request, request.headers.get(hdrs.HOST, ""))

    def _require_token(self, request: Request, token: str) -> None:
        shown = request.headers.getall(CONTROL_TOKEN, ())
        # A browser sends this header to another origin only after a preflight, which is refused.
        if len(shown) != 1 or not hmac.compare_digest(_octets(shown[0]), _octets(token)):
            raise UnauthorizedError(f"Send the emulator's control token in {CONTROL_TOKEN}")

    def _require_this_machine(self, request: Request) -> None:
        hosts = request.headers.getall(hdrs.HOST, ())
        if len(hosts) != 1:
            raise ForbiddenError("The request has no Host, or more than one")
        named = [hosts[0]]
        if not request.target.startswith("/"):  # In absolute form, which names a host too.
            named.append(urlsplit(request.target).netloc)
        if not all(map(self._is_own, named)):
            raise ForbiddenError(
                "The Host of the request is not an address or name of this emulator"
            )
        _require_own_page(request, hosts[0])

    def _is_own(self, host: str) -> bool:
        name = (host_name(host) or "").lower()
        return name in self._hosts or name in self._played or is_loopback(name)


def _require_own_page(request: Request, host: str) -> None:
    """Refuse what a browser sends for a page that is not at ``host``.

    Raises:
        ForbiddenError: it is.
    """
    for origin in request.headers.getall(hdrs.ORIGIN, ()):
        if origin.lower() != f"{request.peer.scheme}://{host.lower()}":
            raise ForbiddenError("The Origin of the request is not this emulator")
    # A page of another site can make its browser GET without an Origin, as for an image.
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        raise ForbiddenError("The request comes from a page that is not this emulator's")


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
