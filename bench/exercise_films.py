"""Repetitions counted in films of a drawn person who exercises: ``python -m bench.exercise_films [EXERCISE ...]``.

No film of a person who exercises is here, so one is drawn: a body of shaded limbs in clothes, with a photographed face,
moves as ``tests/exercise_motions.py`` has it, whose repetitions are known. Its pictures go the whole way: the tracker
finds the body, or not, and the analyser counts. ``--film`` also writes them as videos, to be looked at.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from tests.exercise_motions import METRES_HIGH, SIZE_WH, Camera, ExerciseSet, Way
from tests.pictures import astronaut

from bench.report import parser, save, table
from mocast.analysis.analyser import Analyser
from mocast.model.frame import Frame, RgbImage
from mocast.model.options import AnalysisOptions
from mocast.model.topology import ANKLES, ELBOWS, HEELS, HIPS, INDICES, KNEES, SHOULDERS, TOES, WRISTS
from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Pose, Tracked
from mocast.tracking.engines import EngineOptions, load_engine

EXERCISES: Final = ("squat", "jumping_jack", "curl", "lunge")
"""Upright ones: a lying body has another face."""
WAYS: Final = (Way(1.0), Way(1.0), Way(0.4), Way(1.0), Way(1.0))
"""Four whole ones, and one that does not count."""
PX_PER_M: Final = SIZE_WH[1] / METRES_HIGH
SKIN, SHIRT, TROUSERS, SHOES = (214, 165, 140), (60, 110, 190), (60, 62, 80), (235, 235, 235)
FACE: Final = (slice(62, 196), slice(172, 276))
"""Rows and columns of the astronaut's face."""
FLOOR_Y: Final = 455
SHADES: Final = 6


def main() -> None:
    options = parser(__doc__, seconds=0)
    options.add_argument("exercises", nargs="*", default=list(EXERCISES))
    options.add_argument("--yaw", type=float, nargs="+", default=[0.0, 30.0], help="the camera's, degrees")
    options.add_argument("--film", action="store_true")
    arguments = options.parse_args()
    engine = load_engine("openvino", EngineOptions(threads=1, precision="f32"))
    rows = []
    for exercise in arguments.exercises:
        for yaw in arguments.yaw:
            filmed = ExerciseSet(exercise, WAYS, 1, camera=Camera(yaw))
            truth = list(filmed.frames())
            pictures = [drawn(one) for one in truth]
            if arguments.film:
                write(pictures, arguments.out / f"{exercise}-{yaw:g}.mp4")
            tracker = engine.build("pose", "balanced", still=False)
            frames = (Frame(n, one.pts, 0, rgb) for n, (one, rgb) in enumerate(zip(truth, pictures, strict=True)))
            seen, counts, off = measured(truth, [tracker.track(frame) for frame in frames], arguments.exercises)
            others = sum(count for name, count in counts.items() if name != exercise)
            counted = f"{counts[exercise]} of {filmed.count}"
            rows.append([exercise, f"{yaw:g}", f"{100 * seen:.0f}%", counted, str(others), off])
            print(rows[-1], flush=True)
    head = ("exercise", "yaw °", "body found", "counted", "others counted", "knee, elbow off: median °")
    save(arguments.out, "exercise-films", [], table(head, rows), {"rows": rows})


def measured(truth: list[Tracked], found: list[Tracked], names: list[str]) -> tuple[float, dict[str, int], str]:
    """Return the share of frames with a body, what was counted, and how far knees and elbows are off."""
    analyser = Analyser(AnalysisOptions(exercises=tuple(names)))
    states = [analyser.analyse(one, None).repetitions for one in found][-1]
    pairs = [(one.pose, other.pose) for one, other in zip(truth, found, strict=True) if one.pose and other.pose]
    off = []
    for first, middle, last in (HIPS, KNEES, ANKLES), (SHOULDERS, ELBOWS, WRISTS):
        each = [
            abs(bend(one, s, first, middle, last) - bend(two, s, first, middle, last))
            for one, two in pairs
            for s in (0, 1)
        ]
        off.append(f"{np.median(each):.0f}" if each else "-")
    return len(pairs) / len(truth), {one.exercise: one.count for one in states}, ", ".join(off)


def bend(pose: Pose, side: int, *joints: tuple[int, ...]) -> float:
    """Return the angle at the middle one of three joints of a side, degrees."""
    first, middle, last = (pose.world[pair[side]] for pair in joints)
    one, two = first - middle, last - middle
    return float(np.degrees(np.arctan2(np.linalg.norm(np.cross(one, two)), one @ two)))


def drawn(truth: Tracked) -> RgbImage:
    """Return the picture of a body, which stands on the floor."""
    assert truth.pose is not None
    points = truth.pose.image * (*SIZE_WH, SIZE_WH[0])
    points[:, 1] += FLOOR_Y - points[list(TOES + HEELS), 1].max()
    picture = np.repeat(np.linspace(205, 150, SIZE_WH[1], dtype=np.uint8)[:, None], SIZE_WH[0], 1)
    picture = np.dstack([picture, picture, np.clip(picture.astype(int) + 8, 0, 255).astype(np.uint8)])
    picture[FLOOR_Y - 8 :] = (120, 100, 85)
    for _, part in sorted(parts(points), key=lambda one: -one[0]):
        part(picture)
    return picture


def parts(points: NDArray[np.float64]) -> Iterator[tuple[float, Callable[[RgbImage], None]]]:
    """Yield each part's depth, larger farther, and what draws it; ``points``: (33, 3) pixels."""
    for side in (0, 1):
        shoulder, elbow, wrist, finger = (points[pair[side]] for pair in (SHOULDERS, ELBOWS, WRISTS, INDICES))
        hip, knee, ankle, heel, toe = (points[pair[side]] for pair in (HIPS, KNEES, ANKLES, HEELS, TOES))
        for begin, end, colour, wide_m in (
            (heel, toe, SHOES, 0.09),
            (hip, knee, TROUSERS, 0.15),
            (knee, ankle, TROUSERS, 0.11),
            (shoulder, (shoulder + elbow) / 2, SHIRT, 0.11),
            ((shoulder + elbow) / 2, elbow, SKIN, 0.085),
            (elbow, wrist, SKIN, 0.075),
            (wrist, finger, SKIN, 0.08),
        ):
            yield float((begin + end)[2] / 2), partial(limb, begin=begin, end=end, colour=colour, wide_m=wide_m)
    shoulders, hips = points[list(SHOULDERS)], points[list(HIPS)]
    depth = float(np.concatenate([shoulders, hips])[:, 2].mean())
    yield depth, partial(trunk, shoulders=shoulders, hips=hips)
    nose, neck = points[P.NOSE], shoulders.mean(0)
    ears = (points[P.LEFT_EAR] + points[P.RIGHT_EAR]) / 2
    yield depth - 1, partial(limb, begin=neck, end=ears, colour=SKIN, wide_m=0.11)
    yield min(depth - 2, float(nose[2])), partial(head, nose=nose, ears=ears, neck=neck)


def limb(
    picture: RgbImage,
    begin: NDArray[np.float64],
    end: NDArray[np.float64],
    colour: tuple[int, int, int],
    wide_m: float,
) -> None:
    """Draw a round limb: darker at its edges."""
    ends = sixteenths(begin), sixteenths(end)
    for shade in range(SHADES):
        share = shade / SHADES
        light = [round(value * (0.62 + 0.45 * share)) for value in colour]
        thick = max(1, round(wide_m * PX_PER_M * (1 - share)))
        cv2.line(picture, *ends, [min(value, 255) for value in light], thick, cv2.LINE_AA, 4)


def sixteenths(point: NDArray[np.float64]) -> tuple[int, int]:
    """Return x and y in sixteenths of pixels, as OpenCV's ``shift`` of 4 has them."""
    return round(16 * float(point[0])), round(16 * float(point[1]))


def trunk(picture: RgbImage, shoulders: NDArray[np.float64], hips: NDArray[np.float64]) -> None:
    """Draw the shirt: lines from the shoulders to the hips, lighter in the middle."""
    for place in sorted(np.linspace(-1, 1, 15), key=abs, reverse=True):
        share = (place + 1) / 2
        top, bottom = ((1 - share) * pair[0] + share * pair[1] for pair in (shoulders, hips))
        light = [round(value * (1.05 - 0.4 * abs(place))) for value in SHIRT]
        ends = sixteenths(top), sixteenths(bottom)
        cv2.line(picture, *ends, light, round(0.13 * PX_PER_M), cv2.LINE_AA, 4)


def head(picture: RgbImage, nose: NDArray[np.float64], ears: NDArray[np.float64], neck: NDArray[np.float64]) -> None:
    """Lay the photographed face over the picture, upright along the neck."""
    face = astronaut()[FACE]
    high = 0.27 * PX_PER_M
    scale = high / face.shape[0]
    up = ears[:2] - neck[:2]
    turn = np.arctan2(up[0], -up[1])
    middle = 0.6 * nose[:2] + 0.4 * ears[:2]
    to = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    centre = np.array([face.shape[1] / 2, face.shape[0] / 2])
    matrix = np.column_stack([to, middle - to @ centre])
    mask = np.zeros(face.shape[:2], np.uint8)
    cv2.ellipse(
        mask, (int(centre[0]), int(centre[1])), (face.shape[1] // 2 - 2, face.shape[0] // 2 - 2), 0, 0, 360, 255, -1
    )
    size_wh = picture.shape[1::-1]
    laid, cover = (cv2.warpAffine(one, matrix, size_wh, flags=cv2.INTER_AREA) for one in (face, mask))
    share = cover[..., None] / 255
    picture[:] = (laid * share + picture * (1 - share)).astype(np.uint8)


def write(pictures: list[RgbImage], path: Path) -> None:
    """Write pictures as a video."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=30, options={"preset": "ultrafast", "crf": "18"})
        video.width, video.height, video.pix_fmt = *SIZE_WH, "yuv420p"
        for number, rgb in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 30)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))


if __name__ == "__main__":
    main()
