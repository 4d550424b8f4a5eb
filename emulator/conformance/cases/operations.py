"""The six operations of the API, each as a request with an API key, for cases about keys.

Those that write make sure that what is refused has no effect.
"""

from __future__ import annotations

from collections.abc import Callable

from emulator.conformance.answer import Answer
from emulator.conformance.target import Store, Target

from .expecting import expect_success

Operation = Callable[[Target, str | None], Answer]
"""Sends the request with this API key, or with none."""


def put_object(target: Target, api_key: str | None) -> Answer:
    key = target.fresh_key()
    answer = target.store.put(key, b"body", api_key=api_key)
    assert answer.status < 400 or target.store.get(key).status >= 400, "it is stored all the same"
    return answer


def get_object(target: Target, api_key: str | None) -> Answer:
    key = target.fresh_key()
    expect_success(target.store.put(key, b"body"))
    return target.store.get(key, api_key=api_key)


def configure_store(target: Target, api_key: str | None) -> Answer:
    store = Store(target, target.fresh_name())
    answer = store.configure(target.store_body(), api_key=api_key)
    assert answer.status < 400 or store.describe().status >= 400, "it is made all the same"
    return answer


def describe_store(target: Target, api_key: str | None) -> Answer:
    return target.store.describe(api_key=api_key)


def delete_store(target: Target, api_key: str | None) -> Answer:
    with target.new_store() as store:
        answer = store.remove(api_key=api_key)
        assert answer.status < 400 or store.describe().status < 400, "it is deleted all the same"
        return answer


def list_stores(target: Target, api_key: str | None) -> Answer:
    return target.request("GET", "/objectstore", key=api_key)
