"""A server's refusals and a connection's faults as the errors of ``mocast.errors``."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import aiohttp
import orjson

from mocast.errors import MocastError, RequestError, system_reason

MAX_PROBLEM_BYTES: Final = 65_536

TRANSIENT: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses that may be another one soon: an overload, a proxy whose server is being started."""


class Unreachable(MocastError):
    """No server answers at the address, or the connection to it was lost."""

    status = 503


class Untrusted(Unreachable):
    """The server has a certificate that this machine does not trust."""


class CameraFault(RequestError):
    """A frame of a camera cannot be read or encoded."""


def _kinds(root: type[MocastError]) -> Iterator[tuple[int, type[MocastError]]]:
    """The tree's classes by their statuses, those below before those above."""
    for kind in root.__subclasses__():
        yield from _kinds(kind)
        if kind.__module__ == MocastError.__module__:
            yield kind.status, kind


def refusal(status: int, body: bytes, headers: Mapping[str, str]) -> MocastError:
    """Return the error that an answer stands for, with the sentence of its problem (RFC 9457), where it has one."""
    kind = dict(_kinds(MocastError)).get(status, MocastError) if status != MocastError.status else MocastError
    problem = _problem(body)
    error = kind(str(problem.get("detail") or f"The server answers with status {status}."))
    error.status = status
    errors = problem.get("errors")
    if isinstance(errors, list):
        error.errors = errors
    wait = headers.get("Retry-After", "")
    error.retry_after_s = int(wait) if wait.isdecimal() else None
    return error


def _problem(body: bytes) -> Mapping[str, object]:
    try:
        problem = orjson.loads(body)
    except ValueError:  # a proxy's page
        return {}
    return problem if isinstance(problem, dict) else {}


async def raise_refusal(answer: aiohttp.ClientResponse) -> None:
    """Raise the error that an answer stands for, if it is one: what aiohttp's ``raise_for_status`` may be."""
    if answer.status < 400:
        return
    with translated():
        body = await answer.content.read(MAX_PROBLEM_BYTES)
    answer.release()
    raise refusal(answer.status, body, answer.headers)


def is_transient(error: MocastError) -> bool:
    """Return whether the same may work later."""
    return error.status in TRANSIENT


@contextmanager
def translated() -> Iterator[None]:
    """Raise ``Unreachable``, in place of what aiohttp and the system raise where there is no connection."""
    try:
        yield
    except aiohttp.ClientConnectorCertificateError as error:
        raise Untrusted("The server has a certificate that this machine does not trust.") from error
    except (aiohttp.ClientError, OSError) as error:  # a TimeoutError is an OSError
        raise Unreachable(f"The server {_fault(error)}.") from error


def _fault(error: Exception) -> str:
    match error:
        case aiohttp.ClientConnectorSSLError():
            return f"does not speak HTTPS at {error.host}:{error.port}"
        case aiohttp.ClientConnectorError():
            return f"cannot be reached at {error.host}:{error.port} ({system_reason(error.os_error)})"
        case TimeoutError():
            return "does not answer"
        case aiohttp.WSServerHandshakeError():
            return "does not speak WebSocket there"
        case _:
            return f"ended the connection ({str(error) or type(error).__name__})"


async def refuse_redirect(*event: object) -> None:
    """Raise ``Unreachable`` at a redirect, which could hand the token to somebody else: for aiohttp's tracing."""
    params = event[2]
    assert isinstance(params, aiohttp.TraceRequestRedirectParams)
    params.response.close()
    raise Unreachable(f"The server is elsewhere: {params.response.headers.get('Location', 'it does not say where')}.")
