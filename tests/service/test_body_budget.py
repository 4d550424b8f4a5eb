"""The room for bodies of uploads: who gets it, who waits, and that nobody waits for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any, TypeVar

import pytest

from emulator.core.errors import BadRequestError
from emulator.service.body_budget import FREE_BYTES, STEP_BYTES, BodyBudget, Reservation

MEBIBYTE = 1024 * 1024
LIMIT = 4 * STEP_BYTES

T = TypeVar("T")


@pytest.fixture
async def budget() -> AsyncIterator[BodyBudget]:
    """Room for four steps; every test gives all of it back."""
    made = BodyBudget(LIMIT)
    yield made
    assert (made.held, made.waiting) == (0, 0)


async def others_run() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def begun(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """The work, as far as it gets without waiting."""
    task = asyncio.ensure_future(work)
    await others_run()
    return task


async def test_uploads_go_on_at_once_while_there_is_room(budget: BodyBudget) -> None:
    rooms = [await budget.reserve(LIMIT // 2) for _ in range(2)]
    assert budget.held == LIMIT
    for room in rooms:
        room.release()


async def test_who_finds_no_room_waits_and_goes_on_in_the_order_of_arrival(
    budget: BodyBudget,
) -> None:
    first = await budget.reserve(LIMIT)
    large = await begun(budget.reserve(LIMIT))
    small = await begun(budget.reserve(1))
    assert not large.done()
    first.release()
    (await large).release()
    assert not small.done()  # It has not overtaken the one before it.
    (await small).release()


async def test_a_body_larger_than_the_budget_goes_alone(budget: BodyBudget) -> None:
    huge = await budget.reserve(100 * LIMIT)
    other = await begun(budget.reserve(1))
    assert not other.done()
    huge.release()
    (await other).release()


async def test_a_budget_of_nothing_lets_one_body_go_at_a_time() -> None:
    budget = BodyBudget(0)
    one = await budget.reserve(MEBIBYTE)
    other = await begun(budget.reserve(MEBIBYTE))
    assert not other.done()
    one.release()
    (await other).release()


async def test_a_release_is_made_once(budget: BodyBudget) -> None:
    room = await budget.reserve(10)
    room.release()
    room.release()
    assert budget.held == 0


async def test_a_short_body_of_unknown_length_takes_no_room_and_waits_for_nobody(
    budget: BodyBudget,
) -> None:
    full = await budget.reserve(LIMIT)
    waiting = await begun(budget.reserve(1))
    short = await budget.reserve(None)
    await short.cover(FREE_BYTES)
    assert budget.held == LIMIT
    short.release()
    full.release()
    (await waiting).release()


async def test_uploads_of_unknown_length_that_fill_the_budget_all_finish(
    budget: BodyBudget,
) -> None:
    """One at a time exceeds the budget, so none waits for another that waits."""
    most = 0

    async def upload() -> None:
        nonlocal most
        room = await budget.reserve(None)
        try:
            for size in range(0, 3 * STEP_BYTES, STEP_BYTES // 4):
                await room.cover(size)
                most = max(most, budget.held)
                await asyncio.sleep(0)
        finally:
            room.release()

    await asyncio.wait_for(asyncio.gather(*(upload() for _ in range(20))), 30)
    assert LIMIT < most <= LIMIT + 3 * STEP_BYTES


async def test_an_upload_that_grows_comes_before_one_that_has_not_begun(
    budget: BodyBudget,
) -> None:
    full = await budget.reserve(LIMIT)
    favoured, growing = await budget.reserve(None), await budget.reserve(None)
    await favoured.cover(STEP_BYTES)  # Beyond the budget, which one may do.
    new = await begun(budget.reserve(STEP_BYTES))
    step = await begun(growing.cover(STEP_BYTES))
    assert not step.done()
    full.release()
    await step
    (await new).release()
    favoured.release()
    growing.release()


@pytest.mark.parametrize("is_favoured_first", [True, False])
async def test_an_upload_that_is_cancelled_while_it_waits_holds_up_nobody(
    budget: BodyBudget, is_favoured_first: bool
) -> None:
    full = await budget.reserve(LIMIT)
    gone = await begun(budget.reserve(LIMIT))
    next_one = await begun(budget.reserve(1))
    if is_favoured_first:
        full.release()  # It is let go on in the same moment in which it is cancelled.
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    full.release()
    (await next_one).release()


async def test_a_growing_upload_that_is_cancelled_as_it_is_let_go_on_frees_its_place(
    budget: BodyBudget,
) -> None:
    first, second = await budget.reserve(None), await budget.reserve(None)
    full = await budget.reserve(LIMIT)
    await first.cover(STEP_BYTES)
    step = await begun(second.cover(STEP_BYTES))
    first.release()  # Now the second one may exceed the budget.
    step.cancel()
    with pytest.raises(asyncio.CancelledError):
        await step
    second.release()
    third = await budget.reserve(None)
    await asyncio.wait_for(third.cover(STEP_BYTES), 30)
    third.release()
    full.release()


async def test_an_upload_whose_connection_is_lost_while_it_waits_ends(budget: BodyBudget) -> None:
    is_lost = asyncio.Event()

    async def lost() -> None:
        await is_lost.wait()
        raise BadRequestError("lost")

    full = await budget.reserve(LIMIT)
    waiting = await begun(budget.reserve(1, lost=lost))
    assert not waiting.done()
    is_lost.set()
    with pytest.raises(BadRequestError, match="lost"):
        await waiting
    assert budget.waiting == 0
    full.release()


async def test_an_upload_whose_body_is_already_here_still_waits_for_room(
    budget: BodyBudget,
) -> None:
    async def is_here() -> None:
        """Returns: there is nothing left to lose."""

    full = await budget.reserve(LIMIT)
    waiting = await begun(budget.reserve(1, lost=is_here))
    assert not waiting.done()
    full.release()
    (await waiting).release()


async def test_a_body_that_is_forwarded_keeps_room_only_for_what_is_held(
    budget: BodyBudget,
) -> None:
    room: Reservation = await budget.reserve(None, streamed=STEP_BYTES)
    await room.cover(3 * STEP_BYTES)
    await room.stream()
    assert budget.held == STEP_BYTES
    await room.cover(100 * LIMIT)
    assert budget.held == STEP_BYTES
    room.release()


async def test_an_upload_that_is_forwarded_lets_another_one_exceed_the_budget_once_there_is_room(
    budget: BodyBudget,
) -> None:
    full = await budget.reserve(LIMIT)
    forwarded, growing = await budget.reserve(None, streamed=1), await budget.reserve(None)
    await forwarded.cover(STEP_BYTES)
    await forwarded.stream()
    step = await begun(growing.cover(STEP_BYTES))
    assert not step.done()  # The budget is still exceeded, by the one byte that is held.
    full.release()
    await step
    full = await budget.reserve(LIMIT - budget.held)
    await asyncio.wait_for(growing.cover(LIMIT), 30)
    for room in (full, forwarded, growing):
        room.release()
