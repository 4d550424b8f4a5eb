"""``revisions``: what changed, and what it means for a run that was recorded.

Predictions for a run are compared with the answers of an emulator of the other revision to the same
requests.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator import Emulator
from emulator.core.revisions import FEATURES, FIRST, REVISIONS, Feature, latest
from emulator.revision_differences.comparison import compare
from emulator.revision_differences.feature_rules import FEATURE_RULES
from emulator.revision_differences.journal_file import read_journal
from tests.suites import examples
from tests.support.command_line import Run

from .recorded_runs import (
    STORE,
    Ask,
    both_revisions,
    create,
    delete,
    get,
    limits_of_gets,
    put,
    statuses,
)

OLDER, NEWER = FIRST.date, latest().date
WAYS = [(OLDER, NEWER), (NEWER, OLDER)]


@pytest.fixture(scope="module")
def emulators() -> Iterator[dict[str, Emulator]]:
    with both_revisions() as found:
        yield found


def predicted(calls: Any, before: str, after: str) -> list[tuple[int, ...]]:
    """The statuses that each call could have."""
    found = {
        difference.call.number: difference.statuses
        for difference in compare(calls, REVISIONS[before], REVISIONS[after]).differences
    }
    return [found.get(each.number, (each.status,)) for each in calls]


def test_all_that_changed_is_told_by_date(run: Run) -> None:
    first, *lines = run("revisions").lines
    assert first == f"{len(FEATURES)} changes from {OLDER} to {NEWER}:"
    text = "\n".join(lines)
    flat = " ".join(text.split())
    for row in FEATURES:
        assert f"{row.since} {row.feature.value} before {row.before} since {row.after}" in flat
    assert re.findall("^[0-9-]{10}", text, re.MULTILINE) == [row.since for row in FEATURES]
    assert max(map(len, lines)) <= 100


def test_what_changed_is_told_backwards_from_the_later_revision(run: Run) -> None:
    first, *lines = run("revisions", "latest", OLDER).lines
    assert first == f"{len(FEATURES)} changes from {NEWER} back to {OLDER}:"
    flat = " ".join(" ".join(lines).split())
    for row in FEATURES:
        assert f"{row.since} {row.feature.value} since {row.after} before {row.before}" in flat
    dates = [line[:10] for line in lines if re.match("[0-9]", line)]
    assert dates == sorted(dates, reverse=True)


def test_nothing_changes_from_a_revision_to_itself(run: Run) -> None:
    assert run("revisions", NEWER).lines == [f"No change: both revisions are {NEWER}."]
    assert run("revisions", OLDER, OLDER).lines == [f"No change: both revisions are {OLDER}."]
    assert run("revisions", "latest", "--json").json() == {
        "from": NEWER,
        "to": NEWER,
        "changes": [],
    }


def test_scripts_get_a_document(run: Run) -> None:
    document = run("revisions", "--json").json()
    assert (document["from"], document["to"]) == (OLDER, NEWER)
    assert [change["feature"] for change in document["changes"]] == [
        row.feature.name for row in FEATURES
    ]
    assert document["changes"][0] == {
        "feature": "ACCESS_LOGS",
        "name": "access logs",
        "since": "2026-02-12",
        "gained": True,
        "before": FEATURES[0].before,
        "after": FEATURES[0].after,
    }
    back = run("revisions", NEWER, OLDER, "--json").json()
    assert {change["gained"] for change in back["changes"]} == {False}


ONE_OF_EACH = [
    create(),
    Ask("GET", STORE),
    create(),
    create(bucket="another"),
    create(),
    put("a"),
    get("a"),
    put("a", b"2"),
    delete("a"),
    get("a"),
    put("a"),
    delete("a", role=None),
    delete("a%zz"),
    Ask("DELETE", "/objectstore/nowhere/a"),
    get("none"),
    Ask("GET", "/objectstore/nowhere/a"),
    Ask("OPTIONS", f"{STORE}/a", role=None),
    Ask("POST", f"{STORE}/a"),
    Ask("GET", "/endpoints"),
    Ask("HEAD", "/endpoints"),
    Ask("POST", "/endpoints"),
    Ask("GET", "/endpoints", role=None),
    put("tagged", headers={"mo-tag-a": "b", "mo-tag-c": "d"}),
    get("tagged"),
    put("tagged", b"other", headers={"mo-tag-a|b": "c"}),
    put("tagged", headers={"mo-tag-a": "a;b"}),
    put("tagged", headers={f"mo-tag-{number}": "x" for number in range(11)}),
    put("badly", headers={"mo-tag-a": "a;b", "mo-meta-a": "x"}),
    get("badly"),
    put("tagged", headers={"mo-persistence": "forever"}),
    put("tagged?ttl_seconds=0", headers={"mo-persistence": "forever"}),
    put("brief", headers={"mo-persistence": "durable"}),
    put("brief", headers={"mo-persistence": "ephemeral"}),
    put("brief2?ttl_seconds=3600", headers={"mo-persistence": "ephemeral", "mo-tag-a": "b"}),
    put("brief3?ttl_seconds=5", headers={"mo-persistence": "ephemeral"}),
    put("huge", bytes(8 * 1024**2 + 1), headers={"mo-persistence": "ephemeral"}),
    get("brief3", after=4),
    get("brief3", after=1),
    get("brief", headers={"read-concern": "consistent"}),
    get("brief", headers={"read-concern": "quorum"}),
    get("none", headers={"read-concern": "quorum"}),
    Ask("HEAD", f"{STORE}/brief", {"read-concern": ""}),
    get("brief2", after=594),
    get("brief2", after=1),
    get("brief"),
    put("a", role="viewer", headers={"mo-tag-a|b": "c"}),
    put("a", role=None),
    *[get("a") for _ in range(120)],
    get("a", after=0.05),
    *[put("b", bytes(400_000), after=1 if not number else 0) for number in range(5)],
    delete("b"),
    *[get("b", after=3 if not number else 0) for number in range(5)],
    Ask("DELETE", STORE),
    Ask("DELETE", STORE),
    get("a"),
    *[Ask("POST", "/roles", role="viewer") for _ in range(6)],
    *[Ask("GET", "/api-keys") for _ in range(7)],
    Ask("DELETE", "/roles/none", after=0.2),
    Ask("PATCH", "/roles/none"),
    Ask("GET", "/roles"),
    Ask("GET", "/roles", role=None),
]
"""Of everything that revisions differ in, and a journal shows."""


@pytest.mark.parametrize(("before", "after"), WAYS)
@pytest.mark.parametrize("form", ["jsonl", "har", "document"])
def test_predictions_for_one_call_of_each_kind_come_true(
    run: Run,
    emulators: dict[str, Emulator],
    before: str,
    after: str,
    form: str,
    tmp_path: Path,
) -> None:
    recorded = statuses(emulators[before], ONE_OF_EACH)
    journal = emulators[before].journal
    documents = {
        "jsonl": journal.to_json_lines(),
        "har": json.dumps(journal.to_har()),
        "document": json.dumps({"calls": [call.document() for call in journal]}, indent=1),
    }
    (tmp_path / "run").write_text(documents[form])
    document = run("revisions", before, after, "--journal", "run", "--json").json()
    assert document["calls"] == len(ONE_OF_EACH)
    assert document["unanswered"] == document["contradicting"] == 0
    told = {each["number"]: each["statuses"] for each in document["differences"]}
    assert all(each["status"] == recorded[each["number"] - 1] for each in document["differences"])

    really = statuses(emulators[after], ONE_OF_EACH)
    for number, (ask, was, now) in enumerate(
        zip(ONE_OF_EACH, recorded, really, strict=True), start=1
    ):
        assert now in told.get(number, [was]), (number, ask.method, ask.path, was, told.get(number))
    only = {number: found for number, found in told.items() if len(found) > 1}
    assert len(only) < len(told) / 4, only
    shown = {reason["feature"] for each in document["differences"] for reason in each["reasons"]}
    has_effect = {feature.name for feature in Feature if FEATURE_RULES[feature].effect is not None}
    seen_backwards = {feature.name for feature in Feature if FEATURE_RULES[feature].unseen}
    assert shown == has_effect - {"OVER_LIMIT_429"} - (seen_backwards if before == OLDER else set())


KEYS = st.sampled_from(["a", "b", "a?ttl_seconds=60", "b?ttl_seconds=900", "c?ttl_seconds=0"])
AFTER = st.sampled_from([0.0, 0.0, 0.0, 1.0, 60.0, 600.0])
PARAMETERS = st.sampled_from(
    [
        {},
        {},
        {"mo-persistence": "ephemeral"},
        {"mo-persistence": "x"},
        {"mo-tag-a": "b"},
        {"mo-tag-a": "!"},
        {"read-concern": "x"},
        {"mo-meta-a": "b"},
    ]
)
BODIES = st.sampled_from([b"", b"body", bytes(700_000)])
ASKS = st.one_of(
    st.builds(
        Ask,
        st.sampled_from(["PUT", "GET", "GET", "HEAD", "DELETE", "OPTIONS"]),
        KEYS.map(lambda key: f"{STORE}/{key}"),
        PARAMETERS,
        BODIES,
        st.sampled_from(["owner", "owner", None]),
        AFTER,
    ),
    st.sampled_from([create(), Ask("DELETE", STORE), Ask("GET", STORE), Ask("GET", "/endpoints")]),
)


@pytest.mark.parametrize(("before", "after"), WAYS)
def test_predictions_for_any_run_come_true(
    emulators: dict[str, Emulator], before: str, after: str
) -> None:
    @settings(max_examples=examples(60))
    @given(st.lists(ASKS, max_size=25))
    def holds(asks: Sequence[Ask]) -> None:
        assert wrongly_predicted(emulators, [create(), *asks], before, after) == []

    holds()


def wrongly_predicted(
    emulators: dict[str, Emulator],
    asks: Sequence[Ask],
    before: str,
    after: str,
    not_recorded: Sequence[Ask] = (),
) -> list[Any]:
    """The requests that are answered differently from the prediction, with both. Those that are
    ``not_recorded`` come before the others."""
    statuses(emulators[before], [*not_recorded, *asks])
    calls = read_journal(emulators[before].journal.to_json_lines().encode())[len(not_recorded) :]
    told = predicted(calls, before, after)
    really = statuses(emulators[after], [*not_recorded, *asks])[len(not_recorded) :]
    pairs = list(zip(asks, told, really, strict=True))
    return [(index, *pair) for index, pair in enumerate(pairs) if pair[2] not in pair[1]]


def test_predictions_for_objects_of_all_sizes_come_true(
    emulators: dict[str, Emulator],
) -> None:
    keys, after = st.sampled_from(["a", "b"]), st.sampled_from([0.0, 0.0, 1.0])
    sizes = st.sampled_from([bytes(10), bytes(700_000), bytes(2_200_000)])
    asks = st.one_of(
        st.builds(lambda key, body, after: put(key, body, after=after), keys, sizes, after),
        st.builds(lambda key, after: get(key, after=after), keys, after),
        st.builds(lambda key, after: delete(key, after=after), keys, after),
    )

    @settings(max_examples=examples(60))
    @given(st.lists(asks, max_size=16))
    def holds(asks: Sequence[Ask]) -> None:
        assert wrongly_predicted(emulators, [create(), *asks], OLDER, NEWER) == []

    holds()


def test_a_read_may_be_over_the_limit_for_bytes_that_a_refused_write_has_left(
    emulators: dict[str, Emulator],
) -> None:
    large = put("a", bytes(2_200_000))
    refused = Ask("DELETE", f"{STORE}/a", role="viewer")
    asks = [put("a"), large, refused, put("a"), get("a"), get("a")]

    first = [create(), get("a", after=60)]
    assert wrongly_predicted(emulators, asks, OLDER, NEWER, first) == []


@pytest.mark.parametrize(("before", "after"), WAYS)
def test_predictions_for_a_recording_that_begins_late_come_true(
    emulators: dict[str, Emulator], before: str, after: str
) -> None:
    keys = st.sampled_from(["a", "b"])
    earlier = st.builds(put, keys)
    asks = st.builds(
        Ask,
        st.sampled_from(["PUT", "GET", "DELETE"]),
        keys.map(lambda key: f"{STORE}/{key}"),
        st.sampled_from([{}, {}, {"mo-tag-a": "!"}, {"mo-persistence": "ephemeral"}]),
        st.sampled_from([b"body", bytes(700_000), bytes(2_200_000)]),
        st.sampled_from(["owner", "viewer"]),
        AFTER,
    )

    @settings(max_examples=examples(60))
    @given(st.lists(earlier, max_size=2), st.lists(asks, max_size=16))
    def holds(not_recorded: Sequence[Ask], asks: Sequence[Ask]) -> None:
        limits_are_full_again = get("a", after=60)
        first = [create(), *not_recorded, limits_are_full_again]
        assert wrongly_predicted(emulators, asks, before, after, first) == []

    holds()


def refused_create(member: str) -> Ask:
    """Create a store with a member that is wrong, and that the first revision ignores."""
    ask = create()
    assert ask.body is not None
    return ask._replace(body=json.dumps({**json.loads(ask.body), member: "wrong"}).encode())


def test_predictions_for_stores_that_were_refused_come_true(
    emulators: dict[str, Emulator],
) -> None:
    members = ["object_store_limits", "metrics_config", "access_logging_config"]
    asks = st.sampled_from(
        [
            *map(refused_create, members),
            *[create(), create(bucket="another"), Ask("PUT", STORE, body=b"no JSON")],
            *[Ask("GET", STORE), Ask("DELETE", STORE), Ask("GET", "/objectstore/other")],
        ]
    )

    @settings(max_examples=examples(60))
    @given(st.lists(asks, max_size=8))
    def holds(asks: Sequence[Ask]) -> None:
        assert wrongly_predicted(emulators, asks, NEWER, OLDER) == []

    holds()


def test_a_run_under_no_limits_is_told_what_it_would_meet(
    run: Run, emulators: dict[str, Emulator], tmp_path: Path
) -> None:
    statuses(emulators[OLDER], limits_of_gets(103))
    (tmp_path / "run.jsonl").write_text(emulators[OLDER].journal.to_json_lines())
    first, *lines = run("revisions", "--journal", "run.jsonl").lines
    assert (
        first
        == f"Of 105 calls recorded under {OLDER}, 4 would have a different answer under {NEWER}:"
    )
    assert lines[:8] == [
        f"#1 CreateOrUpdateObjectStore (PUT {STORE}): 201 as before",
        "      limits of a store: the answer's body has object_store_limits",
        *[
            line
            for number in (103, 104, 105)
            for line in (
                f"#{number} GetObject (GET {STORE}/a): 200 -> 429",
                "      limits of a store: Request rate exceeded. "
                "(by the default limits of a store)",
            )
        ],
    ]
    assert lines[8:11] == [
        "",
        "104 answers gain CORS headers.",
        "104 answers gain mo-request-id.",
    ]
    assert lines[11].startswith("A journal does not show the effect of: access logs, metrics, ")
    assert max(map(len, lines)) <= 100


def test_a_run_that_nothing_changes_for_says_so(run: Run, emulators: dict[str, Emulator]) -> None:
    statuses(emulators[OLDER], [create(), get("a")])
    journal = emulators[OLDER].journal.to_json_lines()
    words = ["revisions", OLDER, OLDER, "--journal", "-"]
    assert run(*words, stdin=journal).lines == [
        f"Of 2 calls recorded under {OLDER}, none would have a different answer under {OLDER}."
    ]
    assert run("revisions", "--journal", "-", stdin="").lines == [
        f"Of 0 calls recorded under {OLDER}, none would have a different answer under {NEWER}."
    ]


def test_what_the_journal_command_writes_can_be_piped_in(
    run: Run, emulators: dict[str, Emulator]
) -> None:
    statuses(emulators[OLDER], [create(), put("a"), delete("a")])
    endpoint = emulators[OLDER].endpoint
    for words in (["export"], ["export", "--format", "har"], ["show", "--json"]):
        exported = run("journal", *words, "--endpoint", endpoint).stdout
        lines = run("revisions", "--journal", "-", stdin=exported).lines
        assert lines[3].startswith("#3 DELETE ")
        assert lines[3].endswith(f"{STORE}/a: 405 -> 204, 401 or 403")


def test_options_may_stand_anywhere(run: Run, tmp_path: Path) -> None:
    (tmp_path / "run").write_text("")
    expected = run("revisions", "latest", OLDER, "--journal", "run").lines
    assert run("revisions", "latest", "--journal", "run", OLDER).lines == expected
    assert run("revisions", "--journal", "run", "latest", OLDER).lines == expected


def test_a_journal_that_is_of_another_revision_is_doubted(
    run: Run, emulators: dict[str, Emulator]
) -> None:
    statuses(emulators[NEWER], [create(), put("a"), get("a")])
    journal = emulators[NEWER].journal.to_json_lines()
    text = " ".join(run("revisions", "--journal", "-", stdin=journal).stdout.split())
    assert f"2 answers cannot be from {OLDER}" in text
    assert (
        run("revisions", "latest", OLDER, "--journal", "-", "--json", stdin=journal).json()[
            "contradicting"
        ]
        == 0
    )


def test_one_answer_gains_or_loses_cors_headers_in_the_singular(run: Run) -> None:
    line = json.dumps({"method": "OPTIONS", "target": f"{STORE}/a", "status": 405})
    assert "1 answer gains CORS headers." in run("revisions", "--journal", "-", stdin=line).lines
    words = ["revisions", "latest", OLDER, "--journal", "-"]
    line = json.dumps({"method": "OPTIONS", "target": f"{STORE}/a", "status": 204})
    assert "1 answer loses CORS headers." in run(*words, stdin=line).lines
    assert "2 answers lose CORS headers." in run(*words, stdin=f"{line}\n{line}").lines


def test_a_store_that_was_refused_is_told_of_with_all_that_may_be(run: Run) -> None:
    line = json.dumps({"method": "PUT", "target": STORE, "status": 400})
    words = ["revisions", "latest", OLDER, "--journal", "-"]
    _, shown, *lines = run(*words, stdin=line).lines
    assert shown == f"#1 PUT {STORE}: 400 -> 400, 201 or 200"
    assert " ".join("".join(lines[:2]).split()) == (
        "limits of a store: 201 (200 if the store exists already) if it was refused for its "
        "object_store_limits"
    )
    assert max(map(len, lines)) <= 100


def test_what_others_put_into_a_target_stays_on_its_line(run: Run) -> None:
    line = json.dumps({"method": "DELETE", "target": f"{STORE}/\x1b[31m\nx", "status": 405})
    (_, shown, _, *_) = run("revisions", "--journal", "-", stdin=line).lines
    assert shown.endswith("\\x1b[31m\\nx: 405 -> 204, 401, 403 or 404")


def test_a_key_in_a_target_is_not_repeated(run: Run, emulators: dict[str, Emulator]) -> None:
    key = emulators[OLDER].api_key("owner")
    line = json.dumps({"method": "DELETE", "target": f"{STORE}/{key}", "status": 405})
    for more in ([], ["--json"]):
        ended = run("revisions", "--journal", "-", *more, stdin=line)
        assert ended.status == 0
        assert key not in ended.stdout
        assert "[redacted]" in ended.stdout


@pytest.mark.parametrize(
    ("words", "fragments"),
    [
        ("2026-01-01", ["FROM", "'2026-01-01'", OLDER, NEWER, "latest"]),
        (f"{OLDER} newest", ["TO", "'newest'", OLDER, NEWER, "latest"]),
        ("run.jsonl", ["FROM", "'run.jsonl'", "--journal"]),
        (f"{OLDER} {NEWER} latest", ["'latest'", "too many", "revisions --help"]),
        ("--journal", ["--journal", "needs a value"]),
        ("--journal nowhere", ["--journal", "'nowhere'", "No such file"]),
        ("--jornal x", ["--jornal", "did you mean --journal?"]),
        ("--endpoint x", ["--endpoint", "no emulator", "--journal"]),
        ("--json=yes", ["--json", "takes no value"]),
    ],
)
def test_a_wrong_use_is_told_the_right_one(run: Run, words: str, fragments: list[str]) -> None:
    run("revisions", *words.split()).misused(*fragments)


@pytest.mark.parametrize(
    ("content", "fragments"),
    [
        ("hello", ["'run'", "not a journal", "line 1", "journal export"]),
        ('{"method": "GET", "target": "/"}\n{"method": ', ["line 2"]),
        ('{"method": "GET", "target": "/"}\n{"method": "GET"}', ["line 2", "no target"]),
        ('{"version": 1}', ["neither", "calls", "HTTP archive"]),
    ],
)
def test_a_file_that_is_no_journal_is_told_where(
    run: Run, tmp_path: Path, content: str, fragments: list[str]
) -> None:
    (tmp_path / "run").write_text(content)
    run("revisions", "--journal", "run").refused("--journal", *fragments)
    run("revisions", "--journal", "-", stdin=content).refused("stdin", *fragments[1:])


@pytest.mark.parametrize(
    ("words", "meant"),
    [("revision", "revisions"), ("revisons latest", "revisions"), ("REVISIONS", "revisions")],
)
def test_a_command_that_is_nearly_this_one_is_suggested(run: Run, words: str, meant: str) -> None:
    run(*words.split()).misused("unknown command", f"did you mean {meant}?")


def test_the_command_revisions_is_among_the_commands(run: Run) -> None:
    text = "\n".join(run("--help").lines)
    assert re.search(r"^  revisions +\w", text, re.MULTILINE)
    run("xyzzy").misused("revisions")
    run("--json", "revisions").misused("--json", "comes after")
    run("--port", "0", "revisions").misused("revisions comes before its options")


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_the_command_revisions_explains_itself(run: Run, flag: str) -> None:
    text = "\n".join(run("revisions", flag).lines)
    assert text.startswith("usage: python -m emulator revisions ")
    for words in ("FROM", "TO", "--journal FILE", "--json", "examples:", "exit status", *REVISIONS):
        assert words in text
    assert "--endpoint" not in text


@pytest.mark.parametrize(
    "words",
    [["revisions"], ["revisions", "--json"], ["revisions", "--journal", os.devnull]],
)
def test_revisions_are_compared_without_loading_the_server(words: list[str]) -> None:
    script = (
        "import sys; from emulator.cli import main; "
        f"main({words!r}); sys.exit('aiohttp' in sys.modules)"
    )
    root = Path(__file__).parents[2]
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, b"")
