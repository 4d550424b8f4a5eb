"""``revisions``: show the changes between two revisions, and the recorded calls they affect."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from emulator.commands.errors import CommandError
from emulator.commands.files import STREAM, read_bytes
from emulator.commands.output import counted, one_line, print_json
from emulator.commands.parser import INVOCATION, Parser, of_lone_command
from emulator.config.values import revision as revision_named
from emulator.core.revisions import (
    FIRST,
    LATEST_NAME,
    REVISIONS,
    Revision,
    Row,
    latest,
    rows_between,
)

if TYPE_CHECKING:
    from emulator.revision_differences.comparison import Comparison, Difference, MoreHeaders

NAME = "revisions"

_JOURNAL = "--journal"
_COLUMNS = 100

_EPILOG = f"""\
examples:
  {INVOCATION} {NAME}
      every change since the first revision
  {INVOCATION} journal export | {INVOCATION} {NAME} {_JOURNAL} {STREAM}
      which requests of a run the latest revision would answer differently
  {INVOCATION} {NAME} {LATEST_NAME} {FIRST.date} {_JOURNAL} requests.har
      the same in the opposite direction

With a journal, FROM is the revision under which it was recorded. The answers are predicted from the
journal alone; the command calls no emulator. A journal has no bodies, so it assumes the default
limits for every store.

exit status: 0 with or without differences, 1 when the file is not a journal, 2 when the command
itself is wrong.
"""


class _Parser(Parser):
    def hint_for_option(self, flag: str) -> str:
        if flag == "--endpoint":
            return f"{NAME} calls no emulator; give a file with {_JOURNAL}; "
        return super().hint_for_option(flag)


def run(words: Sequence[str]) -> None:
    """Run the command with these arguments.

    Raises:
        CommandError: the command failed.
    """
    arguments = parser().parse(words)
    before, after = REVISIONS[arguments.before], REVISIONS[arguments.after]
    rows = rows_between(before, after)
    found = None if arguments.journal is None else _compared(arguments.journal, before, after)
    if arguments.json:
        print_json(_document(before, after, rows, found))
    elif found is None:
        print("\n".join(_changes(before, after, rows)))
    else:
        print("\n".join(_comparison(before, after, found)))


def parser() -> Parser:
    """Return the parser of the arguments."""
    made = _Parser(**of_lone_command(NAME, _EPILOG))
    known = ", ".join(REVISIONS)
    made.add_argument(
        "before",
        nargs="?",
        type=_revision,
        default=FIRST.date,
        metavar="FROM",
        help=f"a revision, one of {known} and {LATEST_NAME} (default: {FIRST.date})",
    )
    made.add_argument(
        "after",
        nargs="?",
        type=_revision,
        default=latest().date,
        metavar="TO",
        help=f"the revision to compare it with, newer or older (default: {latest().date})",
    )
    made.add_argument(
        _JOURNAL,
        metavar="FILE",
        help=f"file that 'journal export' wrote under FROM, in any format, or {STREAM} for stdin",
    )
    made.add_argument("--json", action="store_true", help="print a JSON document, for scripts")
    return made


def _revision(text: str) -> str:
    try:
        return revision_named(text)
    except ValueError as error:
        hint = "" if text[:1].isdigit() else f"; give a journal with {_JOURNAL}"
        raise argparse.ArgumentTypeError(f"{error}{hint}") from None


def _compared(file: str, before: Revision, after: Revision) -> Comparison:
    from emulator.revision_differences.comparison import compare
    from emulator.revision_differences.journal_file import JournalFileError, read_journal

    content = read_bytes(file, _JOURNAL)
    try:
        calls = read_journal(content)
    except JournalFileError as error:
        name = "stdin" if file == STREAM else repr(file)
        raise CommandError(
            f"{_JOURNAL}: {name} is not a journal: {error}; 'journal export' writes one"
        ) from None
    return compare(calls, before, after)


def _changes(before: Revision, after: Revision, rows: Sequence[Row]) -> Iterator[str]:
    if not rows:
        yield f"No change: both revisions are {before.date}."
        return
    forward = before.date < after.date
    way = f"{before.date} to {after.date}" if forward else f"{before.date} back to {after.date}"
    yield f"{counted(len(rows), 'change')} from {way}:"
    for row in rows:
        yield ""
        yield f"{row.since}  {row.feature.value}"
        sides = [("before", row.before), ("since", row.after)]
        for when, what in sides if forward else sides[::-1]:
            yield from _wrapped(f"  {when:8}  ", what)


def _comparison(before: Revision, after: Revision, found: Comparison) -> Iterator[str]:
    calls = f"{counted(found.calls, 'call')} recorded under {before.date}"
    differ = len(found.differences)
    if not differ:
        yield f"Of {calls}, none would have a different answer under {after.date}."
    else:
        yield f"Of {calls}, {differ} would have a different answer under {after.date}:"
    for difference in found.differences:
        yield from _difference(difference)
    notes = [*map(_headers, found.headers), *_remarks(found, before)]
    if notes:
        yield ""
        for note in notes:
            yield from _wrapped("", note)


def _difference(difference: Difference) -> Iterator[str]:
    call = difference.call
    asked = f"{call.method} {call.target}"
    if call.operation is not None:
        asked = f"{call.operation} ({asked})"
    yield one_line(f"#{call.number} {asked}: {call.status} {_would_be(difference)}")
    for reason in difference.reasons:
        yield from _wrapped("      ", f"{reason.feature.value}: {one_line(reason.text)}")


def _would_be(difference: Difference) -> str:
    if difference.statuses == (difference.call.status,):
        return "as before"
    *others, last = map(str, difference.statuses)
    return f"-> {', '.join(others)} or {last}" if others else f"-> {last}"


def _headers(more: MoreHeaders) -> str:
    verb = "gain" if more.gained else "lose"
    verb += "s" if more.answers == 1 else ""
    return f"{counted(more.answers, 'answer')} {verb} {more.named}."


def _remarks(found: Comparison, before: Revision) -> Iterator[str]:
    if found.unanswered:
        yield f"Ignored {counted(found.unanswered, 'call')} without an answer."
    if found.contradicting:
        yield (
            f"{counted(found.contradicting, 'answer')} cannot be from {before.date}, judging by "
            "the mo-request-id header: was the journal recorded under it?"
        )
    if found.unseen and found.calls:
        names = ", ".join(feature.value for feature, _ in found.unseen)
        yield f"A journal does not show the effect of: {names}."


def _wrapped(indent: str, text: str) -> list[str]:
    return textwrap.wrap(
        text,
        _COLUMNS,
        initial_indent=indent,
        subsequent_indent=" " * len(indent),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _document(
    before: Revision, after: Revision, rows: Sequence[Row], found: Comparison | None
) -> dict[str, Any]:
    changes = [
        {
            "feature": row.feature.name,
            "name": row.feature.value,
            "since": row.since,
            "gained": after.has(row.feature),
            "before": row.before,
            "after": row.after,
        }
        for row in rows
    ]
    document: dict[str, Any] = {"from": before.date, "to": after.date, "changes": changes}
    if found is None:
        return document
    return {
        **document,
        "calls": found.calls,
        "unanswered": found.unanswered,
        "contradicting": found.contradicting,
        "differences": [_difference_document(difference) for difference in found.differences],
        "headers": [
            {
                "feature": more.feature.name,
                "headers": more.named,
                "answers": more.answers,
                "gained": more.gained,
            }
            for more in found.headers
        ],
        "unseen": [{"feature": feature.name, "why": why} for feature, why in found.unseen],
    }


def _difference_document(difference: Difference) -> dict[str, Any]:
    call = difference.call
    return {
        "number": call.number,
        "operation": call.operation,
        "method": call.method,
        "target": call.target,
        "status": call.status,
        "statuses": list(difference.statuses),
        "reasons": [
            {"feature": reason.feature.name, "text": reason.text} for reason in difference.reasons
        ],
    }
