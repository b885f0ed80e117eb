"""What is refused in rooms is in the log, a line a second at most."""

import structlog
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from mocast.api.problems import problems
from mocast.api.refusal_log import REFUSAL_LOG, RefusalLog
from mocast.api.route import route
from mocast.errors import Conflict


async def taken(_: web.Request) -> web.Response:
    raise Conflict("It has a publisher.")


async def test_what_opens_a_room_is_told_of_with_its_reason_and_how_many_were_left_out() -> None:
    now_s = 0.0
    app = web.Application(middlewares=[problems])
    app[REFUSAL_LOG] = RefusalLog(lambda: now_s)
    app.add_routes(
        [
            route("POST", "/whip/{room}", taken, grant="publish", opens=True),
            route("GET", "/v1/rooms/{room}", taken, grant="subscribe"),
        ]
    )
    async with TestClient(TestServer(app)) as client:
        with structlog.testing.capture_logs() as logs:
            for _ in range(3):
                assert (await client.post("/whip/hall")).status == 409
            assert (await client.get("/v1/rooms/hall")).status == 409
            now_s = 1.0
            assert (await client.post(f"/whip/{'x' * 100}")).status == 409
    said = {
        "event": "refused",
        "log_level": "info",
        "route": "/whip/{room}",
        "status": 409,
        "reason": "It has a publisher.",
    }
    assert logs == [{**said, "room": "hall"}, {**said, "room": "x" * 64, "left_out": 2}]
