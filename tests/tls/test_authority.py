"""The directory of the authority: made once, private, for the played hosts alone."""

from __future__ import annotations

import datetime
import os
import ssl
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from emulator.core.failures import ConfigurationError
from emulator.tls import authority as authorities
from emulator.tls.authority import Authority
from emulator.tls.directory import AuthorityDirectory, default_directory


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_authority_is_made_once_and_its_key_is_private(tmp_path: Path) -> None:
    first = AuthorityDirectory(tmp_path / "a" / "ca")
    second = AuthorityDirectory(tmp_path / "a" / "ca")

    assert first.authority.to_pem() == second.authority.to_pem()
    assert mode(first.path) == 0o700
    assert mode(first.path / "authority.pem") == 0o600
    assert b"PRIVATE" not in first.certificate.read_bytes() + first.bundle.read_bytes()
    names = ["authority.pem", "ca-bundle.p12", "ca-bundle.pem", "ca.pem"]
    assert sorted(os.listdir(first.path)) == names


def test_the_trust_store_has_the_authorities_of_the_bundle_and_no_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = [Authority.make().certificate_pem for _ in range(3)]
    (tmp_path / "theirs.pem").write_bytes("# Größe\n".encode() + b"\n".join(theirs))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "theirs.pem"))
    made = AuthorityDirectory(tmp_path / "ca")

    stored = pkcs12.load_pkcs12(made.trust_store.read_bytes(), None).additional_certs
    found = {each.friendly_name: each.certificate.public_bytes(Encoding.PEM) for each in stored}
    own = made.authority.certificate_pem
    assert found == {b"authority-%d" % n: each for n, each in enumerate([*theirs, own])}


def test_emulators_that_start_at_once_have_one_authority(tmp_path: Path) -> None:
    found = []
    barrier = threading.Barrier(8)

    def open_it() -> None:
        barrier.wait()
        found.append(AuthorityDirectory(tmp_path).authority.to_pem())

    threads = [threading.Thread(target=open_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len(set(found)) == 1


def test_the_authority_is_made_where_no_links_can_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    made = AuthorityDirectory(tmp_path)

    assert mode(tmp_path / "authority.pem") == 0o600
    assert AuthorityDirectory(tmp_path).authority.to_pem() == made.authority.to_pem()


def test_the_bundle_has_the_authorities_of_the_system_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = tmp_path / "theirs.pem"
    theirs.write_bytes(Authority.make().certificate_pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(theirs))
    made = AuthorityDirectory(tmp_path / "ca")

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(made.bundle)
    assert len(context.get_ca_certs()) == 2

    # As inside of `exec`: the bundle does not contain itself, and so does not grow.
    monkeypatch.setenv("SSL_CERT_FILE", str(made.bundle))
    again = AuthorityDirectory(tmp_path / "ca").bundle.read_text()
    assert again.count(made.authority.certificate_pem.decode()) == 1


def test_a_bundle_of_the_system_may_have_the_name_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = tmp_path / "ca-bundle.pem"
    theirs.write_bytes(Authority.make().certificate_pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(theirs))

    assert theirs.read_bytes() in AuthorityDirectory(tmp_path / "ca").bundle.read_bytes()


def test_a_damaged_certificate_of_the_system_is_left_out_of_the_trust_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = tmp_path / "theirs.pem"
    good = Authority.make().certificate_pem
    theirs.write_bytes(b"-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n" + good)
    monkeypatch.setenv("SSL_CERT_FILE", str(theirs))
    made = AuthorityDirectory(tmp_path / "ca")

    stored = pkcs12.load_pkcs12(made.trust_store.read_bytes(), None).additional_certs
    found = [each.certificate.public_bytes(Encoding.PEM) for each in stored]
    assert found == [good, made.authority.certificate_pem]


CONSTRAINED = {
    "api.cache.cell-1.prod.a.momentohq.com": True,
    "localhost": True,
    "127.0.0.1": True,
    "mine.example": True,
    "www.momentohq.com": False,
    "github.com": False,
    "10.0.0.1": False,
}


@pytest.mark.parametrize("host", CONSTRAINED)
def test_who_trusts_the_authority_does_not_trust_it_for_other_hosts(
    tmp_path: Path, host: str
) -> None:
    made = AuthorityDirectory(tmp_path, ("mine.example",))
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.issue(server_context, [host])
    client_context = ssl.create_default_context(cafile=str(made.certificate))

    assert accepts(client_context, server_context, host) is CONSTRAINED[host]


def accepts(client_context: ssl.SSLContext, server_context: ssl.SSLContext, host: str) -> bool:
    """Whether a client accepts a server's certificate, in memory."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(to_client, to_server, server_hostname=host)
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for each in (client, server):
            try:
                each.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLCertVerificationError:
                return False
    return client.cipher() is not None


def refusal(path: Path, *more: str) -> str:
    with pytest.raises(ConfigurationError) as refused:
        AuthorityDirectory(path, more)
    return str(refused.value)


def test_an_expired_authority_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    AuthorityDirectory(tmp_path)
    later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=5 * 365)
    monkeypatch.setattr(authorities, "_now", lambda: later)

    said = refusal(tmp_path)
    assert "--ca-dir" in said
    assert "it has expired at" in said
    assert f"remove the directory {tmp_path}" in said


def test_a_directory_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()

    assert "not an emulator's, such as thesis.tex" in refusal(tmp_path)
    assert os.listdir(tmp_path) == ["thesis.tex"]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda _: b"", "it does not hold a key and a certificate"),
        (lambda pem: pem[: len(pem) // 2], "it does not hold a key and a certificate"),
        (lambda pem: Authority.make().to_pem()[:240] + pem[240:], ""),
    ],
)
def test_a_damaged_authority_is_refused(tmp_path: Path, damage: object, said: str) -> None:
    assert callable(damage)
    made = AuthorityDirectory(tmp_path)
    (tmp_path / "authority.pem").write_bytes(damage(made.authority.to_pem()))

    message = refusal(tmp_path)
    assert message.startswith(f"--ca-dir: cannot use {tmp_path / 'authority.pem'}: {said}")


def test_a_key_of_another_authority_is_refused(tmp_path: Path) -> None:
    made = AuthorityDirectory(tmp_path)
    key, _, _ = Authority.make().to_pem().partition(b"-----BEGIN CERTIFICATE")
    (tmp_path / "authority.pem").write_bytes(key + made.authority.certificate_pem)

    assert "its key is not that of its certificate" in refusal(tmp_path)


def test_a_certificate_for_hosts_is_no_authority(tmp_path: Path) -> None:
    made = AuthorityDirectory(tmp_path)
    (tmp_path / "authority.pem").write_bytes(made.authority.issue(["localhost"]))

    assert "its certificate is damaged" in refusal(tmp_path)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    AuthorityDirectory(tmp_path)
    (tmp_path / "authority.pem").chmod(0o644)

    assert f"chmod 600 {tmp_path / 'authority.pem'}" in refusal(tmp_path)


def test_a_name_that_the_authority_may_not_speak_for_is_refused(tmp_path: Path) -> None:
    AuthorityDirectory(tmp_path, ("mine.example", "10.0.0.1"))

    AuthorityDirectory(tmp_path, ("sub.mine.example", "127.9.9.9"))
    said = refusal(tmp_path, "mine.example", "other.example", "10.0.0.2")
    assert said.startswith("--host-names: ")
    assert "made without other.example, 10.0.0.2 and may not speak for it" in said


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ca").touch()

    assert refusal(tmp_path / "ca").startswith(f"--ca-dir: cannot use {tmp_path / 'ca'}: ")


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {"XDG_DATA_HOME": "/data"}, "/data/momento-objectstore-emulator/ca"),
        ("linux", {"XDG_DATA_HOME": "relative"}, "~/.local/share/momento-objectstore-emulator/ca"),
        ("linux", {}, "~/.local/share/momento-objectstore-emulator/ca"),
        ("darwin", {}, "~/Library/Application Support/momento-objectstore-emulator/ca"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/momento-objectstore-emulator/ca"),
        ("win32", {}, "~/AppData/Local/momento-objectstore-emulator/ca"),
    ],
)
def test_the_default_directory_is_where_data_of_a_user_is_on_each_system(
    monkeypatch: pytest.MonkeyPatch, platform: str, environment: dict[str, str], expected: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)

    assert default_directory(environment) == Path(expected).expanduser()


def test_openssl_accepts_what_it_makes(tmp_path: Path) -> None:
    made = AuthorityDirectory(tmp_path)
    leaf = tmp_path / ".leaf.pem"
    leaf.write_bytes(made.authority.issue(["localhost", "127.0.0.1"]))
    command = ["openssl", "verify", "-x509_strict", "-CAfile", str(made.certificate), str(leaf)]
    try:
        verified = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    except FileNotFoundError:
        pytest.skip("there is no openssl here")

    assert verified.stdout == f"{leaf}: OK\n", verified.stderr
