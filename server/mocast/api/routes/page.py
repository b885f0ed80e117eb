"""The web app's static files, with their Content-Security-Policy and caching; for programs, where everything is."""

import asyncio
from pathlib import Path
from typing import Final

import orjson
from aiohttp import hdrs, web

from mocast import __version__
from mocast.api.accept import choose
from mocast.api.route import PUBLIC, Route, route
from mocast.errors import NotAcceptable, NotFound, Unavailable

WEB = Path(__file__).parents[2] / "web"

PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "media-src 'self' blob: mediastream:; connect-src 'self' blob:; worker-src 'self' blob:; manifest-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""In place of, and beside, those that every answer has."""

FOREVER = "public, max-age=31536000, immutable"
"""For files whose names hold a hash of what is in them."""

TYPES: Final = {".yaml": "application/yaml"}
"""Types of files that Python does not know (RFC 9512)."""

ADDRESSES: Final = {
    "page": "./",
    "avatar": "avatar.html?room={room}",
    "reference": "docs",
    "openapi": "openapi.json",
    "client": "client/mocast-client.js",
    "info": "v1/info",
    "rooms": "v1/rooms",
    "room": "v1/rooms/{room}",
    "publish": "v1/rooms/{room}/publish",
    "subscribe": "v1/rooms/{room}/subscribe",
    "whip": "whip/{room}",
    "whep": "whep/{room}",
    "landmarks": "v1/rooms/{room}/landmarks",
    "outputs": "v1/rooms/{room}/outputs",
    "mixer": "v1/rooms/{room}/mixer",
    "input": "v1/rooms/{room}/input?source={source}",
    "recordings": "v1/rooms/{room}/recordings",
    "images": "v1/images",
    "jobs": "v1/jobs",
    "tokens": "v1/tokens",
    "health": "healthz",
    "readiness": "readyz",
    "metrics": "metrics",
}
"""Where everything is: URI templates (RFC 6570), relative to the page's own address, so that they hold behind the path
prefix of a proxy."""

INDEX: Final = orjson.dumps({"server": "mocast", "version": __version__, "addresses": ADDRESSES})


NAME: Final = "[A-Za-z0-9_-][A-Za-z0-9._-]*"
"""What a file of the page may be called."""


def page_routes(folder: Path = WEB) -> list[Route]:
    """``GET /``, ``/docs`` and the files of the web app, which may be built, or built anew, while the server runs.

    Files beside the page have a dot in their names, which no call of the API has: a mistyped one is none of them.
    ``NAME.gz`` is what browsers are sent of ``NAME``.
    """

    async def index(request: web.Request) -> web.StreamResponse:
        offer = choose(",".join(request.headers.getall("Accept", [])), ("text/html", "application/json"))
        if offer is None:
            raise NotAcceptable("The answer can be text/html or application/json; Accept names neither of them.")
        if offer == "application/json":
            return web.Response(body=INDEX, content_type=offer)
        if not await asyncio.to_thread((folder / "index.html").is_file):
            raise Unavailable("The web app is not built: run `make setup`, then reload this page.")
        return _file(folder / "index.html", "no-cache")

    async def reference(_: web.Request) -> web.StreamResponse:
        return await found(folder / "docs.html")

    async def beside(request: web.Request) -> web.StreamResponse:
        return await found(folder / request.path.removeprefix("/"))

    async def asset(request: web.Request) -> web.StreamResponse:
        return await found(folder / "assets" / request.match_info["name"], FOREVER)

    async def found(path: Path, cached: str = "no-cache") -> web.StreamResponse:
        if path.suffix == ".gz" or not await asyncio.to_thread(path.is_file):
            raise NotFound("The page has no such file. It may have been built anew: reload it.")
        return _file(path, cached)

    return [
        route("GET", "/", index, grant=PUBLIC),
        route("GET", "/docs", reference, grant=PUBLIC),
        route("GET", "/assets/{name:" + NAME + "}", asset, grant=PUBLIC),
        route("GET", "/client/{name:" + NAME + "}", beside, grant=PUBLIC),
        route("GET", r"/{name:[A-Za-z0-9_-]+\.[A-Za-z0-9.]+}", beside, grant=PUBLIC),
    ]


def _file(path: Path, cached: str) -> web.StreamResponse:
    answer = web.FileResponse(path, headers={**PAGE_HEADERS, "Cache-Control": cached})
    if path.suffix in TYPES:
        answer.headers[hdrs.CONTENT_TYPE] = TYPES[path.suffix]
    return answer
