"""An RTSP server of GStreamer's, run by Debian's Python: ``rtsp_server.py [--port N] [--password P] [--codec C]``.

Whoever asks for ``/camera`` gets what an IP camera sends: 30 pictures a second, whose top 16 rows say their number
(``bench.barcode``). For each picture a line is written: its number, and the monotonic clock in nanoseconds.
"""

import argparse
import time
from typing import Any

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

WIDTH, HEIGHT, FPS = 640, 480, 30
CELL, BITS = 16, 15
USER, ROLE = "admin", "viewer"

ENCODERS = {
    "h264": "x264enc tune=zerolatency speed-preset=superfast bitrate=1500 key-int-max=30 ! rtph264pay",
    "h265": "x265enc tune=zerolatency speed-preset=ultrafast bitrate=1500 key-int-max=30 ! rtph265pay",
    "b-frames": "x264enc speed-preset=superfast bitrate=1500 key-int-max=30 bframes=2 b-adapt=false rc-lookahead=2"
    " ! rtph264pay",
    "mjpeg": "jpegenc ! rtpjpegpay",
}


def picture(number: int) -> bytes:
    """Return the planes of a grey picture with its number on it."""
    code = number % (1 << BITS)
    bits = [code >> place & 1 for place in range(BITS)] + [code.bit_count() & 1]
    row = b"".join(bytes([235 if bit else 16]) * CELL for bit in bits).ljust(WIDTH, b"\x80")
    return row * CELL + b"\x80" * (WIDTH * (HEIGHT - CELL) + WIDTH * HEIGHT // 2)


class Camera(GstRtspServer.RTSPMediaFactory):  # type: ignore[misc]
    """Makes the one pipeline that all clients share."""

    def __init__(self, codec: str) -> None:
        super().__init__()
        self.set_shared(True)
        self.set_launch(
            f"( appsrc name=pictures is-live=true do-timestamp=true format=time"
            f" caps=video/x-raw,format=I420,width={WIDTH},height={HEIGHT},framerate={FPS}/1"
            f" ! {ENCODERS[codec]} name=pay0 pt=96 )"
        )
        self.connect("media-configure", self._configure)

    @staticmethod
    def _configure(_: Any, media: Any) -> None:
        began, number = time.monotonic(), 0

        def push(source: Any, _: int) -> None:
            nonlocal number
            time.sleep(max(began + number / FPS - time.monotonic(), 0))
            print(number, time.monotonic_ns(), flush=True)
            source.emit("push-buffer", Gst.Buffer.new_wrapped(picture(number)))
            number += 1

        media.get_element().get_child_by_name("pictures").connect("need-data", push)


def protect(server: Any, camera: Any, password: str) -> None:
    """Ask whoever comes for a name and a password (digest)."""
    token = GstRtspServer.RTSPToken()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, ROLE)
    auth = GstRtspServer.RTSPAuth()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    auth.add_digest(USER, password, token)
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_role(ROLE)
    for permission in ("media.factory.access", "media.factory.construct"):
        permissions.add_permission_for_role(ROLE, permission, True)
    camera.set_permissions(permissions)
    server.set_auth(auth)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", default="0")
    parser.add_argument("--password", default="")
    parser.add_argument("--codec", choices=ENCODERS, default="h264")
    arguments = parser.parse_args()
    Gst.init(None)
    server, camera = GstRtspServer.RTSPServer(), Camera(arguments.codec)
    server.set_address("127.0.0.1")
    server.set_service(arguments.port)
    server.get_mount_points().add_factory("/camera", camera)
    if arguments.password:
        protect(server, camera, arguments.password)
    server.attach(None)
    print("port", server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
