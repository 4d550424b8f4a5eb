"""Reports of runs that never were, made by what makes those of real ones."""

from __future__ import annotations

from typing import Any

from emulator.conformance.outcome import (
    FAILED,
    HELD,
    NOT_SHOWN,
    Failure,
    Findings,
    Given,
    Outcome,
)
from emulator.conformance.results import About, Asked, document
from emulator.conformance.statements.statement import FIRST, SECOND, Statement

REFERENCE = "HTTP API reference of 2026-02-05"

STATEMENTS = (
    Statement("HTTP-PUT-01", "A Put answers 204.", f"{REFERENCE}, Put Object: Success"),
    Statement("HTTP-PUT-02", "An expired key answers 401.", f"{REFERENCE}, Put Object: Error"),
    Statement("HTTP-GET-01", "A hit answers 200.", f"{REFERENCE}, Get Object: Hit"),
    Statement("HTTP-GET-02", "A miss answers 404.", f"{REFERENCE}, Get Object: Miss"),
    Statement("KEYS-LIFE-01", "A key is shown once.", "Momento API keys, Key lifecycle"),
    Statement("OS12-LOG-01", "An entry has a size.", "objectstore-2026-08-12.md, Log", (SECOND,)),
)

SEEN = (
    "PUT /objectstore/conformance/a?ttl_seconds=60 -> 500",
    "> content-type: text/plain",
    '< {"message":"Out of order"}',
)


def findings(
    *, failed: tuple[str, ...] = ("HTTP-PUT-02",), why: str = "expected 401, got 500"
) -> Findings:
    """Return what a run found out: these statements failed, one was not shown, the rest hold."""
    found = Findings()
    for statement in STATEMENTS:
        status = FAILED if statement.id in failed else HELD
        if status == HELD and statement.id == "KEYS-LIFE-01":
            status = NOT_SHOWN
        reason = {FAILED: why, NOT_SHOWN: "It needs another key."}.get(status, "")
        found.cases[f"test_{statement.id}"] = Outcome(
            status, (statement.id,), reason, () if status == NOT_SHOWN else SEEN
        )
    found.questions["D03"] = Given("401", ("GET /objectstore -> 401",))
    found.questions["D17"] = Given("405", ("HEAD /objectstore/conformance/a -> 405",))
    found.variants["GetObject"] = (1200, [])
    found.variants["PutObject"] = (
        800,
        [Failure("PutObject", "PUT /objectstore/a/%00", "500 is not one of 204, 400", SEEN)],
    )
    return found


ASKED = (
    Asked("D03", "What does Authorization: Bearer KEY answer?", "chosen", "401", ""),
    Asked("D17", "What does HEAD answer?", "inferred", "as GET, without the body", ""),
    Asked(
        "D91", "When is the disk failing?", "chosen", "when it is full", "It is not seen outside."
    ),
)


def report(
    found: Findings | None = None,
    *,
    endpoint: str = "https://api.cache.cell-1.example",
    revision: str = FIRST,
    complete: bool = True,
    statements: tuple[Statement, ...] = STATEMENTS,
    asked: tuple[Asked, ...] = ASKED,
) -> dict[str, Any]:
    """Return the report of a run; by default a statement, a variant and a question differ."""
    about = About(endpoint, revision, "2026-11-30T17:05:09.123456Z", complete)
    return document(about, statements, asked, findings() if found is None else found)


def perfect() -> dict[str, Any]:
    """Return the report of a run in which all that was shown holds."""
    found = findings(failed=())
    found.variants["PutObject"] = (800, [])
    found.questions["D17"] = Given(ASKED[1].ours)
    return report(found)


MARKUP = (
    "<img src=x onerror=pwned()>",
    "<script>pwned()</script>",
    "</script><script>pwned()</script>",
    '"><svg onload=pwned()>',
    "' onfocus='pwned()' autofocus='",
    "]]><!-- --> &amp; &lt;b&gt;",
    "``` | `` ~~~ </details> @somebody ![x](https://example.com/x.png)",
    "\x00\x08\x1b[31m\x85\u2028\u202egnp\ufffe\ud800",
)


def hostile() -> dict[str, Any]:
    """Return the report of an endpoint that would like to script the page with its answers."""
    text = "\n".join(MARKUP)
    found = Findings()
    statements = [Statement(f"X-{text}", text, f"{text}, {text}"), *STATEMENTS]
    for statement in statements:
        found.cases[statement.id] = Outcome(FAILED, (statement.id,), text, MARKUP)
    for each in ASKED[:2]:
        found.questions[each.id] = Given(text, MARKUP)
    found.variants[text] = (9, [Failure(text, text, text, MARKUP)])
    asked = [*ASKED, Asked(text, text, "chosen", text, text)]
    return report(
        found, endpoint=text, revision=FIRST, statements=tuple(statements), asked=tuple(asked)
    )
