"""A cluster of Valkey servers: which of them has which name."""

from __future__ import annotations

import asyncio
import binascii
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from emulator.backends.valkey.errors import DownError, LateError, LostError, RefusedError
from emulator.backends.valkey.server import Command, Joint, Server, Valkey, words
from emulator.backends.valkey.url import ValkeyUrl
from emulator.core.failures import EngineUnavailableError

SLOTS = 16384

LEARN_SECONDS = 1.0
"""How often the nodes are asked, at most, who has which slots."""

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
        self._learning = Joint(self._learn)
        self._learned_at = -LEARN_SECONDS

    async def call(self, tag: bytes, command: Command, *, patient: bool = True) -> Any:
        slot = binascii.crc_hqx(tag, 0) % SLOTS
        node = self._owners[slot] or await self._owner(slot)
        try:
            return await node.do(command, patient=patient)
        except RefusedError as error:
            if error.code == "CLUSTERDOWN" and slot not in self._with_replicas:
                raise DownError(str(error)) from None  # Nobody else could have the slot.
            if error.code not in _REDIRECTIONS:
                raise
            failed: EngineUnavailableError = error
            self._forget_owners()
        except (DownError, LateError, LostError) as error:
            failed = error
            if patient:
                self._forget_owners()
        # Another node may have taken over. If none has, the first answer stands.
        other = await self._owner(slot)
        if other is not node:
            return await other.do(command, patient=patient)
        if isinstance(failed, DownError) and slot in self._with_replicas:
            # Others may know already which of them has taken over.
            raise LostError(f"{failed}; a replica may take over")
        raise failed

    async def servers(self) -> Sequence[Server]:
        await self._learn_again()
        return list({id(node): node for node in self._owners if node is not None}.values())

    async def close(self) -> None:
        await self._learning.cancel()
        for node in self._nodes.values():
            await node.close()

    async def _owner(self, slot: int) -> Server:
        await self._learn_again()
        owner = self._owners[slot]
        if owner is None:
            raise LostError(f"no node of {self._url} has slot {slot}")
        return owner

    def _forget_owners(self) -> None:
        """Have the nodes asked again, although they may have been just now."""
        self._learned_at = -LEARN_SECONDS

    async def _learn_again(self) -> None:
        if asyncio.get_running_loop().time() - self._learned_at >= LEARN_SECONDS:
            await self._learning.done()

    async def _learn(self) -> None:
        """Ask the nodes, one after the other, until one says who has which slots, all of them. One
        that has left the cluster knows of none, or of some; where nobody knows of all, whoever
        knows of most is believed."""
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
                raise errors[0]  # Only then it is down for everybody.
            raise LostError(f"no node of {self._url} says who has which slots: {errors[-1]}")
        self._take(by, most)
        self._learned_at = asyncio.get_running_loop().time()

    def _take(self, asked: Server, ranges: Sequence[Any]) -> None:
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
    """The server or cluster at ``url``, which is connected to when it is first called."""
    return Cluster(url, timeout) if url.is_cluster else Server(url, timeout)
