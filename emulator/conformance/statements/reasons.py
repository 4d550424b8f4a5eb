"""Reasons why a black box cannot show a statement, where several statements share one."""

from __future__ import annotations

ADVICE = "It advises the owner of the account; no answer depends on it."
AWS = "It is seen in the owner's AWS account, not in an answer."
CACHE = "An answer does not say which node or tier it came from."
CONSOLE = "It is seen in the web console, which has no documented HTTP API."
FAILURE = "No request provokes a server error on purpose."
MEMBERSHIP = "No HTTP API for account membership is documented."
NO_TOKEN = "No documented HTTP API makes a disposable token, so a run has none."
NO_V1_KEY = "No documented call makes a v1 key, so a run has none."
ONE_ENDPOINT = "A run knows one endpoint, and no host name beside it."
SDK = "The client library does it by itself; no request reaches the endpoint."
