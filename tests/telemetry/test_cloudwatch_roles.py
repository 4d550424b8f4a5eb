"""In whose name CloudWatch is called."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from emulator.core.clock import Clock
from tests.engines.bad_s3 import Asked, BadS3, answers
from tests.engines.s3 import Moto

from .cloudwatch import ACCOUNT, ROLE, entries, got, group, logged, opened, store


def assumptions(asked: Sequence[Asked]) -> list[tuple[str, str]]:
    """The roles that were assumed, with the external ids."""
    forms = [each.form for each in asked if each.form.get("Action") == "AssumeRole"]
    return sorted((form["RoleArn"], form["ExternalId"]) for form in forms)


@pytest.mark.proves("D74")
async def test_the_role_of_each_destination_is_assumed_for_its_store(
    cloudwatch_server: Moto, bad_s3: BadS3, clock: Clock
) -> None:
    async with opened(bad_s3.url, assume_role=True) as cloudwatch:
        for _ in range(2):
            for name in ("store-1", "store-2"):
                (entry,) = entries(clock, 1, name)
                cloudwatch.deliver(group(), entry)
            cloudwatch.observe(got(clock, store("store-1")))
            cloudwatch.observe(got(clock, store("store-3")))
            await cloudwatch.flush()
        assert await cloudwatch.log_group_exists(group(), "store-4")
    assert len(logged(cloudwatch_server)) == 4
    expected = [(ROLE, f"{ACCOUNT}/objectstore/store-{number}") for number in range(1, 5)]
    assert assumptions(bad_s3.asked) == expected


async def test_without_the_option_no_role_is_assumed(
    cloudwatch_server: Moto, bad_s3: BadS3, clock: Clock
) -> None:
    written = [*entries(clock, 1, "store-1"), *entries(clock, 1, "store-2")]
    async with opened(bad_s3.url) as cloudwatch:
        for entry in written:
            cloudwatch.deliver(group(), entry)
            cloudwatch.observe(got(clock, store(entry["store"])))
        await cloudwatch.flush()
        assert await cloudwatch.log_group_exists(group(), "store-1")
    assert logged(cloudwatch_server) == written
    assert assumptions(bad_s3.asked) == []


async def test_without_the_option_stores_share_the_calls(
    cloudwatch_server: Moto,  # noqa: ARG001
    bad_s3: BadS3,
    clock: Clock,
) -> None:
    async with opened(bad_s3.url) as cloudwatch:
        for name in ("store-1", "store-2"):
            (entry,) = entries(clock, 1, name)
            cloudwatch.deliver(group(), entry)
            cloudwatch.observe(got(clock, store(name)))
        await cloudwatch.flush()
        assert len(bad_s3.asked) == 3  # For a stream, for the entries, and for the metrics.


async def test_entries_of_a_role_that_cannot_be_assumed_wait_and_the_role_is_named(
    cloudwatch_server: Moto, bad_s3: BadS3, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    (entry,) = entries(clock, 1)
    async with opened(bad_s3.url, assume_role=True) as cloudwatch:
        cloudwatch.deliver(group(), entry)
        with bad_s3.fault(answers(403, "AccessDenied")):
            await cloudwatch.flush()
        assert f"the role {ROLE} cannot be assumed" in caplog.text
        assert f"{ACCOUNT}/objectstore/store" in caplog.text
        await cloudwatch.flush()
    assert logged(cloudwatch_server) == [entry]
