"""What is read of a camera, and what its errors mean."""

import contextlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.ip_camera import HEIGHT, WIDTH, film

from mocast.sources import opened_camera
from mocast.sources.camera_address import CameraAddress, parse_camera
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
            assert bool(opened.video.reordered) == bool(b_frames)


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


def test_a_missing_device_and_a_screen_that_is_not_there_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CameraError, match="no such file or device"):
        OpenedCamera(camera("/dev/video4711"))
    monkeypatch.setitem(opened_camera.SCREENS, "linux", ("x11grab", ":4711"))
    with pytest.raises(CameraError, match="the screen cannot be grabbed"):
        OpenedCamera(camera("screen"))
    monkeypatch.setitem(opened_camera.SCREENS, "linux", ("gdigrab", "desktop"))
    with pytest.raises(CameraError, match="FFmpeg has no gdigrab here"):
        OpenedCamera(camera("screen"))
