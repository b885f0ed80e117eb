"""Compares face shapes by geometry with those of MediaPipe's network: ``python -m bench.faces CLIP [CLIP ...]``.

Prints a Markdown table: how each shape correlates over each clip's frames, and how strong geometry, the network and
both together make it (the median and the 95th percentile). Then the processor time of a frame's face, without and with
the network, of the same frames in turn.
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
from mocast.rigging.face.network_shapes import FaceShaper
from mocast.tracking.engines import AUTO, Engine, choose_engine
from mocast.tracking.face_task import choose_face_shapes

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
    together: NDArray[np.float64]
    geometry_ms: NDArray[np.float64]
    together_ms: NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", type=Path, nargs="+")
    arguments = parser.parse_args()
    engine = choose_engine(AUTO)
    network = choose_face_shapes(engine[0], "network", None)
    if network is None:
        raise SystemExit("the network is not installed")
    clips = [measured(clip, engine[1], network) for clip in arguments.clips]
    heads = [f"{clip.name}: {what}" for clip in clips for what in ("r", "geometry", "network", "together")]
    rows = ([name, *(cell for clip in clips for cell in cells(clip, n))] for n, name in enumerate(SHAPE_NAMES))
    print(table(["shape", *heads], rows))
    print("\nms of processor time for a face: mean, median, p95, most")
    for name in ("geometry_ms", "together_ms"):
        times = np.concatenate([getattr(clip, name) for clip in clips])
        print(f"{name}: {times.mean():.2f}, " + "{:.2f}, {:.2f}, {:.2f}".format(*percentiles(times)))


def measured(clip: Path, engine: Engine, network: FaceShaper) -> Clip:
    """Return what geometry and the network make of each frame of a clip."""
    tracker = engine.build("holistic", "balanced", still=False)
    solvers = FaceSolver(), FaceSolver(shaper=network)
    shapes: tuple[list[NDArray[np.float32]], ...] = ([], [])
    times: tuple[list[float], ...] = ([], [])
    networks = []
    for number, rgb in enumerate(rgb_pictures(clip, MOST_PICTURES)):
        tracked = tracker.track(Frame(number, number * 90_000 // FPS, 0, rgb))
        for solver, found, taken in zip(solvers, shapes, times, strict=True):
            started_s = time.thread_time()
            state = solver.solve(tracked.face, tracked.size_wh, number / FPS)
            taken.append(1e3 * (time.thread_time() - started_s))
            if tracked.face is not None:
                found.append(state.shapes)
        if tracked.face is not None:
            networks.append(network.shape(tracked.face, tracked.size_wh))
    tracker.close()
    geometry, together = (np.stack(found).astype(np.float64) for found in shapes)
    return Clip(clip.stem, geometry, np.stack(networks).astype(np.float64), together, *map(np.array, times))


def cells(clip: Clip, shape: int) -> Iterator[str]:
    """Yield the correlation of geometry and network, and how strong each and both make one shape."""
    both = clip.geometry[:, shape], clip.network[:, shape]
    is_faint = min(float(values.max()) for values in both) < FAINT
    yield "" if is_faint else f"{np.corrcoef(*both)[0, 1]:.2f}"
    for values in (*both, clip.together[:, shape]):
        yield "{:.2f}, {:.2f}".format(*percentiles(values)[:2])


if __name__ == "__main__":
    main()
