"""Statements of the Auth HTTP APIs: API keys, roles, permission sets, tokens, membership."""

from __future__ import annotations

from .document import Document
from .reasons import FAILURE, MEMBERSHIP, NO_TOKEN, ONE_ENDPOINT
from .statement import SECOND

_LIMITED = (SECOND,)
"""The limit that a request can exceed was documented after the first revision."""

_MANY_ROLES = "It takes more than 100 roles, and how many an account may have is not documented."
_NO_MAXIMUM = "How many custom roles an account may have is not documented."

AUTH = Document(
    "AUTH",
    "Auth APIs",
    ("Auth HTTP APIs", "API keys", "Roles", "Permission set", "Account membership"),
)

_GENERAL = (
    *AUTH.states(
        "Auth HTTP APIs",
        {"AUTH-GENERAL-01": "One host serves the Auth APIs of all regions."},
        not_shown=ONE_ENDPOINT,
    ),
    *AUTH.states(
        "Auth HTTP APIs",
        {
            "AUTH-GENERAL-02": "Authorization holds the API key with nothing in front.",
            "AUTH-GENERAL-03": "A key without auth-management permissions is refused.",
            "AUTH-GENERAL-04": "A key of a custom role with these permissions is accepted.",
            "AUTH-GENERAL-05": "An error is a JSON object with the texts code and message.",
            "AUTH-GENERAL-06": "An error's err is a text, where there is one.",
            "AUTH-GENERAL-07": "The code of a 400 is Bad Request.",
            "AUTH-GENERAL-08": "The code of a 404 is NotFound.",
            "AUTH-GENERAL-09": "The code of a 403 is PermissionDenied.",
        },
    ),
)

_KEY_OBJECT = AUTH.states(
    "API keys",
    {
        "AUTH-KEY-01": "A key object never holds the plaintext.",
        "AUTH-KEY-02": "A key object has the key's key_id.",
        "AUTH-KEY-03": "A key object has the account_id, the same in all keys of the account.",
        "AUTH-KEY-04": "A key object has the description that the key was made with.",
        "AUTH-KEY-05": "A key object has the role_id that the key was made with.",
        "AUTH-KEY-06": "A key object has expires_at_epoch_seconds as the key was made with.",
        "AUTH-KEY-07": "expires_at_epoch_seconds is left out of a key that never expires.",
        "AUTH-KEY-08": "A key object has issued_at_epoch_seconds, the time when it was made.",
    },
)

_CREATE_KEY = (
    *AUTH.states(
        "API keys",
        {
            "AUTH-KEY-09": "Making a key is a POST of /api-keys, and answers 200.",
            "AUTH-KEY-10": "api_key of the answer is the plaintext, which authenticates.",
            "AUTH-KEY-11": "key_info of the answer is the key object.",
            "AUTH-KEY-12": "role_id is required: without it 400.",
            "AUTH-KEY-13": "description is required: without it 400.",
            "AUTH-KEY-14": "expiry is required: without it 400.",
            "AUTH-KEY-15": "An expiry of never makes a key that never expires.",
            "AUTH-KEY-16": "An expiry in epoch seconds makes a key that expires then.",
            "AUTH-KEY-17": "Any other expiry answers 400.",
            "AUTH-KEY-18": "A body that is not JSON answers 400.",
            "AUTH-KEY-19": "Making a key without a valid key answers 401.",
            "AUTH-KEY-20": "Making a key without the permission answers 403.",
            "AUTH-KEY-21": "Making a key for a role that does not exist answers 404.",
        },
    ),
    *AUTH.states(
        "API keys",
        {"AUTH-KEY-22": "Making keys too often answers 429."},
        revisions=_LIMITED,
    ),
    *AUTH.states(
        "API keys",
        {"AUTH-KEY-23": "A failure inside the service while making a key answers 500."},
        not_shown=FAILURE,
    ),
)

_LIST_KEYS = (
    *AUTH.states(
        "API keys",
        {
            "AUTH-KEY-24": "Listing keys is a GET of /api-keys, and answers 200.",
            "AUTH-KEY-25": "key_info of the list holds key objects.",
            "AUTH-KEY-26": "limit, from 1 to 100, is the most keys of a page.",
            "AUTH-KEY-27": "limit is 100 when it is left out.",
            "AUTH-KEY-28": "next_token is there only when more keys remain.",
            "AUTH-KEY-29": "next_token in a request continues the list where it ended.",
            "AUTH-KEY-30": "A limit that is no number answers 400.",
            "AUTH-KEY-31": "A limit below 1 or above 100 answers 400.",
            "AUTH-KEY-32": "Listing keys without a valid key answers 401.",
            "AUTH-KEY-33": "Listing keys without the permission answers 403.",
        },
    ),
    *AUTH.states(
        "API keys",
        {"AUTH-KEY-34": "Listing keys too often answers 429."},
        revisions=_LIMITED,
    ),
    *AUTH.states(
        "API keys",
        {"AUTH-KEY-35": "A failure inside the service while listing keys answers 500."},
        not_shown=FAILURE,
    ),
)

_REVOKE_KEY = (
    *AUTH.states(
        "API keys",
        {
            "AUTH-KEY-36": "Revoking a key is a DELETE of /api-keys/{key_id}.",
            "AUTH-KEY-37": "Revoking a key answers 200 with an empty object.",
            "AUTH-KEY-38": "A revoked key stops authenticating at once.",
            "AUTH-KEY-39": "Revoking without a valid key answers 401.",
            "AUTH-KEY-40": "Revoking without the permission answers 403.",
            "AUTH-KEY-41": "Revoking a key that does not exist answers 404.",
        },
    ),
    *AUTH.states(
        "API keys",
        {"AUTH-KEY-42": "Revoking keys too often answers 429."},
        revisions=_LIMITED,
    ),
    *AUTH.states(
        "API keys",
        {"AUTH-KEY-43": "A failure inside the service while revoking a key answers 500."},
        not_shown=FAILURE,
    ),
)

_ROLE_OBJECT = AUTH.states(
    "Roles",
    {
        "AUTH-ROLE-01": "A role object has the role's role_id.",
        "AUTH-ROLE-02": "A role object has the role's role_name.",
        "AUTH-ROLE-03": "role_type is system for Owner, Operator and Viewer.",
        "AUTH-ROLE-04": "role_type is custom for a role that was made.",
        "AUTH-ROLE-05": "A role object has the description that the role was given.",
        "AUTH-ROLE-06": "description is left out of a role that has none.",
        "AUTH-ROLE-07": "A role object has the role's permissions.",
        "AUTH-ROLE-08": "System roles cannot be changed.",
        "AUTH-ROLE-09": "System roles cannot be deleted.",
    },
)

_LIST_ROLES = (
    *AUTH.states(
        "Roles",
        {
            "AUTH-ROLE-10": "Listing roles is a GET of /roles, and answers 200.",
            "AUTH-ROLE-11": "roles of the list holds role objects.",
            "AUTH-ROLE-12": "limit, from 1 to 100, is the most roles of a page.",
        },
    ),
    *AUTH.states(
        "Roles",
        {"AUTH-ROLE-13": "limit is 100 when it is left out."},
        not_shown=_MANY_ROLES,
    ),
    *AUTH.states(
        "Roles",
        {
            "AUTH-ROLE-14": "next_token in a request continues the list where it ended.",
            "AUTH-ROLE-15": "A type of system lists the system roles only.",
            "AUTH-ROLE-16": "A type of custom lists the custom roles only.",
            "AUTH-ROLE-17": "A bad limit answers 400.",
            "AUTH-ROLE-18": "A bad type answers 400.",
            "AUTH-ROLE-19": "Listing roles without a valid key answers 401.",
            "AUTH-ROLE-20": "Listing roles without the permission answers 403.",
        },
    ),
    *AUTH.states(
        "Roles",
        {"AUTH-ROLE-21": "Listing roles too often answers 429."},
        revisions=_LIMITED,
    ),
    *AUTH.states(
        "Roles",
        {"AUTH-ROLE-22": "A failure inside the service while listing roles answers 500."},
        not_shown=FAILURE,
    ),
)

_CREATE_ROLE = (
    *AUTH.states(
        "Roles",
        {
            "AUTH-ROLE-23": "Making a role is a POST of /roles.",
            "AUTH-ROLE-24": "Making a role answers 200 with the role object and a new role_id.",
            "AUTH-ROLE-25": "role_name is required.",
            "AUTH-ROLE-26": "permissions is required.",
            "AUTH-ROLE-27": "description may be left out.",
            "AUTH-ROLE-28": "An invalid permission set answers 400.",
            "AUTH-ROLE-29": "An invalid CIDR range answers 400.",
            "AUTH-ROLE-30": "Making a role without a valid key answers 401.",
            "AUTH-ROLE-31": "Making a role without the permission answers 403.",
            "AUTH-ROLE-32": "A role_name that is taken answers 409.",
        },
    ),
    *AUTH.states(
        "Roles",
        {"AUTH-ROLE-33": "Making roles too often answers 429."},
        revisions=_LIMITED,
    ),
    *AUTH.states(
        "Roles",
        {"AUTH-ROLE-34": "A role beyond the account's maximum of custom roles answers 429."},
        not_shown=_NO_MAXIMUM,
    ),
    *AUTH.states(
        "Roles",
        {"AUTH-ROLE-35": "A failure inside the service while making a role answers 500."},
        not_shown=FAILURE,
    ),
)

_REPLACE_ROLE = (
    *AUTH.states(
        "Roles",
        {
            "AUTH-ROLE-36": "Replacing a role is a PUT of /roles/{role_id}.",
            "AUTH-ROLE-37": "Replacing a role answers 200 with the role object.",
            "AUTH-ROLE-38": "A replaced role has the new name.",
            "AUTH-ROLE-39": "A replaced role has the new permissions, and none of the old ones.",
            "AUTH-ROLE-40": "A replaced role keeps its description when none is sent.",
            "AUTH-ROLE-41": "A replaced role has the new description when one is sent.",
            "AUTH-ROLE-42": "role_name and permissions are required here too.",
            "AUTH-ROLE-43": "An invalid replacement answers 400.",
            "AUTH-ROLE-44": "Replacing a role without a valid key answers 401.",
            "AUTH-ROLE-45": "Replacing a role without the permission answers 403.",
            "AUTH-ROLE-46": "Replacing a role that does not exist answers 404.",
            "AUTH-ROLE-47": "Replacing a system role answers 412.",
        },
    ),
    *AUTH.states(
        "Roles",
        {"AUTH-ROLE-48": "Replacing roles too often answers 429."},
        revisions=_LIMITED,
    ),
    *AUTH.states(
        "Roles",
        {"AUTH-ROLE-49": "A failure inside the service while replacing a role answers 500."},
        not_shown=FAILURE,
    ),
)

_DELETE_ROLE = (
    *AUTH.states(
        "Roles",
        {
            "AUTH-ROLE-50": "Deleting a role is a DELETE of /roles/{role_id}.",
            "AUTH-ROLE-51": "Deleting a role that nothing uses answers 200, status deleted.",
            "AUTH-ROLE-52": "A deleted role is listed no more.",
            "AUTH-ROLE-53": "Deleting a role that is used answers 200, status blocked.",
            "AUTH-ROLE-54": "A role whose deletion is blocked is still there.",
            "AUTH-ROLE-55": "A blocked answer has the lists account_members and invitations.",
            "AUTH-ROLE-56": "A blocked answer lists all API keys that use the role.",
            "AUTH-ROLE-57": "An API key in a blocked answer is the key object.",
        },
    ),
    *AUTH.states(
        "Roles",
        {
            "AUTH-ROLE-58": "A member in a blocked answer has user_name, role_id and role_name.",
            "AUTH-ROLE-59": "An invitation in a blocked answer has id and account_member.",
        },
        not_shown=MEMBERSHIP,
    ),
    *AUTH.states(
        "Roles",
        {
            "AUTH-ROLE-60": "Deleting a role without a valid key answers 401.",
            "AUTH-ROLE-61": "Deleting a role without the permission answers 403.",
            "AUTH-ROLE-62": "Deleting a role that does not exist answers 404.",
            "AUTH-ROLE-63": "Deleting a system role answers 412.",
        },
    ),
    *AUTH.states(
        "Roles",
        {"AUTH-ROLE-64": "Deleting roles too often answers 429."},
        revisions=_LIMITED,
    ),
    *AUTH.states(
        "Roles",
        {"AUTH-ROLE-65": "A failure inside the service while deleting a role answers 500."},
        not_shown=FAILURE,
    ),
)

_PERMISSION_SET = AUTH.states(
    "Permission set",
    {
        "AUTH-PERM-01": "A permission set has rules.",
        "AUTH-PERM-02": "conditions may be left out: then there are none.",
        "AUTH-PERM-03": "account_management takes read and list, and no other permission.",
        "AUTH-PERM-04": "auth_management takes read, write and list, and no other permission.",
        "AUTH-PERM-05": "items of auth_management are everything, and nothing else.",
        "AUTH-PERM-06": "resource_management takes read, write and list, and no other permission.",
        "AUTH-PERM-07": "resources of resource_management are everything, and nothing else.",
        "AUTH-PERM-08": "cache takes read, write and list, and no other permission.",
        "AUTH-PERM-09": "cache takes caches and items.",
        "AUTH-PERM-10": "topic takes read, write and list, and no other permission.",
        "AUTH-PERM-11": "topic takes caches and topics.",
        "AUTH-PERM-12": "store takes read, write and list, and no other permission.",
        "AUTH-PERM-13": "store takes stores and items.",
        "AUTH-PERM-14": "function takes invoke, and no other permission.",
        "AUTH-PERM-15": "function takes caches and functions.",
        "AUTH-PERM-16": "database takes read and write, and no other permission.",
        "AUTH-PERM-17": "database takes databases.",
        "AUTH-PERM-18": "A rule of another type answers 400.",
        "AUTH-PERM-19": "An asterisk selects everything, in each selector.",
        "AUTH-PERM-20": "caches, stores and databases are selected by name.",
        "AUTH-PERM-21": "topics and functions are selected by name or by prefix.",
        "AUTH-PERM-22": "items are selected by key or by key_prefix.",
        "AUTH-PERM-23": "A rule for the store of a name permits nothing in another store.",
        "AUTH-PERM-24": "A rule for a key permits nothing with another key.",
        "AUTH-PERM-25": "A rule for a key_prefix permits only keys that begin with it.",
        "AUTH-PERM-26": "ip_filter is a condition, and there is no other one.",
        "AUTH-PERM-27": "allowed_cidr_ranges takes ranges of IPv4 and of IPv6.",
        "AUTH-PERM-28": "A range without a prefix length answers 400.",
        "AUTH-PERM-29": "A caller within the ranges is admitted.",
        "AUTH-PERM-30": "A caller outside of the ranges is refused.",
        "AUTH-PERM-31": "A custom role has an explicit permission set, and is no super-user.",
    },
)

_SYSTEM_ROLES = (
    *AUTH.states(
        "Permission set",
        {
            "AUTH-SYSTEM-01": "An Owner is a super-user: no call refuses its key.",
            "AUTH-SYSTEM-02": "An Operator reads and writes what is of auth management.",
            "AUTH-SYSTEM-03": "An Operator reads and writes stores.",
            "AUTH-SYSTEM-04": "An Operator reads and writes data.",
            "AUTH-SYSTEM-05": "An Operator's permissions for the account are to read only.",
            "AUTH-SYSTEM-06": "A Viewer's permissions for the account are to read only.",
            "AUTH-SYSTEM-07": "A Viewer reads what is of auth management, and writes none.",
            "AUTH-SYSTEM-08": "A Viewer reads stores, and writes none.",
            "AUTH-SYSTEM-09": "A Viewer reads data, and writes none.",
        },
    ),
)

_KEYS_AND_TOKENS = (
    *AUTH.states(
        "Permission set",
        {"AUTH-TOKEN-01": "An API key follows its role when the role changes."},
    ),
    *AUTH.states(
        "Permission set",
        {
            "AUTH-TOKEN-02": "A disposable token has its permissions in itself, not by a role.",
            "AUTH-TOKEN-03": "A disposable token always expires.",
            "AUTH-TOKEN-04": "No disposable token lives longer than 25 hours.",
            "AUTH-TOKEN-05": "A disposable token has at most 20 rules.",
            "AUTH-TOKEN-06": "A disposable token is never a super-user's.",
            "AUTH-TOKEN-07": "A disposable token cannot be revoked.",
        },
        not_shown=NO_TOKEN,
    ),
)

_MEMBERSHIP = (
    *AUTH.states(
        "Account membership",
        {
            "AUTH-MEMBER-01": "Each member of an account has a system role.",
            "AUTH-MEMBER-02": "An invitation is pending until it is accepted or revoked.",
            "AUTH-MEMBER-03": "An invitation has the role Viewer when it names none.",
            "AUTH-MEMBER-04": "Only an Owner invites members.",
            "AUTH-MEMBER-05": "Only an Owner revokes an invitation.",
            "AUTH-MEMBER-06": "Only an Owner changes the role of another member.",
            "AUTH-MEMBER-07": "Only an Owner removes a member.",
        },
        not_shown=MEMBERSHIP,
    ),
    *AUTH.states(
        "Account membership",
        {"AUTH-MEMBER-08": "No rule grants a change of membership: write there answers 400."},
    ),
    *AUTH.states(
        "Account membership",
        {
            "AUTH-MEMBER-09": "Nobody changes their own role.",
            "AUTH-MEMBER-10": "The last Owner cannot be removed.",
            "AUTH-MEMBER-11": "The last Owner cannot be given another role.",
        },
        not_shown=MEMBERSHIP,
    ),
)

STATEMENTS = (
    *_GENERAL,
    *_KEY_OBJECT,
    *_CREATE_KEY,
    *_LIST_KEYS,
    *_REVOKE_KEY,
    *_ROLE_OBJECT,
    *_LIST_ROLES,
    *_CREATE_ROLE,
    *_REPLACE_ROLE,
    *_DELETE_ROLE,
    *_PERMISSION_SET,
    *_SYSTEM_ROLES,
    *_KEYS_AND_TOKENS,
    *_MEMBERSHIP,
)
