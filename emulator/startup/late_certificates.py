"""SSL contexts that load the certificates of all authorities when they are first needed.

To load them takes 20 ms for each context. aiohttp's client makes two contexts when it is imported,
and an emulator uses neither, except to call AWS.
"""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Iterator
from typing import Any

_LOAD = "set_default_verify_paths"
"""The method of SSLContext that loads the certificates; its base class in C defines it."""

_ORDINARY = ssl.SSLContext
"""The class of ordinary contexts. Somebody may replace it in its module later, and a context that
was made before must not become one of theirs."""


class LateContext(_ORDINARY):
    """A context that has loaded no certificates yet. It does so before the first connection, and
    before it is asked what it has loaded, and becomes an ordinary one."""

    __slots__ = ()

    def wrap_bio(self, *args: Any, **options: Any) -> ssl.SSLObject:
        return _loaded(self).wrap_bio(*args, **options)

    def wrap_socket(self, *args: Any, **options: Any) -> ssl.SSLSocket:
        return _loaded(self).wrap_socket(*args, **options)

    def cert_store_stats(self) -> dict[str, int]:
        return _loaded(self).cert_store_stats()

    def get_ca_certs(self, *args: Any, **options: Any) -> Any:
        return _loaded(self).get_ca_certs(*args, **options)


def _loaded(context: ssl.SSLContext) -> ssl.SSLContext:
    context.set_default_verify_paths()
    context.__class__ = _ORDINARY  # Afterwards: another thread may be using the context.
    return context


def _is_of_python(context_type: type[ssl.SSLContext]) -> bool:
    return (
        context_type is _ORDINARY
        and context_type.__module__ == ssl.__name__
        and _LOAD not in vars(context_type)
    )


@contextlib.contextmanager
def certificates_when_needed() -> Iterator[None]:
    """Have contexts that this thread makes inside the block load their certificates when they are
    first needed. Contexts of other threads load them at once, as ever.

    Nothing is put off if somebody has replaced the class or its method, as packages do that use the
    system's own certificates.
    """
    if not _is_of_python(ssl.SSLContext):
        yield
        return
    load, thread = ssl.SSLContext.set_default_verify_paths, threading.get_ident()

    def put_off(context: ssl.SSLContext) -> None:
        if type(context) is ssl.SSLContext and threading.get_ident() == thread:
            context.__class__ = LateContext
        else:
            load(context)

    setattr(ssl.SSLContext, _LOAD, put_off)
    try:
        yield
    finally:
        delattr(ssl.SSLContext, _LOAD)
