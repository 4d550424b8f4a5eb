"""Sessions of AWS's library that share the service models, which it reads from its files."""

from __future__ import annotations

import functools
import os
import threading
from typing import Any, ClassVar

from botocore.loaders import Loader
from botocore.session import Session


def new_session() -> Session:
    """Return a session with its own credentials and settings.

    Reading the library's files is most of the cost of a client, so each is read once per process.
    """
    session = Session()
    session.lazy_register_component(
        "data_loader", lambda: _loader(session.get_config_variable("data_path"))
    )
    return session


class _SharedLoader(Loader):  # type: ignore[misc]  # It comes without types.
    """Loads one model at a time, since each emulator creates its clients in a thread of its own.

    The library puts a model into its cache before the model is complete, so other threads could see
    an incomplete one. What it writes into a model later is the same each time.
    """

    loading: ClassVar = threading.RLock()

    def load_service_model(self, *arguments: Any, **named: Any) -> Any:
        with self.loading:
            return super().load_service_model(*arguments, **named)

    def load_data_with_path(self, name: str) -> Any:
        with self.loading:
            return super().load_data_with_path(name)


def _loader(data_path: str | None) -> Loader:
    """Return the shared loader of a data path, the value of ``AWS_DATA_PATH``."""
    with _SharedLoader.loading:
        return _new_loader(data_path)


def _forget() -> None:
    """Load anew, in a child that has just been forked: a thread that it has not may have been
    loading."""
    _SharedLoader.loading = threading.RLock()
    _new_loader.cache_clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


@functools.cache
def _new_loader(data_path: str | None) -> Loader:
    paths = data_path.split(os.pathsep) if data_path else []
    return _SharedLoader(
        extra_search_paths=[os.path.expanduser(os.path.expandvars(path)) for path in paths]
    )
