"""The TURN server goes away in mid-session and comes back: so does the page, by itself."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.debian import unpacked
from tests.e2e.conftest import browser, camera_file, chromium_path  # noqa: F401 (fixtures)
from tests.e2e.server import Server
from tests.e2e.waiting import wait_until
from tests.long.faults.clients import asked
from tests.long.faults.test_killed import IS_LIVE
from tests.ports import free_port

SECRET = "a secret of this test"


class TurnServer:
    """A coturn that relays to this machine."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        program, root = shutil.which("turnserver"), unpacked("coturn", "libmariadb3", "libhiredis0.14")
        if program is None and root is None:
            pytest.skip("coturn is not to be had here")
        self._program = program or f"{root}/usr/bin/turnserver"
        self._environment = {**os.environ, "LD_LIBRARY_PATH": f"{root}/usr/lib/{os.uname().machine}-linux-gnu"}

    def start(self) -> None:
        """Start it and return when it listens."""
        flags = f"-n --no-cli --no-tls --no-dtls --allow-loopback-peers -L 127.0.0.1 -E 127.0.0.1 -p {self.port}"
        own = ["--use-auth-secret", f"--static-auth-secret={SECRET}", "-r", "mocast", "--log-file=stdout"]
        files = [f"--pidfile={self._folder}/turn.pid", f"--userdb={self._folder}/turn.db"]
        log = (self._folder / "turn.log").open("ab")
        self._process = subprocess.Popen(
            [self._program, *flags.split(), *own, *files], env=self._environment, stdout=log, stderr=log
        )
        port = f"{self.port:04X}"
        give_up = time.monotonic() + 60
        while not any(f":{port} " in line for line in Path("/proc/net/udp").read_text().splitlines()):
            assert time.monotonic() < give_up
            assert self._process.poll() is None, (self._folder / "turn.log").read_text()[-2000:]
            time.sleep(0.05)

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture
def turn(tmp_path: Path) -> Iterator[TurnServer]:
    turn = TurnServer(tmp_path)
    turn.start()
    yield turn
    turn.kill()


@pytest.fixture
def server(tmp_path: Path, turn: TurnServer) -> Iterator[Server]:
    server = Server(tmp_path / "log", turn_urls=f"turn:127.0.0.1:{turn.port}?transport=udp", turn_secret=SECRET)
    server.start()
    yield server
    if server.runs:
        server.kill()


def test_a_page_that_is_relayed_is_back_when_its_turn_server_is(
    browser: Browser,  # noqa: F811
    server: Server,
    turn: TurnServer,
) -> None:
    context = browser.new_context(base_url=server.url, permissions=["camera"])
    page = context.new_page()
    page.goto("/?relay=1")
    page.get_by_role("button", name="Start", exact=True).click()
    wait_until(page, IS_LIVE)
    turn.kill()
    gone_at = time.monotonic()
    wait_until(page, "() => window.mocast.state !== 'live'")
    noticed_s = time.monotonic() - gone_at
    while asked(server, "/v1/info")["sessions"]:  # the session that is lost is not kept
        assert time.monotonic() - gone_at < 30
        time.sleep(0.1)
    released_s = time.monotonic() - gone_at
    turn.start()
    back_at = time.monotonic()
    wait_until(page, IS_LIVE)
    back_s = time.monotonic() - back_at
    print(f"noticed after {noticed_s:.1f} s, released after {released_s:.1f} s, back {back_s:.1f} s after TURN was")
    assert noticed_s < 6
    assert back_s < 25, "the page waits 15 s for a connection, and 4 s until it tries again"
    context.close()
