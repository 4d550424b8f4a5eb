"""Files with the answers of an endpoint: what ``--answers`` reads and a conformance run writes."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from emulator.core.answers import SWITCHES, Answer, Answers
from emulator.core.failures import ConfigurationError
from emulator.core.one_line import one_line
from emulator.core.revisions import REVISIONS

FORMAT = "momento-objectstore-answers"
VERSION = 1

_MEMBERS = ("format", "version", "endpoint", "revision", "answers", "not_switchable")


class NotSwitchable(NamedTuple):
    """A decision for which the endpoint differs, and that is no switch: what was ``seen``, what the
    emulator does (``ours``), and ``why`` it cannot do the same."""

    seen: str
    ours: str
    why: str


class AnswersFile(NamedTuple):
    """What was read from a file: the endpoint that it is of, and that endpoint's answers."""

    endpoint: str
    answers: Answers


def document(
    endpoint: str,
    revision: str,
    answers: Mapping[str, Answer],
    not_switchable: Mapping[str, NotSwitchable],
) -> dict[str, Any]:
    """Return the content of a file, to be written as JSON."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "endpoint": endpoint,
        "revision": revision,
        "answers": dict(answers),
        "not_switchable": {id: each._asdict() for id, each in not_switchable.items()},
    }


def read_answers(path: Path, revision: str) -> AnswersFile:
    """Read the file of ``--answers`` for an emulator of that revision.

    Raises:
        ConfigurationError: it cannot be read, has an unknown switch or answer, or is of another
            revision.
    """
    where = f"--answers: {path}"
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"--answers: cannot read {path}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise ConfigurationError(f"{where} is not JSON") from None
    return parse_answers(content, revision, where)


def parse_answers(content: object, revision: str, where: str) -> AnswersFile:
    """Parse the content of a file; ``where`` begins the messages of errors.

    Raises:
        ConfigurationError: as ``read_answers``.
    """
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        _refuse(where, f"has not the format of answers: its `format` must be {FORMAT!r}")
    if content.get("version") != VERSION or isinstance(content["version"], bool):
        _refuse(where, f"has a version that this emulator does not read: it reads {VERSION}")
    for name in content:
        if name not in _MEMBERS:
            _refuse(where, f"has an unknown member {name!r}: known are {', '.join(_MEMBERS)}")
    of = content.get("revision")
    if of not in (known := tuple(REVISIONS)):
        _refuse(
            where, f"has no revision that this emulator serves: it is one of {', '.join(known)}"
        )
    if of != revision:
        _refuse(
            where,
            f"has answers of revision {of}, and the emulator serves {revision}: "
            f"give --api-revision {of}",
        )
    given = content.get("answers")
    if not isinstance(given, dict):
        _refuse(where, 'has no answers: they are a JSON object, as in {"D03": "accepted"}')
    for id, answer in given.items():
        _check(where, id, answer)
    return AnswersFile(one_line(str(content.get("endpoint", "an endpoint"))), Answers(given))


def _check(where: str, id: str, answer: object) -> None:
    switch = SWITCHES.get(id)
    if switch is None:
        close = difflib.get_close_matches(id, SWITCHES, 1)
        hint = f"; did you mean {close[0]}?" if close else ""
        _refuse(where, f"has an answer for {id!r}, which is no switch{hint}")
    if not switch.answers.admits(answer):
        text = str(switch.answers).replace("`", "'")
        _refuse(where, f"has an answer for {id} that the emulator cannot give: it can be {text}")


def _refuse(where: str, reason: str) -> NoReturn:
    raise ConfigurationError(f"{where} {reason}")
