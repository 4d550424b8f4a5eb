"""Starting, using and stopping an emulator from Python."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import Any

import pytest

from emulator import Emulator
from emulator.config import Config, ConfigurationError
from emulator.core.clock import Clock
from tests.support.client import TIMEOUT_SECONDS, Client, object_path
from tests.support.connections import Download, Raw, Upload
from tests.support.emulators import Start, client
from tests.support.keys import v2_key
from tests.support.ports import has_ipv6
from tests.support.waiting import wait_until

USES = {
    "endpoint": lambda emulator: emulator.endpoint,
    "host": lambda emulator: emulator.host,
    "port": lambda emulator: emulator.port,
    "addresses": lambda emulator: emulator.addresses,
    "account_id": lambda emulator: emulator.account_id,
    "api_keys": lambda emulator: emulator.api_keys,
    "api_key": lambda emulator: emulator.api_key(),
    "create_api_key": lambda emulator: emulator.create_api_key("owner"),
    "revoke_api_key": lambda emulator: emulator.revoke_api_key("a.b.c"),
    "reset": lambda emulator: emulator.reset(),
    "add_observer": lambda emulator: emulator.add_observer(print),
}

every_use = pytest.mark.parametrize("use", USES.values(), ids=USES)


def test_a_context_is_an_emulator_that_answers() -> None:
    with Emulator() as emulator:
        assert emulator.endpoint == f"http://127.0.0.1:{emulator.port}"
        assert emulator.account_id
        assert isinstance(emulator.clock, Clock)
        assert emulator.api_keys.keys() == {"owner", "operator", "viewer"}
        assert emulator.api_key() == emulator.api_key("owner") == emulator.api_keys["owner"]
        assert client(emulator).store_names() == []


def test_an_emulator_answers_no_more_after_its_context() -> None:
    with Emulator(cache="memory") as emulator:
        address = ("127.0.0.1", emulator.port)

    with pytest.raises(ConnectionError):
        socket.create_connection(address, timeout=5)


def test_an_emulator_stops_when_its_context_is_left_by_an_exception() -> None:
    before = set(threading.enumerate())
    with pytest.raises(ZeroDivisionError), Emulator(cache="memory"):
        raise ZeroDivisionError

    assert set(threading.enumerate()) <= before


def test_an_emulator_takes_a_config_or_options_and_not_both() -> None:
    config = Config(port=0, cache="memory")

    with Emulator(config) as emulator:
        assert emulator.config is config
    with pytest.raises(TypeError):
        Emulator(config, cache="memory")


def test_an_option_that_there_is_not_is_named_with_the_nearest() -> None:
    options: dict[str, Any] = {"sed": "seed.yaml"}
    with pytest.raises(TypeError, match=r"has no option 'sed'; did you mean seed\?"):
        Emulator(**options)


def test_the_port_of_an_emulator_is_a_free_one_unless_it_is_given(start: Start) -> None:
    port = start().port
    assert port != start().port

    with Emulator(cache="memory") as other:
        given = other.port
    assert start(port=given).port == given


def test_values_may_be_written_as_on_the_command_line(start: Start, tmp_path: Path) -> None:
    emulator = start(max_object_bytes="1KiB", data_dir=str(tmp_path / "data"), fsync="false")

    assert emulator.config.max_object_bytes == 1024
    assert emulator.config.data_dir == tmp_path / "data"
    assert emulator.config.fsync is False


def test_two_emulators_know_nothing_of_each_other(start: Start) -> None:
    one, other = start(), start()
    client(one).create_store("store")
    client(one).put("store", "key", b"body")
    one.clock.freeze(0)

    assert one.account_id != other.account_id
    assert client(other).store_names() == []
    assert Client(other.endpoint, one.api_key()).list_stores().status == 401
    assert not other.clock.frozen
    one.stop()
    assert client(other).create_store("store").status == 201


def test_to_start_an_emulator_twice_is_an_error_and_does_no_harm(emulator: Emulator) -> None:
    with pytest.raises(RuntimeError, match="already running"):
        emulator.start()

    assert client(emulator).store_names() == []


@every_use
def test_to_use_an_emulator_before_it_is_started_is_an_error(use: Any) -> None:
    with pytest.raises(RuntimeError, match="not running"):
        use(Emulator())


@every_use
def test_to_use_an_emulator_after_it_has_stopped_is_an_error(emulator: Emulator, use: Any) -> None:
    emulator.stop()

    with pytest.raises(RuntimeError, match="not running"):
        use(emulator)


def test_to_stop_an_emulator_twice_or_before_its_start_is_fine() -> None:
    emulator = Emulator(cache="memory")
    emulator.stop()
    emulator.start()
    emulator.stop()
    emulator.stop()


def test_a_stop_leaves_no_thread_and_closes_idle_connections(start: Start, tmp_path: Path) -> None:
    before = set(threading.enumerate())
    emulator = start(data_dir=tmp_path / "data")
    owner = client(emulator)
    owner.create_store("store")
    owner.put("store", "key", b"body")
    with contextlib.closing(owner.connect()) as connection:
        owner.list_stores(over=connection)
        assert connection.sock is not None

        emulator.stop()

        assert connection.sock.recv(1) == b""
    wait_until(lambda: set(threading.enumerate()) <= before, "its threads are gone")


def test_a_stop_waits_for_an_upload(emulator: Emulator) -> None:
    seen: list[str] = []
    emulator.add_observer(lambda operation: seen.append(str(operation.outcome)))
    client(emulator).create_store("store")
    with Upload(client(emulator), "store", "key", size=2) as upload:
        upload.send(b"1")
        stopping = threading.Thread(target=emulator.stop)
        stopping.start()
        upload.send(b"2")

        assert upload.finish() == 204
        stopping.join(10)
    assert not stopping.is_alive()
    assert seen == ["ok"]


def test_an_upload_that_never_goes_on_is_cut_off_and_leaves_nothing(
    start: Start, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    emulator = start(data_dir=data, cache_max_object_bytes=1000, stop_timeout=0.5)
    client(emulator).create_store("store")
    client(emulator).put("store", "key", b"old")
    with Upload(client(emulator), "store", "key", size=4 * 1024**2) as upload:
        upload.send(b"x" * 2 * 1024**2)
        wait_until(lambda: os.listdir(data / "tmp") != [], "the upload has a file")
        emulator.stop()

    assert os.listdir(data / "tmp") == []
    assert client(start(data_dir=data)).get("store", "key").body == b"old"


@pytest.mark.parametrize("role", ["nobody", "OWNER", ""])
def test_a_role_that_there_is_not_is_named(emulator: Emulator, role: str) -> None:
    with pytest.raises(KeyError, match="owner, operator, viewer"):
        emulator.api_key(role)
    with pytest.raises(ValueError, match="owner, operator, viewer"):
        emulator.create_api_key(role)


def test_the_keys_cannot_be_changed_by_whoever_asks_for_them(emulator: Emulator) -> None:
    keys: Any = emulator.api_keys

    with pytest.raises(TypeError):
        keys["owner"] = "another"


def test_given_keys_are_the_keys_of_their_roles(start: Start) -> None:
    key = v2_key("mine")
    emulator = start(viewer_key=key)

    assert emulator.api_key("viewer") == key
    assert client(emulator, "viewer").list_stores().status == 200
    assert client(emulator, "viewer").create_store("store").status == 403


def test_an_emulator_on_all_addresses_gives_an_endpoint_that_can_be_reached(start: Start) -> None:
    emulator = start(host="0.0.0.0")

    assert emulator.endpoint == f"http://127.0.0.1:{emulator.port}"
    assert client(emulator).store_names() == []


@pytest.mark.skipif(not has_ipv6(), reason="there is no IPv6 here")
@pytest.mark.parametrize("host", ["::1", "::"])
def test_an_ipv6_address_stands_in_brackets_in_the_endpoint(start: Start, host: str) -> None:
    emulator = start(host=host)

    assert emulator.endpoint == f"http://[::1]:{emulator.port}"
    assert client(emulator).store_names() == []


@pytest.mark.skipif(not has_ipv6(), reason="there is no IPv6 here")
@pytest.mark.parametrize(
    ("host", "both"),
    [
        ("localhost", ["127.0.0.1", "[::1]"]),
        ("127.0.0.1,::1", ["127.0.0.1", "[::1]"]),
        ("::1, 127.0.0.1", ["[::1]", "127.0.0.1"]),
        ("0.0.0.0,::", ["0.0.0.0", "[::]"]),
    ],
)
def test_an_emulator_on_both_families_can_be_reached_over_either(
    start: Start, host: str, both: list[str]
) -> None:
    emulator = start(host=host)
    port = emulator.port

    assert emulator.addresses == [f"{address}:{port}" for address in both]
    first = {"0.0.0.0": "127.0.0.1"}.get(both[0], both[0])
    assert emulator.endpoint == f"http://{first}:{port}"
    for address in ("127.0.0.1", "[::1]"):
        over = Client(f"http://{address}:{port}", emulator.api_key())
        assert over.store_names() == []


def test_a_port_in_use_on_one_of_several_addresses_is_an_error_that_names_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"--port: {port} on 127.0.0.1 is in use"):
            Emulator(cache="memory", host="127.0.0.2,127.0.0.1", port=port).start()


@pytest.mark.proves("D121")
def test_a_stop_waits_no_longer_than_its_timeout_for_what_a_test_has_left_open() -> None:
    emulator = Emulator(cache="memory", stop_timeout=0.2)
    emulator.start()
    owner = client(emulator)
    owner.create_store("store")
    owner.put("store", "large", bytes(32 * 1024**2))
    with contextlib.ExitStack() as stack:
        stack.enter_context(Upload(owner, "store", "key", size=2)).send(b"1")
        stack.enter_context(Download(owner, "store", "large"))
        before = time.monotonic()
        emulator.stop()
        assert time.monotonic() - before < 5  # On a busy machine; it has 0.2 seconds.


@pytest.mark.proves("D121")
def test_a_stop_during_a_reset_answers_or_cuts_off_what_the_reset_holds_back(
    start: Start,
) -> None:
    emulator = start(stop_timeout=0.5)
    app, owner = emulator._app, client(emulator)
    assert app is not None
    owner.create_store("store")

    def reset() -> None:
        with contextlib.suppress(OSError, HTTPException):  # The stop may cut it off too.
            owner.call("POST", "/_emulator/reset")

    resetting = threading.Thread(target=reset)
    with Upload(owner, "store", "key", size=2) as upload, Raw(owner) as held:
        upload.send(b"1")
        resetting.start()
        wait_until(lambda: app._in_flight.is_paused)
        held.send_head("PUT", object_path("store", "held"), {"Content-Length": "2"})
        emulator.stop()
        with contextlib.suppress(ConnectionError):
            received = held.receive_to_end()
            assert received == b"" or received.startswith(b"HTTP/1.1 401 ")
    resetting.join(TIMEOUT_SECONDS)
    assert not resetting.is_alive()


@pytest.mark.proves("D121")
def test_the_emulators_of_fixtures_stop_within_a_second(
    momento_emulator: Emulator, momento_emulator_factory: Callable[..., Emulator]
) -> None:
    assert momento_emulator.config.stop_timeout == 1
    assert momento_emulator_factory().config.stop_timeout == 1
    assert momento_emulator_factory(stop_timeout=3).config.stop_timeout == 3


def test_options_that_contradict_each_other_are_an_error_at_once() -> None:
    with pytest.raises(ConfigurationError, match="requires --data-dir"):
        Emulator(storage="filesystem")
    with pytest.raises(ConfigurationError, match="--cache"):
        Emulator(cache="valkey")
    with pytest.raises(TypeError):
        Emulator(colour="red")  # type: ignore[call-arg]


def test_an_observer_is_told_of_every_operation(emulator: Emulator) -> None:
    seen: list[tuple[str, str, str, int, str, str | None]] = []
    emulator.add_observer(
        lambda it: seen.append((it.name, it.store, it.key, it.status, str(it.outcome), it.role_id))
    )
    client(emulator).create_store("store")
    client(emulator).put("store", "a b", b"body")
    client(emulator, "viewer").get("store", "a b")
    client(emulator).get("store", "none")
    Client(emulator.endpoint).get("store", "a b")

    assert seen == [
        ("PutObject", "store", "a b", 204, "ok", "owner"),
        ("GetObject", "store", "a b", 200, "cache_hit", "viewer"),
        ("GetObject", "store", "none", 404, "miss", "owner"),
        ("GetObject", "store", "a b", 401, "authz_error", None),
    ]


def test_the_health_is_that_of_the_tiers_chosen(start: Start, tiers: dict[str, Any]) -> None:
    health = client(start(**tiers)).call("GET", "/_emulator/health").json()

    assert health["storage"]["engine"] == ("filesystem" if "data_dir" in tiers else "memory")
    assert health["cache"] == {"engine": tiers["cache"], "status": "ok"}
