"""Compares face shapes by geometry with those of MediaPipe's network: ``python -m bench.faces TASK CLIP [CLIP ...]``.

TASK is a ``face_landmarker.task`` file. Prints a Markdown table: how each shape correlates over each clip's frames, and
how strong both make it (the median and the 95th percentile). Then the processor time of a frame's face.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.clips import rgb_pictures
from bench.report import percentiles, table
from mocast.model.blendshapes import SHAPE_NAMES
from mocast.model.frame import Frame
from mocast.rigging.face.face_solver import FaceSolver
from mocast.tracking.engines import AUTO, choose_engine
from mocast.tracking.mediapipe.face_shapes import GraphFaceShapes

FPS = 30
MOST_PICTURES = 1_000
FAINT = 0.05
"""A shape that neither makes stronger than this has nothing to correlate."""


@dataclass(frozen=True, slots=True)
class Clip:
    """The shapes of one clip's frames."""

    name: str
    geometry: NDArray[np.float64]
    network: NDArray[np.float64]
    solving_ms: NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", type=Path)
    parser.add_argument("clips", type=Path, nargs="+")
    arguments = parser.parse_args()
    network = GraphFaceShapes(arguments.task)
    clips = [measured(clip, network) for clip in arguments.clips]
    heads = [f"{clip.name}: {what}" for clip in clips for what in ("r", "geometry", "network")]
    rows = ([name, *(cell for clip in clips for cell in cells(clip, n))] for n, name in enumerate(SHAPE_NAMES))
    print(table(["shape", *heads], rows))
    times = np.concatenate([clip.solving_ms for clip in clips])
    print("\nms of processor time for a face: median {:.2f}, p95 {:.2f}, most {:.2f}".format(*percentiles(times)))


def measured(clip: Path, network: GraphFaceShapes) -> Clip:
    """Return what geometry and the network make of each frame of a clip."""
    tracker, solver = choose_engine(AUTO)[1].build("holistic", "balanced", still=False), FaceSolver()
    geometry, shapes, times = [], [], []
    for number, rgb in enumerate(rgb_pictures(clip, MOST_PICTURES)):
        tracked = tracker.track(Frame(number, number * 90_000 // FPS, 0, rgb))
        started_s = time.thread_time()
        state = solver.solve(tracked.face, tracked.size_wh, number / FPS)
        times.append(1e3 * (time.thread_time() - started_s))
        if tracked.face is not None:
            geometry.append(state.shapes)
            shapes.append(network.shape(tracked.face, tracked.size_wh))
    tracker.close()
    return Clip(clip.stem, np.stack(geometry), np.stack(shapes), np.array(times))


def cells(clip: Clip, shape: int) -> Iterator[str]:
    """Yield the correlation and both's strength of one shape."""
    both = clip.geometry[:, shape], clip.network[:, shape]
    is_faint = min(float(values.max()) for values in both) < FAINT
    yield "" if is_faint else f"{np.corrcoef(*both)[0, 1]:.2f}"
    for values in both:
        yield "{:.2f}, {:.2f}".format(*percentiles(values)[:2])


if __name__ == "__main__":
    main()
