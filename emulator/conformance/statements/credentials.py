"""Statements of the keys and tokens on the wire, and of what the SDKs make of them."""

from __future__ import annotations

from .document import Document
from .reasons import NO_TOKEN, NO_V1_KEY, SDK

_NO_LEGACY_TOKEN = "No documented call makes a legacy token, so a run has none."

CREDENTIALS = Document(
    "CRED",
    "Keys and tokens on the wire",
    ("Keys and tokens on the wire",),
)

_V2_KEY = (
    *CREDENTIALS.states(
        "Keys and tokens on the wire",
        {
            "CRED-V2-01": "A v2 API key is a JWT.",
            "CRED-V2-02": "The payload of a v2 API key has t equal to g.",
            "CRED-V2-03": "The payload of a v2 API key has a jti.",
            "CRED-V2-04": "The payload of a v2 API key has no endpoint.",
            "CRED-V2-05": "A v2 API key is signed with HS512, as its header says.",
            "CRED-V2-06": "A v2 API key is not base64 as a whole.",
        },
    ),
    *CREDENTIALS.states(
        "Keys and tokens on the wire",
        {"CRED-V2-07": "The SDKs do not check the signature of a v2 API key."},
        not_shown=SDK,
    ),
)

_V1_KEY = (
    *CREDENTIALS.states(
        "Keys and tokens on the wire",
        {
            "CRED-V1-01": "A v1 API key is the standard base64 of a JSON object.",
            "CRED-V1-02": "The object in a v1 API key has endpoint, a cell's host name.",
            "CRED-V1-03": "The object in a v1 API key has api_key, a JWT.",
            "CRED-V1-04": "The inner api_key of a v1 API key is accepted.",
            "CRED-V1-05": "The whole string of a v1 API key is accepted.",
        },
        not_shown=NO_V1_KEY,
    ),
    *CREDENTIALS.states(
        "Keys and tokens on the wire",
        {
            "CRED-V1-06": "The SDKs refuse a v1 API key whose base64 does not come out the same.",
            "CRED-V1-07": "The SDKs refuse a v1 API key without endpoint or api_key.",
            "CRED-V1-08": "The SDKs send only the inner api_key.",
        },
        not_shown=SDK,
    ),
)

_TOKENS = (
    *CREDENTIALS.states(
        "Keys and tokens on the wire",
        {"CRED-TOKEN-01": "A disposable token has the form of a v1 API key."},
        not_shown=NO_TOKEN,
    ),
    *CREDENTIALS.states(
        "Keys and tokens on the wire",
        {"CRED-TOKEN-02": "The SDKs check a disposable token as they check a v1 API key."},
        not_shown=SDK,
    ),
    *CREDENTIALS.states(
        "Keys and tokens on the wire",
        {"CRED-TOKEN-03": "A legacy token is a JWT with the claims cp and c."},
        not_shown=_NO_LEGACY_TOKEN,
    ),
    *CREDENTIALS.states(
        "Keys and tokens on the wire",
        {"CRED-TOKEN-04": "The SDKs refuse a legacy token without cp or c."},
        not_shown=SDK,
    ),
)

_HEADER = CREDENTIALS.states(
    "Keys and tokens on the wire",
    {"CRED-HEADER-01": "Authorization holds the key itself, with no scheme in front."},
)

_SDK = CREDENTIALS.states(
    "Keys and tokens on the wire",
    {
        "CRED-SDK-01": "Node says Missing required property: endpoint for a v2 key without one.",
        "CRED-SDK-02": "Node names fromApiKeyV2() when a v1 function is given a v2 key.",
        "CRED-SDK-03": "Node names fromEnvVarV2() when a v1 function is given a v2 key.",
        "CRED-SDK-04": "Python's from_string refuses a v2 key as unexpected.",
        "CRED-SDK-05": "Python's from_api_key_v2 refuses a v1 key as an invalid v2 key.",
        "CRED-SDK-06": "The SDKs read the key from MOMENTO_API_KEY.",
        "CRED-SDK-07": "The SDKs read the endpoint from MOMENTO_ENDPOINT.",
    },
    not_shown=SDK,
)

STATEMENTS = (*_V2_KEY, *_V1_KEY, *_TOKENS, *_HEADER, *_SDK)
