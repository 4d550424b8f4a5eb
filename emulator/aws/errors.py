"""Errors of calls to AWS, with texts of one line that name the cause."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    ReadTimeoutError,
    ResponseStreamingError,
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
"""Codes for a lack of permission of services that do not answer it with 403."""


@contextmanager
def describe_errors(call: str, timeout: float) -> Iterator[None]:
    """Turn errors inside into ``EngineUnavailableError``, with one line that names the cause.

    Args:
        call: the service and the call, as in "S3, PutObject on bucket 'b'".
        timeout: the timeout of the call in seconds, for the message.

    Raises:
        EngineUnavailableError: the call failed; ``AnswerError`` if the service refused it.
    """
    try:
        yield
    except EngineUnavailableError:
        raise
    except ClientError as error:
        raise _refusal(call, error) from error
    except (asyncio.TimeoutError, ReadTimeoutError) as error:
        raise EngineUnavailableError(f"{call}: no answer within {timeout:g} seconds") from error
    except ResponseStreamingError as error:
        raise EngineUnavailableError(f"{call}: {_line(error.kwargs['error'])}") from error
    except (ConnectionError, HTTPClientError) as error:
        url = error.kwargs.get("endpoint_url", "")
        raise EngineUnavailableError(f"{call}: {_host(url)}{_reason(error)}") from error
    except (BotoCoreError, ResponseParserError, OSError) as error:
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
    """The scheme and host of ``url``. The path is left out: it may contain an object's key."""
    return "/".join(url.split("/", 3)[:3]) + " " if url else ""


def _reason(error: BotoCoreError) -> str:
    cause = error.kwargs.get("error")
    text = _line(cause) if cause is not None else ""
    return f"cannot be reached: {text or type(cause).__name__ if cause else _line(error)}"


def _line(value: object) -> str:
    return " ".join(str(value).split())
