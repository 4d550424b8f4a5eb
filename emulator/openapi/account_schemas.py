"""Schemas of the account: API keys, roles and permission sets, tokens, members, invitations."""

from __future__ import annotations

from emulator.auth.system_roles import SYSTEM_ROLES
from emulator.auth.tokens import LONGEST_LIFE_SECONDS, MOST_RULES
from emulator.core.permission_set import EVERYTHING, RULE_TYPES, SUPER_USER, RuleType
from emulator.openapi.json_schema import Schema, Schemas, listed, one_of, record, ref, text, whole
from emulator.service.account.members import LONGEST_USER_NAME
from emulator.service.account.roles import LONGEST_DESCRIPTION, LONGEST_ROLE_NAME
from emulator.service.account.tokens import LONGEST_TOKEN_ID

_CIDR = text("a CIDR range with its prefix length", pattern="/", examples=["10.0.0.0/8"])

_KEY = record(
    {
        "key_id": text("the key's id"),
        "account_id": text("the account's id"),
        "description": text(),
        "role_id": text("the id of the key's role"),
    },
    {"expires_at_epoch_seconds": whole("left out when the key never expires")},
    "An API key, never with its plaintext.",
)
_KEY["properties"]["issued_at_epoch_seconds"] = whole()
_KEY["required"].append("issued_at_epoch_seconds")

_SYSTEM_ROLE = one_of(SYSTEM_ROLES, "the id of a system role")
_USER_NAME = text("the person's name", minLength=1, maxLength=LONGEST_USER_NAME)


def rule_name(type_name: str) -> str:
    """The name of the schema of a type of rule."""
    return f"{''.join(map(str.capitalize, type_name.split('_')))}Rule"


def _rule(type_name: str, rule_type: RuleType) -> Schema:
    selectors = {name: _selector(choices) for name, choices in rule_type.selectors.items()}
    return record(
        {
            "type": one_of([type_name]),
            "permissions": listed(one_of(rule_type.permissions), minItems=1),
            **selectors,
        },
        closed=True,
    )


def _selector(choices: tuple[str, ...]) -> Schema:
    everything = one_of([EVERYTHING])
    if not choices:
        return everything
    forms = [record({choice: text(minLength=1)}, closed=True) for choice in choices]
    return {"oneOf": [everything, *forms]}


def _permission_set(most_rules: int | None = None) -> Schema:
    rules = listed({"oneOf": [ref(rule_name(each)) for each in RULE_TYPES]}, minItems=1)
    if most_rules is not None:
        rules["maxItems"] = most_rules
    return record(
        {"rules": rules},
        {"conditions": listed(ref("Condition"))},
        "What the holder of a role or token may do, and from which addresses.",
        closed=True,
    )


ACCOUNT_SCHEMAS: Schemas = {
    **{rule_name(name): _rule(name, each) for name, each in RULE_TYPES.items()},
    "Condition": record(
        {"ip_filter": record({"allowed_cidr_ranges": listed(_CIDR, minItems=1)}, closed=True)},
        closed=True,
    ),
    "PermissionSet": _permission_set(),
    "TokenPermissionSet": _permission_set(MOST_RULES),
    "SuperUser": record(
        {"super_user": {"type": "boolean", "enum": [SUPER_USER.super_user]}},
        description="The permissions of the role Owner: everything.",
    ),
    "ApiKeyInfo": _KEY,
    "NewApiKey": record(
        {"api_key": text("the key itself, shown this once"), "key_info": ref("ApiKeyInfo")}
    ),
    "ApiKeyDefinition": record(
        {
            "role_id": text("the id of a role", minLength=1),
            "description": text(maxLength=LONGEST_DESCRIPTION),
            "expiry": {
                "oneOf": [one_of(["never"]), whole("seconds since the Unix epoch")],
            },
        }
    ),
    "ApiKeyPage": record(
        {"key_info": listed(ref("ApiKeyInfo"))},
        {"next_token": text("only when there are more keys")},
    ),
    "ApiKeyOfEitherVersion": record(
        {"role": text("the id or the name of a role", minLength=1)},
        {
            "description": text(maxLength=LONGEST_DESCRIPTION),
            "expires_in_seconds": whole("on the emulator's clock", minimum=1),
            "v1": {"type": "boolean", "description": "make a v1 key", "default": False},
        },
        closed=True,
    ),
    "Role": record(
        {
            "role_id": text(),
            "role_name": text(),
            "role_type": one_of(["system", "custom"]),
            "permissions": {"oneOf": [ref("PermissionSet"), ref("SuperUser")]},
        },
        {"description": text("left out when there is none")},
    ),
    "RoleDefinition": record(
        {
            "role_name": text(minLength=1, maxLength=LONGEST_ROLE_NAME),
            "permissions": ref("PermissionSet"),
        },
        {"description": text(maxLength=LONGEST_DESCRIPTION)},
    ),
    "RolePage": record(
        {"roles": listed(ref("Role"))}, {"next_token": text("only when there are more roles")}
    ),
    "RoleDeletion": record(
        {"status": one_of(["deleted", "blocked"])},
        {
            "account_members": listed(ref("Member")),
            "invitations": listed(ref("Invitation")),
            "api_keys": listed(ref("ApiKeyInfo")),
        },
        "`blocked` lists all that still use the role.",
    ),
    "Member": record({"user_name": text(), "role_id": text(), "role_name": text()}),
    "Members": record({"account_members": listed(ref("Member"))}),
    "Invitation": record({"id": text(), "account_member": ref("Member")}),
    "Invitations": record({"invitations": listed(ref("Invitation"))}),
    "MemberChange": record({"role_id": _SYSTEM_ROLE}, closed=True),
    "InvitationDefinition": record(
        {"user_name": _USER_NAME}, {"role_id": _SYSTEM_ROLE}, closed=True
    ),
    "Acceptance": record({"invitation_id": text(minLength=1)}, closed=True),
    "TokenDefinition": record(
        {
            "permissions": ref("TokenPermissionSet"),
            "expires_in_seconds": whole(minimum=1, maximum=LONGEST_LIFE_SECONDS),
        },
        {"token_id": text(minLength=1, maxLength=LONGEST_TOKEN_ID)},
        closed=True,
    ),
    "NewToken": record({"token": text(), "token_id": text(), "expires_at_epoch_seconds": whole()}),
    "Nothing": {"type": "object", "description": "an empty object"},
}
"""The schemas of the Auth APIs and of the account's membership, by name."""
