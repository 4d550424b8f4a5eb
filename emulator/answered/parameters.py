"""Parameters of Get and Put Object by the answers of an endpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from emulator.core.answers import Answers
from emulator.core.errors import BadRequestError
from emulator.core.object_info import NOTHING
from emulator.core.revisions import Revision
from emulator.service.metadata import BLOCKED_NAMES, BLOCKED_PREFIXES, collected
from emulator.service.parameters import Parameters, PutParameters, SentParameters
from emulator.service.persistence import DURABLE, EPHEMERAL, parse_persistence
from emulator.service.read_concern import READ_CONCERNS
from emulator.service.tags import collect as collect_tags
from emulator.service.ttl import parse_ttl

NAMED_OF_FAMILIES = frozenset(
    {
        "access-control-allow-origin",
        "access-control-allow-credentials",
        "x-forwarded-for",
    }
)
"""The names that the documents give for families of blocked names, before "etc." (D10)."""

_GUESSED = frozenset({"forwarded", "set-cookie2"})

Sent = Iterable[tuple[str, str]]


class AnsweredParameters(Parameters):
    """Checks parameters by the answers D06, D10, D11 and D96."""

    def __init__(self, revision: Revision, answers: Answers) -> None:
        super().__init__(revision)
        self._ttl = _Ttl(answers)
        self._metadata = _Metadata(answers)
        self._ignores_persistence = answers.has("D96.persistence", "ignored")
        self._ignores_concern = answers.has("D96.read-concern", "ignored")

    def check_get(self, read_concern: Sequence[str]) -> None:
        if self._ignores_concern:
            read_concern = [each for each in read_concern if each in READ_CONCERNS]
        super().check_get(read_concern)

    def parse_put(self, sent: SentParameters) -> PutParameters:
        wanted = self._persistence(sent.persistence) if self.has_persistence else DURABLE
        return PutParameters(
            ttl_seconds=self._ttl.parse(sent.ttl_seconds),
            metadata=self._metadata.collect(sent.metadata),
            tags=collect_tags(sent.tags) if self._has_tags else NOTHING,
            ephemeral=wanted == EPHEMERAL,
        )

    def _persistence(self, values: Sequence[str]) -> str:
        if self._ignores_persistence:
            values = [each for each in values if each in (DURABLE, EPHEMERAL)]
        return parse_persistence(values)


class _Ttl:
    def __init__(self, answers: Answers) -> None:
        self._zero = answers["D06.zero"]
        self._ignores_malformed = answers.has("D06.malformed", "ignored")
        self._repeated = answers["D06.repeated"]
        maximum = answers["D06.maximum"]
        self._maximum = None if maximum == "none" else int(maximum)

    def parse(self, values: Sequence[str]) -> int | None:
        """Parse the TTL in seconds; None for an object that never expires.

        Raises:
            BadRequestError: the endpoint refuses it.
        """
        if len(values) > 1 and self._repeated != "refused":
            values = values[:1] if self._repeated == "first" else values[-1:]
        if len(values) == 1 and self._zero != "refused" and set(values[0]) == {"0"}:
            return 0 if self._zero == "expires now" else None
        try:
            seconds = parse_ttl(values)
        except BadRequestError:
            if self._ignores_malformed and len(values) == 1 and not values[0].isdecimal():
                return None
            raise
        if self._maximum is not None and seconds is not None and seconds > self._maximum:
            raise BadRequestError(f"Invalid ttl_seconds: it must be at most {self._maximum}")
        return seconds


class _Metadata:
    def __init__(self, answers: Answers) -> None:
        self._refuses_empty = answers.has("D11.empty", "refused")
        choose: dict[object, Callable[[Sent], Sent]] = {
            "joined": lambda sent: sent,
            "first": _first,
            "last": _last,
            "refused": _distinct,
        }
        self._choose = choose[answers["D11"]]
        self._names = BLOCKED_NAMES
        self._prefixes: tuple[str, ...] = BLOCKED_PREFIXES
        if answers.has("D10", "stored"):
            self._names, self._prefixes = (BLOCKED_NAMES - _GUESSED) | NAMED_OF_FAMILIES, ()

    def collect(self, headers: Sent) -> Mapping[str, str]:
        """Return the metadata of a Put, given its headers without their prefix.

        Raises:
            BadRequestError: the endpoint refuses it.
        """
        sent = list(headers)
        if self._refuses_empty and any(not name for name, _ in sent):
            raise BadRequestError("Invalid metadata name '': it is empty")
        return collected(self._choose(sent), self._names, self._prefixes)


def _last(sent: Sent) -> Sent:
    return list({name.lower(): (name, value) for name, value in sent}.values())


def _first(sent: Sent) -> Sent:
    return _last(reversed(list(sent)))


def _distinct(sent: Sent) -> Sent:
    distinct = list(_last(sent))
    if len(distinct) < len(list(sent)):
        raise BadRequestError("Invalid metadata: a name is given more than once")
    return distinct
