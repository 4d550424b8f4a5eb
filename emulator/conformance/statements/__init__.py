"""Every normative statement of the documents, in the order of the documents."""

from __future__ import annotations

from . import (
    api_keys,
    auth_http_api,
    clients,
    credentials,
    http_api,
    objectstore_2026_08_12,
    valkey_clusters,
)
from .document import Document
from .statement import FIRST, SECOND, Statement

__all__ = ["BY_ID", "DOCUMENTS", "FIRST", "SECOND", "STATEMENTS", "Document", "Statement"]

DOCUMENTS: tuple[Document, ...] = (
    http_api.HTTP_API,
    api_keys.API_KEYS,
    objectstore_2026_08_12.OBJECT_STORE,
    auth_http_api.AUTH,
    credentials.CREDENTIALS,
    valkey_clusters.VALKEY,
    clients.CLIENTS,
)

STATEMENTS: tuple[Statement, ...] = (
    *http_api.STATEMENTS,
    *api_keys.STATEMENTS,
    *objectstore_2026_08_12.STATEMENTS,
    *auth_http_api.STATEMENTS,
    *credentials.STATEMENTS,
    *valkey_clusters.STATEMENTS,
    *clients.STATEMENTS,
)

BY_ID: dict[str, Statement] = {statement.id: statement for statement in STATEMENTS}
