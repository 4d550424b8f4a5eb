"""Pages of a list: the parameters of a request for a page, and the tokens for the next page.

A token has the position of the last entry of a page: the number of the write that created it. New
entries get higher numbers, and removing entries does not change those of others. So a client that
follows the tokens sees every entry that exists all the time exactly once. The token is signed, so
that a token of another list or account is refused (D43).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from emulator.core.errors import BadRequestError

LARGEST_PAGE = 100

_T = TypeVar("_T")

_SIGNATURE_BYTES = 16
_POSITION_BYTES = 8


class PageRequest(NamedTuple):
    """The query parameters of a request for a list, unparsed: all values of each."""

    limit: Sequence[str] = ()
    next_token: Sequence[str] = ()


class Pages:
    """The pages of one list of one account.

    Args:
        listing: identifies the list and its filter.
        signing_secret: the account's signing secret.
    """

    def __init__(self, listing: str, signing_secret: str) -> None:
        self._listing = listing
        self._secret = signing_secret.encode()

    def take(
        self, entries: Sequence[tuple[int, _T]], request: PageRequest
    ) -> tuple[list[_T], str | None]:
        """Return a page of the entries, and a token for the next page, or None on the last one.

        ``entries`` is the whole list with positions, in ascending order.

        Raises:
            BadRequestError: the limit is not a number from 1 to 100, or the token is not one of
                this list.
        """
        limit = _limit(request.limit)
        token = _single(request.next_token, "next_token")
        rest = entries
        if token is not None:
            last = self._position(token)
            rest = [entry for entry in entries if entry[0] > last]
        page = rest[:limit]
        more = len(rest) > len(page)
        return [entry for _, entry in page], self._token(page[-1][0]) if more else None

    def _token(self, position: int) -> str:
        packed = position.to_bytes(_POSITION_BYTES, "big", signed=True)
        return base64.urlsafe_b64encode(packed + self._signature(packed)).decode()

    def _position(self, token: str) -> int:
        try:
            packed = base64.urlsafe_b64decode(token.encode("ascii"))[:_POSITION_BYTES]
            position = int.from_bytes(packed, "big", signed=True)
            is_ours = hmac.compare_digest(token, self._token(position))
        except ValueError:  # It is not ASCII, or not base64.
            is_ours = False
        if not is_ours:
            raise BadRequestError("Invalid next_token: it must be one from a page of the same list")
        return position

    def _signature(self, packed: bytes) -> bytes:
        message = self._listing.encode() + b"\0" + packed
        return hmac.digest(self._secret, message, hashlib.sha256)[:_SIGNATURE_BYTES]


def _limit(values: Sequence[str]) -> int:
    text = _single(values, "limit")
    if text is None:
        return LARGEST_PAGE
    if not re.fullmatch(r"[0-9]{1,9}", text) or not 1 <= int(text) <= LARGEST_PAGE:
        raise BadRequestError(f"Invalid limit: it must be a whole number from 1 to {LARGEST_PAGE}")
    return int(text)


def _single(values: Sequence[str], name: str) -> str | None:
    if len(values) > 1:
        raise BadRequestError(f"Invalid {name}: it is given more than once")
    return values[0] if values else None
