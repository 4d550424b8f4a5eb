"""URLs of a Valkey: what they name, what is refused, and that no password is ever shown."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.backends.valkey.cluster import open_valkey
from emulator.backends.valkey.url import ValkeyUrl, parse_valkey_url

SECRET = "s3cr3t"

RIGHT = {
    "valkey://h": ValkeyUrl("h"),
    "valkey://h:7000": ValkeyUrl("h", 7000),
    "valkey://h/": ValkeyUrl("h"),
    "valkey://h:7000/3": ValkeyUrl("h", 7000, db=3),
    "VALKEY://Some.Host": ValkeyUrl("some.host"),
    "redis://127.0.0.1": ValkeyUrl("127.0.0.1"),
    "valkeys://h": ValkeyUrl("h", tls=True),
    "rediss://h": ValkeyUrl("h", tls=True),
    "valkey-cluster://h:1": ValkeyUrl("h", 1, is_cluster=True),
    "valkeys-cluster://h:1": ValkeyUrl("h", 1, tls=True, is_cluster=True),
    "valkey-cluster://h/0": ValkeyUrl("h", is_cluster=True),
    "valkey://[::1]:7000": ValkeyUrl("::1", 7000),
    "valkey://[2001:db8::1]/1": ValkeyUrl("2001:db8::1", db=1),
    "valkey://:pw@h": ValkeyUrl("h", password="pw"),
    "valkey://ann:pw@h:1/2": ValkeyUrl("h", 1, "ann", "pw", 2),
    "valkey://a%40b:p%2Fw%3A%23@h": ValkeyUrl("h", user="a@b", password="p/w:#"),
    "valkeys://h?ca=/etc/ca.pem": ValkeyUrl("h", tls=True, ca=Path("/etc/ca.pem")),
    "valkeys://h:1/2?ca=/a%20b.pem": ValkeyUrl("h", 1, db=2, tls=True, ca=Path("/a b.pem")),
}


@pytest.mark.parametrize(("text", "url"), RIGHT.items(), ids=RIGHT)
def test_a_url_names_a_server(text: str, url: ValkeyUrl) -> None:
    assert parse_valkey_url(text) == url


WRONG = {
    "": "not a URL",
    "localhost:6379": "not a URL",
    "http://h": "scheme",
    f"{SECRET}://h": "scheme",
    "valkey://": "host",
    "valkey://:1": "host",
    "valkey://h:port": "port",
    "valkey://h:0": "port",
    "valkey://h:65536": "port",
    "valkey://::1": "port",
    "valkey://[::1": "host",
    "valkey://h/first": "database",
    "valkey://h/1/2": "database",
    "valkey://h/-1": "database",
    "valkey-cluster://h/1": "cluster",
    "valkey://ann@h": "password",
    "valkey://ann:@h": "password",
    f"valkey://:{SECRET}/x@h": "%2F",
    f"valkey://ann:{SECRET}#x@h": "%23",
    f"valkey://ann:{SECRET}?x@h": "%3F",
    f"valkey://ann:1/{SECRET}@h": "%2F",
    f"valkey://ann:{SECRET}%FF@h": "UTF-8",
    f"valkey://ann:{SECRET} @h": "space",
    f"valkey://ann:{SECRET}\n@h": "control",
    f"valkey://h#{SECRET}": "#",
    f"valkey://h?{SECRET}=1": "ca=FILE",
    "valkeys://h?ca=": "ca=FILE",
    "valkeys://h?ca=/a&ca=/b": "ca=FILE",
    "valkeys://h?insecure=1": "ca=FILE",
    "valkey://h?ca=/etc/ca.pem": "TLS",
    "valkeys://h?ca=~nobody-of-that-name/x": "path",
}


@pytest.mark.parametrize(("text", "cause"), WRONG.items(), ids=map(repr, WRONG))
def test_what_names_no_server_is_refused_with_the_cause_and_without_a_password(
    text: str, cause: str
) -> None:
    with pytest.raises(ValueError, match=cause) as refused:
        parse_valkey_url(text)
    assert SECRET not in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


passwords = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(user=passwords, password=passwords)
def test_any_user_and_password_can_be_written(user: str, password: str) -> None:
    url = parse_valkey_url(f"valkey://{quote(user, safe='')}:{quote(password, safe='')}@h:1/2")
    assert url == ValkeyUrl("h", 1, user, password, 2)


@pytest.mark.parametrize("text", [f"valkeys://ann:{SECRET}@h:1/2", f"valkey://:{SECRET}@[::1]"])
def test_a_url_is_shown_without_its_password(text: str) -> None:
    url = parse_valkey_url(text)
    for shown in (str(url), repr(url), f"{url}", f"{url!r}"):
        assert SECRET not in shown


def test_what_is_shown_says_all_but_the_password() -> None:
    for text, url in RIGHT.items():
        if url.password is None:
            assert parse_valkey_url(str(url)) == url, text
    shown = str(parse_valkey_url(f"valkeys://a%40b:{SECRET}@[::1]:1/2?ca=/ca.pem"))
    assert shown == "valkeys://a%40b:***@[::1]:1/2?ca=/ca.pem"


@pytest.mark.parametrize("text", ["valkey://h", "valkeys://h?ca=/ca", "valkey-cluster://h:1"])
async def test_a_client_is_made_without_a_connection(text: str) -> None:
    await open_valkey(parse_valkey_url(text), timeout=1).close()
