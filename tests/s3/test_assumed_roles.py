"""`--assume-role`: each store's IAM role is really assumed, and so it can be wrong.

moto can be told to look at what a role trusts, the external id too, and at what it may do.
"""

from __future__ import annotations

import ast
import json
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from emulator import Emulator
from tests.engines.aws import boto3_client
from tests.engines.bad_s3 import BadS3
from tests.engines.s3 import Moto
from tests.support.client import create_store
from tests.support.emulators import Start, client
from tests.support.environment import ROOT

TEMPLATE = ROOT / "fixtures" / "momento-iam-role.yaml"

LARGE = 9 * 1024 * 1024

_POLICY = {"RoleName": "MomentoObjectStoreRole", "PolicyName": "MomentoS3Access"}


@pytest.fixture
def role_arn(moto: Moto, boto3: Any) -> str:  # noqa: ARG001
    """The output of the stack that the template makes."""
    stacks = boto3_client(moto, "cloudformation")
    stacks.create_stack(
        StackName="momento",
        TemplateBody=TEMPLATE.read_text(),
        Parameters=[
            {"ParameterKey": "MomentoAccountId", "ParameterValue": "account"},
            {"ParameterKey": "S3BucketName", "ParameterValue": "bucket"},
        ],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    (stack,) = stacks.describe_stacks(StackName="momento")["Stacks"]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    return str(outputs["RoleArn"])


@pytest.fixture
def emulator(start: Start) -> Emulator:
    return start(assume_role=True)


def test_objects_flow_through_the_role_of_the_template(
    emulator: Emulator, boto3: Any, role_arn: str
) -> None:
    owner = client(emulator)
    create_store(owner, "store", role_arn=role_arn)
    for key, size in (("small", 10), ("large", LARGE)):
        assert owner.call("PUT", f"/objectstore/store/{key}", bytes(size)).status == 204
        emulator.tiers.flush("cluster")
        assert owner.call("GET", f"/objectstore/store/{key}").body == bytes(size)
        assert boto3.head_object(Bucket="bucket", Key=key)["ContentLength"] == size
    assert [placed.key for placed in emulator.tiers.objects("store")] == ["large", "small"]
    emulator.tiers.drop("store", "small", tier="storage")
    assert len(emulator.export_state()["objects"]) == 1


def test_the_role_is_assumed_for_the_account_and_store_and_kept(
    emulator: Emulator, bad_s3: BadS3, role_arn: str
) -> None:
    owner = client(emulator)
    names = ("store", "other~store")
    for name in names:
        create_store(owner, name, role_arn=role_arn, prefix=name)
    bad_s3.asked.clear()
    for _ in range(3):
        for name in names:
            assert owner.call("PUT", f"/objectstore/{name}/key", b"body").status == 204
    calls = [asked.form for asked in bad_s3.asked if asked.form]
    account = emulator.account_id
    assert [call["RoleArn"] for call in calls] == [role_arn, role_arn]
    external_ids = [call["ExternalId"] for call in calls]
    assert external_ids == [f"{account}/objectstore/{name}" for name in names]
    sessions = [call["RoleSessionName"] for call in calls]
    assert sessions == [f"{account}-objectstore-store", f"{account}-objectstore-other-store"]


class StrictMoto:
    """A moto that looks at what a role trusts and at what it may do, and a user to be trusted.

    Args:
        moto: one that does not, for now.
    """

    def __init__(self, moto: Moto) -> None:
        self._moto = moto
        self._iam = boto3_client(moto, "iam")
        self._iam.create_user(UserName="momento")
        key = self._iam.create_access_key(UserName="momento")["AccessKey"]
        self.environment = {
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        }
        self._user_may("sts:AssumeRole")
        # The policy of a stack is a dictionary inside moto, which can look at texts alone.
        kept = ast.literal_eval(self._iam.get_role_policy(**_POLICY)["PolicyDocument"])
        self._iam.put_role_policy(**_POLICY, PolicyDocument=json.dumps(kept))

    def trust(self, external_id: str) -> None:
        """Have the role trust the user, who has to name that external id."""
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::123456789012:user/momento"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
        }
        with self.lenient():
            self._iam.update_assume_role_policy(
                RoleName="MomentoObjectStoreRole", PolicyDocument=_policy(statement)
            )

    def allow(self, *actions: str) -> None:
        """Have the role allow these, and nothing else."""
        with self.lenient():
            document = _policy({"Effect": "Allow", "Action": actions, "Resource": "*"})
            self._iam.put_role_policy(**_POLICY, PolicyDocument=document)

    @contextmanager
    def lenient(self) -> Iterator[None]:
        """Meanwhile look at nothing."""
        self.look_after("inf")
        yield
        self.look_after("0")

    def _user_may(self, action: str) -> None:
        document = _policy({"Effect": "Allow", "Action": action, "Resource": "*"})
        self._iam.put_user_policy(UserName="momento", PolicyName="own", PolicyDocument=document)

    def look_after(self, count: str) -> None:
        """Let so many requests pass before it looks at anything."""
        url = f"{self._moto.url}/moto-api/reset-auth"
        headers = {"Content-Type": "text/plain"}
        request = urllib.request.Request(url, method="POST", data=count.encode(), headers=headers)
        urllib.request.urlopen(request, timeout=30).close()


@pytest.fixture
def strict(
    moto: Moto,
    role_arn: str,  # noqa: ARG001
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[StrictMoto]:
    """moto with the role of the template, and the user's credentials in the environment."""
    strict = StrictMoto(moto)
    for name, value in strict.environment.items():
        monkeypatch.setenv(name, value)
    strict.look_after("0")
    yield strict
    strict.look_after("inf")


def test_a_role_that_does_not_trust_us_is_a_500_and_named_in_the_log(
    strict: StrictMoto, emulator: Emulator, role_arn: str, caplog: pytest.LogCaptureFixture
) -> None:
    owner = client(emulator)
    create_store(
        owner, "store", role_arn=role_arn
    )  # It trusts Momento's account, which moto is not.
    external_id = f"{emulator.account_id}/objectstore/store"
    for trusted in (None, f"{external_id}s", f"{emulator.account_id}/objectstore/other"):
        if trusted is not None:
            strict.trust(trusted)
        for method in ("PUT", "GET"):
            caplog.clear()
            assert owner.call(method, "/objectstore/store/key", b"body").status == 500
            (record,) = caplog.records
            assert f"{role_arn} cannot be assumed" in record.getMessage()
            assert external_id in record.getMessage()
            assert "AccessDenied" in record.getMessage()
            assert not record.exc_info
    strict.trust(external_id)
    assert owner.call("PUT", "/objectstore/store/key", b"body").status == 204
    assert owner.call("GET", "/objectstore/store/other").status == 404


def test_a_role_without_a_permission_is_a_500(
    strict: StrictMoto, emulator: Emulator, role_arn: str
) -> None:
    owner = client(emulator)
    create_store(owner, "store", role_arn=role_arn)
    strict.trust(f"{emulator.account_id}/objectstore/store")
    path = "/objectstore/store/key"
    assert owner.call("PUT", path, b"body").status == 204
    strict.allow("s3:GetObject")
    assert owner.call("PUT", path, b"other").status == 500
    assert owner.call("GET", path).body == b"body"
    strict.allow("s3:PutObject")
    emulator.tiers.flush("cluster")
    assert owner.call("GET", path).status == 500
    assert owner.call("PUT", path, b"other").status == 204


def test_four_permissions_are_enough_for_whatever_a_store_does(
    strict: StrictMoto, emulator: Emulator, role_arn: str
) -> None:
    owner = client(emulator)
    create_store(owner, "store", role_arn=role_arn)
    strict.trust(f"{emulator.account_id}/objectstore/store")
    for key, size in (("small", 10), ("large", LARGE)):
        assert owner.call("PUT", f"/objectstore/store/{key}", bytes(size)).status == 204
        emulator.tiers.flush("cluster")
        assert owner.call("GET", f"/objectstore/store/{key}").body == bytes(size)
    assert [placed.key for placed in emulator.tiers.objects("store")] == ["large", "small"]
    emulator.tiers.drop("store", "large", tier="storage")
    assert owner.call("GET", "/objectstore/store/none").status == 404


def test_without_the_option_no_role_is_assumed(start: Start, bad_s3: BadS3) -> None:
    owner = client(start())
    create_store(owner, "store", role_arn="arn:aws:iam::123456789012:role/of-nobody")
    assert owner.call("PUT", "/objectstore/store/key", b"body").status == 204
    assert not any(asked.form for asked in bad_s3.asked)


def _policy(statement: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
