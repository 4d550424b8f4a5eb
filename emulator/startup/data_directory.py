"""The directory that outlives the process: what is where in it, and whose it is."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from emulator.core.failures import ConfigurationError
from emulator.core.files import (
    left_over,
    make_directory,
    sync_directory,
    try_to_write,
    way_out,
    write_atomically,
)
from emulator.startup.directory_lock import DirectoryLock, InUseError

_UNIQUE_NAME = re.compile(r"[0-9a-f]{32}")


class DataDirectory:
    """One emulator's data directory, made where it does not exist, and locked until closed.

    Args:
        path: where it is.
        account_engine: where the account is: with another than ``file``, the keys in plain have a
            file of that name, so that those of the account in the directory are not lost.

    Raises:
        ConfigurationError: it cannot be written, or another emulator is using it.
    """

    def __init__(self, path: Path, account_engine: str = "file") -> None:
        self.path = path
        self.objects = path / "objects"
        self.account_file = path / "account.json"
        self.temporary = path / "tmp"
        self.checkpoints = path / "checkpoints"
        suffix = "" if account_engine == "file" else f"-{account_engine}"
        self.keys_file = path / f"api-keys{suffix}.json"
        try:
            self._require_ours()
            make_directory(path)
            self._lock = DirectoryLock(path)
            try:
                self._prepare()
            except BaseException:
                self._lock.close()
                raise
        except InUseError as error:
            raise ConfigurationError(
                f"--data-dir: {path} is in use by {error}; "
                "stop that one or choose another directory"
            ) from None
        except OSError as error:
            advice = way_out(error)
            raise ConfigurationError(
                f"--data-dir: cannot write to {error.filename or path}: {error.strerror}; "
                f"{f'{advice}, or ' if advice else ''}choose a directory that you may write"
            ) from None

    def announce(self, endpoint: str) -> None:
        """Say to whoever finds the directory in use where its emulator can be reached."""
        self._lock.announce(endpoint)

    def save_keys(self, keys: Mapping[str, str]) -> None:
        """Write the keys by role, in plain: elsewhere only their digests are kept."""
        content = json.dumps(dict(keys), indent=2).encode() + b"\n"
        write_atomically(self.keys_file, content)

    def forget_keys(self) -> None:
        """Remove that file: its keys have become none."""
        self.keys_file.unlink(missing_ok=True)

    def load_keys(self) -> dict[str, str]:
        """The keys by role, as far as the file still has them.

        Raises:
            ConfigurationError: the file is there and cannot be read.
        """
        try:
            keys = json.loads(self.keys_file.read_bytes())
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise self._broken_keys_file(str(error.strerror)) from None
        except (ValueError, RecursionError):
            raise self._broken_keys_file("it is not JSON") from None
        if not isinstance(keys, dict):
            raise self._broken_keys_file("it has no roles with keys")
        return {role: key for role, key in keys.items() if isinstance(key, str)}

    def _broken_keys_file(self, cause: str) -> ConfigurationError:
        return ConfigurationError(
            f"--data-dir: cannot use {self.keys_file}: {cause}; repair it or remove it"
        )

    def close(self) -> None:
        """Let the directory go."""
        self._lock.close()

    def _prepare(self) -> None:
        """Have the directory as a start needs it: whole, swept and writable."""
        make_directory(self.objects)
        make_directory(self.temporary)
        sync_directory(self.path)  # Whoever made them may have been killed before that.
        self._sweep()
        for directory in (self.path, self.objects, self.temporary):
            try_to_write(directory)

    def _require_ours(self) -> None:
        """Refuse a directory in which somebody keeps something else."""
        if not self.path.is_dir():
            return
        names = {name for name in os.listdir(self.path) if not name.startswith(".")}
        names.discard("lost+found")
        if names and not names & {"lock", "account.json"}:
            raise ConfigurationError(
                f"--data-dir: {self.path} holds files that are not an emulator's, such as "
                f"{min(names)}; choose an empty directory, or one that does not exist yet"
            )

    def _sweep(self) -> None:
        """Remove what a killed process left: files that it had not finished, and checkpoints."""
        for path in (self.account_file, self.keys_file):
            for file in left_over(path):
                file.unlink()
        for file in self.temporary.iterdir():
            if _UNIQUE_NAME.fullmatch(file.name):
                file.unlink()
        if self.checkpoints.is_dir():
            for directory in self.checkpoints.iterdir():
                if _UNIQUE_NAME.fullmatch(directory.name):
                    shutil.rmtree(directory)
