"""Client of a Valkey cluster: finds the node that has a key."""

from __future__ import annotations

import asyncio
import binascii
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from emulator.backends.valkey.errors import DownError, LateError, LostError, RefusedError
from emulator.backends.valkey.server import Command, Server, SharedTask, Valkey, words
from emulator.backends.valkey.url import ValkeyUrl
from emulator.core.failures import EngineUnavailableError

SLOTS = 16384

REFRESH_SECONDS = 1.0
"""The least time between two requests for the owners of the slots."""

_REDIRECTIONS = ("MOVED", "READONLY")


class Cluster(Valkey):
    """The cluster that the server at ``url`` belongs to.

    Args:
        timeout: how many seconds a node may take to answer.
    """

    def __init__(self, url: ValkeyUrl, timeout: float) -> None:
        self._url = url
        self._timeout = timeout
        self._nodes: dict[tuple[str, int], Server] = {}
        self._owners: list[Server | None] = [None] * SLOTS
        self._with_replicas: set[int] = set()
        self._refreshing = SharedTask(self._refresh)
        self._refreshed_at = -REFRESH_SECONDS

    async def call(self, tag: bytes, command: Command, *, patient: bool = True) -> Any:
        slot = binascii.crc_hqx(tag, 0) % SLOTS
        node = self._owners[slot] or await self._owner(slot)
        try:
            return await node.do(command, patient=patient)
        except RefusedError as error:
            if error.code == "CLUSTERDOWN" and slot not in self._with_replicas:
                raise DownError(str(error)) from None  # No replica can take over the slot.
            if error.code not in _REDIRECTIONS:
                raise
            failed: EngineUnavailableError = error
            self._forget_owners()
        except (DownError, LateError, LostError) as error:
            failed = error
            if patient:
                self._forget_owners()
        # Another node may have taken over. If none has, the first error is raised.
        other = await self._owner(slot)
        if other is not node:
            return await other.do(command, patient=patient)
        if isinstance(failed, DownError) and slot in self._with_replicas:
            # Other clients may already know of a replica that has taken over.
            raise LostError(f"{failed}; a replica may take over")
        raise failed

    async def servers(self) -> Sequence[Server]:
        await self._refresh_if_old()
        return list({id(node): node for node in self._owners if node is not None}.values())

    async def close(self) -> None:
        await self._refreshing.cancel()
        for node in self._nodes.values():
            await node.close()

    async def _owner(self, slot: int) -> Server:
        await self._refresh_if_old()
        owner = self._owners[slot]
        if owner is None:
            raise LostError(f"no node of {self._url} has slot {slot}")
        return owner

    def _forget_owners(self) -> None:
        """Refresh before the next use, even if the last refresh was just now."""
        self._refreshed_at = -REFRESH_SECONDS

    async def _refresh_if_old(self) -> None:
        if asyncio.get_running_loop().time() - self._refreshed_at >= REFRESH_SECONDS:
            await self._refreshing.result()

    async def _refresh(self) -> None:
        """Ask one node after the other for the owners of the slots, until one knows all owners.

        A node that has left the cluster knows only some owners, or none. If no node knows all, use
        the answer with the most slots.
        """
        first = self._node(self._url.host, self._url.port)
        errors: list[EngineUnavailableError] = []
        known, most, by = 0, list[Any](), first
        for node in [first, *(node for node in self._nodes.values() if node is not first)]:
            try:
                ranges = await node.do(words("CLUSTER", "SLOTS"), patient=False)
            except EngineUnavailableError as error:
                errors.append(error)
                continue
            slots = sum(last + 1 - start for start, last, *_ in ranges)
            if not slots:
                errors.append(LostError(f"{node.url} belongs to no cluster"))
            if slots > known:
                known, most, by = slots, ranges, node
            if known == SLOTS:
                break
        if not known:
            if all(isinstance(error, DownError) for error in errors):
                raise errors[0]  # Every node is down, so the cluster is down for all clients.
            raise LostError(f"no node of {self._url} knows the owners of slots: {errors[-1]}")
        self._set_owners(by, most)
        self._refreshed_at = asyncio.get_running_loop().time()

    def _set_owners(self, asked: Server, ranges: Sequence[Any]) -> None:
        owners: list[Server | None] = [None] * SLOTS
        with_replicas: set[int] = set()
        for first, last, primary, *replicas in ranges:
            host = primary[0].decode() if primary[0] else asked.url.host
            owners[first : last + 1] = [self._node(host, primary[1])] * (last + 1 - first)
            if replicas:
                with_replicas.update(range(first, last + 1))
        self._owners, self._with_replicas = owners, with_replicas

    def _node(self, host: str, port: int) -> Server:
        node = self._nodes.get((host, port))
        if node is None:
            url = replace(self._url, host=host, port=port)
            node = self._nodes[host, port] = Server(url, self._timeout)
        return node


def open_valkey(url: ValkeyUrl, timeout: float) -> Valkey:
    """Return the server or cluster at ``url``; the first call connects to it."""
    return Cluster(url, timeout) if url.is_cluster else Server(url, timeout)
