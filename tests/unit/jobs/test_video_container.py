"""What is taken as a video by its first bytes, and that nothing is that names other files."""

import io

import av
import pytest

from mocast.jobs.video_container import HEAD_BYTES, container_of


@pytest.mark.parametrize(
    ("kind", "codec", "ending"),
    [
        ("mp4", "libx264", ".mp4"),
        ("mov", "libx264", ".mov"),
        ("matroska", "libx264", ".mkv"),
        ("webm", "libvpx", ".webm"),
        ("avi", "mpeg4", ".avi"),
        ("mpegts", "libx264", ".ts"),
        ("gif", "gif", ".gif"),
        ("flv", "libx264", ".flv"),
        ("mpeg", "mpeg1video", ".mpg"),
    ],
)
def test_what_ffmpeg_writes_is_known(kind: str, codec: str, ending: str) -> None:
    file = io.BytesIO()
    with av.open(file, "w", format=kind) as container:
        stream = container.add_stream(codec, rate=25, options={"deadline": "realtime"} if codec == "libvpx" else {})
        stream.width, stream.height = 64, 48
        stream.pix_fmt = "rgb8" if codec == "gif" else "yuv420p"
        for _ in range(6):
            container.mux(stream.encode(av.VideoFrame(64, 48, stream.pix_fmt)))
        container.mux(stream.encode(None))
    assert container_of(file.getvalue()[:HEAD_BYTES]) == ending


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"ftyp",
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b'<?xml version="1.0"?><MPD>',
        b"<MPD",
        b"[playlist]\n",
        b"\x89PNG\r\n\x1a\n",
        b"\x7fELF",
        b"G" + bytes(HEAD_BYTES - 1),
        bytes(HEAD_BYTES),
    ],
)
def test_what_is_no_video_or_names_other_files_is_none(head: bytes) -> None:
    assert container_of(head) is None
