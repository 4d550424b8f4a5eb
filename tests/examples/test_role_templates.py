"""The CloudFormation templates of the three IAM roles of a store."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.engines.aws import aws_environment, boto3_client
from tests.engines.s3 import Moto
from tests.support.environment import ROOT

pytestmark = pytest.mark.proves("D148")

MOMENTO = "arn:aws:iam::168253909317:root"
ACCOUNT = "the-account"

TEMPLATES = {
    "storage": ROOT / "fixtures" / "momento-iam-role.yaml",
    "access logs": ROOT / "fixtures" / "momento-access-log-role.yaml",
    "metrics": ROOT / "fixtures" / "momento-metrics-role.yaml",
}
PARAMETERS: Mapping[str, Mapping[str, str]] = {"storage": {"S3BucketName": "bucket"}}

every_template = pytest.mark.parametrize("name", TEMPLATES)


class Loader(yaml.SafeLoader):
    """Reads a template; a function of CloudFormation becomes an object with its name."""


def _function(loader: Loader, name: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.ScalarNode)
    return {name: loader.construct_scalar(node)}


Loader.add_multi_constructor("!", _function)


@every_template
def test_a_template_asks_for_the_external_id_of_one_store_or_of_all(name: str) -> None:
    template = yaml.load(TEMPLATES[name].read_text(), Loader)
    (role,) = (
        resource["Properties"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::IAM::Role"
    )
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    account, store = "${MomentoAccountId}", "${ObjectStoreName}"
    one = {"StringEquals": {"sts:ExternalId": {"Sub": f"{account}/objectstore/{store}"}}}
    every = {"StringLike": {"sts:ExternalId": {"Sub": f"{account}/objectstore/*"}}}
    assert statement["Condition"] == {"If": ["OneStore", one, every]}
    assert statement["Principal"] == {"AWS": MOMENTO}
    assert template["Parameters"]["ObjectStoreName"]["Default"] == ""


def complaints(template: Path) -> list[str]:
    """What cfn-lint finds in a template."""
    from cfnlint.api import lint_file  # The quick suite does without it.

    return [str(found) for found in lint_file(template)]


@pytest.mark.slow
@every_template
def test_a_template_is_valid_for_cfn_lint(name: str) -> None:
    assert complaints(TEMPLATES[name]) == []


@pytest.mark.slow
def test_cfn_lint_finds_what_is_wrong_in_a_template(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text(TEMPLATES["storage"].read_text().replace("RoleName:", "RoleNames:"))
    assert len(complaints(broken)) == 1


class Stack:
    """A template that moto has deployed."""

    def __init__(self, moto: Moto, name: str, **more: str) -> None:
        given = {"MomentoAccountId": ACCOUNT, **PARAMETERS.get(name, {}), **more}
        stacks = boto3_client(moto, "cloudformation")
        stacks.create_stack(
            StackName="momento",
            TemplateBody=TEMPLATES[name].read_text(),
            Parameters=[
                {"ParameterKey": key, "ParameterValue": value} for key, value in given.items()
            ],
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
        (stack,) = stacks.describe_stacks(StackName="momento")["Stacks"]
        assert stack["StackStatus"] == "CREATE_COMPLETE"
        self.outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
        self._iam = boto3_client(moto, "iam")
        self._role = self.outputs["RoleArn"].rpartition("/")[2]

    def trust(self) -> dict[str, Any]:
        """The one statement that says who may take the role."""
        role = self._iam.get_role(RoleName=self._role)["Role"]
        (statement,) = _document(role["AssumeRolePolicyDocument"])["Statement"]
        return dict(statement)

    def statements(self) -> list[dict[str, Any]]:
        """What the role may do."""
        (policy,) = self._iam.list_role_policies(RoleName=self._role)["PolicyNames"]
        found = self._iam.get_role_policy(RoleName=self._role, PolicyName=policy)
        return list(_document(found["PolicyDocument"])["Statement"])


def _document(policy: Any) -> dict[str, Any]:
    """A policy of a stack, of which moto may answer with Python's text."""
    return dict(ast.literal_eval(policy) if isinstance(policy, str) else policy)


@pytest.fixture
def aws(moto: Moto) -> Any:
    """An empty moto, with credentials for it in the environment."""
    with aws_environment(moto):
        yield moto


@pytest.mark.engines("moto")
@every_template
@pytest.mark.parametrize(
    ("store", "condition"),
    [
        ("media", {"StringEquals": {"sts:ExternalId": f"{ACCOUNT}/objectstore/media"}}),
        ("", {"StringLike": {"sts:ExternalId": f"{ACCOUNT}/objectstore/*"}}),
    ],
)
def test_a_role_trusts_momento_with_the_external_id(
    aws: Moto, name: str, store: str, condition: dict[str, Any]
) -> None:
    assert Stack(aws, name, ObjectStoreName=store).trust() == {
        "Effect": "Allow",
        "Principal": {"AWS": MOMENTO},
        "Action": "sts:AssumeRole",
        "Condition": condition,
    }


@pytest.mark.engines("moto")
def test_the_storage_role_may_use_its_bucket(aws: Moto) -> None:
    (statement,) = Stack(aws, "storage").statements()
    assert statement["Action"] == [
        *["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"],
        "s3:PutObjectTagging",
    ]
    assert statement["Resource"] == ["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*"]


@pytest.mark.engines("moto")
def test_the_access_log_role_may_write_to_its_log_group_which_has_a_retention(aws: Moto) -> None:
    stack = Stack(aws, "access logs", LogGroupName="/momento/media")
    find, write = stack.statements()
    assert (find["Action"], find["Resource"]) == ("logs:DescribeLogGroups", "*")
    assert write["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    group = "arn:aws:logs:us-east-1:123456789012:log-group:/momento/media:*"
    assert write["Resource"] == group
    (made,) = boto3_client(aws, "logs").describe_log_groups()["logGroups"]
    assert stack.outputs["LogGroupName"] == made["logGroupName"] == "/momento/media"
    assert (made["arn"], made["retentionInDays"]) == (group, 30)


@pytest.mark.engines("moto")
def test_the_metrics_role_may_deliver_to_its_namespace(aws: Moto) -> None:
    (statement,) = Stack(aws, "metrics").statements()
    assert (statement["Action"], statement["Resource"]) == ("cloudwatch:PutMetricData", "*")
    namespace = {"StringEquals": {"cloudwatch:namespace": "Momento/ObjectStore"}}
    assert statement["Condition"] == namespace
