"""Nothing of the emulator needs a POSIX system to be imported and to serve from memory.

Tests run on Linux, so this takes away what other systems do not have. `docs/install.md` says what
that shows, and what it does not.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.environment import ROOT
from tests.support.launch import run

MODULES = "curses fcntl grp posix pty pwd readline resource syslog termios tty"
"""Modules of the standard library that Windows does not have."""

NAMES = {
    "os": """
        EX_OK F_LOCK O_CLOEXEC O_DIRECTORY O_DSYNC O_NOCTTY O_NOFOLLOW O_NONBLOCK O_SYNC O_TMPFILE
        WNOHANG chown chroot fchdir fchmod fchown fdatasync fork forkpty getegid geteuid getgid
        getgroups getpgid getpgrp getpriority getsid getuid getxattr initgroups killpg lchown lockf
        major mkfifo mknod nice openpty pidfd_open pipe2 posix_fadvise posix_fallocate posix_spawn
        pread preadv pwrite pwritev register_at_fork sched_getaffinity sched_yield sendfile setgid
        setpgid setsid setuid setxattr statvfs sync tcgetpgrp uname wait wait4 waitid
    """,
    "signal": """
        SIGALRM SIGCHLD SIGCONT SIGHUP SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGUSR1 SIGUSR2 alarm
        pthread_kill pthread_sigmask setitimer sigtimedwait sigwait
    """,
    "socket": "SO_REUSEPORT CMSG_LEN send_fds recv_fds",
    "selectors": "EpollSelector PollSelector",
    "time": "tzset clock_gettime pthread_getcpuclockid",
}
"""Names that modules of the standard library do not have on Windows."""

PROGRAM = f"""
import importlib, os, pkgutil, posix, selectors, signal, socket, ssl, sys, time, types

def modules():
    import emulator
    found, missing = ["pytest_momento_emulator"], []
    for each in pkgutil.walk_packages(emulator.__path__, "emulator."):
        if each.name != "emulator.__main__":
            found.append(each.name)
    for name in found:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            missing.append(error.name)
    return found, missing

before, missing = modules()  # What others provide is here now, and stays as it is.
for name in [name for name in sys.modules if name.partition(".")[0].endswith("emulator")]:
    del sys.modules[name]

sys.modules["nt"] = types.ModuleType("nt")
sys.modules["nt"].urandom = posix.urandom
sys.modules.update(dict.fromkeys({MODULES!r}.split()))
for module, names in {NAMES!r}.items():
    for name in names.split():
        vars(sys.modules[module]).pop(name, None)
selectors.DefaultSelector = selectors.SelectSelector
os.supports_dir_fd = os.supports_follow_symlinks = frozenset()
os.process_cpu_count = os.cpu_count  # From Python 3.13 on; on Windows both are the same.
ssl.enum_certificates = lambda store: ()
sys.platform = "win32"

assert modules() == (before, missing), modules()
print(len(before), *missing)
"""

SERVES = """
import json, urllib.request
from emulator import Emulator

ROLE = "arn:aws:iam::123456789012:role/r"
STORE = {
    "storage_config": {"s3": {"bucket_name": "b", "iam_role_arn": ROLE}},
    "cache_config": {"valkey_cluster": {"cluster_name": "my-valkey-cluster"}},
}

def call(method, path, body=None, kind="application/octet-stream"):
    headers = {"Authorization": emulator.api_key(), "Content-Type": kind}
    url = emulator.endpoint + "/objectstore/media" + path
    return urllib.request.urlopen(
        urllib.request.Request(url, body, headers, method=method), timeout=30
    ).read()

with Emulator(**options) as emulator:
    call("PUT", "", json.dumps(STORE).encode(), "application/json")
    call("PUT", "/a%2Fkey", b"body")
    emulator.checkpoint("one")
    call("PUT", "/a%2Fkey", b"another")
    emulator.restore("one")
    print(call("GET", "/a%2Fkey").decode())
"""


@pytest.mark.proves("D128", "D130")
def test_every_module_is_imported_without_what_windows_does_not_have() -> None:
    imported = run(sys.executable, "-c", PROGRAM)

    assert (imported.returncode, imported.stderr) == (0, "")
    assert int(imported.stdout.split()[0]) > 400


@pytest.mark.parametrize("storage", ["memory", "files"])
def test_it_serves_without_it_too(tmp_path: Path, storage: str) -> None:
    options = {} if storage == "memory" else {"data_dir": str(tmp_path / "data")}
    served = run(sys.executable, "-c", f"{PROGRAM}\noptions = {options!r}\n{SERVES}")

    assert (served.returncode, served.stderr) == (0, "")
    assert served.stdout.splitlines()[1:] == ["body"]


@pytest.mark.slow(seconds=30)
@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_the_types_hold_on_another_system(platform: str) -> None:
    words = ("-m", "mypy", "--platform", platform, "--package", "emulator")
    settings = ("--config-file", str(ROOT / "pyproject.toml"))
    checked = run(sys.executable, *words, *settings, seconds=140)  # On a busy machine too.

    assert checked.returncode == 0, checked.stdout + checked.stderr
