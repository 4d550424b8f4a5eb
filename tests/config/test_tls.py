"""Options of TLS that go together, and that do not."""

from __future__ import annotations

import pytest

from emulator.config import Config, ConfigurationError

REFUSED = [
    ({"ca_dir": "x"}, "--ca-dir: requires --tls or --proxy"),
    ({"host_names": "a.test"}, "--host-names: requires --tls or --proxy"),
    ({"tls_key": "x", "tls_certificate": "y"}, "--tls-certificate: requires --tls or --proxy"),
    ({"tls": True, "tls_key": "x"}, "--tls-key: requires --tls-certificate FILE"),
    ({"proxy": True, "tls_certificate": "x"}, "--tls-certificate: requires --tls-key FILE"),
    (
        {"tls": True, "tls_certificate": "x", "tls_key": "y", "ca_dir": "z"},
        "--ca-dir: --tls-certificate is given too; give one",
    ),
]


@pytest.mark.parametrize(("options", "said"), REFUSED)
def test_options_that_contradict_each_other_are_refused(options: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        Config(**options)  # type: ignore[arg-type]

    assert str(refused.value) == said


def test_a_port_for_https_without_https_is_a_warning() -> None:
    assert Config(tls_port=9443).warnings() == ["--tls-port without --tls: HTTPS is not served"]
    assert Config(tls=True, tls_port=9443).warnings() == []
    assert Config(tls_port=0).warnings() == []
