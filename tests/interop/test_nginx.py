"""Debian's nginx with the very configuration that ``docs/deployment.md`` shows, before a server."""

import asyncio
import re
import subprocess
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from mocast.client import MocastClient, MocastError
from tests.debian import find_program
from tests.integration.http_server import running
from tests.peers import HANG_S
from tests.ports import free_port

PAGE = Path(__file__).parents[2] / "docs" / "deployment.md"


@pytest.fixture
def front(tmp_path: Path) -> Iterator[str]:
    """A proxy's address, without its certificate."""
    program = find_program("sbin/nginx", "nginx-light", "nginx")
    if program is None:
        pytest.skip("nginx is not to be had")
    shown = re.search(r"^```nginx\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert shown is not None
    port = free_port()
    with running() as server:
        text = re.sub(r"^ *ssl_.*\n", "", shown[1], flags=re.MULTILINE)
        for before, after in {"443 ssl": f"127.0.0.1:{port}", "127.0.0.1:8080": f"127.0.0.1:{server.port}"}.items():
            assert before in text
            text = text.replace(before, after)
        configuration = tmp_path / "nginx.conf"
        folders = "".join(
            f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        configuration.write_text(
            f"daemon off; pid {tmp_path}/pid; events {{}} http {{ access_log off; {folders}\n{text}\n}}"
        )
        command, environment = program
        process = subprocess.Popen([command, "-e", "stderr", "-c", str(configuration)], env=environment)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


async def test_calls_and_web_sockets_pass_nginx_as_the_documentation_sets_it_up(front: str) -> None:
    connected = asyncio.Event()

    def on_connection(error: MocastError | None) -> None:
        if error is None:
            connected.set()

    async with (
        asyncio.timeout(HANG_S),
        MocastClient(front, on_connection=on_connection) as client,
        aclosing(client.landmarks("nobody")) as frames,
    ):
        reading = asyncio.ensure_future(anext(frames))  # tries again until nginx is there
        waiting = asyncio.create_task(connected.wait())
        await asyncio.wait([reading, waiting], return_when=asyncio.FIRST_COMPLETED)
        assert connected.is_set(), await reading
        assert await client.info()
        for task in (reading, waiting):
            task.cancel()
        await asyncio.wait([reading, waiting])
