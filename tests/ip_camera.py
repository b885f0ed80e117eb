"""Cameras without a browser: an MJPEG camera as it is sold, over HTTP with a password, and films in files."""

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import av
import cv2
import numpy as np

from mocast.model.frame import RgbImage
from tests.ports import free_port

USER, PASSWORD = "admin", "hunter2-of-the-camera"
FPS = 30
WIDTH, HEIGHT = 128, 96
SQUARE = 32


def picture(number: int, size_wh: tuple[int, int] = (WIDTH, HEIGHT)) -> RgbImage:
    """A white square on black that moves 2 pixels to the right with each frame."""
    width, height = size_wh
    rgb = np.zeros((height, width, 3), np.uint8)
    left, top = (2 * number) % (width - SQUARE), (height - SQUARE) // 2
    rgb[top : top + SQUARE, left : left + SQUARE] = 255
    return rgb


def film(path: Path, frames: int = FPS, codec: str = "libx264", **options: str) -> Path:
    """Write a film of ``picture``; return its path. ``options``: of FFmpeg's encoder."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, FPS, options=options)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(frames):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture(number))))
        container.mux(stream.encode())
    return path


class MjpegCamera:
    """A camera that sends one JPEG after the other, to whoever has its password."""

    def __init__(self, port: int) -> None:
        self.stalls = False
        "Whether it sends nothing any more."
        self._off = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="ip-camera")
        self._thread.start()

    @property
    def port(self) -> int:
        return self._server.server_port

    def url(self, password: str = PASSWORD) -> str:
        return f"http://{USER}:{password}@127.0.0.1:{self.port}/video.mjpg?key={PASSWORD}"

    def switch_off(self) -> None:
        """End all connections and listen no more."""
        self._off.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        camera = self
        expected = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.headers.get("Authorization") != expected:
                    self.send_response(401)
                    self.send_header("WWW-Authenticate", 'Basic realm="camera"')
                    self.end_headers()
                    return
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                number = 0
                while not camera._off.wait(1 / FPS):
                    if camera.stalls:
                        continue
                    jpeg = cv2.imencode(".jpg", picture(number))[1].tobytes()
                    head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                    try:
                        self.wfile.write(head.encode() + jpeg + b"\r\n")
                    except OSError:
                        return
                    number += 1

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        return Handler


@contextmanager
def mjpeg_camera(port: int | None = None) -> Iterator[MjpegCamera]:
    """A camera that is switched off in the end. ``port``: ``None``: any free one."""
    camera = MjpegCamera(port or free_port())
    try:
        yield camera
    finally:
        camera.switch_off()
