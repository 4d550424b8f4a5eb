"""Statements of the Auth HTTP API about errors, API keys and roles."""

from __future__ import annotations

from .statement import Statement


def _one(number: str, section: str, text: str) -> Statement:
    return Statement(f"AUTH-{number}", text, f"auth-http-api.md, {section}")


STATEMENTS = (
    _one("ERROR-01", "introduction", "The API key goes raw into Authorization."),
    _one("ERROR-02", "introduction", "The key used needs auth-management permissions."),
    _one("ERROR-03", "introduction", "An error is JSON with code and message."),
    _one("KEY-01", "API keys", "A key object never holds the plaintext."),
    _one("KEY-02", "API keys", "expires_at_epoch_seconds is left out of a key that never expires."),
    _one("KEY-03", "API keys", "Creating a key answers 200 with api_key and key_info."),
    _one("KEY-04", "API keys", "role_id is required, else 400."),
    _one("KEY-05", "API keys", "description is required, else 400."),
    _one("KEY-06", "API keys", "expiry is required: never or epoch seconds, else 400."),
    _one("KEY-07", "API keys", "Malformed JSON answers 400."),
    _one("KEY-08", "API keys", "A key for an unknown role answers 404."),
    _one("KEY-09", "API keys", "Listing keys takes a limit of 1 to 100, else 400."),
    _one("KEY-10", "API keys", "next_token is there only when more keys remain."),
    _one("KEY-11", "API keys", "Revoking a key answers 200 with an empty object."),
    _one("KEY-12", "API keys", "A revoked key stops authenticating at once."),
    _one("KEY-13", "API keys", "Revoking an unknown key answers 404."),
    _one("ROLE-01", "Roles", "System roles are Owner, Operator and Viewer."),
    _one("ROLE-02", "Roles", "Listing roles by type returns only that type."),
    _one("ROLE-03", "Roles", "A wrong limit or type of a list answers 400."),
    _one("ROLE-04", "Roles", "Creating a role answers 200 with a new role_id."),
    _one("ROLE-05", "Roles", "An invalid permission set or CIDR answers 400."),
    _one("ROLE-06", "Roles", "A name that is taken answers 409."),
    _one("ROLE-07", "Roles", "Replacing a role without a description leaves the old one."),
    _one("ROLE-08", "Roles", "Replacing an unknown role answers 404."),
    _one("ROLE-09", "Roles", "Replacing or deleting a system role answers 412."),
    _one("ROLE-10", "Roles", "Deleting an unused role answers 200, deleted."),
    _one("ROLE-11", "Roles", "Deleting a used role answers 200, blocked, with its users."),
    _one("ROLE-12", "Roles", "A key follows its role when the role changes."),
)
