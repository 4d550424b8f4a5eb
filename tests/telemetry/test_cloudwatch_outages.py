"""A CloudWatch that is down, slow or refuses: nobody waits, and what waits is bounded."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from aiohttp import web

from emulator.core.clock import Clock
from emulator.telemetry.cloudwatch import CLOSE_SECONDS, IDLE_ROUNDS, ROUND_SECONDS
from emulator.telemetry.cloudwatch_logs import event_of
from tests.engines.bad_s3 import BadS3, Forward, S3Fault, answers, hangs
from tests.engines.s3 import Moto
from tests.support.loop_time import LoopTime
from tests.support.ports import free_port
from tests.support.waiting import wait_until_async

from .cloudwatch import (
    ACCOUNT,
    ENDPOINT,
    OTHER_REGION,
    REGION,
    TIMEOUT,
    create_group,
    entries,
    forwarding,
    got,
    group,
    keys,
    logged,
    opened,
    statistics,
    store,
)


def refuses(code: str, status: int = 400) -> S3Fault:
    """Refuse, as CloudWatch Logs does."""

    async def fault(_request: web.BaseRequest, _forward: Forward) -> web.StreamResponse:
        return web.json_response({"__type": code, "message": "As told"}, status=status)

    return fault


def only_in(region: str, fault: S3Fault) -> S3Fault:
    """Have it in that region alone."""

    async def selective(request: web.BaseRequest, forward: Forward) -> web.StreamResponse:
        in_it = f"/{region}/" in request.headers["Authorization"]
        return await (fault(request, forward) if in_it else forward())

    return selective


@contextmanager
def quickly(seconds: float) -> Iterator[None]:
    begin = time.monotonic()
    yield
    assert time.monotonic() - begin < seconds


async def test_a_cloudwatch_that_is_down_at_the_start_is_given_all_once_it_is_up(
    cloudwatch_server: Moto, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    port = free_port()
    written = entries(clock, 4)
    async with opened(f"http://127.0.0.1:{port}") as cloudwatch:
        cloudwatch.observe(got(clock, store()))
        for entry in written[:2]:
            cloudwatch.deliver(group(), entry)
        await cloudwatch.flush()
        assert "the log group group in us-east-1 are delayed" in caplog.text
        assert "Metrics for us-east-1 are delayed" in caplog.text
        assert f"http://127.0.0.1:{port} cannot be reached" in caplog.text
        for entry in written[2:]:
            cloudwatch.deliver(group(), entry)
        async with forwarding(port, cloudwatch_server.port):
            await wait_until_async(lambda: len(logged(cloudwatch_server)) == len(written))
            await cloudwatch.flush()
    assert logged(cloudwatch_server) == written
    common = {"AccountId": ACCOUNT, "Endpoint": ENDPOINT}
    dimensions = {**common, "ObjectStore": "store", "Api": "GetObject"}
    found = statistics(cloudwatch_server, "Requests", "Count", dimensions, clock.now())
    assert found == (1, 1, 1, 1)


async def test_a_flush_that_finds_a_failing_delivery_tries_again(
    cloudwatch_server: Moto, bad_s3: BadS3, clock: Clock, loop_time: LoopTime
) -> None:
    (entry,) = entries(clock, 1)
    async with opened(bad_s3.url) as cloudwatch:
        cloudwatch.deliver(group(), entry)
        with bad_s3.fault(hangs):
            flushes = [asyncio.ensure_future(cloudwatch.flush())]
            await wait_until_async(lambda: bad_s3.kept_waiting > 0)
        flushes.append(asyncio.ensure_future(cloudwatch.flush()))
        await asyncio.sleep(0)
        loop_time.advance(TIMEOUT)
        await asyncio.gather(*flushes)
        assert logged(cloudwatch_server) == [entry]


async def test_what_is_forgotten_while_it_is_being_sent_is_not_sent_again(
    cloudwatch_server: Moto, bad_s3: BadS3, clock: Clock
) -> None:
    (entry,) = entries(clock, 1)
    async with opened(bad_s3.url) as cloudwatch:
        cloudwatch.deliver(group(), entry)
        with bad_s3.fault(hangs) as asked:
            flushes = [asyncio.ensure_future(cloudwatch.flush())]
            await wait_until_async(lambda: len(asked) > 0)
            flushes.append(asyncio.ensure_future(cloudwatch.flush()))
            await asyncio.sleep(0)
        await cloudwatch.clear()
        await asyncio.gather(*flushes)
    assert logged(cloudwatch_server) == []


async def test_entries_arrive_in_order_after_failures(
    cloudwatch_server: Moto, bad_s3: BadS3, clock: Clock
) -> None:
    written = entries(clock, 9)
    async with opened(bad_s3.url) as cloudwatch:
        for start in (0, 3):
            with bad_s3.fault(answers(403, "AccessDenied")):
                for entry in written[start : start + 3]:
                    cloudwatch.deliver(group(), entry)
                await cloudwatch.flush()
        for entry in written[6:]:
            cloudwatch.deliver(group(), entry)
        await cloudwatch.flush()
    assert logged(cloudwatch_server) == written


async def test_a_cloudwatch_that_hangs_holds_up_neither_entries_nor_a_stop(
    cloudwatch_server: Moto,  # noqa: ARG001
    bad_s3: BadS3,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    loop_time: LoopTime,
) -> None:
    with bad_s3.fault(hangs):
        async with opened(bad_s3.url, timeout=60.0) as cloudwatch:
            for entry in entries(clock, 3):
                cloudwatch.deliver(group(), entry)
            cloudwatch.observe(got(clock, store()))
            loop_time.advance(ROUND_SECONDS)
            await wait_until_async(lambda: bad_s3.kept_waiting > 1)
            written = entries(clock, 1000)
            with quickly(30):
                for entry in written:
                    cloudwatch.deliver(group(), entry)
            with quickly(30), loop_time.hurrying(CLOSE_SECONDS, times=2):
                await cloudwatch.close()
    assert "1003 entries of access logs and 5 data points of metrics" in caplog.text


async def test_one_region_that_hangs_does_not_hold_up_another(
    cloudwatch_server: Moto, bad_s3: BadS3, clock: Clock, loop_time: LoopTime
) -> None:
    create_group(cloudwatch_server, region=OTHER_REGION)
    first, second = entries(clock, 2)
    with bad_s3.fault(only_in(REGION, hangs)):
        async with opened(bad_s3.url, timeout=60.0) as cloudwatch:
            for entry in (first, second):
                for region in (REGION, OTHER_REGION):
                    cloudwatch.deliver(group(region=region), entry)
                loop_time.advance(ROUND_SECONDS)
                await wait_until_async(
                    lambda: first in logged(cloudwatch_server, region=OTHER_REGION)
                )
            await wait_until_async(lambda: second in logged(cloudwatch_server, region=OTHER_REGION))
            assert logged(cloudwatch_server) == []
            await cloudwatch.clear()


async def test_what_is_refused_for_good_is_lost_and_holds_up_nothing(
    cloudwatch_server: Moto, bad_s3: BadS3, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = entries(clock, 2)
    async with opened(bad_s3.url) as cloudwatch:
        cloudwatch.deliver(group(), first)
        with bad_s3.fault(refuses("InvalidParameterException")):
            await cloudwatch.flush()
        assert "1 are lost" in caplog.text
        cloudwatch.deliver(group(), second)
        await cloudwatch.flush()
    assert logged(cloudwatch_server) == [second]


async def test_what_cannot_even_be_sent_is_lost_and_holds_up_nothing(
    cloudwatch_server: Moto, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = entries(clock, 2)
    async with opened(cloudwatch_server.url) as cloudwatch:
        cloudwatch.deliver(group(), {**first, "timestamp": -1})
        cloudwatch.deliver(group(), second)
        await cloudwatch.flush()
    assert "1 are lost" in caplog.text
    assert logged(cloudwatch_server) == [second]


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "AccessDeniedException", "UnrecognizedClientException"]
)
async def test_what_may_be_accepted_later_is_kept(
    cloudwatch_server: Moto, bad_s3: BadS3, clock: Clock, code: str
) -> None:
    (entry,) = entries(clock, 1)
    async with opened(bad_s3.url) as cloudwatch:
        cloudwatch.deliver(group(), entry)
        with bad_s3.fault(refuses(code)):
            await cloudwatch.flush()
        await cloudwatch.flush()
    assert logged(cloudwatch_server) == [entry]


async def test_what_is_rejected_out_of_a_batch_is_told_and_counted(
    cloudwatch_server: Moto,  # noqa: ARG001
    bad_s3: BadS3,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def rejects_some(request: web.BaseRequest, forward: Forward) -> web.StreamResponse:
        if not request.headers["X-Amz-Target"].endswith("PutLogEvents"):
            return await forward()
        info = {"tooOldLogEventEndIndex": 1, "expiredLogEventEndIndex": 2}
        return web.json_response({"rejectedLogEventsInfo": {**info, "tooNewLogEventStartIndex": 7}})

    async with opened(bad_s3.url) as cloudwatch:
        for entry in entries(clock, 10):
            cloudwatch.deliver(group(), entry)
        with bad_s3.fault(rejects_some):
            await cloudwatch.flush()
    assert "were rejected: of 10, 2 are older" in caplog.text
    assert "and 3 are more than 2 hours ahead" in caplog.text


async def test_of_too_many_entries_the_oldest_are_dropped_and_counted(
    cloudwatch_server: Moto, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    written = entries(clock, 35)
    async with opened(cloudwatch_server.url, capacity=10) as cloudwatch:
        for entry in written:
            cloudwatch.deliver(group(), entry)
        await cloudwatch.flush()
        assert logged(cloudwatch_server) == written[25:]
        (record,) = caplog.records
        assert "group group in us-east-1: the oldest 25 were dropped" in record.getMessage()
        for entry in written[:10]:  # There is room again.
            cloudwatch.deliver(group(), entry)
        await cloudwatch.flush()
        assert len(logged(cloudwatch_server)) == 20
        assert len(caplog.records) == 1


async def test_of_entries_with_too_many_bytes_the_oldest_are_dropped(
    cloudwatch_server: Moto, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    written = entries(clock, 35)
    room = sum(event_of(entry).size for entry in written[-10:])
    async with opened(cloudwatch_server.url, capacity_bytes=room) as cloudwatch:
        for entry in written:
            cloudwatch.deliver(group(), entry)
        await cloudwatch.flush()
        assert logged(cloudwatch_server) == written[25:]
    assert "the oldest 25 were dropped" in caplog.text


async def test_entries_stay_bounded_while_deliveries_fail(
    cloudwatch_server: Moto, bad_s3: BadS3, clock: Clock
) -> None:
    written = entries(clock, 30)
    async with opened(bad_s3.url, capacity=10) as cloudwatch:
        with bad_s3.fault(refuses("AccessDeniedException")):
            for entry in written:
                cloudwatch.deliver(group(), entry)
                await cloudwatch.flush()
        await cloudwatch.flush()
    assert logged(cloudwatch_server) == written[20:]


async def test_entries_that_come_back_from_a_failed_call_are_the_oldest_still(
    cloudwatch_server: Moto, bad_s3: BadS3, clock: Clock, loop_time: LoopTime
) -> None:
    written = entries(clock, 15)
    async with opened(bad_s3.url, capacity=10) as cloudwatch:
        with bad_s3.fault(hangs):
            for entry in written[:6]:
                cloudwatch.deliver(group(), entry)
            flush = asyncio.ensure_future(cloudwatch.flush())
            await wait_until_async(lambda: bad_s3.kept_waiting > 0)
            for entry in written[6:10]:
                cloudwatch.deliver(group(), entry)
            loop_time.advance(TIMEOUT)
            await flush
            for entry in written[10:]:
                cloudwatch.deliver(group(), entry)
        await cloudwatch.flush()
    assert keys(logged(cloudwatch_server)) == keys(written[5:])


async def test_entries_are_dropped_where_most_of_them_wait(
    cloudwatch_server: Moto, clock: Clock
) -> None:
    create_group(cloudwatch_server, "noisy")
    written = entries(clock, 40)
    async with opened(cloudwatch_server.url, capacity=20) as cloudwatch:
        for entry in written[:5]:
            cloudwatch.deliver(group(), entry)
        for entry in written[5:]:
            cloudwatch.deliver(group("noisy"), entry)
        await cloudwatch.flush()
    assert logged(cloudwatch_server) == written[:5]
    assert keys(logged(cloudwatch_server, "noisy")) == keys(written[-15:])


async def test_an_outbox_without_anything_to_deliver_is_let_go(
    cloudwatch_server: Moto, clock: Clock, loop_time: LoopTime
) -> None:
    first, second = entries(clock, 2)
    async with opened(cloudwatch_server.url) as cloudwatch:
        cloudwatch.deliver(group(), first)
        cloudwatch.observe(got(clock, store()))
        await cloudwatch.flush()
        for _ in range(IDLE_ROUNDS + 1):
            assert cloudwatch._outboxes()
            loop_time.advance(ROUND_SECONDS)
            for _ in range(5):
                await asyncio.sleep(0)
        assert cloudwatch._outboxes() == []
        cloudwatch.deliver(group(), second)
    assert logged(cloudwatch_server) == [first, second]


@pytest.mark.usefixtures("cloudwatch_server")
async def test_what_waits_for_a_role_that_no_store_has_any_more_is_lost(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    here, elsewhere = store(), store("elsewhere", region=OTHER_REGION)
    (entry,) = entries(clock, 1)
    async with opened(f"http://127.0.0.1:{free_port()}") as cloudwatch:
        for each in (here, elsewhere):
            cloudwatch.observe(got(clock, each))
        cloudwatch.deliver(group("other"), entry)
        cloudwatch.deliver(group(), entry)
        cloudwatch.keep([here])
        assert cloudwatch._metrics.keys() == {(here.metrics, "")}
        assert cloudwatch._logs.keys() == {(group(), "")}
        lost = [each for each in caplog.messages if "are lost" in each]
    assert lost == [
        f"{what} are lost: no store has this destination any more"
        for what in ("Entries for the log group other in us-east-1", "Metrics for eu-west-1")
    ]
