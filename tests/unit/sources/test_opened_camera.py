"""What is read of a camera, and what its errors mean."""

import base64
import contextlib
import itertools
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.ip_camera import HEIGHT, WIDTH, film

from mocast.sources import opened_camera
from mocast.sources.camera_address import CameraAddress, CameraOptions, parse_camera
from mocast.sources.opened_camera import CameraError, OpenedCamera


def camera(address: str) -> CameraAddress:
    return parse_camera(address)[0]


@pytest.mark.parametrize(
    ("suffix", "codec", "name", "options"),
    [
        (".mp4", "libx264", "h264", {"bf": "0"}),
        (".mp4", "libx265", "hevc", {"x265-params": "log-level=none"}),
        (".avi", "mjpeg", "mjpeg", {"strict": "unofficial"}),
        (".mkv", "rawvideo", "rawvideo", {}),
        (".webm", "libvpx", "vp8", {}),
    ],
)
def test_the_video_is_known_before_its_first_frame(
    tmp_path: Path, suffix: str, codec: str, name: str, options: dict[str, str]
) -> None:
    path = film(tmp_path / f"film{suffix}", 10, codec, **options)
    with contextlib.closing(OpenedCamera(camera(str(path)))) as opened:
        video = opened.video
        assert str(video) == f"{name} {WIDTH}x{HEIGHT}, 30 fps"
        assert len(list(opened.packets())) == 10
        opened.rewind()
        assert next(opened.packets()).is_keyframe


def test_b_frames_are_seen(tmp_path: Path) -> None:
    for b_frames in (0, 2):
        path = film(tmp_path / f"{b_frames}.mp4", bf=str(b_frames), **{"x264-params": "b-adapt=0"})
        with contextlib.closing(OpenedCamera(camera(str(path)))) as opened:
            assert bool(opened.video.reorder_depth) == bool(b_frames)


def test_what_has_no_video_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sound.wav").write_bytes(
        b"RIFF\x2c\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0data\x08\0\0\0" + bytes(8)
    )
    with pytest.raises(CameraError, match="has no video"):
        OpenedCamera(camera(str(tmp_path / "sound.wav")))


@pytest.fixture
def answering() -> Iterator[dict[str, bytes]]:
    """What a server of HTTP answers with, by path; the server's port is in ``port``."""
    answers: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(answers[self.path])

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        answers["port"] = str(server.server_port).encode()
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield answers
        finally:
            server.shutdown()
            thread.join()


def test_what_a_camera_answers_has_nothing_else_opened(answering: dict[str, bytes], tmp_path: Path) -> None:
    own = film(tmp_path / "own.ts", 10)
    answering["/list.m3u8"] = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{own}\n#EXT-X-ENDLIST\n".encode()
    answering["/elsewhere.sdp"] = (
        b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        b"m=video 5004 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    )
    for path in ("/list.m3u8", "/elsewhere.sdp"):
        with pytest.raises(CameraError, match=r"is no video|cannot be read"):
            OpenedCamera(camera(f"http://127.0.0.1:{answering['port'].decode()}{path}"))


class UdpCamera:
    """A camera by RTSP and UDP that sends one key frame again and again; so does a stranger, with another last byte."""

    def __init__(self, path: Path) -> None:
        """``path``: where its film is written."""
        units = film(path, 1, **{"x264-params": "log-level=none"}).read_bytes().replace(b"\0\0\0\1", b"\0\0\1")
        kinds = {unit[0] & 0x1F: unit for unit in units.split(b"\0\0\1") if unit}
        self.own = kinds[5]
        self.strange = self.own[:-1] + bytes([self.own[-1] ^ 0xFF])
        self._parameters = ",".join(base64.b64encode(kinds[kind]).decode() for kind in (7, 8))
        self._senders = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
        for sender, host in zip(self._senders, ("127.0.0.1", "127.0.0.2"), strict=True):
            sender.bind((host, 0))
        self._stopping = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @property
    def address(self) -> CameraAddress:
        url = f"rtsp://127.0.0.1:{self._listening.getsockname()[1]}/camera"
        return CameraAddress("rtsp", url, CameraOptions(transport="udp"))

    def close(self) -> None:
        self._stopping.set()
        self._thread.join()
        for one in (self._listening, *self._senders):
            one.close()

    def _serve(self) -> None:
        sdp = (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n"
            f"a=rtpmap:96 H264/90000\r\na=fmtp:96 sprop-parameter-sets={self._parameters}\r\na=control:track\r\n"
        )
        answers, port = {"DESCRIBE": (["Content-Type: application/sdp"], sdp)}, 0
        connection, _ = self._listening.accept()
        with connection, connection.makefile("rwb") as control:
            while head := list(iter(lambda: control.readline().decode().strip(), "")):
                method, fields = head[0].split()[0], dict(line.split(": ", 1) for line in head[1:])
                if method == "SETUP":
                    port = int(fields["Transport"].partition("client_port=")[2].partition("-")[0])
                    own = self._senders[0].getsockname()[1]
                    transport = f"Transport: {fields['Transport']};server_port={own}-{own + 1}"
                    answers[method] = ["Session: 1", transport], ""
                more, body = answers.get(method, ([], ""))
                lines = ["RTSP/1.0 200 OK", f"CSeq: {fields['CSeq']}", *more, f"Content-Length: {len(body)}", "", body]
                control.write("\r\n".join(lines).encode())
                control.flush()
                if method == "PLAY":
                    self._send(port)
                    return

    def _send(self, port: int) -> None:
        for number in itertools.count():
            unit = (self.own, self.strange)[number % 2]
            header = struct.pack("!BBHLL", 0x80, 96 | 0x80, number & 0xFFFF, number * 3_000, 1)
            self._senders[number % 2].sendto(header + unit, ("127.0.0.1", port))
            if self._stopping.wait(0.01):
                return


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no 127.0.0.2 unless it is set up")
def test_of_a_camera_by_udp_nothing_is_taken_from_others(tmp_path: Path) -> None:
    server = UdpCamera(tmp_path / "one.h264")
    try:
        with contextlib.closing(OpenedCamera(server.address)) as opened:
            frames = [bytes(packet) for packet in itertools.islice(opened.packets(), 10)]
    finally:
        server.close()
    assert all(frame.endswith(server.own) for frame in frames)


def test_a_missing_device_and_a_screen_that_is_not_there_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CameraError, match="no such file or device"):
        OpenedCamera(camera("/dev/video4711"))
    monkeypatch.setitem(opened_camera.SCREENS, "linux", ("x11grab", ":4711"))
    with pytest.raises(CameraError, match="the screen cannot be grabbed"):
        OpenedCamera(camera("screen"))
    monkeypatch.setitem(opened_camera.SCREENS, "linux", ("gdigrab", "desktop"))
    with pytest.raises(CameraError, match="FFmpeg has no gdigrab here"):
        OpenedCamera(camera("screen"))
