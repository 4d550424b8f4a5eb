"""What a run is told: where the endpoint is, what it may use there, and what is asked for.

One table makes the options of the command and those of pytest.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from emulator.core.revisions import REVISIONS

ENVIRONMENT_PREFIX = "MOMENTO_CONFORMANCE_"
PYTEST_PREFIX = "--conformance-"


class Option(NamedTuple):
    """One option. Its name is that of a member of ``Options``."""

    name: str
    metavar: str
    help: str
    parse: Callable[[str], Any] = str
    repeated: bool = False

    @property
    def flag(self) -> str:
        return f"--{self.name.replace('_', '-')}"

    @property
    def pytest_flag(self) -> str:
        return f"{PYTEST_PREFIX}{self.name.replace('_', '-')}"

    @property
    def variable(self) -> str:
        return f"{ENVIRONMENT_PREFIX}{self.name.upper()}"


class Options(NamedTuple):
    """The values of the options; see ``TABLE``."""

    endpoint: str
    owner_key: str
    bucket: str
    role_arn: str
    cluster: str
    operator_key: str = ""
    viewer_key: str = ""
    auth_endpoint: str = ""
    log_group: str = ""
    region: str = "us-west-2"
    revision: str = ""
    only: tuple[str, ...] = ()
    create_clusters: bool = False
    long_waits: bool = False
    rate: float = 50.0
    """Requests a second. 0 for as many as there can be."""
    variants: int = 2000
    seed: int = 0
    ca_file: str = ""
    state: str = "momento-conformance.json"


REQUIRED = ("endpoint", "owner_key", "bucket", "role_arn", "cluster")


def _revision(text: str) -> str:
    if text not in REVISIONS:
        raise ValueError(f"{text!r} is not one of {', '.join(REVISIONS)}")
    return text


def _url(text: str) -> str:
    return text.rstrip("/")


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise ValueError(f"{text!r} is not a whole number of 0 or more")
    return int(text)


def _rate(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not 0 <= number <= 1e6:
        raise ValueError(f"{text!r} is not a number between 0 and 1000000")
    return number


def _key(text: str) -> str:
    if not (text.isascii() and text.isprintable()):
        raise ValueError("it has characters that no API key has")
    return text


TABLE = (
    Option("endpoint", "URL", "the endpoint to test, as https://api.cache.cell-1.example", _url),
    Option("auth_endpoint", "URL", "where the Auth APIs are (default: the endpoint)", _url),
    Option("owner_key", "KEY", "an API key of the role Owner", _key),
    Option("operator_key", "KEY", "one of the role Operator (default: made, and revoked)", _key),
    Option("viewer_key", "KEY", "one of the role Viewer (default: made, and revoked)", _key),
    Option("bucket", "NAME", "the S3 bucket that the stores of the run write to"),
    Option("role_arn", "ARN", "the IAM role that may read and write it"),
    Option("cluster", "NAME", "the Valkey cluster of the stores"),
    Option("log_group", "NAME", "a CloudWatch log group for access logs (default: none is tested)"),
    Option("region", "REGION", "the region of log group and metrics"),
    Option(
        "revision",
        "DATE",
        "the revision to hold it against (default: asked of the endpoint)",
        _revision,
    ),
    Option(
        "only",
        "PATTERN",
        "only what has an id like this, as HTTP-PUT* or D27*; or statements, questions, variants",
        repeated=True,
    ),
    Option("rate", "NUMBER", "requests a second; 0 for no limit", _rate),
    Option("variants", "NUMBER", "how many generated requests to send; 0 for none", _whole),
    Option("seed", "NUMBER", "the seed that variants are generated from", _whole),
    Option("ca_file", "FILE", "certificates to trust beside the system's"),
    Option("state", "FILE", "where a run that was stopped is kept, to be taken up again"),
)
"""All but ``SWITCHES``."""

SWITCHES = {
    "create_clusters": "also create and delete a Valkey cluster: takes minutes, costs money",
    "long_waits": "also wait ten minutes for ephemeral objects to end",
}
"""Options that take no value, and what they do."""


def from_values(given: Mapping[str, Any]) -> Options:
    """Return the options from what was given, or else from the environment.

    Args:
        given: values by name; None for what was not given.

    Raises:
        ValueError: one is missing or wrong; the message says which, and what to do.
    """
    values: dict[str, Any] = {name: bool(given.get(name)) or _is_set(name) for name in SWITCHES}
    for option in TABLE:
        value = given.get(option.name) or os.environ.get(option.variable)
        if not value and option.name == "owner_key":
            value = os.environ.get("MOMENTO_API_KEY")
        if not value:
            continue
        try:
            values[option.name] = _parsed(option, value)
        except ValueError as error:
            raise ValueError(f"{option.flag}: {error}") from None
    for name in REQUIRED:
        if name not in values:
            option = next(each for each in TABLE if each.name == name)
            raise ValueError(f"{option.flag} or {option.variable} is missing: {option.help}")
    return Options(**values)


def _is_set(switch: str) -> bool:
    return os.environ.get(f"{ENVIRONMENT_PREFIX}{switch.upper()}", "") not in ("", "0", "false")


def _parsed(option: Option, value: Any) -> Any:
    if option.repeated:
        words = [value] if isinstance(value, str) else value
        return tuple(part for word in words for part in word.split(",") if part)
    return option.parse(value.strip())
