"""Load the configuration from flags, the environment and a TOML file."""

from __future__ import annotations

import contextlib
import difflib
import itertools
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from emulator.config.options import (
    ENVIRONMENT_PREFIX,
    OPTIONS,
    Config,
    parse_option,
)
from emulator.config.values import file_path
from emulator.core.failures import ConfigurationError

_CONFIG_VARIABLE = f"{ENVIRONMENT_PREFIX}CONFIG"


def load(
    flags: Mapping[str, str],
    environment: Mapping[str, str] = os.environ,
    config_file: Path | None = None,
    *,
    defaults: Mapping[str, str] = MappingProxyType({}),
) -> Config:
    """Load each option from the flags, else the environment, else the TOML file, else its default.

    ``flags`` has the values of the command line by option name. Without ``config_file``, the
    environment may name the file. ``defaults`` replace defaults of options.

    Raises:
        ConfigurationError: a value is not valid, or the file cannot be read or has an unknown key.
    """
    source = "--config"
    if config_file is None and _CONFIG_VARIABLE in environment:
        source = _CONFIG_VARIABLE
        config_file = config_path(environment[source], source)
    from_file = {} if config_file is None else _read_file(config_file, source)
    values: dict[str, Any] = {}
    for option in OPTIONS:
        for where, name, texts in (
            (option.flag, option.name, flags),
            (option.variable, option.variable, environment),
            (f"{config_file}: {option.name}", option.name, from_file),
            (option.flag, option.name, defaults),
        ):
            if name in texts:
                values[option.name] = parse_option(option, texts[name], str(where))
                break
    return Config(**values)


def config_path(text: str, source: str) -> Path:
    """Parse the path of the TOML file; ``source`` names where the user set it, for the message.

    Raises:
        ConfigurationError: it is not a path.
    """
    try:
        return file_path(text)
    except ValueError as error:
        raise ConfigurationError(f"{source}: {error}") from None


def wanted_ready_file(words: Sequence[str], environment: Mapping[str, str]) -> Path | None:
    """Return the ready file that a command line asks for, or else the environment or the TOML file;
    None if none does, or that cannot be told. Other options in them may be wrong."""
    found = {name: _value_of(words, f"--{name}") for name in ("ready-file", "config")}
    text = found["ready-file"] or environment.get(f"{ENVIRONMENT_PREFIX}READY_FILE")
    source = found["config"] or environment.get(_CONFIG_VARIABLE)
    with contextlib.suppress(ConfigurationError, ValueError):
        if not text and source:
            text = _read_file(config_path(source, ""), "").get("ready_file")
        return file_path(text) if text else None
    return None


def _value_of(words: Sequence[str], flag: str) -> str | None:
    """Return the value of a flag, of several the last."""
    values = [word[len(flag) + 1 :] for word in words if word.startswith(f"{flag}=")]
    values += [value for word, value in itertools.pairwise(words) if word == flag]
    return values[-1] if values else None


def unknown_variables(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Return a warning for every variable with our prefix that is not an option."""
    known = {option.variable for option in OPTIONS} | {_CONFIG_VARIABLE}
    warnings = []
    for name in sorted(environment):
        if name.startswith(ENVIRONMENT_PREFIX) and name not in known:
            warnings.append(f"{name} is not an option{_did_you_mean(name, known)}")
    return warnings


def _read_file(path: Path, source: str) -> dict[str, str]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{source}: cannot read {path}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"{source}: {path} is not TOML: {error}") from None
    texts: dict[str, str] = {}
    names = {option.name for option in OPTIONS}
    for key, value in document.items():
        name = key.replace("-", "_")
        if name not in names:
            raise ConfigurationError(f"{path}: unknown option {key!r}{_did_you_mean(name, names)}")
        if name in texts:
            raise ConfigurationError(f"{path}: {key} is given twice")
        if isinstance(value, bool):
            texts[name] = str(value).lower()
        elif isinstance(value, (str, int, float)):
            texts[name] = str(value)
        else:
            raise ConfigurationError(f"{path}: {key} must be a string, a number or a boolean")
    return texts


def _did_you_mean(name: str, known: set[str]) -> str:
    close = difflib.get_close_matches(name, known, 1)
    return f"; did you mean {close[0]}?" if close else ""
