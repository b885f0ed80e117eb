"""The browser example, opened as its README says: from another origin, which the server allows."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser

from tests.e2e.conftest import ROOT
from tests.e2e.server import Server
from tests.e2e.waiting import wait_until

EXAMPLE = ROOT / "examples" / "browser-minimal" / "index.html"
USUAL_ADDRESS = "http://localhost:8080"


class ExamplePage(BaseHTTPRequestHandler):
    """Serves the example, with the address of the test's server in place of the usual one."""

    text = ""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(self.text.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Server]]:
    """Where the example is served, and a server that lets that origin in."""
    with ThreadingHTTPServer(("127.0.0.1", 0), ExamplePage) as web:
        origin = f"http://localhost:{web.server_port}"
        server = Server(tmp_path_factory.mktemp("open") / "server.log", warm="pose", allowed_origins=origin)
        server.start()
        text = EXAMPLE.read_text()
        assert USUAL_ADDRESS in text
        ExamplePage.text = text.replace(USUAL_ADDRESS, server.url)
        threading.Thread(target=web.serve_forever, daemon=True).start()
        yield origin, server
        web.shutdown()
        server.stop()


def test_example_shows_the_picture_and_a_moving_wrist_and_leaves(browser: Browser, example: tuple[str, Server]) -> None:
    url, server = example
    context = browser.new_context(permissions=["camera"])
    page = context.new_page()
    uncaught: list[str] = []
    page.on("pageerror", lambda error: uncaught.append(str(error)))
    page.goto(url)

    wait_until(page, "() => document.querySelector('video').videoWidth === 640")
    wait_until(page, "() => document.querySelector('output').value.split(', ').map(Number).every(Number.isFinite)")
    before = page.locator("output").inner_text()
    wait_until(page, "before => document.querySelector('output').value !== before", before)
    page.goto("about:blank")
    assert not uncaught
    page.goto(f"{server.url}/v1/info")
    wait_until(page, "async () => (await (await fetch('/v1/info')).json()).sessions === 0")
    context.close()
