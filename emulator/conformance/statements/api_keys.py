"""Statements of the page on API keys: their roles, their life and the change to v2."""

from __future__ import annotations

from .document import Document
from .reasons import ADVICE, CONSOLE, MEMBERSHIP, NO_V1_KEY, ONE_ENDPOINT, SDK

API_KEYS = Document(
    "KEYS",
    "Momento API keys",
    (
        "Momento API keys",
        "Roles and access",
        "Key lifecycle",
        "Key lifecycle: Create",
        "Key lifecycle: List",
        "Key lifecycle: Revoke",
        "Migrate from v1 API keys",
    ),
)

_GENERAL = (
    *API_KEYS.states(
        "Momento API keys",
        {"KEYS-GENERAL-01": "An API key is long-lived: it works for request after request."},
    ),
    *API_KEYS.states(
        "Momento API keys",
        {"KEYS-GENERAL-02": "A key works in all regions."},
        not_shown=ONE_ENDPOINT,
    ),
    *API_KEYS.states(
        "Momento API keys",
        {
            "KEYS-GENERAL-03": "The SDK has to be given the endpoint beside the key.",
            "KEYS-GENERAL-04": "Without endpoint the SDK says Missing required property: endpoint.",
        },
        not_shown=SDK,
    ),
)

_ROLES = (
    *API_KEYS.states(
        "Roles and access",
        {
            "KEYS-ROLE-01": "The system has the roles Owner, Operator and Viewer.",
            "KEYS-ROLE-02": "An Owner key may do everything with stores and objects.",
            "KEYS-ROLE-03": "An Owner key may make, list and revoke API keys.",
        },
    ),
    *API_KEYS.states(
        "Roles and access",
        {"KEYS-ROLE-04": "An Owner key may change the account's membership."},
        not_shown=MEMBERSHIP,
    ),
    *API_KEYS.states(
        "Roles and access",
        {
            "KEYS-ROLE-05": "An Operator key may do everything with stores and objects.",
        },
    ),
    *API_KEYS.states(
        "Roles and access",
        {"KEYS-ROLE-06": "An Operator key may only read the account's membership."},
        not_shown=MEMBERSHIP,
    ),
    *API_KEYS.states(
        "Roles and access",
        {
            "KEYS-ROLE-07": "A Viewer key may read objects.",
            "KEYS-ROLE-08": "A Viewer key may list and describe stores.",
            "KEYS-ROLE-09": "A Viewer key may list API keys.",
            "KEYS-ROLE-10": "A Viewer key may not put objects.",
            "KEYS-ROLE-11": "A Viewer key may not make, change or delete stores.",
            "KEYS-ROLE-12": "A Viewer key may not make or revoke API keys.",
            "KEYS-ROLE-13": "A key gets exactly one role when it is made.",
        },
    ),
)

_LIFE = (
    *API_KEYS.states(
        "Key lifecycle",
        {"KEYS-LIFE-01": "Keys can be made, listed and revoked."},
    ),
    *API_KEYS.states(
        "Key lifecycle: Create",
        {"KEYS-LIFE-02": "Keys can be made in the console."},
        not_shown=CONSOLE,
    ),
    *API_KEYS.states(
        "Key lifecycle: Create",
        {
            "KEYS-LIFE-03": "Keys can be made with the Auth APIs, and work.",
            "KEYS-LIFE-04": "Whoever makes a key chooses its role.",
            "KEYS-LIFE-05": "A key may have a description or an empty one.",
            "KEYS-LIFE-06": "A key may have an expiry or none.",
            "KEYS-LIFE-07": "The plaintext of a key is shown once: when it is made.",
        },
    ),
    *API_KEYS.states(
        "Key lifecycle: Create",
        {"KEYS-LIFE-08": "A key should be kept in a secret manager."},
        not_shown=ADVICE,
    ),
    *API_KEYS.states(
        "Key lifecycle: List",
        {
            "KEYS-LIFE-09": "The list has the active keys: a revoked key is not in it.",
            "KEYS-LIFE-10": "The list has the id of each key.",
            "KEYS-LIFE-11": "The list has the role of each key.",
            "KEYS-LIFE-12": "The list has the time when each key was issued.",
            "KEYS-LIFE-13": "The list has the expiry of a key that has one.",
            "KEYS-LIFE-14": "The list has the description of each key.",
            "KEYS-LIFE-15": "The list never has the plaintext of a key.",
        },
    ),
    *API_KEYS.states(
        "Key lifecycle: Revoke",
        {
            "KEYS-LIFE-16": "A revoked key is refused from then on.",
            "KEYS-LIFE-17": "A key is refused after its expiry.",
            "KEYS-LIFE-18": "A key can be replaced before its expiry: both work meanwhile.",
        },
    ),
)

_MIGRATION = (
    *API_KEYS.states(
        "Migrate from v1 API keys",
        {"KEYS-MIGRATE-01": "v1 keys still work."},
        not_shown=NO_V1_KEY,
    ),
    *API_KEYS.states(
        "Migrate from v1 API keys",
        {"KEYS-MIGRATE-02": "The Auth APIs make keys in v2 form."},
    ),
    *API_KEYS.states(
        "Migrate from v1 API keys",
        {"KEYS-MIGRATE-03": "The console makes keys in v2 form."},
        not_shown=CONSOLE,
    ),
    *API_KEYS.states(
        "Migrate from v1 API keys",
        {
            "KEYS-MIGRATE-04": "The credential provider needs an endpoint for v2 keys.",
            "KEYS-MIGRATE-05": "fromString() takes v1 keys.",
            "KEYS-MIGRATE-06": "fromApiKeyV2() takes a v2 key and an endpoint.",
            "KEYS-MIGRATE-07": "The SDKs of all languages have these functions.",
            "KEYS-MIGRATE-08": "The v1 functions refuse a v2 key, and name the v2 functions.",
        },
        not_shown=SDK,
    ),
)

STATEMENTS = (*_GENERAL, *_ROLES, *_LIFE, *_MIGRATION)
