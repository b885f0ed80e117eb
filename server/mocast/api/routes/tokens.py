"""Tokens over HTTP: a link to a room, for somebody who may do less than the caller."""

from datetime import UTC, datetime

from aiohttp import web

from mocast import validation
from mocast.api.authentication import PRINCIPAL
from mocast.api.bodies import json_answer, read_json
from mocast.api.route import SIGNED_IN, Route, route
from mocast.auth.authenticator import Authenticator
from mocast.auth.delegation import TokenRequest, delegated


def token_routes(authenticator: Authenticator) -> list[Route]:
    """``POST /v1/tokens``."""

    async def make(request: web.Request) -> web.Response:
        wanted = validation.read_json(TokenRequest, await read_json(request))
        principal = delegated(request[PRINCIPAL], wanted)
        answer = json_answer({"token": authenticator.mint(principal), "expires_at": _time(principal.expires_at)}, 201)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    return [route("POST", "/v1/tokens", make, grant=SIGNED_IN)]


def _time(seconds: float | None) -> str:
    assert seconds is not None
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
