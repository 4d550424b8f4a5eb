"""What the control API and the options have for the later revision, the first one does not know."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from emulator.config import Config, ConfigurationError
from emulator.core.clock import Clock
from emulator.core.model import Store
from emulator.service.rate_limits import Limiter
from tests.support.client import create_store
from tests.support.emulators import ANY_NAMES, client

pytestmark = pytest.mark.proves("revision 2026-02-05")

FIRST, LATER = "2026-02-05", "2026-08-12"


def started(revision: str, **options: Any) -> Emulator:
    return Emulator(cache="memory", api_revision=revision, **{**ANY_NAMES, **options})


def test_the_first_revisions_journal_knows_no_operation_of_the_later_one() -> None:
    with started(FIRST) as emulator, pytest.raises(ValueError, match="from revision 2026-08-12 on"):
        emulator.journal.calls(operation="DeleteObject")
    with started(LATER) as emulator:
        assert emulator.journal.calls(operation="DeleteObject") == []


@pytest.mark.parametrize("operation", ["GetObject", "CreateApiKey"])
def test_an_injected_429_is_rate_limited_in_the_journal(operation: str) -> None:
    with started(FIRST) as emulator:
        owner = client(emulator)
        create_store(owner, "media")
        emulator.faults.add({"type": "status", "status": 429}, operation=operation)
        path = "/objectstore/media/key" if operation == "GetObject" else "/api-keys"
        method = "GET" if operation == "GetObject" else "POST"
        assert owner.call(method, path, None if method == "GET" else b"{}").status == 429
        last = emulator.journal.last(operation=operation)
        assert last.outcome == "operations_rate_limited"


def test_objects_of_the_first_revision_have_no_tags(tmp_path: Path) -> None:
    with started(FIRST) as emulator:
        create_store(client(emulator), "media")
        with pytest.raises(ValueError, match="tags"):
            emulator.tiers.put("media", "key", b"body", tags={"team": "video"})
    seed = tmp_path / "seed.yaml"
    seed.write_text(
        "stores:\n"
        "  - name: media\n"
        "    storage_config: {s3: {bucket_name: b, iam_role_arn: "
        "'arn:aws:iam::123456789012:role/R'}}\n"
        "    cache_config: {valkey_cluster: {cluster_name: c}}\n"
        "objects:\n"
        "  - {store: media, key: k, text: hello, tags: {team: video}}\n"
    )
    with pytest.raises(ConfigurationError, match="tags"):
        started(FIRST, seed=seed).start()
    with started(LATER, seed=seed) as emulator:
        (placed,) = emulator.tiers.objects("media")
        assert placed.storage is not None
        assert placed.storage.tags == {"team": "video"}


@pytest.mark.proves("D106")
@pytest.mark.parametrize("name", ["clusters", "log_groups"])
def test_names_that_make_no_difference_are_warned_of(name: str) -> None:
    named: dict[str, Any] = {name: ("a", "b")}
    strict: dict[str, Any] = {f"strict_{name}": False}
    (warning,) = Config(api_revision=LATER, **named, **strict).warnings()
    assert f"--no-strict-{name.replace('_', '-')}" in warning
    assert Config(api_revision=LATER, **named).warnings() == []


@pytest.mark.proves("D106")
@pytest.mark.parametrize("name", ["strict_clusters", "strict_log_groups"])
def test_any_name_may_be_asked_for_in_every_revision(name: str) -> None:
    loose: dict[str, Any] = {name: False}
    for revision in (FIRST, LATER):
        assert Config(api_revision=revision, **loose).warnings() == []


@pytest.mark.proves("D100")
def test_a_deleted_store_leaves_no_buckets_behind() -> None:
    limiter = Limiter(Clock())
    for number in range(3):
        store = Store(f"store-{number}", "b", "", "r", "c", f"namespace-{number}")
        limiter.admit_write(store)
        limiter.drop(store.name)
    assert limiter._buckets == {}
