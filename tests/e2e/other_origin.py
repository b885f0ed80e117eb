"""A page of another origin than the server's, on this machine."""

import mimetypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from tests.e2e.conftest import ROOT


class OtherPage(BaseHTTPRequestHandler):
    """Serves one page at every path but those of ``files``."""

    text = ""
    files: tuple[tuple[str, Path], ...] = (
        ("/node_modules/", ROOT / "web" / "node_modules"),
        ("/avatar.vrm", ROOT / "web" / "public" / "default.vrm"),
    )
    "What the READMEs have installed or copied beside the page."

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        for start, place in self.files:
            if path.startswith(start):
                self.answer((place / path.removeprefix(start)).read_bytes(), mimetypes.guess_type(path)[0])
                return
        self.answer(self.text.encode(), "text/html; charset=utf-8")

    def answer(self, body: bytes, content_type: str | None) -> None:
        self.send_response(200)
        self.send_header("Content-Type", content_type or "application/octet-stream")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def other_origin(text: str) -> Iterator[str]:
    """Serve the page ``text``; yields its origin."""
    page = type("Page", (OtherPage,), {"text": text})
    with ThreadingHTTPServer(("127.0.0.1", 0), page) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        yield f"http://localhost:{web.server_port}"
        web.shutdown()
