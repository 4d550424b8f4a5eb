"""The table of hints: each with its id, its sentence, where it stands, and when it comes (D165).

A rule is a pure function of what was recorded. It says yes only if the emulator did something that
the sender may not have expected: a request that was refused for another reason leans on nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from emulator.control.hints.hint import Hint
from emulator.control.hints.history import CREATIONS
from emulator.control.hints.seen import Seen
from emulator.core.headers import METADATA_PREFIX, PERSISTENCE, READ_CONCERN, TAG_PREFIX
from emulator.core.outcome import Outcome
from emulator.core.revisions import Feature, Revision, first_with
from emulator.core.routes import parameters
from emulator.service.metadata import BLOCKED_NAMES, BLOCKED_PREFIXES
from emulator.service.persistence import DURABLE, EPHEMERAL, MAX_EPHEMERAL_SECONDS

CLOSE_SECONDS = 600
"""A key that expires sooner than this is close to its expiry (D166)."""

_CDN_AGENTS = ("cloudfront", "akamai", "fastly", "cloudflare", "google-cloud-cdn", "azure")
"""What the ``User-Agent`` of a CDN has in it."""

_PLAYLIST_TYPES = (
    "application/vnd.apple.mpegurl",
    "application/x-mpegurl",
    "audio/mpegurl",
    "audio/x-mpegurl",
    "application/dash+xml",
)
_PLAYLIST_ENDS = (".m3u8", ".mpd")

_PLAIN_ENCODINGS = ("", "identity")

_NOT_KEPT = ("content-type", "cache-control", "content-disposition", "content-language")
"""Headers that other object stores keep with the object."""

_TYPES_OF_CLIENTS = (
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    "text/plain",
)
"""What libraries declare a body as if nobody says it."""

_TAG, _METADATA = TAG_PREFIX.encode(), METADATA_PREFIX.encode()


class Rule(NamedTuple):
    """When a hint comes.

    ``source`` is the decision of ``docs/fidelity.md``, or the section of the reference, that says
    what happens. The hint exists in revisions that have the feature ``has`` and not ``lacks``.
    ``operations`` are those that can have it; none for any request.
    """

    id: str
    text: str
    source: str
    comes: Callable[[Seen], bool]
    operations: tuple[str, ...] = ()
    has: Feature | None = None
    lacks: Feature | None = None

    @property
    def hint(self) -> Hint:
        """The hint itself."""
        return Hint(self.id, self.text)

    def exists_in(self, revision: Revision) -> bool:
        """Whether the hint can come in a revision."""
        return (self.has is None or revision.has(self.has)) and not (
            self.lacks is not None and revision.has(self.lacks)
        )


def rules_of(revision: Revision) -> list[Rule]:
    """The hints that exist in a revision."""
    return [rule for rule in TABLE if rule.exists_in(revision)]


def _range(seen: Seen) -> bool:
    return seen.is_success and b"range" in seen.headers


def _if_none_match(seen: Seen) -> bool:
    return seen.is_success and b"if-none-match" in seen.headers


def _if_modified_since(seen: Seen) -> bool:
    return seen.is_success and b"if-modified-since" in seen.headers


def _delete(seen: Seen) -> bool:
    exchange = seen.exchange
    return exchange.method == "DELETE" and seen.status == 405 and bool(seen.operation.key)


def _tags(seen: Seen) -> bool:
    return seen.is_success and any(name.startswith(_TAG) for name in seen.headers)


def _persistence(seen: Seen) -> bool:
    values = seen.values(PERSISTENCE.encode())
    return seen.is_success and bool(values) and values != [DURABLE.encode()]


def _read_concern(seen: Seen) -> bool:
    values = seen.values(READ_CONCERN.encode())
    return seen.status in (200, 404) and bool(values) and values != [b"balanced"]


def _bearer(seen: Seen) -> bool:
    return seen.status == 401 and seen.authorization[:7].lower() == "bearer "


def _key_expiry(seen: Seen) -> bool:
    if seen.operation.key_id is None or seen.status == 401:
        return False
    seconds = seen.seconds_to_expiry
    return seconds is not None and 0 < seconds < CLOSE_SECONDS


def _blocked(seen: Seen) -> bool:
    names = [name.decode("latin-1") for name in seen.headers if name.startswith(_METADATA)]
    metadata = [name.removeprefix(METADATA_PREFIX) for name in names]
    return seen.is_success and any(
        name in BLOCKED_NAMES or name.startswith(BLOCKED_PREFIXES) for name in metadata
    )


def _content_encoding(seen: Seen) -> bool:
    is_encoded = seen.text(b"content-encoding") not in _PLAIN_ENCODINGS
    return seen.is_success and is_encoded and _METADATA + b"content-encoding" not in seen.headers


def _put_header(seen: Seen) -> bool:
    if not seen.is_success:
        return False
    meant = (name for name in _NOT_KEPT if seen.values(name.encode()))
    return any(
        _METADATA + name.encode() not in seen.headers
        for name in meant
        if name != "content-type"
        or seen.text(b"content-type").partition(";")[0].strip() not in _TYPES_OF_CLIENTS
    )


def _query(seen: Seen) -> bool:
    query = seen.exchange.target.partition("?")[2]
    return seen.is_success and any(name != "ttl_seconds" for name, _ in parameters(query))


def _playlist(seen: Seen) -> bool:
    agent = seen.text(b"user-agent")
    if not seen.is_success or not any(each in agent for each in _CDN_AGENTS):
        return False
    kind = (seen.answered("content-type") or "").partition(";")[0].strip().lower()
    is_playlist = kind in _PLAYLIST_TYPES or seen.operation.key.lower().endswith(_PLAYLIST_ENDS)
    return is_playlist and seen.answered("cache-control") is None


def _ephemeral_ttl(seen: Seen) -> bool:
    if not seen.is_success or seen.operation.persistence != EPHEMERAL:
        return False
    asked = seen.ttl_seconds
    return asked is not None and asked > MAX_EPHEMERAL_SECONDS


def _limits(seen: Seen) -> bool:
    store, size = seen.operation.configured, seen.operation.size
    if seen.setting.enforces_limits or not seen.is_success or store is None or size is None:
        return False
    is_put = seen.operation.name == "PutObject"
    limits = store.limits
    return size > (limits.write_bytes_per_second if is_put else limits.read_bytes_per_second)


def _too_large(seen: Seen) -> bool:
    most, size = seen.setting.cache_max_object_bytes, seen.operation.size
    was_read = seen.is_success and seen.operation.outcome is Outcome.STORAGE_HIT
    return was_read and size is not None and size > most


def _retry(seen: Seen) -> bool:
    return seen.past.is_retry


def _created_again(seen: Seen) -> bool:
    return seen.status == 200 and seen.past.creation >= CREATIONS


def _during_put(seen: Seen) -> bool:
    return any(put.status is None or put.status < 400 for put in seen.past.puts)


_GET, _PUT = ("GetObject",), ("PutObject",)

TABLE: tuple[Rule, ...] = (
    Rule(
        "range-ignored",
        "Range has no effect: the answer is the whole object with 200, never a part with 206.",
        "D27",
        _range,
        _GET,
    ),
    Rule(
        "if-none-match-ignored",
        "If-None-Match has no effect: a Get is never 304, and a Put replaces what is there.",
        "D27",
        _if_none_match,
        _GET + _PUT,
    ),
    Rule(
        "if-modified-since-ignored",
        "If-Modified-Since has no effect: the answer is the whole object, never 304.",
        "D27",
        _if_modified_since,
        _GET,
    ),
    Rule(
        "delete-not-allowed",
        "This revision cannot delete an object: DELETE is 405 before revision "
        f"{first_with(Feature.DELETE_OBJECT)}, which has Delete Object.",
        "D16",
        _delete,
        ("",),
        lacks=Feature.DELETE_OBJECT,
    ),
    Rule(
        "mo-tag-ignored",
        "The object has no tags: mo-tag-* headers are ignored before revision "
        f"{first_with(Feature.TAGS)}, where they become S3 object tags.",
        "Put Object",
        _tags,
        _PUT,
        lacks=Feature.TAGS,
    ),
    Rule(
        "mo-persistence-ignored",
        "The object is durable: mo-persistence is ignored before revision "
        f"{first_with(Feature.EPHEMERAL_OBJECTS)}, where it decides whether an object is in S3.",
        "Put Object",
        _persistence,
        _PUT,
        lacks=Feature.EPHEMERAL_OBJECTS,
    ),
    Rule(
        "read-concern-ignored",
        "read-concern is ignored before revision "
        f"{first_with(Feature.READ_CONCERN)}, where it chooses the node that a Get reads.",
        "Get Object",
        _read_concern,
        _GET,
        lacks=Feature.READ_CONCERN,
    ),
    Rule(
        "bearer-refused",
        "Authorization must be the API key alone: with Bearer before it, the answer is 401.",
        "D03",
        _bearer,
    ),
    Rule(
        "metadata-blocked",
        "A mo-meta-* header has a blocked name: it is not stored, and the Put succeeds all the "
        "same.",
        "D10",
        _blocked,
        _PUT,
    ),
    Rule(
        "content-encoding-stored",
        "The body is stored as sent and Content-Encoding is not kept: without "
        "mo-meta-content-encoding, a Get returns encoded bytes that nothing names.",
        "D38",
        _content_encoding,
        _PUT,
    ),
    Rule(
        "put-header-ignored",
        "Content-Type, Cache-Control and their like on a Put are not kept: only "
        "mo-meta-content-type and other mo-meta-* headers come back with a Get.",
        "D09",
        _put_header,
        _PUT,
    ),
    Rule(
        "query-ignored",
        "A parameter in the query has no effect: a Put has ttl_seconds alone.",
        "Put Object",
        _query,
        _PUT,
    ),
    Rule(
        "playlist-without-cache-control",
        "A CDN got a playlist without Cache-Control, and chooses itself how long viewers see an "
        "old one: put it with mo-meta-cache-control.",
        "D09",
        _playlist,
        _GET,
    ),
    Rule(
        "ephemeral-ttl-cut",
        f"An ephemeral object lives {MAX_EPHEMERAL_SECONDS} seconds at most: the longer "
        "ttl_seconds was cut.",
        "Put Object",
        _ephemeral_ttl,
        _PUT,
        has=Feature.EPHEMERAL_OBJECTS,
    ),
    Rule(
        "key-close-to-expiry",
        f"The API key expires in less than {CLOSE_SECONDS // 60} minutes: from then on every "
        "request with it is 401.",
        "D166",
        _key_expiry,
    ),
    Rule(
        "limits-broken",
        "The body is larger than the store's limit of bytes a second, which --no-limits does not "
        "enforce: with limits, the operations after it are refused with 429 until time has paid it "
        "off.",
        "D26",
        _limits,
        _GET + _PUT,
        has=Feature.LIMITS,
    ),
    Rule(
        "too-large-for-cache",
        "The object is larger than the cache takes: every Get of it reads storage.",
        "D20",
        _too_large,
        _GET,
    ),
    Rule(
        "retry-without-pause",
        "The request repeats one that was refused with 429, without a pause: wait between tries, "
        "longer each time.",
        "D166",
        _retry,
    ),
    Rule(
        "store-created-again",
        "The store exists, and is created again before each request for its objects: once is "
        "enough.",
        "D166",
        _created_again,
        ("CreateOrUpdateObjectStore",),
    ),
    Rule(
        "get-during-put",
        "The Get came while a Put of the same object still ran: it gets what was there before or "
        "is there after, never the part that has arrived.",
        "D21",
        _during_put,
        _GET,
    ),
)
"""Every hint, in the order of the documentation."""

IDS = tuple(rule.id for rule in TABLE)
"""The id of every hint."""
