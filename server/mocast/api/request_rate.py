"""The middlewares that bound how often one address, and one principal, may ask."""

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from mocast.api.authentication import PRINCIPAL
from mocast.api.client_address import client_address, counted_address
from mocast.limiter import Client, Limiter


def address_rate(limiter: Limiter) -> Middleware:
    """Return a middleware that raises ``TooManyRequests``, also for whoever tries one token after the other."""

    @web.middleware
    async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
        limiter.ask(Client(counted_address(client_address(request))))
        return await handler(request)

    return count


def principal_rate(limiter: Limiter) -> Middleware:
    """Return a middleware that raises ``TooManyRequests``, to stand behind the one that authenticates."""

    @web.middleware
    async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
        if PRINCIPAL in request:
            limiter.ask(Client(principal=request[PRINCIPAL].account))
        return await handler(request)

    return count
