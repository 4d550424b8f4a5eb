"""An emulator is a guest in its process: what its start does for speed leaves nothing behind."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.certificates import certificate
from tests.support.launch import run

COLLECTOR = """
import gc, json, ssl
{before}
frozen = gc.get_freeze_count()

def settings():  # What is frozen may end as ever: there must not be more of it.
    return [gc.isenabled(), gc.get_threshold(), gc.get_freeze_count() <= frozen, gc.callbacks]

before, ssl_before = settings(), dict(vars(ssl.SSLContext))
from emulator import Emulator
after_import = settings()
with Emulator():
    meanwhile = settings()
print(json.dumps([before, after_import, meanwhile, settings()]))
assert dict(vars(ssl.SSLContext)) == ssl_before
"""

CLIENT = """
import asyncio, json, ssl, sys
from emulator import Emulator

with Emulator():
    pass

import aiohttp

async def status(session, certificate, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    async def answer(reader, writer):
        await reader.readuntil(b"\\r\\n\\r\\n")
        writer.write(b"HTTP/1.1 204 No Content\\r\\nConnection: close\\r\\n\\r\\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        try:
            async with session.get(f"https://127.0.0.1:{port}/") as response:
                return response.status
        except aiohttp.ClientConnectorCertificateError:
            return "not trusted"

async def statuses():
    async with aiohttp.ClientSession() as session:
        return [await status(session, *pair) for pair in json.loads(sys.argv[1])]

print(json.dumps(asyncio.run(statuses())))
"""


def answer_of(program: str, *words: str, **env: str) -> Any:
    """What a program has printed that runs in a new interpreter."""
    ended = run(sys.executable, "-c", program, *words, env=env)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


@pytest.mark.parametrize(
    "before",
    ["", "gc.disable()", "gc.set_threshold(1234, 5, 6)\ngc.freeze()"],
    ids=["as usual", "disabled", "with settings"],
)
def test_the_hosts_garbage_collector_is_as_it_was(before: str) -> None:
    first, *later = answer_of(COLLECTOR.format(before=before))

    assert first[2]
    assert later == [first] * 3


@pytest.mark.slow
def test_the_hosts_client_trusts_the_authorities_of_the_system_and_no_others(
    tmp_path: Path,
) -> None:
    pairs = [list(map(str, certificate(tmp_path, name))) for name in ("trusted", "other")]
    env = {"SSL_CERT_FILE": pairs[0][0], "SSL_CERT_DIR": str(tmp_path / "none")}

    assert answer_of(CLIENT, json.dumps(pairs), **env) == [204, "not trusted"]
