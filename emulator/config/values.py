"""Parse the values of options, which users write as text."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from emulator.auth.keys import inner_key
from emulator.backends.valkey.url import ValkeyUrl, parse_valkey_url
from emulator.core.model import LOG_GROUP_NAME, LOG_GROUP_NAME_RULE
from emulator.core.revisions import LATEST_NAME, REVISIONS, latest

AWS = "aws"
"""Used instead of a URL: AWS's own service."""

_SIZE = re.compile(r"([0-9]+)\s*(B|KiB|MiB|GiB)?")
_UNITS = {None: 1, "B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}

_LONGEST_SECONDS = 24 * 60 * 60

_MOST_ROUTERS = 1000

# Each of these functions raises ``ValueError``, which says what would be right, for invalid text.


def text(value: str) -> str:
    if not value:
        raise ValueError("it is empty")
    if "\0" in value:
        raise ValueError("it contains a NUL character")
    return value


def hosts(value: str) -> str:
    """Parse addresses and names separated by commas; return them without spaces."""
    try:
        return ",".join(text(each.strip()) for each in value.split(","))
    except ValueError as error:
        raise ValueError(f"{error}; choose an address of this machine") from None


def file_path(value: str) -> Path:
    """Parse a path, where ``~`` is the home directory.

    Raises:
        ValueError: it is not a path.
    """
    try:
        return Path(text(value)).expanduser().absolute()
    except RuntimeError:
        raise ValueError(f"{value!r} begins with the name of an unknown user") from None


def count(value: str) -> int:
    if not re.fullmatch(r"[0-9]+", value):
        raise ValueError(f"{value!r} is not a whole number")
    return int(value)


def routers(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", value) or not 1 <= int(value) <= _MOST_ROUTERS:
        raise ValueError(
            f"{value!r} is not a number of routers: give one from 1 to {_MOST_ROUTERS}"
        )
    return int(value)


def port(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", value) or int(value) > 65535:
        raise ValueError(f"{value!r} is not a port: give a number from 0 to 65535")
    return int(value)


def size(value: str) -> int:
    found = _SIZE.fullmatch(value)
    if found is None:
        raise ValueError(f"{value!r} is not a size: give bytes, or a number with KiB, MiB or GiB")
    return int(found.group(1)) * _UNITS[found.group(2)]


def seconds(value: str) -> float:
    plain = re.fullmatch(r"[0-9]{1,5}(\.[0-9]+)?", value)
    found = float(value) if plain else _with_unit(value)
    if found is None or not 0 < found <= _LONGEST_SECONDS:
        raise ValueError(
            f"{value!r} is not a time: give a number of seconds, more than 0 and at most "
            f"{_LONGEST_SECONDS}, as in 2.5, or with a unit as in 500ms or 1h"
        )
    return found


def delay(value: str) -> float:
    """Parse a time as ``seconds`` does, which may also be 0."""
    return 0.0 if re.fullmatch(r"0(\.0+)?", value) else seconds(value)


def _with_unit(value: str) -> float | None:
    from emulator.core.instants import from_duration

    return from_duration(value)


def url(value: str) -> str:
    if "@" in value:
        raise ValueError("it contains credentials: set them where AWS's tools read them instead")
    hint = f"{value!r} is not the URL of a server: give one as in http://127.0.0.1:9000"
    if not re.fullmatch(r"[\x21-\x7e]+", value):
        raise ValueError(hint)
    try:
        parts = urlsplit(value)
        is_server = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        raise ValueError(hint) from None
    if not is_server:
        raise ValueError(hint)
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(f"{hint}, without a path")
    return value.rstrip("/")


def region(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*", value):
        raise ValueError(f"{value!r} is not a region: give one as in us-east-1")
    return value


def flag(value: str) -> bool:
    if value.lower() not in ("true", "false"):
        raise ValueError(f"{value!r} is not true or false")
    return value.lower() == "true"


def api_key(value: str) -> str:
    """Parse an API key, which may have blanks and line breaks around it: files end with one.

    Raises:
        ValueError: it is not a key. The message does not contain it.
    """
    key = value.strip()
    if inner_key(key) is not None:
        return key
    if inner_key(key.strip("'\"")) is not None:
        raise ValueError("the key is in quotation marks: remove them")
    if inner_key("".join(key.split())) is not None:
        raise ValueError("a blank or a line break is inside the key: copy it again, in one line")
    raise ValueError(
        "it is neither a v2 nor a v1 API key; "
        "start once without this option and copy a key that the emulator prints"
    )


def control_token(value: str) -> str:
    if not re.fullmatch(r"[\x21-\x7e]{8,1024}", value):
        raise ValueError("it must have 8 to 1024 printable ASCII characters, without spaces")
    return value


def one_of(*choices: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value not in choices:
            close = difflib.get_close_matches(value, choices, 1) if len(choices) > 1 else []
            hint = f" (did you mean {close[0]}?)" if close else ""
            raise ValueError(f"{value!r} is not one of {', '.join(choices)}{hint}")
        return value

    return parse


def one_of_or_valkey(*engines: str) -> Callable[[str], str | ValkeyUrl]:
    """Return a parser of the name of one of these engines, or of the URL of a Valkey."""
    engine = one_of(*engines)

    def parse(value: str) -> str | ValkeyUrl:
        # Without these characters it is not an incomplete URL, and contains no password to hide.
        if re.search("[/:@]", value):
            return parse_valkey_url(value)
        try:
            return engine(value)
        except ValueError as error:
            raise ValueError(f"{error}, or the URL of a Valkey, as valkey://host:port") from None

    return parse


def revision(value: str) -> str:
    """Return the date of a revision, given its date or ``latest``."""
    if value == LATEST_NAME:
        return latest().date
    if value not in REVISIONS:
        raise ValueError(f"{value!r} is not one of {', '.join([*REVISIONS, LATEST_NAME])}")
    return value


def names(value: str) -> tuple[str, ...]:
    """Parse names separated by commas."""
    found = tuple(name.strip() for name in value.split(","))
    if not all(found):
        raise ValueError("one of the names is empty: give them as in first,second")
    return found


def log_groups(value: str) -> tuple[str, ...]:
    """Parse names of log groups separated by commas."""
    for name in (found := names(value)):
        if not LOG_GROUP_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not the name of a log group: {LOG_GROUP_NAME_RULE}")
    return found


def cloudwatch(value: str) -> str:
    if value == AWS:
        return value
    try:
        return url(value)
    except ValueError as error:
        raise ValueError(f"{error}; or give {AWS} for AWS's own") from None


def clusters(value: str) -> Mapping[str, ValkeyUrl]:
    """Parse pairs of a cluster's name and a URL, ``name=url``, separated by commas."""
    found: dict[str, ValkeyUrl] = {}
    for pair in value.split(","):
        name, separator, place = pair.strip().partition("=")
        if not (name and separator) or "://" in name:
            raise ValueError("give pairs of a cluster's name and its URL, as in a=valkey://host:1")
        if name in found:
            raise ValueError(f"the cluster {name} is given twice")
        try:
            found[name] = parse_valkey_url(place)
        except ValueError as error:
            raise ValueError(f"the URL of the cluster {name}: {error}") from None
    return found
