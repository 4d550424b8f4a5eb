"""The credentials of one role, with an STS that answers when and what the test says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from emulator.aws import roles
from emulator.aws.clients import AwsClients
from emulator.aws.roles import AssumedRole, Roles
from emulator.core.failures import EngineUnavailableError

Answer = Callable[[], Awaitable[timedelta]]
"""Says how long the credentials are valid that STS gives."""

ROLE = "arn:aws:iam::123456789012:role/role"


async def account_id() -> str:
    return "account"


class Sts(Roles):
    """Roles whose credentials are numbered, and that ask ``answer`` instead of STS."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(AwsClients("--storage s3"), account_id)
        self.answer = answer
        self.asked = 0

    async def assume(self, role_arn: str, store_name: str) -> dict[str, Any]:
        del role_arn, store_name
        self.asked += 1
        name = str(self.asked)
        expire_at = datetime.now(timezone.utc) + await self.answer()
        names = ("AccessKeyId", "SecretAccessKey", "SessionToken")
        return {**dict.fromkeys(names, name), "Expiration": expire_at}


def valid_for(**time: Any) -> Answer:
    async def answer() -> timedelta:
        return timedelta(**time)

    return answer


async def fails() -> timedelta:
    raise EngineUnavailableError("STS: as told")


async def names(role: AssumedRole, times: int) -> list[str]:
    """Under which name as many requests at once go."""
    found = await asyncio.gather(*(role.credentials() for _ in range(times)))
    return [each.access_key for each in found]


async def turns() -> None:
    """Let what is behind the requests go on."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_callers_without_credentials_wait_for_one_renewal() -> None:
    sts = Sts(valid_for(hours=1))
    assert await names(AssumedRole(sts, ROLE, "store"), 5) == ["1"] * 5
    assert sts.asked == 1


async def test_callers_with_valid_credentials_go_on_during_one_renewal() -> None:
    sts = Sts(valid_for(minutes=4))
    role = AssumedRole(sts, ROLE, "store")
    await role.credentials()
    answered = asyncio.Event()

    async def answer() -> timedelta:
        await answered.wait()
        return timedelta(hours=1)

    sts.answer = answer
    for _ in range(3):
        assert await names(role, 5) == ["1"] * 5
        await turns()
    assert sts.asked == 2
    answered.set()
    await turns()
    assert await names(role, 5) == ["2"] * 5
    assert sts.asked == 2


async def test_after_a_renewal_that_failed_sts_is_left_alone_for_a_while(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sts = Sts(valid_for(minutes=4))
    role = AssumedRole(sts, ROLE, "store")
    await role.credentials()
    sts.answer = fails
    for _ in range(5):
        assert await names(role, 5) == ["1"] * 5
        await turns()
    assert sts.asked == 2
    (record,) = caplog.records
    assert "are not renewed: STS: as told" in record.getMessage()

    monkeypatch.setattr(roles, "PAUSE_SECONDS", 0.0)
    rested = AssumedRole(sts, ROLE, "other")
    sts.answer = valid_for(minutes=4)
    await rested.credentials()
    sts.answer = fails
    before = sts.asked
    for _ in range(3):
        await names(rested, 5)
        await turns()
    assert sts.asked == before + 3


async def test_without_valid_credentials_every_request_asks_sts_and_fails() -> None:
    sts = Sts(valid_for(minutes=-1))
    role = AssumedRole(sts, ROLE, "store")
    await role.credentials()
    sts.answer = fails
    for count in (2, 3):
        with pytest.raises(EngineUnavailableError, match="as told"):
            await role.credentials()
        assert sts.asked == count
    sts.answer = valid_for(hours=1)
    assert await names(role, 1) == ["4"]


async def test_a_request_that_is_given_up_does_not_end_the_renewal_of_others() -> None:
    answered = asyncio.Event()

    async def answer() -> timedelta:
        await answered.wait()
        return timedelta(hours=1)

    sts = Sts(answer)
    role = AssumedRole(sts, ROLE, "store")
    first, second = (asyncio.ensure_future(role.credentials()) for _ in range(2))
    await turns()
    first.cancel()
    answered.set()
    assert (await second).access_key == "1"
    assert first.cancelled()


async def test_a_renewal_ends_when_the_roles_are_closed() -> None:
    sts = Sts(valid_for(minutes=4))
    role = AssumedRole(sts, ROLE, "store")
    await role.credentials()
    ended = asyncio.Event()

    async def answer() -> timedelta:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        raise AssertionError

    sts.answer = answer
    await role.credentials()
    await turns()
    await sts.close()
    assert ended.is_set()
