"""Parts of the WebSocket's way out that a test over HTTP does not reach."""

import asyncio
import socket
from collections.abc import Callable

import pytest
import uvloop

from mocast.api.socket_life import BUFFER_BYTES, _first_of, bound_buffers


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_little_is_on_its_way_to_a_reader_on_every_event_loop(
    new_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    async def run() -> int:
        accepted: asyncio.Future[asyncio.Transport] = asyncio.get_running_loop().create_future()

        class Accepting(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                accepted.set_result(transport)  # type: ignore[arg-type]

        server = await asyncio.get_running_loop().create_server(Accepting, "127.0.0.1", 0)
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        transport = await accepted
        bound_buffers(transport)
        size: int = transport.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        writer.close()
        transport.close()
        server.close()
        return size

    with asyncio.Runner(loop_factory=new_loop) as runner:
        assert runner.run(run()) <= 2 * BUFFER_BYTES, "Linux doubles it for its own book-keeping"


def test_a_reader_that_has_gone_needs_no_bounds() -> None:
    bound_buffers(None)


async def test_a_reader_that_leaves_is_no_error_but_a_fault_of_ours_is() -> None:
    async def leave() -> None:
        raise ConnectionResetError

    async def fail() -> None:
        raise LookupError("ours")

    async def go_on() -> None:
        await asyncio.Event().wait()

    await _first_of(leave(), go_on())
    with pytest.raises(LookupError, match="ours"):
        await _first_of(fail(), go_on())
