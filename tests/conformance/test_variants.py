"""Generated requests: the emulator answers as the contract allows, and what does not is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from emulator import Emulator
from emulator.conformance.command import run_cases
from emulator.conformance.outcome import Failure
from emulator.conformance.plugin import COMPLETE, Given
from emulator.conformance.run import Run
from emulator.conformance.target import Target
from emulator.conformance.variants import sending
from emulator.conformance.variants.operations import CLUSTERS, CREATE_CLUSTER, operations
from emulator.conformance.variants.request import UNKNOWN_KEY, Request
from emulator.core.revisions import REVISIONS
from emulator.http.auth_handlers import AuthHandlers
from emulator.http.handlers import Handlers
from emulator.http.request import any_json_document
from emulator.service import parameters, ttl
from emulator.service.account import api_keys

from .defects import DEFECTS
from .own import CLUSTER, OwnTime, emulator_of, options, run_on

QUICK, MANY = 100, 4000

Apply = Callable[[pytest.MonkeyPatch], None]


def expect_all_allowed(revision: str, variants: int) -> None:
    """Every answer is allowed, every operation is asked for, and nothing is left behind."""
    with emulator_of(revision) as emulator:
        emulator.clusters.create(CLUSTER)
        before = everything_at(emulator)
        run = run_on(emulator, only=("variants",), variants=variants)
        found = run.findings.variants
        assert [failure for _, failures in found.values() for failure in failures] == []
        assert found.keys() == operations(revision).keys()
        assert variants // 2 < sum(count for count, _ in found.values()) < variants + len(found)
        assert everything_at(emulator) == before
        assert run.left == []
        assert run.target.ledger.entries == []


def everything_at(emulator: Emulator) -> Any:
    account = emulator.account
    return emulator.stores.all(), account.api_keys(), account.roles(), emulator.clusters.all()


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_answer_to_a_generated_request_is_allowed(revision: str) -> None:
    expect_all_allowed(revision, QUICK)


@pytest.mark.slow(seconds=60)
@pytest.mark.parametrize("revision", REVISIONS)
def test_every_answer_to_thousands_of_requests_is_allowed(revision: str) -> None:
    expect_all_allowed(revision, MANY)


@pytest.fixture
def targets(emulator: Emulator) -> Iterator[Callable[..., Target]]:
    """Makes targets, each for a run of the same name."""
    made: list[Target] = []

    def make(**given: Any) -> Target:
        chosen = options(emulator.endpoint, emulator.api_key("owner"))._replace(**given)
        made.append(Target(chosen, run="conformance-00000000", clock=OwnTime(emulator)))
        return made[-1]

    yield make
    for target in made:
        assert target.clean_up() == []
        target.close()


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """The requests that are sent, of which each has an answer that is allowed."""
    sent: list[Request] = []

    def note(request: Request, _: object) -> str:
        sent.append(request)
        return ""

    monkeypatch.setattr(sending, "violation", note)
    monkeypatch.setattr(sending, "difference", lambda *_: "")
    return sent


@pytest.mark.parametrize("operation", ["PutObject", "CreateRole"])
def test_the_same_seed_sends_the_same_requests(
    targets: Callable[..., Target], requests: list[Request], operation: str
) -> None:
    def sent(seed: int) -> list[Request]:
        requests.clear()
        target = targets(variants=300, seed=seed)
        sending.send(target, operation)
        assert target.clean_up() == []
        return [*requests]

    first = sent(1)
    assert len(first) > 15
    assert sent(1) == first
    assert sent(2) != first


def test_no_request_changes_a_cluster_that_the_run_has_not_made(
    targets: Callable[..., Target], requests: list[Request]
) -> None:
    target = targets(variants=2000, create_clusters=False)
    for name, operation in operations(target.revision).items():
        if operation.group == CLUSTERS and operation.method != "GET":
            sending.send(target, name)
    assert len(requests) > 50
    for request in requests:
        if request.operation.name == CREATE_CLUSTER:
            assert request.statuses <= {401, 403}
        assert CLUSTER not in request.values.values()


def test_one_cluster_is_made_when_that_is_asked_for(
    targets: Callable[..., Target], requests: list[Request]
) -> None:
    sending.send(targets(variants=2000), CREATE_CLUSTER)
    assert [each.wrong for each in requests].count("") == 1


def test_what_a_request_makes_is_deleted_before_the_next(
    targets: Callable[..., Target], emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = targets(variants=2000)
    at_once = set[int]()

    def note(*_: object) -> str:
        at_once.add(len(emulator.stores.all()))
        return ""

    monkeypatch.setattr(sending, "violation", note)
    sending.send(target, "CreateOrUpdateObjectStore")
    assert max(at_once) == 2  # The one to update, and a new one.
    assert emulator.stores.all() == []


def test_without_other_roles_the_owner_asks_for_everything(
    targets: Callable[..., Target], requests: list[Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_role(_: Target, name: str) -> str:
        raise AssertionError(f"no role {name}")

    monkeypatch.setattr(Target, "role_id", no_role)
    _, failures = sending.send(targets(variants=500), "PutObject")
    assert failures == []
    assert (
        {"owner", None} <= {each.key for each in requests} <= {"owner", "word", UNKNOWN_KEY, None}
    )


def test_an_operation_is_not_asked_for_again(emulator: Emulator) -> None:
    chosen = options(
        emulator.endpoint, emulator.api_key("owner"), only=("variants",), variants=QUICK
    )
    run = Run(chosen)
    done = [name for name in operations("2026-08-12") if name != "ListObjectStores"]
    run.findings.variants.update(dict.fromkeys(done, (-1, [])))
    assert run_cases(Given(run)) in COMPLETE
    (again,) = [name for name, (count, _) in run.findings.variants.items() if count > 0]
    assert again == "ListObjectStores"


# Defects.


def named(name: str) -> Apply:
    return next(each.apply for each in DEFECTS if each.name == name)


def long_ttls_fail(patch: pytest.MonkeyPatch) -> None:
    def parse(values: list[str]) -> int | None:
        seconds = ttl.parse_ttl(values)
        if seconds and seconds >= 3600:
            raise RuntimeError("too long")
        return seconds

    patch.setattr(parameters, "parse_ttl", parse)


def any_content_type_will_do(patch: pytest.MonkeyPatch) -> None:
    for handlers in (Handlers, AuthHandlers):
        patch.setattr(handlers, "read_json", staticmethod(any_json_document))


def the_time_is_a_text(patch: pytest.MonkeyPatch) -> None:
    describe = api_keys.describe

    def described(*given: Any) -> dict[str, Any]:
        found = describe(*given)
        return {**found, "issued_at_epoch_seconds": str(found["issued_at_epoch_seconds"])}

    patch.setattr(api_keys, "describe", described)


PUT = "PUT /objectstore/conformance/conformance/a"
RULE = "the answer breaks the rule"


@pytest.mark.parametrize(
    ("apply", "operation", "request_line", "why"),
    [
        (long_ttls_fail, "PutObject", f"{PUT}?ttl_seconds=3600", "answered 500"),
        (
            any_content_type_will_do,
            "CreateApiKey",
            "POST /api-keys with another Content-Type",
            "answered 200 instead of 400",
        ),
        (the_time_is_a_text, "CreateApiKey", "POST /api-keys", f"{RULE} 'type' at $.key_info."),
        (named("one_cors_header_is_missing"), "DeleteObject", "DELETE ", "the answer has no "),
        (
            named("default_limits_are_not_returned"),
            "DescribeObjectStore",
            "GET /objectstore/conformance",
            f"{RULE} 'required' at $",
        ),
        (
            named("a_viewer_may_write"),
            "PutObject",
            f"{PUT} with a Viewer's key",
            "answered 204 instead of 403",
        ),
        (
            named("metadata_keeps_its_prefix"),
            "PutObject",
            PUT,
            "a Get of the object answers ",
        ),
    ],
    ids=lambda each: each.__name__ if callable(each) else "",
)
def test_a_defect_is_found_by_a_small_request(
    targets: Callable[..., Target],
    monkeypatch: pytest.MonkeyPatch,
    apply: Apply,
    operation: str,
    request_line: str,
    why: str,
) -> None:
    target = targets(variants=500)
    apply(monkeypatch)
    _, failures = sending.send(target, operation)
    failure = next(each for each in failures if each.why.startswith(why))
    assert failure.operation == operation
    assert failure.request.startswith(request_line)
    assert len([line for line in failure.seen if line.startswith(">")]) <= 3, failure.seen


def test_what_the_requests_need_is_missed_once(targets: Callable[..., Target]) -> None:
    """An endpoint without stores fails by one sentence, not for each request."""
    target = targets(variants=500, owner_key="nobody")
    sent, failures = sending.send(target, "GetObject")
    assert sent == 0
    assert failures == [Failure("GetObject", "no request", failures[0].why)]
    assert "401" in failures[0].why
