"""A reverse proxy that serves a server below a path, as nginx or Caddy do with ``/motion/``."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import ClientSession, web

HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})
"""Headers that are about one connection, or that the next one makes anew."""


@contextmanager
def prefix_proxy(server: str, prefix: str) -> Iterator[str]:
    """Serve ``server`` below ``prefix`` (``/motion``) while the context lasts; yields the address of its page.

    In a thread with a loop of its own: Playwright's synchronous API holds the test's.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="prefix-proxy")
    thread.start()
    runner = web.AppRunner(_proxy(server, prefix))
    try:
        port = asyncio.run_coroutine_threadsafe(_listen(runner), loop).result()
        yield f"http://127.0.0.1:{port}{prefix}/"
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _listen(runner: web.AppRunner) -> int:
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port: int = runner.addresses[0][1]
    return port


def _proxy(server: str, prefix: str) -> web.Application:
    async def forward(request: web.Request) -> web.Response:
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP_BY_HOP}
        url = f"{server}{request.path_qs.removeprefix(prefix)}"
        async with ClientSession(auto_decompress=False) as session:
            body = await request.read()
            async with session.request(request.method, url, headers=headers, data=body) as answer:
                passed = answer.headers.copy()
                for name in HOP_BY_HOP:
                    passed.popall(name, None)
                return web.Response(status=answer.status, headers=passed, body=await answer.read())

    app = web.Application(client_max_size=2**25)
    app.router.add_route("*", f"{prefix}/{{path:.*}}", forward)
    return app
