"""The web app's static files, with their Content-Security-Policy and caching."""

from pathlib import Path

from aiohttp import web

from mocast.api.route import PUBLIC, Route, route

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

NOT_BUILT = "The web app is not built: run `make setup`, then start Mocast again.\n"


def page_routes(folder: Path = WEB) -> list[Route]:
    """``GET /`` and a route for each file of the built web app that is there when the server starts.

    A catch-all route would also match mistyped paths of the API.
    """
    names = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]

    async def index(_: web.Request) -> web.StreamResponse:
        if "index.html" in names:
            return _file(folder / "index.html", "no-cache")
        return web.Response(status=503, text=NOT_BUILT)

    async def file(request: web.Request) -> web.StreamResponse:
        name = request.path.removeprefix("/")
        return _file(folder / name, FOREVER if name.startswith("assets/") else "no-cache")

    files = [route("GET", f"/{name}", file, grant=PUBLIC) for name in names]
    return [route("GET", "/", index, grant=PUBLIC), *files]


def _file(path: Path, cached: str) -> web.StreamResponse:
    return web.FileResponse(path, headers={**PAGE_HEADERS, "Cache-Control": cached})
