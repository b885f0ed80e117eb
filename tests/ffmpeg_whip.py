"""FFmpeg as a WHIP client: its muxer, which PyAV has, in a process: ``python -m tests.ffmpeg_whip URL JSON``.

While FFmpeg connects, PyAV holds Python's lock: a server in the same process could not answer. The process says
``connected``, then the time of each frame before it is encoded, until its input is closed. ``retry_s`` and ``room``:
with which it connects again when it was cut off.
"""

import json
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av import AudioFrame, FFmpegError, VideoFrame

ROOT = Path(__file__).resolve().parents[1]
FPS = 30
VIDEO_CLOCK, AUDIO_CLOCK = 90_000, 48_000
ENCODER = {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline", "g": "30"}

Pictures = Callable[[int], VideoFrame]


def moving_square(number: int) -> VideoFrame:
    """A white square on black that moves with each frame, 320x240."""
    rgb = np.zeros((240, 320, 3), np.uint8)
    x = 4 * number % 272
    rgb[96:144, x : x + 48] = 255
    return VideoFrame.from_ndarray(rgb, format="rgb24")


def publish(
    url: str,
    ended: threading.Event,
    pictures: Pictures = moving_square,
    *,
    encoder: dict[str, str] | None = None,
    whip: dict[str, str] | None = None,
    audio: bool = False,
) -> None:
    """Publish at 30 frames a second until it has ``ended``. ``encoder``: of x264; ``whip``: of the muxer."""
    first = pictures(0)
    with av.open(url, "w", format="whip", options=whip or {}) as container:
        video = container.add_stream("libx264", rate=FPS, options=ENCODER | (encoder or {}))
        video.width, video.height, video.pix_fmt = first.width, first.height, "yuv420p"
        sound = container.add_stream("libopus", rate=AUDIO_CLOCK, layout="stereo") if audio else None
        container.start_encoding()
        print("connected", flush=True)
        began, number = time.monotonic(), 0
        while not ended.wait(max(0.0, began + number / FPS - time.monotonic())):
            frame = pictures(number)
            frame.pts, frame.time_base = number * VIDEO_CLOCK // FPS, Fraction(1, VIDEO_CLOCK)
            print(time.monotonic(), flush=True)
            container.mux(video.encode(frame.reformat(format="yuv420p")))
            if sound is not None:
                container.mux(sound.encode(_tone(number)))
            number += 1


def _tone(number: int) -> AudioFrame:
    """A thirtieth of a second of 440 Hz."""
    samples = AUDIO_CLOCK // FPS
    at = np.arange(number * samples, (number + 1) * samples)
    wave = (8_000 * np.sin(2 * np.pi * 440 * at / AUDIO_CLOCK)).astype(np.int16)
    frame = AudioFrame.from_ndarray(np.repeat(wave, 2).reshape(1, -1), format="s16", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = AUDIO_CLOCK, number * samples, Fraction(1, AUDIO_CLOCK)
    return frame


@dataclass(slots=True)
class Published:
    """What an FFmpeg in its own process has done so far."""

    process: "subprocess.Popen[str]"
    sent_at_s: list[float] = field(default_factory=list)
    "On the monotonic clock, which all processes share."

    def read(self) -> None:
        assert self.process.stdout is not None
        self.sent_at_s.extend(float(line) for line in self.process.stdout if line != "connected\n")


@contextmanager
def publishing(*arguments: str, module: str = "tests.ffmpeg_whip") -> Iterator[Published]:
    """An FFmpeg that is connected and sends, until the block ends. Raises ``RuntimeError`` where it cannot connect."""
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        if process.stdout.readline() != "connected\n":
            raise RuntimeError(f"FFmpeg does not connect: {process.stderr.read()[-2000:]}")
        published = Published(process)
        reader = threading.Thread(target=published.read)
        reader.start()
        try:
            yield published
        finally:
            process.stdin.close()
            reader.join()
            said = process.stderr.read()
    assert process.returncode == 0, said[-2000:]


def until_input_ends() -> threading.Event:
    """Return what is set when the input is closed."""
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    return ended


def publish_again(url: str, ended: threading.Event, room: str, retry_s: float) -> None:
    """Publish until ``ended``, and again whenever the server says that nobody publishes to the room.

    FFmpeg does not notice by itself: it checks no consent, and its RTP muxer passes no error on. ``room``: its address.
    """
    while not ended.is_set():
        over = threading.Event()
        threading.Thread(target=_watch, args=[room, ended, over], daemon=True).start()
        with suppress(FFmpegError):
            publish(url, over)
        ended.wait(retry_s)


def _watch(room: str, ended: threading.Event, over: threading.Event) -> None:
    while not over.wait(0.5):
        if ended.is_set() or not _has_publisher(room):
            over.set()


def _has_publisher(room: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(room, timeout=30) as answer:
        return json.load(answer)["publisher"] is not None
    return False


def main() -> None:
    url, *options = sys.argv[1:]
    av.logging.set_level(av.logging.ERROR)
    wanted, ended = json.loads(options[0] if options else "{}"), until_input_ends()
    try:
        if "retry_s" in wanted:
            publish_again(url, ended, **wanted)
        else:
            publish(url, ended, **wanted)
    except FFmpegError as error:
        raise SystemExit(f"{error}") from error


if __name__ == "__main__":
    main()
