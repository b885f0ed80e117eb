"""Probes for operators and orchestrators: alive, ready, metrics; and what the page offers."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from mocast.api.bodies import json_answer
from mocast.api.gathered import counts_added, metrics_merged
from mocast.api.route import PUBLIC, Gathered, Route, route
from mocast.errors import Unavailable

COUNTED: Final = ("max_sessions", "sessions", "max_viewers", "viewers", "max_sockets", "sockets")
"""Fields of ``/v1/info`` that are added up where several processes serve one port."""


def probe_routes(
    metrics: CollectorRegistry,
    why_unhealthy: Callable[[], str | None],
    why_not_ready: Callable[[], str | None],
    info: Callable[[], Mapping[str, Any]],
) -> list[Route]:
    """``/healthz``, ``/readyz``, ``/metrics`` and ``/v1/info``.

    ``why_unhealthy``: what nothing but a new process will mend; ``why_not_ready``: what will pass.
    """

    async def healthy(_: web.Request) -> web.Response:
        reason = why_unhealthy()
        if reason is not None:
            raise Unavailable(reason)
        return web.Response(text="ok\n")

    async def ready(_: web.Request) -> web.Response:
        reason = why_not_ready()
        if reason is not None:
            raise Unavailable(reason)
        return web.Response(text="ready\n")

    async def measured(request: web.Request) -> web.Response:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(metrics), headers={"Content-Type": content_type})

    async def informed(_: web.Request) -> web.Response:
        return json_answer(info())

    return [
        route("GET", "/healthz", healthy, grant=PUBLIC),
        route("GET", "/readyz", ready, grant=PUBLIC),
        route("GET", "/metrics", measured, grant="metrics", gathers=Gathered("workers", metrics_merged)),
        route("GET", "/v1/info", informed, grant=PUBLIC, gathers=Gathered("workers", counts_added(COUNTED))),
    ]
