"""The data directory: its layout, the file of keys, and cleanup at the start."""

from __future__ import annotations

import json
import logging
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from emulator.backends.storage import file_replacement
from emulator.core.failures import ConfigurationError
from emulator.core.files import (
    advice_for,
    check_writable,
    leftovers,
    make_directory,
    require_own_files,
    sync_directory,
    write_atomically,
)
from emulator.core.private import new_id
from emulator.startup.directory_lock import DirectoryLock, InUseError

logger = logging.getLogger(__name__)

_UNIQUE_NAME = re.compile(r"[0-9a-f]{32}")


class DataDirectory:
    """The data directory of one emulator, created if missing, and locked until ``close``.

    Args:
        path: the directory.
        account_engine: the account engine. Unless it is ``file``, its name is part of the name of
            the file of keys, so that the keys of an account in the directory are not lost.

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
            require_own_files(path, ("lock", "account.json"), "--data-dir")
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
            advice = advice_for(error)
            raise ConfigurationError(
                f"--data-dir: cannot write to {error.filename or path}: {error.strerror}; "
                f"{f'{advice}, or ' if advice else ''}choose a writable directory"
            ) from None

    def announce(self, endpoint: str) -> None:
        """Record the endpoint in the lock, for emulators that find the directory in use."""
        self._lock.announce(endpoint)

    def save_keys(self, keys: Mapping[str, str]) -> None:
        """Write the keys by role, in plain text: everywhere else only their digests are stored."""
        content = json.dumps(dict(keys), indent=2).encode() + b"\n"
        write_atomically(self.keys_file, content)

    def forget_keys(self) -> None:
        """Remove the file of keys, since they are not valid."""
        self.keys_file.unlink(missing_ok=True)

    def load_keys(self) -> dict[str, str]:
        """Return the keys in the file by role; none if there is no file.

        Raises:
            ConfigurationError: the file exists but cannot be read.
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
            raise self._broken_keys_file("it is not a JSON object of keys by role")
        return {role: key for role, key in keys.items() if isinstance(key, str)}

    def _broken_keys_file(self, cause: str) -> ConfigurationError:
        return ConfigurationError(
            f"--data-dir: cannot use {self.keys_file}: {cause}; repair it or remove it"
        )

    def let_go(self) -> None:
        """Release the lock's descriptors in a forked child; the parent still has the lock."""
        self._lock.let_go()

    def close(self) -> None:
        """Release the lock."""
        self._lock.close()

    def _prepare(self) -> None:
        """Create the subdirectories, clean up, and check that all of them are writable."""
        make_directory(self.temporary)
        if file_replacement.finish(self.path, self.temporary / new_id()):
            logger.info("Completed the replacement of the state that a crash had interrupted")
        make_directory(self.objects)
        sync_directory(self.path)  # Their creator may have been killed before its own sync.
        self._clean_up()
        for directory in (self.path, self.objects, self.temporary):
            check_writable(directory)

    def _clean_up(self) -> None:
        """Remove what a killed process left: unfinished files, replaced objects, checkpoints."""
        for path in (self.account_file, self.keys_file):
            for file in leftovers(path):
                file.unlink()
        file_replacement.discard(self.path)
        for left in self.temporary.iterdir():
            if _UNIQUE_NAME.fullmatch(left.name):
                if left.is_dir() and not left.is_symlink():
                    shutil.rmtree(left)
                else:
                    left.unlink()
        if self.checkpoints.is_dir():
            for directory in self.checkpoints.iterdir():
                if _UNIQUE_NAME.fullmatch(directory.name):
                    shutil.rmtree(directory)
