"""The middleware that turns a request's token into its principal, and refuses what the principal may not do."""

from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from mocast.api.route import PUBLIC, SIGNED_IN, Access, access_of
from mocast.auth.authenticator import Authenticator
from mocast.errors import Forbidden, Unauthorized
from mocast.model.principal import Principal

PRINCIPAL: Final = web.RequestKey("principal", Principal)
"""Whoever sends the request; not there on public routes."""

TOKEN: Final = web.RequestKey("token", str)
"""What the sender proved that with, for another node; not there where nothing was sent."""

TOKEN_PARAMETER: Final = "access_token"
"""The query's parameter, for what can set no header: sockets of browsers, OBS (RFC 6750, section 2.3)."""

SOCKET_PROTOCOL: Final = "mocast.bearer"
"""The WebSocket sub-protocol after which the next one is the token."""


REFUSALS: Final = ("token", "grant")
"""What a request lacked that was refused here, as the metric ``mocast_refused_total`` has it among the limits."""


def authentication(authenticator: Authenticator) -> Middleware:
    """Return the middleware. What is behind it never sees a token in the query."""

    @web.middleware
    async def authenticate(request: web.Request, handler: Handler) -> web.StreamResponse:
        access, token = access_of(request), _token(request)
        if TOKEN_PARAMETER in request.query:
            request = request.clone(rel_url=request.rel_url.without_query_params(TOKEN_PARAMETER))
        if token is not None:
            request[TOKEN] = token
        if access != PUBLIC:
            try:
                request[PRINCIPAL] = principal = await authenticator.authenticate(token)
                _require(principal, access, request.match_info.get("room"))
            except (Unauthorized, Forbidden) as error:
                error.reached("token" if isinstance(error, Unauthorized) else "grant")
                raise
        return await handler(request)

    return authenticate


def _require(principal: Principal, access: Access, room: str | None) -> None:
    """Raise ``Forbidden`` where a principal lacks what a route needs; the same whether or not there is such a room."""
    where = "" if room is None else " in this room"
    if access == SIGNED_IN:
        if room is not None and not principal.sees(room):
            raise Forbidden("The token is not for this room.")
    elif access == PUBLIC or not principal.may(access, room):
        raise Forbidden(f'The token does not grant "{access}"{where}.')


def _token(request: web.Request) -> str | None:
    """The token, from the first place that has one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    if TOKEN_PARAMETER in request.query:
        return request.query[TOKEN_PARAMETER]
    protocols = [part.strip() for part in request.headers.get("Sec-WebSocket-Protocol", "").split(",")]
    return protocols[1] if protocols[0] == SOCKET_PROTOCOL and len(protocols) == 2 else None
