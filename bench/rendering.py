"""Measures what drawing costs: ``python -m bench.rendering [--clip FILE] [--size 640x480] [--frames 60]``.

Every frame is tracked once and drawn with all options in turn, so that a machine whose speed drifts treats them alike.
Drawing uses one thread, and its CPU time is what is measured.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from time import thread_time_ns

import cv2
import numpy as np
from tests.pictures import astronaut_frames, clip_frames

from bench import engines
from mocast.model.frame import Frame, RgbImage
from mocast.model.options import DrawOptions
from mocast.model.tracked import Tracked
from mocast.rendering.renderer import Renderer
from mocast.tracking.engines import AUTO

CHOICES = {
    "nothing": DrawOptions(overlay=()),
    "limbs": DrawOptions(overlay=("limbs",)),
    "rainbow": DrawOptions(overlay=("rainbow",)),
    "contours": DrawOptions(overlay=("contours",)),
    "limbs, rainbow, contours": DrawOptions(),
    "the same, opacity 0.5": DrawOptions(opacity=0.5),
    "the same, mirrored on black": DrawOptions(background="black", mirror=True),
    "the same on dim": DrawOptions(background="dim"),
    "classic": DrawOptions(overlay=("classic",)),
    "mesh": DrawOptions(overlay=("mesh",)),
    "mesh, line width 4": DrawOptions(overlay=("mesh",), line_width=4),
    "blur": DrawOptions(overlay=(), privacy="blur"),
    "pixelate": DrawOptions(overlay=(), privacy="pixelate"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what drawing costs.")
    parser.add_argument("--clip", type=Path, help="a video of a person (default: the moving astronaut, without hands)")
    parser.add_argument("--size", default="640x480", help="WIDTHxHEIGHT of the picture (default: %(default)s)")
    parser.add_argument("--frames", type=int, default=60)
    arguments = parser.parse_args()
    width, height = (int(side) for side in arguments.size.split("x"))
    cv2.setNumThreads(1)
    print(table(tracked_frames(arguments.clip, arguments.frames, (width, height))))


def tracked_frames(clip: Path | None, count: int, size_wh: tuple[int, int]) -> Iterator[tuple[RgbImage, Tracked]]:
    """Yield pictures with what the holistic tracker finds in them."""
    tracker = engines.load(AUTO, threads=1)[1].build("holistic", "balanced", still=False)
    if clip is not None:
        pictures = clip_frames(clip, count, size_wh)
    else:
        pictures = (moved.rgb for moved in astronaut_frames(count, size_wh))
    for number, rgb in enumerate(pictures):
        yield rgb, tracker.track(Frame(number, number * 3000, number * 33_000_000, rgb))
    tracker.close()


def table(frames: Iterator[tuple[RgbImage, Tracked]]) -> str:
    """Draw each frame with each choice; return median and 95th percentile as a Markdown table."""
    times_ms: defaultdict[str, list[float]] = defaultdict(list)
    renderers = {name: Renderer() for name in CHOICES}
    parts: defaultdict[str, int] = defaultdict(int)
    for rgb, tracked in frames:
        for part in ("pose", "face", "left_hand", "right_hand"):
            parts[part] += getattr(tracked, part) is not None
        for name, options in CHOICES.items():
            picture = rgb.copy()
            began = thread_time_ns()
            renderers[name].render(picture, tracked, options)
            times_ms[name].append((thread_time_ns() - began) / 1e6)
    rows = [f"| {name} | {np.median(ms):.2f} | {np.percentile(ms, 95):.2f} |" for name, ms in times_ms.items()]
    found = ", ".join(f"{part} {count}" for part, count in parts.items())
    return "\n".join([f"Frames with {found}.", "", "| drawn | median CPU ms | p95 |", "| --- | --- | --- |", *rows])


if __name__ == "__main__":
    main()
