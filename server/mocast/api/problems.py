"""Errors of requests as ``application/problem+json`` (RFC 9457), which say nothing about the inside."""

import errno
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler

from mocast.api.refusal_log import REFUSAL_LOG
from mocast.api.route import GrantedRoute
from mocast.errors import MocastError, Unauthorized, Unavailable, status_phrase

log = structlog.get_logger()

REFUSED: Final = web.AppKey("refused", Counter[str])
"""By the limit's name: how often one was reached."""

_INTERNAL: Final = "Something went wrong in the server; its log says what."
SHORTAGES: Final = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.ENOSPC, errno.EDQUOT}
"""Of open files, buffers, memory and disk: another time it may work."""
_DETAILS: Final = {
    404: "There is nothing at this address.",
    413: "The body is larger than this call takes.",
}
"""Sentences in place of aiohttp's own, which repeat the title or speak of bytes."""


def problem(
    status: int,
    detail: str,
    headers: dict[str, str] | None = None,
    errors: Sequence[Mapping[str, str]] = (),
) -> web.Response:
    """Return the answer that tells a client what was wrong; ``detail`` is one plain sentence.

    It may quote a header, of whose bytes aiohttp makes surrogates where they are no UTF-8; JSON has none.
    """
    detail = detail.encode(errors="replace").decode()
    body: dict[str, Any] = {"type": "about:blank", "title": status_phrase(status), "status": status, "detail": detail}
    if errors:
        body["errors"] = errors
    return web.Response(
        status=status, body=orjson.dumps(body), content_type="application/problem+json", headers=headers
    )


def as_problem(error: MocastError) -> web.Response:
    """Return the answer for one of our own errors. The message of a 500 is for the log only."""
    headers = dict(error.headers)
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, Unauthorized):
        headers["WWW-Authenticate"] = f'Bearer error="{error.error}"' if error.error else "Bearer"
    detail = str(error) if error.status != 500 else _INTERNAL
    return problem(error.status, detail, headers, error.errors)


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer with a problem where the handler raised; log what nobody expected, once.

    Raises ``ConnectionError`` where another answer has begun already: a second one would be read as part of it.
    """
    try:
        return await handler(request)
    except (web.HTTPSuccessful, web.HTTPRedirection, ConnectionError):
        raise  # what is no error; a client that is gone
    except Exception as error:
        answer = _answer_to(request, error)
        if request.writer.output_size > 0:
            raise ConnectionResetError("The answer had begun.") from error
        return answer


def _answer_to(request: web.Request, error: Exception) -> web.Response:
    match error:
        case MocastError():
            if error.status == 500:
                _log(request, error)
            if error.limit and REFUSED in request.config_dict:
                request.config_dict[REFUSED][error.limit] += 1
            route = request.match_info.route
            if isinstance(route, GrantedRoute) and route.opens and REFUSAL_LOG in request.config_dict:
                request.config_dict[REFUSAL_LOG].refused(route.path, request.match_info["room"], error)
            return as_problem(error)
        case web.HTTPError():
            return _of_aiohttp(error)
        case web.RequestPayloadError() | HttpProcessingError():
            return problem(400, "The body could not be read.")
    _log(request, error)
    return _unexpected(error)


def _unexpected(error: Exception) -> web.Response:
    if isinstance(error, OSError) and error.errno in SHORTAGES:
        return as_problem(Unavailable(f"The server is short of something: {error.strerror}."))
    return problem(500, _INTERNAL)


def _of_aiohttp(error: web.HTTPError) -> web.Response:
    detail = _DETAILS.get(error.status, f"{error.reason}.")
    if isinstance(error, web.HTTPMethodNotAllowed):
        detail = f"{error.method} does nothing here; {', '.join(sorted(error.allowed_methods))} would."
    headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else None
    return problem(error.status, detail, headers)


def _log(request: web.Request, error: Exception) -> None:
    resource = request.match_info.route.resource
    # The route, not the path: a session's id in it must not reach the log.
    log.error("request_failed", method=request.method, route=resource and resource.canonical, exc_info=error)
