"""Long lists, a page at a time: what a page is asked for with, and the tokens that lead on.

A token says which entry was the last one of a page, by the number of the write that created it.
Entries that are added later have higher numbers, and those that go leave the numbers of the others
alone; so whoever follows the tokens sees every entry that is there all the time exactly once. The
signature keeps a token from being taken for that of another list or account (D43).
"""

from __future__ import annotations

import base64
import binascii
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
    """The query parameters of a list, as they came: every value of each."""

    limit: Sequence[str] = ()
    next_token: Sequence[str] = ()


class Pages:
    """The pages of one list of one account.

    Args:
        listing: what is listed, and how it is filtered.
        signing_secret: the account's.
    """

    def __init__(self, listing: str, signing_secret: str) -> None:
        self._listing = listing
        self._secret = signing_secret.encode()

    def take(
        self, entries: Sequence[tuple[int, _T]], request: PageRequest
    ) -> tuple[list[_T], str | None]:
        """A page of the entries, and a token for the next where more remain.

        ``entries`` are all of them with their positions, in ascending order.

        Raises:
            BadRequestError: the limit is no number from 1 to 100, or the token was not made for
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
            made_here = hmac.compare_digest(token, self._token(position))
        except (UnicodeEncodeError, binascii.Error):
            made_here = False
        if not made_here:
            raise BadRequestError(
                "Invalid next_token: only what a page of the same list has given is one"
            )
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
