"""What is checked before a run begins, so that no endpoint fails by a mistake of the user's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from emulator.core.files import check_writable, explain

from .connection import NoAnswerError
from .options import Options, from_values
from .questions.table import QUESTIONS
from .report import require_known
from .run import Run
from .selection import unknown
from .statements import BY_ID


def prepared(given: Mapping[str, Any], files: Iterable[str]) -> Run:
    """Return a run that can begin.

    Args:
        given: values of options by name; None for what was not given.
        files: files that will be written at the end.

    Raises:
        ValueError: an option is missing or wrong, or the endpoint does not answer or accept the
            Owner's key; the message says which.
    """
    options = from_values(given)
    wrong = unknown(options.only, [*BY_ID, *QUESTIONS])
    if wrong:
        raise ValueError(f"--only: nothing has an id like {wrong[0]}")
    for path in files:
        require_known(path)
    _check_state(options)
    try:
        run = Run(options)
        _check_owner(run)
    except NoAnswerError as error:
        raise ValueError(f"--endpoint: {error}") from None
    return run


def _check_state(options: Options) -> None:
    folder = Path(options.state).parent
    try:
        check_writable(folder)
    except OSError as error:
        raise ValueError(f"--state: {explain(error, folder)}") from None


def _check_owner(run: Run) -> None:
    """With a key that is not accepted, every statement would fail, and nothing could be deleted."""
    answer = run.target.request("GET", "/objectstore")
    if answer.status == 401:
        run.target.close()
        raise ValueError(f"--owner-key: the endpoint does not accept it: 401 {answer.message}")
