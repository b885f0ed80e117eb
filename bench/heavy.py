"""What the heavy pose network of quality ``best`` brings and costs: ``python -m bench.heavy [CLIP] [--frames N]``.

Wants ``make heavy``. On one core, the tracker of the body, on the same frames in turns (see ``bench.interleaved``):

- ``exact`` and ``best`` beside ``mp.solutions.pose.Pose`` of model_complexity 1 and 2: parity and time of a frame;
- how far ``best`` is from ``exact``;
- how far each is from itself when the picture is mirrored, frame by frame: truth is not known of a clip, but what a
  network finds of a mirrored picture should be the mirror image.
"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import mediapipe as mp
import numpy as np
from numpy.typing import NDArray

from bench.clips import stream
from bench.engines import load
from bench.errors import errors, stutter, world_errors_mm
from bench.interleaved import Program, Spent, run, speedup
from bench.pinned import pin
from bench.report import OUT, Figure, percentiles, save, table, verdict_cells
from bench.solutions import read
from mocast.model.frame import Frame
from mocast.model.options import OfflineQuality
from mocast.model.topology import PoseLandmark
from mocast.model.tracked import Tracked
from mocast.tracking.engines import Engine
from mocast.tracking.networks_folder import HEAVY, package_folder

COMPLEXITY: dict[OfflineQuality, int] = {"exact": 1, "best": 2}
ROWS = (
    "model_complexity of the reference",
    "from the reference, % of the torso",
    "from the reference, px",
    "from the reference, world, mm",
    "stutter, px a frame²",
    "ms a frame",
    "the reference's, ms a frame",
    "from its own mirror image, % of the torso",
)
MIRROR_OF = [
    PoseLandmark[one.name.replace("LEFT", "RIGHT") if "LEFT" in one.name else one.name.replace("RIGHT", "LEFT")].value
    for one in PoseLandmark
]


def main() -> None:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("clip", type=Path, nargs="?", help="a video of a person (default: the moving astronaut)")
    made.add_argument("--frames", type=int, default=320, help="of the clip, at most (default: %(default)s)")
    made.add_argument("--out", type=Path, default=OUT, help="folder for results (default: %(default)s)")
    arguments = made.parse_args()
    if not HEAVY.is_file():
        raise SystemExit("The heavy pose network is not installed: make heavy.")
    pin(1)
    _, engine = load("openvino", precision="f32")
    ours, reference, spent = tracked(engine, arguments)
    rows = [row(quality, ours, reference, spent) for quality in COMPLEXITY]
    apart = percentiles(errors(ours["best"], ours["exact"], "pose").share)
    world = percentiles(world_errors_mm(ours["best"], ours["exact"], "pose"))
    mirrored = {quality: percentiles(mirror_errors(engine, quality, arguments)) for quality in COMPLEXITY}
    engine.close()
    rows = [[*cells, pair(mirrored[quality], 100)] for quality, cells in zip(COMPLEXITY, rows, strict=True)]
    figures = [
        Figure("best against mp.solutions of complexity 2, p95, of the torso", 100 * parity_p95(ours, reference), "%"),
        Figure("best, time of a frame over exact's", speedup(spent["best"], spent["exact"]), "times"),
    ]
    head = ["median, p95", *COMPLEXITY]
    text = (
        f"{len(ours['best'])} frames.\n\n{table(head, zip(ROWS, *rows, strict=True))}\n\n"
        f"best is {pair(apart, 100)} % of the torso from exact, {pair(world, 1)} mm in world landmarks.\n\n"
        f"{table(['', 'measured', 'target', ''], map(verdict_cells, figures))}"
    )
    save(arguments.out, "heavy", figures, text, {})


def tracked(
    engine: Engine, arguments: argparse.Namespace
) -> tuple[dict[str, list[Tracked]], dict[str, list[Tracked]], dict[str, Spent]]:
    """Run both qualities and both references in turns; return what they found, and their times."""
    trackers = {quality: engine.build("pose", quality, still=False) for quality in COMPLEXITY}
    with heavy_beside_mediapipes_own():
        references = {quality: mp.solutions.pose.Pose(model_complexity=level) for quality, level in COMPLEXITY.items()}
        programs = {f"mp {name}": Program(solve(one), as_tracked) for name, one in references.items()}
        programs |= {name: Program(one.track) for name, one in trackers.items()}
        runs = run(programs, stream(arguments.clip, arguments.frames))
    for one in (*trackers.values(), *references.values()):
        one.close()
    ours = {name: runs.results[name] for name in COMPLEXITY}
    return ours, {name: runs.results[f"mp {name}"] for name in COMPLEXITY}, runs.spent


def solve(solution: Any) -> Any:
    return lambda frame: solution.process(frame.rgb)


def as_tracked(frame: Frame, result: Any) -> Tracked:
    result.face_landmarks = result.left_hand_landmarks = result.right_hand_landmarks = None
    return read(frame, result)


@contextmanager
def heavy_beside_mediapipes_own() -> Iterator[None]:
    """Let mp.solutions find the heavy network where it would otherwise download it to."""
    place = package_folder() / "modules" / "pose_landmark" / HEAVY.name
    if place.exists():
        yield
        return
    place.symlink_to(HEAVY)
    try:
        yield
    finally:
        place.unlink()


def row(
    quality: OfflineQuality,
    ours: dict[str, list[Tracked]],
    reference: dict[str, list[Tracked]],
    spent: dict[str, Spent],
) -> list[str]:
    """Return the cells of one quality."""
    apart = errors(ours[quality], reference[quality], "pose")
    jumps = stutter(ours[quality], reference[quality], "pose")
    return [
        f"{COMPLEXITY[quality]}",
        pair(percentiles(apart.share), 100),
        pair(percentiles(apart.px), 1),
        pair(percentiles(world_errors_mm(ours[quality], reference[quality], "pose")), 1),
        pair(percentiles(jumps.ours_px), 1),
        f"{spent[quality].ms:.1f}",
        f"{spent[f'mp {quality}'].ms:.1f}",
    ]


def parity_p95(ours: dict[str, list[Tracked]], reference: dict[str, list[Tracked]]) -> float:
    return percentiles(errors(ours["best"], reference["best"], "pose").share)[1]


def pair(values: tuple[float, float, float], times: float) -> str:
    return f"{times * values[0]:.2f}, {times * values[1]:.2f}"


def mirror_errors(engine: Engine, quality: OfflineQuality, arguments: argparse.Namespace) -> NDArray[np.float64]:
    """Return how far what is found of each frame is from what is found of its mirror image, of the torso, (n,)."""
    tracker = engine.build("pose", quality, still=True)
    found: list[Tracked] = []
    mirrored: list[Tracked] = []
    for frame in stream(arguments.clip, arguments.frames):
        one = tracker.track(frame)
        other = tracker.track(replace(frame, rgb=np.ascontiguousarray(frame.rgb[:, ::-1])))
        found.append(one)
        mirrored.append(unmirrored(other))
    tracker.close()
    return errors(mirrored, found, "pose").share


def unmirrored(tracked: Tracked) -> Tracked:
    """Return what was found of a mirror image as it would be of the picture."""
    pose = tracked.pose
    if pose is None:
        return tracked
    image = pose.image[MIRROR_OF] * np.array([-1, 1, 1], np.float32) + np.array([1, 0, 0], np.float32)
    return replace(tracked, pose=replace(pose, image=image, visibility=pose.visibility[MIRROR_OF]))


if __name__ == "__main__":
    main()
