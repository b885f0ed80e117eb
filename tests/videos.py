"""Video files for tests: a known picture for each frame, at any times, with or without sound, turned or not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from mocast.model.frame import RgbImage
from tests.pictures import astronaut_frames

SIZE_WH = (320, 240)
SOUND_RATE = 48_000
TIME_BASE = Fraction(1, 90_000)


@dataclass(frozen=True, slots=True)
class Read:
    """What a player gets of a file."""

    times_s: list[float]
    "When each picture is shown."
    size_wh: tuple[int, int]
    rotation: int
    sound: np.ndarray
    "(n,) float: the first channel."
    sound_begins_s: float
    pictures: list[RgbImage]


def write_video(
    path: Path,
    pictures: Iterable[RgbImage] | int,
    *,
    times_ms: Sequence[int] | None = None,
    fps: int = 30,
    sound: str | None = None,
    key_every: int = 30,
    rotation: int = 0,
    codec: str = "libx264",
    b_frames: int = 2,
) -> Path:
    """Write a video; ``pictures`` may be how many of the moving astronaut. ``sound``: a codec, of which a click is in
    each whole second. ``rotation``: degrees counterclockwise that players turn it by."""
    if isinstance(pictures, int):
        pictures = (moved.rgb for moved in astronaut_frames(pictures, SIZE_WH))
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=fps)
        stream.pix_fmt = "yuv420p"
        stream.codec_context.gop_size, stream.codec_context.max_b_frames = key_every, b_frames
        stream.codec_context.time_base = TIME_BASE
        if codec == "libx264":
            stream.codec_context.options = {"preset": "ultrafast", "x264-params": "scenecut=0"}
        audio = None if sound is None else container.add_stream(sound, rate=SOUND_RATE, layout="mono")
        last_s = 0.0
        for number, rgb in enumerate(pictures):
            if number == 0:
                stream.width, stream.height = rgb.shape[1], rgb.shape[0]
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
            last_s = number / fps if times_ms is None else times_ms[number] / 1000
            frame.pts, frame.time_base = round(last_s / TIME_BASE), TIME_BASE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if audio is not None:
            for frame in _clicks(last_s, audio.codec_context.format.name):
                container.mux(audio.encode(frame))
            container.mux(audio.encode(None))
    if rotation:
        _turn(path, rotation)
    return path


def _clicks(seconds: float, sample_format: str) -> Iterable[av.AudioFrame]:
    samples = np.zeros(round((seconds + 0.5) * SOUND_RATE), np.float32)
    for second in range(int(seconds) + 1):
        at = second * SOUND_RATE
        samples[at : at + 480] = 0.8 * np.sin(np.arange(480) * 2 * np.pi * 2000 / SOUND_RATE)[: len(samples) - at]
    resampler = av.AudioResampler(format=sample_format, layout="mono", rate=SOUND_RATE, frame_size=1024)
    frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, 0, Fraction(1, SOUND_RATE)
    yield from resampler.resample(frame)
    yield from resampler.resample(None)


def _turn(path: Path, rotation: int) -> None:
    """Write a rotation into the video track's header (ISO/IEC 14496-12, 8.3.2): FFmpeg's muxer is not told of one."""
    data = bytearray(path.read_bytes())
    angle = np.radians(rotation)
    a, b = round(np.cos(angle)), round(np.sin(angle))
    matrix = (a, -b, 0, b, a, 0, 0, 0, 1 << 14)
    at = data.index(b"tkhd") + 4 + 40  # version 0: 40 bytes before the matrix
    for place, value in enumerate(matrix):
        fixed = value if place == 8 else value << 16
        data[at + 4 * place : at + 4 * place + 4] = (fixed << 16 if place == 8 else fixed).to_bytes(
            4, "big", signed=True
        )
    path.write_bytes(data)


def read_video(path: Path) -> Read:
    """Return a file's pictures and sound with their times."""
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    sound, begins_s = np.zeros(0), 0.0
    with av.open(str(path)) as container:
        if container.streams.audio:
            resampler = av.AudioResampler(format="fltp", layout="mono", rate=SOUND_RATE)
            decoded = [one for frame in container.decode(audio=0) for one in resampler.resample(frame)]
            sound = np.concatenate([one.to_ndarray()[0] for one in decoded])
            begins_s = float(decoded[0].pts * decoded[0].time_base)
    return Read(
        [float(frame.pts * frame.time_base) for frame in frames],
        (frames[0].width, frames[0].height),
        frames[0].rotation,
        sound,
        begins_s,
        [frame.to_ndarray(format="rgb24") for frame in frames],
    )


def click_times_s(read: Read) -> list[float]:
    """Return when the clicks are heard."""
    loud = np.flatnonzero(np.abs(read.sound) > 0.2)
    begins = loud[np.diff(loud, prepend=-SOUND_RATE) > SOUND_RATE // 4]
    return [read.sound_begins_s + float(at) / SOUND_RATE for at in begins]
