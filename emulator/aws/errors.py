"""What goes wrong between us and AWS, in words that a person understands."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

from emulator.core.failures import EngineUnavailableError


class AnswerError(EngineUnavailableError):
    """A service refused a call: ``code`` is its name for the reason, ``status`` the HTTP status."""

    def __init__(self, text: str, code: str, status: int) -> None:
        super().__init__(text)
        self.code = code
        self.status = status


_NOT_ALLOWED = frozenset({"AccessDeniedException", "UnrecognizedClientException"})
"""What services call it that do not answer with 403."""


@contextmanager
def explained(call: str, timeout: float) -> Iterator[None]:
    """Give whatever goes wrong inside, in ``call``, a text of one line that names the cause.

    Args:
        call: what was asked of whom, as in "PutObject on bucket 'b'".
        timeout: how many seconds it may have taken.

    Raises:
        EngineUnavailableError: it went wrong.
    """
    try:
        yield
    except EngineUnavailableError:
        raise
    except ClientError as error:
        raise _refusal(call, error) from error
    except (asyncio.TimeoutError, ReadTimeoutError) as error:
        raise EngineUnavailableError(f"{call}: no answer within {timeout:g} seconds") from error
    except (ConnectionError, HTTPClientError) as error:
        url = error.kwargs.get("endpoint_url", "")
        raise EngineUnavailableError(f"{call}: {_host(url)}{_reason(error)}") from error
    except (BotoCoreError, ResponseParserError, aiohttp.ClientError, OSError) as error:
        raise EngineUnavailableError(f"{call}: {_line(error)}") from error


def _refusal(call: str, error: ClientError) -> AnswerError:
    answer = error.response.get("Error", {})
    code = str(answer.get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    text = f"{call}: refused with {status} {code}: {_line(answer.get('Message', ''))}"
    if code == "NoSuchBucket":
        text += "; create the bucket, or start with --create-buckets"
    elif status == 403 or code in _NOT_ALLOWED:
        text += "; the credentials or the role lack a permission, or are wrong"
    return AnswerError(text, code, status)


def _host(url: str) -> str:
    """Where it was tried, without a path: it may hold an object's key."""
    return "/".join(url.split("/", 3)[:3]) + " " if url else ""


def _reason(error: BotoCoreError) -> str:
    cause = error.kwargs.get("error")
    text = _line(cause) if cause is not None else ""
    return f"cannot be reached: {text or type(cause).__name__ if cause else _line(error)}"


def _line(value: object) -> str:
    return " ".join(str(value).split())
