"""Access logs in CloudWatch: which entries arrive where, as AWS's own client reads them."""

from __future__ import annotations

import asyncio
import json

import pytest
from aiohttp import web

from emulator.core.clock import Clock
from emulator.core.failures import EngineUnavailableError
from emulator.telemetry.cloudwatch_logs import MAX_EVENTS
from tests.engines.bad_s3 import BadS3, Forward
from tests.engines.s3 import Moto
from tests.support.ports import free_port
from tests.support.waiting import wait_until_async

from .cloudwatch import (
    OTHER_REGION,
    create_group,
    entries,
    events,
    group,
    keys,
    logged,
    logs_client,
    opened,
    streams,
)

pytestmark = pytest.mark.proves("Access log entry")


async def test_entries_arrive_by_themselves_as_they_were_written(
    cloudwatch_server: Moto, clock: Clock
) -> None:
    written = entries(clock, 5)
    written[2]["key"] = 'Ünï/"\\\n🎬'
    async with opened(cloudwatch_server.url) as cloudwatch:
        for entry in written:
            cloudwatch.deliver(group(), entry)
        await wait_until_async(lambda: bool(streams(cloudwatch_server)))
        await wait_until_async(lambda: bool(logged(cloudwatch_server)))
        assert events(cloudwatch_server) == [(entry["timestamp"], entry) for entry in written]


async def test_a_flush_does_not_wait_for_the_next_round(
    cloudwatch_server: Moto, clock: Clock
) -> None:
    written = entries(clock, 3)
    async with opened(cloudwatch_server.url) as cloudwatch:
        for count, entry in enumerate(written, 1):
            cloudwatch.deliver(group(), entry)
            await cloudwatch.flush()
            assert logged(cloudwatch_server) == written[:count]


async def test_a_stop_delivers_what_still_waits(cloudwatch_server: Moto, clock: Clock) -> None:
    (entry,) = entries(clock, 1)
    async with opened(cloudwatch_server.url) as cloudwatch:
        cloudwatch.deliver(group(), entry)
    assert logged(cloudwatch_server) == [entry]


async def test_events_are_in_the_order_in_which_operations_began(
    cloudwatch_server: Moto, clock: Clock
) -> None:
    written = entries(clock, 50)
    async with opened(cloudwatch_server.url) as cloudwatch:
        for entry in reversed(written):
            cloudwatch.deliver(group(), entry)
        await cloudwatch.flush()
    assert logged(cloudwatch_server) == written


async def test_each_emulator_has_a_stream_of_its_own(cloudwatch_server: Moto, clock: Clock) -> None:
    (entry,) = entries(clock, 1)
    for _ in range(2):
        async with opened(cloudwatch_server.url) as cloudwatch:
            for _ in range(2):
                cloudwatch.deliver(group(), entry)
                await cloudwatch.flush()
    first, second = streams(cloudwatch_server)
    assert first != second
    assert {name.partition("/")[0] for name in (first, second)} == {"momento-objectstore-emulator"}


async def test_groups_and_regions_are_kept_apart(cloudwatch_server: Moto, clock: Clock) -> None:
    places = [group("group"), group("other"), group("group", OTHER_REGION)]
    for place in places[1:]:
        create_group(cloudwatch_server, place.log_group_name, place.region)
    written = entries(clock, 6)
    async with opened(cloudwatch_server.url) as cloudwatch:
        for number, entry in enumerate(written):
            cloudwatch.deliver(places[number % 3], entry)
        await cloudwatch.flush()
    for number, place in enumerate(places):
        found = logged(cloudwatch_server, place.log_group_name, place.region)
        assert found == written[number::3]


async def test_stores_with_one_group_share_its_stream(
    cloudwatch_server: Moto, clock: Clock
) -> None:
    written = [*entries(clock, 1, "store-1"), *entries(clock, 1, "store-2")]
    for assume_role in (False, True):
        cloudwatch_server.empty()
        create_group(cloudwatch_server)
        async with opened(cloudwatch_server.url, assume_role=assume_role) as cloudwatch:
            for entry in written:
                cloudwatch.deliver(group(), entry)
            await cloudwatch.flush()
        assert len(streams(cloudwatch_server)) == 1
        by_store = sorted(logged(cloudwatch_server), key=lambda entry: str(entry["store"]))
        assert by_store == written


async def test_many_entries_take_several_calls(cloudwatch_server: Moto, clock: Clock) -> None:
    written = entries(clock, 2 * MAX_EVENTS + 500)
    async with opened(cloudwatch_server.url) as cloudwatch:
        for entry in written:
            cloudwatch.deliver(group(), entry)
        await cloudwatch.flush()
    assert keys(logged(cloudwatch_server)) == keys(written)


async def test_a_clock_that_is_moved_by_days_loses_nothing(
    cloudwatch_server: Moto, clock: Clock
) -> None:
    late = entries(clock, 2)
    clock.set(clock.now() - 3 * 86_400_000_000)
    early = entries(clock, 2)
    async with opened(cloudwatch_server.url) as cloudwatch:
        for entry in (late[0], early[0], late[1], early[1]):
            cloudwatch.deliver(group(), entry)
        await cloudwatch.flush()
    assert logged(cloudwatch_server) == early + late


async def test_a_group_that_does_not_exist_is_named_and_its_entries_are_lost(
    cloudwatch_server: Moto, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = entries(clock, 2)
    async with opened(cloudwatch_server.url) as cloudwatch:
        for name in ("absent", "group"):
            cloudwatch.deliver(group(name), first)
        await cloudwatch.flush()
        assert logged(cloudwatch_server) == [first]
        (record,) = caplog.records
        assert "1 are lost: there is no log group absent" in record.getMessage()
        assert not record.exc_info

        create_group(cloudwatch_server, "absent")
        cloudwatch.deliver(group("absent"), second)
        await cloudwatch.flush()
        assert logged(cloudwatch_server, "absent") == [second]
    known = logs_client(cloudwatch_server).describe_log_groups()["logGroups"]
    assert [each["logGroupName"] for each in known] == ["absent", "group"]


@pytest.mark.parametrize("what", ["stream", "group"])
async def test_a_stream_that_was_removed_is_made_again_and_a_group_is_missed(
    cloudwatch_server: Moto, clock: Clock, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    first, second = entries(clock, 2)
    client = logs_client(cloudwatch_server)
    async with opened(cloudwatch_server.url) as cloudwatch:
        cloudwatch.deliver(group(), first)
        await cloudwatch.flush()
        if what == "group":
            client.delete_log_group(logGroupName="group")
        else:
            (stream,) = streams(cloudwatch_server)
            client.delete_log_stream(logGroupName="group", logStreamName=stream)
        cloudwatch.deliver(group(), second)
        await cloudwatch.flush()
    if what == "stream":
        assert logged(cloudwatch_server) == [second]
        assert not caplog.records
    else:
        assert "there is no log group group" in caplog.text


async def test_forgotten_entries_do_not_arrive(cloudwatch_server: Moto, clock: Clock) -> None:
    first, second = entries(clock, 2)
    async with opened(cloudwatch_server.url) as cloudwatch:
        cloudwatch.deliver(group(), first)
        await cloudwatch.clear()
        cloudwatch.deliver(group(), second)
    assert logged(cloudwatch_server) == [second]


@pytest.mark.parametrize("days", [1, -20])
async def test_entries_of_a_clock_that_is_far_off_are_rejected_with_a_warning(
    cloudwatch_server: Moto, clock: Clock, caplog: pytest.LogCaptureFixture, days: int
) -> None:
    clock.set(clock.now() + days * 86_400_000_000)
    (entry,) = entries(clock, 1)
    async with opened(cloudwatch_server.url) as cloudwatch:
        cloudwatch.deliver(group(), entry)
        await cloudwatch.flush()
    assert logged(cloudwatch_server) == []
    (record,) = caplog.records
    assert "the log group group in us-east-1 were rejected" in record.getMessage()
    assert "the emulator's clock" in record.getMessage()


async def test_a_group_exists_under_its_whole_name_in_its_region(cloudwatch_server: Moto) -> None:
    create_group(cloudwatch_server, "elsewhere", OTHER_REGION)
    async with opened(cloudwatch_server.url) as cloudwatch:
        assert await cloudwatch.log_group_exists(group("group"), "store")
        assert not await cloudwatch.log_group_exists(group("grou"), "store")
        assert not await cloudwatch.log_group_exists(group("groups"), "store")
        assert not await cloudwatch.log_group_exists(group("elsewhere"), "store")
        assert await cloudwatch.log_group_exists(group("elsewhere", OTHER_REGION), "store")


async def test_a_group_is_looked_for_among_many_whose_names_begin_with_its_own(
    cloudwatch_server: Moto,
) -> None:
    for number in range(60):  # More than one page.
        create_group(cloudwatch_server, f"a{number:02}")
    async with opened(cloudwatch_server.url) as cloudwatch:
        assert not await cloudwatch.log_group_exists(group("a"), "store")
        create_group(cloudwatch_server, "a")
        assert await cloudwatch.log_group_exists(group("a"), "store")
        assert await cloudwatch.log_group_exists(group("a59"), "store")


async def test_a_group_is_looked_for_beyond_a_page_with_none(
    cloudwatch_server: Moto,  # noqa: ARG001
    bad_s3: BadS3,
) -> None:
    async def has_pages(request: web.BaseRequest, _forward: Forward) -> web.StreamResponse:
        asked = json.loads(await request.content.read())
        assert asked["logGroupNamePrefix"] == "group"
        if "nextToken" not in asked:
            return web.json_response({"logGroups": [], "nextToken": "more"})
        return web.json_response({"logGroups": [{"logGroupName": "group"}]})

    async with opened(bad_s3.url) as cloudwatch:
        with bad_s3.fault(has_pages):
            assert await cloudwatch.log_group_exists(group(), "store")


async def test_whether_a_group_exists_cannot_be_said_without_cloudwatch(
    cloudwatch_server: Moto,  # noqa: ARG001
) -> None:
    async with opened(f"http://127.0.0.1:{free_port()}") as cloudwatch:
        with pytest.raises(
            EngineUnavailableError, match=r"DescribeLogGroups: .* cannot be reached"
        ):
            await asyncio.wait_for(cloudwatch.log_group_exists(group(), "store"), 10)
