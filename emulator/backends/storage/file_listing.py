"""List the objects in a directory of object files.

A file or directory is listed by the key or bucket that it stands for. If that is too long for a
file name, the file name is a digest, and the key is read from the file's trailer; a file of an
earlier version does not have it there, and is not listed. Nor is a file whose name ``file_name``
never gives. Nor is what is damaged, is no file or may not be read (D111), of which the log warns.
"""

from __future__ import annotations

import contextlib
import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from emulator.backends.codec import decode_name
from emulator.backends.storage.file_names import file_name, is_digest, name_of
from emulator.backends.storage.object_file import ObjectEnd, open_object, read_end, unreadable
from emulator.core.failures import DamagedError
from emulator.core.files import explain, is_directory
from emulator.core.object_info import Location, ObjectInfo
from emulator.core.rate_limited_log import RateLimitedLogger

_log = RateLimitedLogger(logging.getLogger(__name__))


def bucket_names(directory: Path) -> list[str]:
    """List the buckets that have objects, ordered by name."""
    with os.scandir(directory) as entries:
        names = [_bucket_name(Path(entry.path)) for entry in entries if is_directory(entry)]
    return sorted(name for name in names if name is not None)


def listed_objects(bucket: Path, prefix: str) -> dict[str, ObjectInfo]:
    """Return the objects in a bucket's directory whose keys begin with ``prefix``, by their keys,
    in no order."""
    infos: dict[str, ObjectInfo] = {}
    if not bucket.exists():
        return infos
    for key, path in _keys(bucket):
        if key.startswith(prefix):
            end = _end(path)
            if end is not None:
                infos[key] = end.info
    return infos


def expiring_objects(directory: Path) -> Iterator[tuple[Location, int | None]]:
    """Yield the objects of all buckets, each with the instant at which it expires, if it does. What
    cannot be read is left out, and so is what is removed meanwhile."""
    for bucket in _entries(directory):
        try:
            yield from _expiring_in(bucket)
        except PermissionError as error:
            what = DamagedError(explain(error, Path(bucket.path)))
            _log.warn(f"What expires in {bucket.path} is not freed", what)


def _expiring_in(bucket: os.DirEntry[str]) -> Iterator[tuple[Location, int | None]]:
    name = None
    for key, path in _keys(Path(bucket.path)) if is_directory(bucket) else ():
        end = _end(path)
        name = name or _name(bucket.name, "bucket", path)
        if end is not None and name is not None:
            yield Location(name, key), end.info.expires_at


def _entries(directory: Path) -> Iterator[os.DirEntry[str]]:
    with contextlib.suppress(FileNotFoundError), os.scandir(directory) as entries:
        yield from entries


def _bucket_name(bucket: Path) -> str | None:
    for _, path in _keys(bucket):
        name = _name(bucket.name, "bucket", path)
        if name is not None:
            return name
    return None


def _keys(bucket: Path) -> Iterator[tuple[str, Path]]:
    for entry in _entries(bucket):
        if _may_be_object(entry):
            path = Path(entry.path)
            key = _name(entry.name, "key", path)
            if key is not None:
                yield key, path


def _name(file: str, member: str, path: Path) -> str | None:
    """The name that ``file`` stands for; for a digest, from the trailer of the object ``path``."""
    if not is_digest(file):
        return name_of(file)
    end = _end(path)
    name = decode_name(end.line, member) if end is not None and end.line else None
    with contextlib.suppress(UnicodeEncodeError):  # Lone surrogates in JSON have no file name.
        if name is not None and file_name(name) == file:
            return name
    return None


def _may_be_object(entry: os.DirEntry[str]) -> bool:
    """Whether it is to be opened: not a directory, nor a symbolic link that leads to one or to
    nothing. What cannot be an object, such as a loop of links, is opened so that the log names
    it."""
    if entry.is_file(follow_symlinks=False):
        return True
    try:
        return not stat.S_ISDIR(entry.stat().st_mode)
    except FileNotFoundError:
        return False
    except OSError:
        return True


def _end(path: Path) -> ObjectEnd | None:
    """Read the end of the file; None if it was removed meanwhile, is damaged, is no file or may
    not be read.

    Raises:
        OSError: no file can be read just now.
    """
    try:
        with open_object(path) as file:
            return read_end(file)
    except (FileNotFoundError, IsADirectoryError):
        return None
    except DamagedError as error:
        damaged = error
    except OSError as error:
        damaged = unreadable(path, error)
    _log.warn(f"A list leaves out {path}", damaged)
    return None
