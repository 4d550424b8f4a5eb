"""The statements of all documents, in the order of the documents."""

from __future__ import annotations

from collections.abc import Mapping

from . import auth_http_api, credentials, objectstore_2026_08_12, valkey_clusters
from .statement import Statement

STATEMENTS: tuple[Statement, ...] = (
    *objectstore_2026_08_12.STATEMENTS,
    *auth_http_api.STATEMENTS,
    *credentials.STATEMENTS,
    *valkey_clusters.STATEMENTS,
)

BY_ID: Mapping[str, Statement] = {statement.id: statement for statement in STATEMENTS}
