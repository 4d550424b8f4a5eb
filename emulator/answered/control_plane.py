"""The control plane by the answers of an endpoint: unknown members, and which stores are listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from emulator.auth.access import LIST_STORES
from emulator.core.answers import Answers
from emulator.core.documents import forbid_unknown
from emulator.core.operation import Operation
from emulator.core.revisions import Revision
from emulator.service.admission import Admission, ReadBody
from emulator.service.control_plane import ControlPlane
from emulator.service.rate_limits import Limiter
from emulator.service.stores import Stores

_CLOUDWATCH = ("cloudwatch",)
_LIMITS = tuple(
    f"{direction}_{what}_per_second"
    for direction in ("read", "write")
    for what in ("operations", "bytes")
)

_MEMBERS: Mapping[str, tuple[str, ...]] = {
    "": (
        "name",  # A known client sends it.
        "storage_config",
        "cache_config",
        "access_logging_config",
        "metrics_config",
        "object_store_limits",
    ),
    "storage_config": ("s3",),
    "storage_config.s3": ("bucket_name", "prefix", "iam_role_arn"),
    "cache_config": ("valkey_cluster",),
    "cache_config.valkey_cluster": ("cluster_name",),
    "access_logging_config": _CLOUDWATCH,
    "access_logging_config.cloudwatch": ("log_group_name", "iam_role_arn", "region"),
    "metrics_config": _CLOUDWATCH,
    "metrics_config.cloudwatch": ("iam_role_arn", "region"),
    "object_store_limits": _LIMITS,
}
"""The members of a store's body, of its latest revision, by the path of their object."""


class AnsweredControlPlane(ControlPlane):
    """The operations on object stores by the answers D12 and D41."""

    def __init__(
        self,
        admission: Admission,
        stores: Stores,
        answers: Answers,
        *,
        revision: Revision,
        limiter: Limiter | None,
        parse_name: Callable[[str], str],
    ) -> None:
        super().__init__(
            admission, stores, revision=revision, limiter=limiter, parse_name=parse_name
        )
        self._refuses_unknown = answers.has("D12", "refused")
        self._lists_all = answers.has("D41", "all")

    async def put_store(
        self, operation: Operation, read_body: ReadBody
    ) -> tuple[dict[str, Any], bool]:
        async def read_known() -> object:
            body = await read_body()
            _require_known(body, "")
            return body

        return await super().put_store(
            operation, read_known if self._refuses_unknown else read_body
        )

    async def list_stores(self, operation: Operation) -> dict[str, Any]:
        if not self._lists_all:
            return await super().list_stores(operation)
        await self._admission.admit(operation, LIST_STORES)
        return {"object_stores": [{"name": store.name} for store in await self._stores.list()]}


def _require_known(value: object, path: str) -> None:
    if isinstance(value, dict) and path in _MEMBERS:
        forbid_unknown(value, path, _MEMBERS[path])
        for name, each in value.items():
            _require_known(each, f"{path}.{name}" if path else name)
