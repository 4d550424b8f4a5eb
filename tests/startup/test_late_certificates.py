"""SSL contexts that load the certificates of authorities when they are first needed."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.startup.late_certificates import LateContext, certificates_when_needed
from tests.support.certificates import certificate


def late_context() -> ssl.SSLContext:
    with certificates_when_needed():
        return ssl.create_default_context()


def connect(context: ssl.SSLContext) -> None:
    context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost")


def test_contexts_of_this_thread_are_late_and_those_of_others_are_not() -> None:
    made: list[ssl.SSLContext] = []
    with certificates_when_needed():
        other = threading.Thread(target=lambda: made.append(ssl.create_default_context()))
        other.start()
        other.join()
        made.append(ssl.create_default_context())

    assert [type(each) for each in made] == [ssl.SSLContext, LateContext]


def test_a_late_context_verifies_as_any_other() -> None:
    late, ordinary = late_context(), ssl.create_default_context()

    assert isinstance(late, LateContext)
    for name in ("verify_mode", "verify_flags", "check_hostname", "options", "minimum_version"):
        assert getattr(late, name) == getattr(ordinary, name)


def test_a_late_context_becomes_an_ordinary_one() -> None:
    late = late_context()
    connect(late)

    assert type(late) is ssl.SSLContext


def test_the_class_of_contexts_is_as_before_after_the_block() -> None:
    before = dict(vars(ssl.SSLContext))
    with pytest.raises(ZeroDivisionError), certificates_when_needed():
        raise ZeroDivisionError

    assert dict(vars(ssl.SSLContext)) == before
    assert type(ssl.create_default_context()) is ssl.SSLContext


class OfSystem(ssl.SSLContext):
    """A context that takes its certificates from elsewhere."""


@pytest.mark.parametrize("of_python", [True, False], ids=["its module too", "its name alone"])
def test_a_class_that_took_the_place_of_pythons_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, of_python: bool
) -> None:
    monkeypatch.setattr(OfSystem, "__module__", "ssl" if of_python else __name__)
    monkeypatch.setattr(ssl, "SSLContext", OfSystem)
    before = dict(vars(OfSystem))
    with certificates_when_needed():
        assert dict(vars(OfSystem)) == before


def test_a_method_that_took_the_place_of_pythons_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[ssl.SSLContext] = []

    def load(context: ssl.SSLContext) -> None:
        called.append(context)

    monkeypatch.setattr(ssl.SSLContext, "set_default_verify_paths", load, raising=False)

    assert called == [late_context()]


USES: dict[str, Callable[[ssl.SSLContext], Any]] = {
    "a connection of asyncio": connect,
    "a connection of a socket": lambda context: context.wrap_socket(
        socket.socket(), server_hostname="localhost"
    ).close(),
    "its counts": lambda context: context.cert_store_stats(),
    "its list": lambda context: context.get_ca_certs(),
}


@pytest.mark.slow
@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_certificates_are_there_when_a_context_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, use: Callable[[ssl.SSLContext], Any]
) -> None:
    authority, _ = certificate(tmp_path, "authority")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    late = late_context()
    c_type: Any = ssl.SSLContext.__base__

    assert c_type.cert_store_stats(late)["x509_ca"] == 0
    use(late)
    assert c_type.cert_store_stats(late)["x509_ca"] == 1


@pytest.mark.slow
@pytest.mark.parametrize("use", [USES["its counts"], USES["its list"]], ids=["counts", "list"])
def test_what_is_asked_first_is_answered_with_all_certificates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, use: Callable[[ssl.SSLContext], Any]
) -> None:
    authority, _ = certificate(tmp_path, "authority")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))

    assert use(late_context()) == use(ssl.create_default_context())
    assert use(late_context())


def test_a_late_context_is_used_after_somebody_has_replaced_the_class(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    late, ordinary = late_context(), ssl.SSLContext
    monkeypatch.setattr(ssl, "SSLContext", OfSystem)
    connect(late)

    assert type(late) is ordinary
