"""Switches: decisions (``docs/fidelity.md``) for which an emulator can behave as another endpoint.

A table of what each decides and which answers it can have. ``answers_file.py`` reads and writes the
files that have such answers; ``emulator/answered`` makes an emulator behave by them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from emulator.core.revisions import Feature

OURS = ""
"""The default of a message: the emulator's own, which may name what is wrong."""

CHECKS = ("key", "name", "permission", "store", "parameters")
"""The checks of a Put Object, in the emulator's order (D01)."""

Answer = str | int
"""An answer as a file has it: a word, a text, or a number."""


class Words:
    """One of some words."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def __str__(self) -> str:
        return ", ".join(f"`{word}`" for word in self.words)

    def admits(self, answer: object) -> bool:
        """Whether ``answer`` is one of these."""
        return answer in self.words


class Number:
    """A whole number, or a word that stands for none."""

    def __init__(self, least: int, most: int, word: str = "") -> None:
        self.least, self.most, self.word = least, most, word

    def __str__(self) -> str:
        other = f", or `{self.word}`" if self.word else ""
        return f"a whole number from {self.least} to {self.most}{other}"

    def admits(self, answer: object) -> bool:
        """Whether ``answer`` is one of these."""
        if isinstance(answer, str):
            return bool(self.word) and answer == self.word
        if not isinstance(answer, int) or isinstance(answer, bool):
            return False
        return self.least <= answer <= self.most


class Text:
    """A text of one line, of 1 to 1024 characters."""

    longest = 1024

    def __str__(self) -> str:
        return f"a line of 1 to {self.longest} characters"

    def admits(self, answer: object) -> bool:
        """Whether ``answer`` is such a text."""
        if not isinstance(answer, str):
            return False
        return 1 <= len(answer) <= self.longest and answer.isprintable()


class Order:
    """The checks of ``CHECKS`` in an order, ``key`` before ``permission``."""

    def __str__(self) -> str:
        return f"`{' '.join(CHECKS)}` in another order, `key` before `permission`"

    def admits(self, answer: object) -> bool:
        """Whether ``answer`` is such an order."""
        checks = answer.split(" ") if isinstance(answer, str) else []
        is_order = sorted(checks) == sorted(CHECKS)
        return is_order and checks.index("key") < checks.index("permission")


class Switch(NamedTuple):
    """A decision, or a part of one, that an answer of another endpoint replaces.

    ``id`` is that of the decision; of several of one decision each has a name behind it, as in
    ``D27.range``. It acts in revisions that have ``since`` and do not have ``until``.
    """

    id: str
    name: str
    default: Answer
    answers: Words | Number | Text | Order
    since: Feature | None = None
    until: Feature | None = None

    @property
    def decision(self) -> str:
        """The id of the decision in ``docs/fidelity.md``."""
        return self.id.partition(".")[0]


def _message(case: str, name: str) -> Switch:
    return Switch(f"D02.{case}", f"message: {name}", OURS, Text())


_TABLE: Sequence[Switch] = (
    Switch("D01", "order of the checks of a Put, Get or Delete", " ".join(CHECKS), Order()),
    _message("missing-key", "no `Authorization`"),
    _message("malformed-key", "an `Authorization` that is no key"),
    _message("unknown-key", "a key that is not known"),
    _message("expired-key", "a key that has expired"),
    _message("bearer", "`Bearer` before the key, where that is refused"),
    _message("permission", "an operation that the key's role does not allow"),
    _message("store-name", "a malformed store name"),
    _message("object-key", "a malformed object key"),
    _message("ttl", "a malformed `ttl_seconds`"),
    _message("metadata", "metadata that is not UTF-8 or has control characters"),
    _message("content-type", "a store's body that is not declared as JSON"),
    _message("syntax", "a store's body that is not JSON"),
    _message("member", "a store's body with a member missing"),
    _message("path", "an unknown path"),
    _message("method", "an unknown method"),
    Switch("D03", "`Authorization: Bearer <key>`", "refused", Words("refused", "accepted")),
    Switch("D04", "longest store name, in characters", 255, Number(32, 4096)),
    Switch("D05", "longest object key, in bytes", 1024, Number(32, 8192)),
    Switch(
        "D06.zero", "`ttl_seconds=0`", "refused", Words("refused", "never expires", "expires now")
    ),
    Switch("D06.malformed", "`ttl_seconds=abc`", "refused", Words("refused", "ignored")),
    Switch(
        "D06.repeated", "`ttl_seconds` given twice", "refused", Words("refused", "first", "last")
    ),
    Switch("D06.maximum", "longest `ttl_seconds`; above it 400", "none", Number(1, 10**18, "none")),
    Switch(
        "D09",
        "`Content-Type` of an object without `mo-meta-content-type`",
        "application/octet-stream",
        Words("application/octet-stream", "binary/octet-stream", "none", "that of the upload"),
    ),
    Switch(
        "D10",
        'names of the families that the documents end with "etc."',
        "blocked",
        Words("blocked", "stored"),
    ),
    Switch(
        "D11",
        "a metadata name given twice",
        "joined",
        Words("joined", "first", "last", "refused"),
    ),
    Switch("D11.empty", "metadata without a name", "ignored", Words("ignored", "refused")),
    Switch("D12", "unknown members of a store's JSON", "ignored", Words("ignored", "refused")),
    Switch(
        "D13.content-type",
        "a store's body that is not declared as JSON",
        "400",
        Words("400", "415", "accepted"),
    ),
    Switch("D13.syntax", "a store's body that is not JSON", "400", Words("400", "422")),
    Switch("D13.member", "a store's body with a member missing", "400", Words("400", "422")),
    Switch(
        "D15.objects",
        "the objects of a deleted store, read by a new one of its bucket and prefix",
        "kept",
        Words("kept", "removed"),
    ),
    Switch(
        "D15.cache",
        "an ephemeral object of a deleted store, read by a new one of its name",
        "removed",
        Words("removed", "kept"),
        since=Feature.EPHEMERAL_OBJECTS,
    ),
    Switch(
        "D16",
        "`DELETE` of an object in revision 2026-02-05",
        "not allowed",
        Words("not allowed", "404", "deletes"),
        until=Feature.DELETE_OBJECT,
    ),
    Switch("D17.object", "`HEAD` of an object", "as GET", Words("as GET", "404", "405")),
    Switch("D17.store", "`HEAD` of a store", "as GET", Words("as GET", "404", "405")),
    Switch("D22", "too large a body, by its `Content-Length`", "400", Words("400", "413")),
    Switch("D25.path", "an unknown path", "404", Words("404", "400", "403")),
    Switch("D25.method", "an unknown method", "405", Words("405", "404", "400")),
    Switch(
        "D26",
        "burst of a store's limits, in seconds of a limit",
        1,
        Number(1, 60),
        since=Feature.LIMITS,
    ),
    Switch("D27.range", "`Range`", "ignored", Words("ignored", "honoured")),
    Switch("D27.if-none-match", "`If-None-Match`", "ignored", Words("ignored", "honoured")),
    Switch("D27.if-modified-since", "`If-Modified-Since`", "ignored", Words("ignored", "honoured")),
    Switch("D27.etag", "`ETag` of an object", "none", Words("none", "sent")),
    Switch("D27.last-modified", "`Last-Modified` of an object", "none", Words("none", "sent")),
    Switch(
        "D28",
        "the cache of a store that gets another prefix",
        "empty",
        Words("empty", "kept"),
        until=Feature.IMMUTABLE_STORE_FIELDS,
    ),
    Switch(
        "D29",
        "caches of two stores over one bucket and prefix",
        "one each",
        Words("one each", "one"),
    ),
    Switch("D32", "an unknown path without a key", "as with one", Words("as with one", "401")),
    Switch(
        "D37",
        "body of the answer to the deletion of a store",
        "none",
        Words("none", "{}"),
        until=Feature.STORE_DELETION_204,
    ),
    Switch("D38", "`Content-Encoding` of an upload", "ignored", Words("ignored", "returned")),
    Switch("D40.401", "`code` of a 401 of the Auth APIs", "Unauthenticated", Text()),
    Switch("D40.409", "`code` of a 409 of the Auth APIs", "AlreadyExists", Text()),
    Switch("D40.412", "`code` of a 412 of the Auth APIs", "FailedPrecondition", Text()),
    Switch(
        "D41",
        "stores that are listed for a role whose rules name stores",
        "named",
        Words("named", "all"),
    ),
    Switch("D46", "a role that is replaced by one whose name is taken", "400", Words("400", "409")),
    Switch(
        "D54",
        "a body for the Auth APIs that is not declared as JSON",
        "400",
        Words("400", "415", "accepted"),
    ),
    Switch(
        "D96.persistence",
        "`mo-persistence` with an unknown word",
        "refused",
        Words("refused", "ignored"),
        since=Feature.EPHEMERAL_OBJECTS,
    ),
    Switch(
        "D96.read-concern",
        "`read-concern` with an unknown word",
        "refused",
        Words("refused", "ignored"),
        since=Feature.READ_CONCERN,
    ),
    Switch(
        "D99",
        "where limits are checked; after them if D01 does not have the parameters last",
        "before the parameters",
        Words("before the parameters", "after the parameters"),
        since=Feature.LIMITS,
    ),
    Switch(
        "D145",
        "burst of the limit of the Auth APIs, in seconds of the limit",
        1,
        Number(1, 10),
        since=Feature.AUTH_LIMIT,
    ),
    Switch("D167", "for how many seconds a revoked key still works", 0, Number(0, 3600)),
)

SWITCHES: Mapping[str, Switch] = {switch.id: switch for switch in _TABLE}
"""Every switch by its id."""


class Answers:
    """The answers of an endpoint; a switch without one has its default."""

    def __init__(self, given: Mapping[str, Answer]) -> None:
        self.given = given

    def __getitem__(self, id: str) -> Answer:
        """The answer for a switch. Raises KeyError if there is no such switch."""
        return self.given.get(id, SWITCHES[id].default)

    def has(self, id: str, answer: Answer) -> bool:
        """Whether this is the answer for a switch."""
        return self[id] == answer

    def number(self, id: str) -> int:
        """The answer for a switch that has a number. Raises ValueError if it has none."""
        return int(self[id])

    def different(self) -> list[str]:
        """The switches whose answer is not their default."""
        return [id for id, answer in self.given.items() if answer != SWITCHES[id].default]

    def changes(self, *prefixes: str) -> bool:
        """Whether a switch whose id begins so has another answer than its default."""
        return any(id.startswith(prefixes) for id in self.different())
