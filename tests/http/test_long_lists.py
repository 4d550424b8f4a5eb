"""A long list is answered whole, and others have their turn while it is encoded."""

from __future__ import annotations

import asyncio

from emulator.http.render import json_response, long_json_response

STORES = {"object_stores": [{"name": f"störe-{number:04}"} for number in range(4000)]}


async def test_a_list_of_4000_stores_is_encoded_as_a_short_one_while_others_run() -> None:
    encoding = asyncio.ensure_future(long_json_response(STORES))
    turns = 0
    while not encoding.done():
        await asyncio.sleep(0)
        turns += 1
    answer, short = encoding.result(), json_response(STORES)
    assert (answer.status, answer.headers) == (short.status, short.headers)
    assert answer.body == short.body
    assert turns >= 10
