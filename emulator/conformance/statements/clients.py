"""Statements on the Auth APIs, the account and the IAM roles that came after their documents."""

from __future__ import annotations

from .document import Document
from .reasons import ADVICE, AWS, CONSOLE, MEMBERSHIP, NO_TOKEN
from .statement import SECOND

_NEWER = "Newer statements on the Auth APIs and the account"
_ROLES = "IAM roles since 2026-03-04"

CLIENTS = Document("CLIENTS", "Public documentation of 2026-08-22", (_NEWER, _ROLES))

_AUTH = (
    *CLIENTS.states(
        _NEWER,
        {
            "CLIENTS-AUTH-01": "POST /api-keys without application/json answers 400.",
            "CLIENTS-AUTH-02": "POST /roles without application/json answers 400.",
            "CLIENTS-AUTH-03": "PUT /roles/{role_id} without application/json answers 400.",
        },
    ),
    *CLIENTS.states(
        _NEWER,
        {"CLIENTS-AUTH-04": "The Auth APIs take 5 operations a second from an account."},
        revisions=(SECOND,),
    ),
    *CLIENTS.states(
        _NEWER,
        {
            "CLIENTS-AUTH-05": "A token lives for at most 25 hours.",
            "CLIENTS-AUTH-06": "A token has at most 20 statements.",
        },
        not_shown=NO_TOKEN,
    ),
)

_ACCOUNT = (
    *CLIENTS.states(
        _NEWER,
        {"CLIENTS-ACCOUNT-01": "The console lets no Owner leave until another changed its role."},
        not_shown=CONSOLE,
    ),
    *CLIENTS.states(
        _NEWER,
        {"CLIENTS-ACCOUNT-02": "An Owner who is not the last can be removed by another."},
        not_shown=MEMBERSHIP,
    ),
)

_IAM = (
    *CLIENTS.states(
        _ROLES,
        {
            "CLIENTS-IAM-01": "The storage role's trust policy asks for the external id.",
            "CLIENTS-IAM-02": "The access-log role's trust policy asks for the external id.",
            "CLIENTS-IAM-03": "The metrics role's trust policy asks for the external id.",
            "CLIENTS-IAM-04": "The external id has the account's id and the store's name.",
            "CLIENTS-IAM-05": "A StringLike condition may admit all stores of the account.",
            "CLIENTS-IAM-06": "The access-log role needs logs:DescribeLogGroups on everything.",
            "CLIENTS-IAM-07": "The access-log role needs logs:CreateLogStream on the log group.",
            "CLIENTS-IAM-08": "The access-log role needs logs:PutLogEvents on the log group.",
            "CLIENTS-IAM-09": "The metrics role needs cloudwatch:PutMetricData.",
            "CLIENTS-IAM-10": "The metrics role is limited to the namespace Momento/ObjectStore.",
        },
        revisions=(SECOND,),
        not_shown=AWS,
    ),
    *CLIENTS.states(
        _ROLES,
        {"CLIENTS-IAM-11": "The log group should have a retention policy."},
        revisions=(SECOND,),
        not_shown=ADVICE,
    ),
)

STATEMENTS = (*_AUTH, *_ACCOUNT, *_IAM)
