"""How many bits a camera needs: ``python -m bench.camera_bitrate CLIP... [--size 640x480] [--noise 0 4] [--json]``.

Each clip is encoded as a browser encodes a camera, in VP8 and H.264, at several bitrates, decoded, and tracked by
``holistic`` in the quality ``exact`` (f32); landmarks are compared with those in the same pictures before they were
encoded (``bench.errors``). ``--noise``: what is added to each pixel of each picture first, the standard deviation of
normal noise of 0..255: clips that were compressed before have less than a camera. The floor is what the same pictures
give with each value of each pixel off by at most one, which nobody sees: errors below it mean nothing.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from av import Packet
from tests.pictures import clip_frames

from bench.clips import TICKS
from bench.errors import HANDS, Part, agreement, errors
from bench.report import table
from mocast.model.frame import Frame, RgbImage
from mocast.model.tracked import Tracked
from mocast.tracking.engines import EngineOptions
from mocast.tracking.pool import TrackerPool
from mocast.webrtc.pixels import to_rgb
from mocast.webrtc.video_decoder import TIME_BASE, open_decoder
from mocast.webrtc.video_encoder import EncoderLimits, VideoEncoder

KBITS: Final = (150, 250, 400, 600, 800, 1000, 1500, 2000, 3000)
CODECS: Final = ("VP8", "H264")
PARTS: Final[dict[str, tuple[Part, ...]]] = {"pose": ("pose",), "hands": HANDS, "face": ("face",)}
SETTLING: Final = 30
"""Frames at the beginning that are not compared: the encoder's rate control begins with a key frame."""
SEED: Final = 11


@dataclass(frozen=True, slots=True)
class LandmarkErrors:
    """How far landmarks are from the reference's, by part."""

    median_px: dict[str, float]
    p95_px: dict[str, float]
    agreement: float
    "Share of frames in which both find a hand or neither does, of both hands."


@dataclass(frozen=True, slots=True)
class Point:
    """What was found at one bitrate."""

    codec: str
    "Empty: the floor."
    noise: float
    errors: LandmarkErrors
    asked_kbit: int = 0
    sent_kbit: float = 0.0
    psnr_db: float = 0.0
    "Of the decoded pictures against those that were encoded."


def main() -> None:
    arguments = options().parse_args()
    width, height = map(int, arguments.size.split("x"))
    pool = TrackerPool("openvino", EngineOptions(threads=arguments.threads, precision="f32"))
    try:
        points = [point for noise in arguments.noise for point in curve(pool, arguments, (width, height), noise)]
    finally:
        pool.close()
    for noise in arguments.noise:
        print(f"\n**{arguments.size}, noise {noise:g}**\n\n{shown([one for one in points if one.noise == noise])}")
    if arguments.json:
        print(json.dumps([asdict(point) for point in points]))


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", metavar="CLIP", type=Path, nargs="+", help="videos of a person")
    parser.add_argument("--size", default="640x480", help="default: %(default)s")
    parser.add_argument("--frames", type=int, default=180, help="of each clip, 30 a second (default: %(default)s)")
    parser.add_argument("--noise", type=float, nargs="+", default=[0, 4], help="default: 0 4")
    parser.add_argument("--kbit", type=int, nargs="+", default=KBITS, help="bitrates, in 1000 bit/s")
    parser.add_argument("--threads", type=int, default=2, help="of the engine (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="end with a line of JSON")
    return parser


def curve(pool: TrackerPool, arguments: argparse.Namespace, size_wh: tuple[int, int], noise: float) -> Iterator[Point]:
    """Yield the floor, then each codec and bitrate."""
    clips = [noisy(list(clip_frames(clip, arguments.frames, size_wh)), noise, SEED) for clip in arguments.clips]
    reference = [found for clip in clips for found in landmarks(pool, clip)]
    floor = [found for clip in clips for found in landmarks(pool, off_by_one(clip))]
    yield Point("", noise, compared(floor, reference))
    for codec in CODECS:
        for kbit in arguments.kbit:
            coded = [through(codec, kbit, clip) for clip in clips]
            found = [one for pictures, _ in coded for one in landmarks(pool, pictures)]
            seconds = sum(len(clip) - SETTLING for clip in clips) / 30
            sent_kbit = sum(size for _, size in coded) * 8 / 1000 / seconds
            yield Point(codec, noise, compared(found, reference), kbit, sent_kbit, psnr(coded, clips))


def noisy(pictures: Sequence[RgbImage], deviation: float, seed: int) -> list[RgbImage]:
    """Return pictures with a camera's noise, the same in each run."""
    if not deviation:
        return list(pictures)
    random = np.random.default_rng(seed)
    noises = (random.normal(0, deviation, rgb.shape) for rgb in pictures)
    return [np.clip(rgb + noise, 0, 255).astype(np.uint8) for rgb, noise in zip(pictures, noises, strict=True)]


def off_by_one(pictures: Sequence[RgbImage]) -> list[RgbImage]:
    """Return pictures with each value off by at most one."""
    random = np.random.default_rng(SEED)
    return [
        np.clip(rgb.astype(np.int16) + random.integers(-1, 2, rgb.shape), 0, 255).astype(np.uint8) for rgb in pictures
    ]


def through(codec: str, kbit: int, pictures: Sequence[RgbImage]) -> tuple[list[RgbImage], int]:
    """Return pictures as they come out of the decoder, and the bytes on the way after ``SETTLING``."""
    bits = 1000 * kbit
    limits = EncoderLimits(
        min_bitrate=bits, start_bitrate=bits, max_bitrate=bits, vp8_min_quantizer=2, h264_min_quantizer=1
    )
    encoder, decoder = VideoEncoder(codec, limits), open_decoder(codec)
    decoded, sent = [], 0
    for number, rgb in enumerate(pictures):
        frame = encoder.encode(rgb, number * TICKS)
        sent += len(frame.data) if number >= SETTLING else 0
        packet = Packet(frame.data)
        packet.pts, packet.time_base = frame.pts, TIME_BASE
        decoded += [to_rgb(picture) for picture in decoder.decode(packet)]
    decoded += [to_rgb(picture) for picture in decoder.decode(None)]
    if len(decoded) != len(pictures):
        raise SystemExit(f"{codec} at {kbit} kbit/s dropped pictures")
    return decoded, sent


def landmarks(pool: TrackerPool, pictures: Sequence[RgbImage]) -> list[Tracked]:
    """Return what a new tracker finds in pictures, without the first ``SETTLING``."""
    tracker = pool.acquire("holistic", "exact")
    try:
        found = [tracker.track(Frame(number, number * TICKS, 0, rgb)) for number, rgb in enumerate(pictures)]
    finally:
        pool.release(tracker)
    return found[SETTLING:]


def compared(found: Sequence[Tracked], reference: Sequence[Tracked]) -> LandmarkErrors:
    distances = {name: errors(found, reference, *parts).px for name, parts in PARTS.items()}
    return LandmarkErrors(
        {name: float(np.median(px)) for name, px in distances.items()},
        {name: float(np.percentile(px, 95)) for name, px in distances.items()},
        float(np.mean([agreement(found, reference, hand) for hand in HANDS])),
    )


def psnr(coded: Sequence[tuple[list[RgbImage], int]], clips: Sequence[Sequence[RgbImage]]) -> float:
    pairs = [
        pair
        for (pictures, _), clip in zip(coded, clips, strict=True)
        for pair in zip(pictures[SETTLING:], clip[SETTLING:], strict=True)
    ]
    return float(np.mean([cv2.PSNR(one, other) for one, other in pairs]))


def shown(points: Sequence[Point]) -> str:
    """Return a table with a row for each codec and bitrate."""
    rows = [
        [
            one.codec or "floor",
            one.asked_kbit or "",
            f"{one.sent_kbit:.0f}" if one.codec else "",
            f"{one.psnr_db:.1f}" if one.codec else "",
            *(f"{one.errors.median_px[name]:.2f}, {one.errors.p95_px[name]:.2f}" for name in PARTS),
            f"{one.errors.agreement:.3f}",
        ]
        for one in points
    ]
    heads = ["codec", "kbit/s", "sent", "PSNR, dB", *(f"{name}: median, p95 px" for name in PARTS), "hands found alike"]
    return table(heads, rows)


if __name__ == "__main__":
    main()
