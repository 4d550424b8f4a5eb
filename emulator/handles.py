"""What ``Emulator`` hands out for its journal, fault rules and tiers: the same as the control API
offers over HTTP, for tests in its process.

Whatever is asked of a handle is done in the emulator's thread, after all that has happened there
before. What is refused raises ``ValueError`` or, where there is nothing by a name, ``LookupError``.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from emulator.control.tiers import Placed, new_placed, parse_tier
from emulator.errors import FailedPreconditionError

if TYPE_CHECKING:
    from typing_extensions import Self

    from emulator.app import App
    from emulator.control.call import Call

_T = TypeVar("_T")


class Run(Protocol):
    """Has something done with the running emulator, in its thread."""

    def __call__(self, work: Callable[[App], Awaitable[_T]]) -> _T: ...


class JournalHandle:
    """The requests that have come to the service, with what became of them.

    Conditions are named as the fields of ``Call`` are: ``operation``, ``method``, ``target``,
    ``store``, ``key``, ``key_id``, ``role``, ``address`` and ``outcome`` take a pattern with ``*``
    and ``?``; ``status`` a number or a class as in ``"4xx"``; ``request_size``, ``response_size``,
    ``object_age_ms``, ``first_byte_ms`` and ``duration_ms`` a number, also with ``min_`` or
    ``max_`` in front; ``fault`` a pattern; ``complete`` and ``running`` a boolean;
    ``request_header`` and ``response_header`` a name, or ``"name: pattern"``; ``since`` and
    ``until`` an instant on the emulator's clock, in seconds since the Unix epoch or in ISO 8601.
    """

    def __init__(self, run: Run, endpoint: Callable[[], str]) -> None:
        self._run = run
        self._endpoint = endpoint

    def calls(self, **conditions: Any) -> list[Call]:
        """The calls that fulfil the conditions, the oldest first.

        Raises:
            ValueError: there is no such condition.
        """

        async def work(app: App) -> list[Call]:
            return app.journal.calls(conditions)

        return self._run(work)

    def last(self, **conditions: Any) -> Call:
        """The last call that fulfils the conditions.

        Raises:
            ValueError: there is no such condition.
            LookupError: there is no such call.
        """
        calls = self.calls(**conditions)
        if not calls:
            raise LookupError("no such call is in the journal")
        return calls[-1]

    def assert_called(self, *, times: int | None = None, **conditions: Any) -> None:
        """Check that there were so many calls that fulfil the conditions or, without ``times``,
        at least one.

        Raises:
            AssertionError: there were not. It lists those that come nearest.
            ValueError: there is no such condition.
        """
        __tracebackhide__ = True

        async def work(app: App) -> str | None:
            try:
                app.journal.require(conditions, times)
            except FailedPreconditionError as error:
                return error.message
            return None

        complaint = self._run(work)
        if complaint is not None:
            raise AssertionError(complaint)

    def assert_not_called(self, **conditions: Any) -> None:
        """Check that no call fulfils the conditions.

        Raises:
            AssertionError: one does. It lists them.
            ValueError: there is no such condition.
        """
        __tracebackhide__ = True
        self.assert_called(times=0, **conditions)

    @property
    def count(self) -> int:
        """How many calls have come since the journal was cleared, dropped ones included."""

        async def work(app: App) -> int:
            return app.journal.count

        return self._run(work)

    @property
    def dropped(self) -> int:
        """How many calls have been dropped, the oldest ones, since the journal was cleared."""

        async def work(app: App) -> int:
            return app.journal.dropped

        return self._run(work)

    def clear(self) -> None:
        """Forget every call."""

        async def work(app: App) -> None:
            app.journal.clear()

        self._run(work)

    def to_json_lines(self, path: str | Path | None = None, **conditions: Any) -> str:
        """The calls as JSON, one a line; written to ``path`` too if that is given.

        Raises:
            ValueError: there is no such condition.
            OSError: the file cannot be written.
        """

        async def work(app: App) -> str:
            return app.journal.json_lines(conditions)

        return _written(self._run(work), path)

    def to_har(self, path: str | Path | None = None, **conditions: Any) -> dict[str, Any]:
        """The calls as an HTTP archive (HAR 1.2); written to ``path`` too if that is given.

        Raises:
            ValueError: there is no such condition.
            OSError: the file cannot be written.
        """
        endpoint = self._endpoint()

        async def work(app: App) -> dict[str, Any]:
            return app.journal.har(conditions, endpoint)

        archive = self._run(work)
        _written(json.dumps(archive, ensure_ascii=False, indent=1) + "\n", path)
        return archive

    def __iter__(self) -> Iterator[Call]:
        return iter(self.calls())

    def __len__(self) -> int:
        async def work(app: App) -> int:
            return app.journal.count - app.journal.dropped

        return self._run(work)

    def __bool__(self) -> bool:
        return True


class FaultHandle:
    """A fault rule. As a context manager it is removed at the end; what it has counted until then
    can still be asked for."""

    def __init__(self, run: Run, rule_id: str) -> None:
        self.id = rule_id
        self._run = run
        self._last: dict[str, Any] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with contextlib.suppress(LookupError, RuntimeError):
            self.remove()

    @property
    def fired(self) -> int:
        """How often the rule has fired.

        Raises:
            LookupError: somebody else has removed it.
        """
        return int(self.describe()["fired"])

    @property
    def matched(self) -> int:
        """How many operations have matched its conditions.

        Raises:
            LookupError: somebody else has removed it.
        """
        return int(self.describe()["matched"])

    def describe(self) -> dict[str, Any]:
        """The rule as the control API describes it, or as it was when it was removed.

        Raises:
            LookupError: somebody else has removed it.
        """
        if self._last is not None:
            return self._last

        async def work(app: App) -> dict[str, Any]:
            return app.faults.describe(self.id)

        return self._run(work)

    def remove(self) -> None:
        """Remove the rule.

        Raises:
            LookupError: it has been removed already.
        """

        async def work(app: App) -> dict[str, Any]:
            return app.faults.remove(self.id)

        self._last = self._run(work)


class FaultsHandle:
    """The fault rules: what is to go wrong, and on which operations."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def add(self, *effects: str | Mapping[str, Any], **conditions: Any) -> FaultHandle:
        """Add a rule behind the others.

        ``effects`` are types of effects, or documents with a ``type`` and what it takes, as in
        ``{"type": "status", "status": 429}``. ``conditions`` are ``operation``, ``store``,
        ``key``, ``role`` and ``key_id`` (patterns), ``nth``, ``times``, ``probability`` with
        ``seed``, ``since`` and ``until``, and ``id``; docs/testing.md explains each.

        Raises:
            ValueError: there is no such effect or condition, or another rule has the id.
        """
        described = [each if isinstance(each, str) else dict(each) for each in effects]
        document = {**conditions, "effects": described}

        async def work(app: App) -> str:
            return str((await app.faults.add(document))["id"])

        return FaultHandle(self._run, self._run(work))

    def get(self, rule_id: str) -> FaultHandle:
        """The rule of that id, whoever has added it.

        Raises:
            LookupError: there is none.
        """
        handle = FaultHandle(self._run, rule_id)
        handle.describe()
        return handle

    def all(self) -> list[dict[str, Any]]:
        """Every rule in its order, with how often it has ``matched`` and ``fired``."""

        async def work(app: App) -> list[dict[str, Any]]:
            return app.faults.all()

        return self._run(work)

    def clear(self) -> None:
        """Remove every rule."""

        async def work(app: App) -> None:
            app.faults.clear()

        self._run(work)


class TiersHandle:
    """What lies in the storage tier and in the cache tier of each store."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def objects(self, store: str) -> list[Placed]:
        """The store's objects by key, with what each tier has of them, expired or not.

        Raises:
            LookupError: there is no such store.
        """

        async def work(app: App) -> list[Placed]:
            return await app.tiers.objects(store)

        return self._run(work)

    def put(
        self,
        store: str,
        key: str,
        body: bytes,
        *,
        tier: str | None = None,
        metadata: Mapping[str, str] | None = None,
        ttl_seconds: int | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Put an object into one tier alone, ``"storage"`` or ``"cache"``, or without ``tier`` into
        both, as the service does.

        Raises:
            LookupError: there is no such store.
            ValueError: the service could not have such an object.
        """

        async def work(app: App) -> None:
            new = new_placed(
                body, metadata and dict(metadata), ttl_seconds, tier, tags and dict(tags)
            )
            await app.tiers.put(store, key, new)

        self._run(work)

    def drop(self, store: str, key: str, *, tier: str | None = None) -> None:
        """Take an object out of one tier, or without ``tier`` out of both.

        Raises:
            LookupError: there is no such store, or nothing to take.
            ValueError: there is no such tier.
        """

        async def work(app: App) -> None:
            await app.tiers.drop(store, key, parse_tier(tier))

        self._run(work)

    def flush(self, cluster: str) -> None:
        """Have a cluster forget all that it has.

        Raises:
            ValueError: no store has a cluster of that name.
        """

        async def work(app: App) -> None:
            await app.tiers.flush(cluster)

        self._run(work)

    def counts(self, store: str | None = None) -> dict[str, dict[str, int]]:
        """How often Gets found each tier to have an object (``hits``), an expired one
        (``expired``) or none (``misses``), in one store or in all.

        Raises:
            LookupError: there is no such store.
        """

        async def work(app: App) -> dict[str, dict[str, int]]:
            return await app.tiers.counts(store)

        return self._run(work)


def _written(text: str, path: str | Path | None) -> str:
    if path is not None:
        Path(path).write_text(text, encoding="utf-8")
    return text
