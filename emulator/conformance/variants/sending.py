"""Sends the generated requests of an operation, and makes those small that fail."""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Callable, Sequence
from functools import cache
from typing import NoReturn

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from emulator.conformance.connection import NoAnswerError
from emulator.conformance.outcome import Failure
from emulator.conformance.target import Exchange, Target
from emulator.conformance.wire import lines

from .allowed import difference, is_kept, violation
from .mistakes import mistakes
from .operations import AUTH, CLUSTERS, CREATE_CLUSTER, OBJECTS, STORES, Operation, operations
from .request import Request
from .scene import Scene
from .valid import Valid

_WEIGHTS = {OBJECTS: 4, STORES: 3, AUTH: 2, CLUSTERS: 1}
"""How much there is to vary, by group."""

_MOST_TO_SHRINK = 150
"""How many requests more may be sent to make failures small."""


def share(revision: str, name: str, total: int) -> int:
    """Return how many of all requests are for one operation; at least one."""
    weights = {each: _weight(found) for each, found in operations(revision).items()}
    return max(1, total * weights[name] // sum(weights.values()))


def _weight(operation: Operation) -> int:
    body = 4 if operation.body is not None or operation.name == "PutObject" else 0
    return _WEIGHTS[operation.group] * (3 + len(operation.parameters) + body)


def send(target: Target, name: str) -> tuple[int, list[Failure]]:
    """Send the operation's share of generated requests.

    Returns:
        How many were sent, and the smallest request for each reason to fail.
    """
    operation = operations(target.revision)[name]
    scene = Scene(target, operation)
    sender = _Sender(scene, share(target.revision, name, target.options.variants))
    try:
        sender.run()
    except Exception as error:  # What the requests need is not there.
        sender.fail_without_request(str(error) or repr(error))
    finally:
        scene.close()
    return sender.sent, sender.failures()


class _Sender:
    """Sends requests as Hypothesis asks for them, and keeps the smallest of each kind that fails.

    It keeps them itself, since it ends the search after a number of requests.
    """

    def __init__(self, scene: Scene, most: int) -> None:
        self._scene = scene
        self._most = most
        self._smallest: dict[str, tuple[int, Failure]] = {}
        self._are_clusters_made = False
        self._missing = ""
        self._seed = zlib.crc32(f"{scene.options.seed} {scene.operation.name}".encode())
        self.sent = 0

    def run(self) -> None:
        """Send one request with each mistake, and then what Hypothesis makes up.

        Raises:
            AssertionError: the requests have not what they need.
        """
        source = Valid(self._scene)
        for request in self._each_mistake(source):
            with contextlib.suppress(AssertionError):
                self._check(request)
        try:
            self._search(_requests(self._scene, source), self._check, self._most - self.sent)
        except Exception:  # What failed is kept, or the example that ended the search is flaky.
            if self._missing:
                raise AssertionError(self._missing) from None
            if not self._smallest:
                raise

    def _search(
        self, requests: SearchStrategy[Request], check: Callable[[Request], None], most: int
    ) -> None:
        """Have Hypothesis make up requests, from the simplest on."""

        @seed(self._seed)
        @settings(
            max_examples=max(1, most),
            phases=(Phase.generate, Phase.shrink),
            database=None,
            deadline=None,
            derandomize=False,
            print_blob=False,
            report_multiple_bugs=True,
            suppress_health_check=[*HealthCheck],
            verbosity=Verbosity.quiet,
        )
        @given(requests)
        def run(request: Request) -> None:
            check(request)

        run()

    def _each_mistake(self, source: Valid) -> list[Request]:
        """The simplest request with one of each mistake; as many as fit, what is wrong first."""
        drawn: list[Request] = []
        self._search(_valid(source), drawn.append, 1)
        found = mistakes(drawn[0], self._scene)
        each = [made[self._seed % len(made)] for made in found.values()]
        odd = [request for request in each if request.is_odd]
        wrong = [request for request in each if not request.is_odd]
        return [*_turned(wrong, self._seed), *_turned(odd, self._seed)][: self._most - 1]

    def failures(self) -> list[Failure]:
        """Return the smallest request of each reason."""
        return [failure for _, (_, failure) in sorted(self._smallest.items())]

    def fail_without_request(self, why: str) -> None:
        """Note that requests could not be sent."""
        self._smallest[""] = (0, Failure(self._scene.operation.name, "no request", why))

    def _check(self, request: Request) -> None:
        if self.sent >= self._most + _MOST_TO_SHRINK or self._is_one_cluster_more(request):
            return
        path = self._prepared(request)
        self.sent += 1
        try:
            with self._scene.sent(request, path) as answer:
                why = violation(request, answer)
                if not why and is_kept(request):
                    why = difference(request, self._scene.read_back(request))
                seen = [*self._scene.target.exchanges]
        except NoAnswerError as error:
            self._fail(request, "no answer", str(error), [])
        if why:
            is_expected = answer.status in request.statuses or answer.status >= 500
            self._fail(request, why if is_expected else f"{request.wrong} {why}", why, seen)

    def _prepared(self, request: Request) -> str:
        """Make what the request needs; where that fails once, it is not tried again."""
        if self._missing:
            raise AssertionError(self._missing)
        try:
            return self._scene.prepared(request)
        except AssertionError as error:
            self._missing = str(error)
            raise

    def _is_one_cluster_more(self, request: Request) -> bool:
        """Whether the request makes a cluster, and is not the first."""
        if request.operation.name != CREATE_CLUSTER or request.wrong:
            return False
        made, self._are_clusters_made = self._are_clusters_made, True
        return made

    def _fail(self, request: Request, reason: str, why: str, seen: Sequence[Exchange]) -> NoReturn:
        run, operation = self._scene.run, request.operation
        shown = [line for each in seen for line in lines(each, run, whole=True)]
        line = shown[0].rpartition(" -> ")[0] if shown else f"{operation.method} {operation.path}"
        failure = Failure(operation.name, f"{line} {request.wrong}".strip(), why, tuple(shown))
        smallest = self._smallest.get(reason)
        if smallest is None or request.size <= smallest[0]:
            self._smallest[reason] = (request.size, failure)
        raise _error_of(reason)(why)


@cache
def _error_of(reason: str) -> type[AssertionError]:
    """A type of error for each reason: Hypothesis makes one example of each type small."""
    return type("NotAllowedError", (AssertionError,), {"__doc__": reason})


def _turned(requests: list[Request], turns: int) -> list[Request]:
    """The requests, beginning with another one for another number."""
    start = turns % max(1, len(requests))
    return [*requests[start:], *requests[:start]]


@st.composite
def _valid(draw: DrawFn, source: Valid) -> Request:
    return source.draw(draw)


_ARE_WRONG = st.sampled_from((False, True, True))
_ARE_ODD = st.sampled_from((False, False, False, True))


@st.composite
def _requests(draw: DrawFn, scene: Scene, source: Valid) -> Request:
    """A valid request, or one with a mistake: two of three, since there are more of these."""
    operation = scene.operation
    request = source.draw(draw)
    is_only_wrong = operation.name == CREATE_CLUSTER and not scene.options.create_clusters
    if not is_only_wrong and not draw(_ARE_WRONG):
        return request
    found = mistakes(request, scene)
    odd = [what for what, made in found.items() if made[0].is_odd]
    wrong = [what for what in found if what not in odd]
    named = odd if odd and (not wrong or draw(_ARE_ODD)) else wrong
    if not named:
        return request
    chosen: Request = draw(st.sampled_from(found[draw(st.sampled_from(named))]))
    return chosen
