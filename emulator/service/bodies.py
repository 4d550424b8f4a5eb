"""The bodies of requests that hold a JSON document."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

ReadBody = Callable[[], Awaitable[object]]
"""Gives the JSON document in a request's body. It is called once the caller may do what is asked:
a body is read, and its client asked for it, only then."""
