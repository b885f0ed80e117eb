"""Gestures told in a film of a drawn hand: ``python -m bench.gesture_films [--film]``.

No film of a hand that shows each gesture is here, so one is drawn: shaded fingers and a palm with their creases, as
``tests/hands.py`` has them, each shown by another person twice for ``SHOWN_S``, turned a little and swaying, with
nothing in between. Its pictures go the whole way: the tracker finds the hand, or not, and the analyser tells gestures.
``--film`` also writes it as a video, to be looked at.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from tests.hands import GESTURE_POSES, hand, random_build, turned, varied

from bench.clips import SIZE_WH, TICKS
from bench.exercise_films import sixteenths, write
from bench.report import parser, save, table
from mocast.analysis.analyser import Analyser
from mocast.model.frame import Frame, RgbImage
from mocast.model.gestures import GestureName
from mocast.model.options import AnalysisOptions
from mocast.tracking.engines import EngineOptions, load_engine

FPS: Final = 30
SHOWN_S: Final = 1.5
GONE_S: Final = 0.7
TIMES: Final = 2
"""That each gesture is shown, by somebody else each time."""
TURN_DEG: Final = 15.0
SWAY_DEG: Final = 4.0
PX_PER_M: Final = 1500.0
SKIN: Final = np.array((222, 172, 146))
WIDE_M: Final = (0.021, 0.019, 0.019, 0.018, 0.016)
"""Of the fingers, from the thumb on."""
PALM: Final = (0, 1, 2, 5, 9, 13, 17)
SHADES: Final = 7
MIDDLE: Final = np.array([SIZE_WH[0] / 2, SIZE_WH[1] / 2, 0])


def main() -> None:
    options = parser(__doc__, seconds=0)
    options.add_argument("--film", action="store_true")
    arguments = options.parse_args()
    shown = list(film())
    if arguments.film:
        write([rgb for _, rgb in shown], arguments.out / "gestures.mp4")
    tracker = load_engine("openvino", EngineOptions(threads=1, precision="f32")).build("hands", "balanced", still=False)
    analyser = Analyser(AnalysisOptions())
    seen = {name: [0, 0] for name in GESTURE_POSES}
    told: dict[str, list[str]] = {name: [] for name in GESTURE_POSES}
    now: GestureName | None = None
    for number, (name, rgb) in enumerate(shown):
        now = name or now
        tracked = tracker.track(Frame(number, number * TICKS, 0, rgb))
        if name:
            seen[name][0] += 1
            seen[name][1] += tracked.left_hand is not None or tracked.right_hand is not None
        events = analyser.analyse(tracked, None).events
        if now is not None:
            told[now] += [str(event.data["name"]) for event in events if event.type == "gesture"]
    rows = [
        [name, f"{100 * there / frames:.0f}%", f"{told[name].count(name)} of {TIMES}", ", ".join(others(told, name))]
        for name, (frames, there) in seen.items()
    ]
    save(arguments.out, "gesture-films", [], table(("gesture", "hand found", "told", "else"), rows), {"rows": rows})


def others(told: dict[str, list[str]], name: str) -> list[str]:
    """Return what else was told while a gesture was shown, or just after it."""
    return [one for one in told[name] if one != name]


def film() -> Iterator[tuple[GestureName | None, RgbImage]]:
    """Yield what is shown in each picture, and the picture."""
    rng = np.random.default_rng(3)
    for name, pose in GESTURE_POSES.items():
        for _ in range(TIMES):
            person, build = varied(pose, rng, deg=4.0), random_build(rng)
            turn, sway = rng.uniform(-TURN_DEG, TURN_DEG, 3), rng.uniform(0, 2 * np.pi, 3)
            for number in range(round(SHOWN_S * FPS)):
                deg = turn + SWAY_DEG * np.sin(sway + 2 * np.pi * number / FPS)
                points = hand(person, build=build, rotation=turned(deg)).world * PX_PER_M
                yield name, drawn(points.astype(np.float64) + MIDDLE)
            for _ in range(round(GONE_S * FPS)):
                yield None, background()


def background() -> RgbImage:
    """Return a wall."""
    grey = np.repeat(np.linspace(190, 140, SIZE_WH[1], dtype=np.uint8)[:, None], SIZE_WH[0], 1)
    return np.dstack([grey, grey, grey + 8])


def drawn(points: NDArray[np.float64]) -> RgbImage:
    """Return the picture of a hand of (21, 3) pixels, larger z farther away."""
    picture = background()
    wrist, knuckles = points[0], points[[5, 9, 13, 17]].mean(0)
    down = (wrist - knuckles) / np.linalg.norm((wrist - knuckles)[:2])
    palm = (points[list(PALM), 2].mean(), lambda: draw_palm(picture, points, wrist + 260 * down))
    parts = [palm]
    for end in range(2, 21):
        begin = end - 1
        if end % 4 == 1:  # a knuckle, which is the palm's
            continue
        wide = WIDE_M[begin // 4] * PX_PER_M
        depth = (points[begin, 2] + points[end, 2]) / 2 - wide / 2
        parts.append((depth, lambda a=points[begin], b=points[end], w=wide: draw_bone(picture, a, b, w)))
    for _, draw in sorted(parts, key=lambda one: -one[0]):
        draw()
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.0), np.uint8)


def draw_palm(picture: RgbImage, points: NDArray[np.float64], elbow: NDArray[np.float64]) -> None:
    """Draw the forearm and the palm, lighter in their middles."""
    hull = [points[index] for index in PALM]
    for shade in range(SHADES):
        share = shade / SHADES
        thick = max(1, round(0.034 * PX_PER_M * (1 - share)))
        cv2.line(picture, sixteenths(points[0]), sixteenths(elbow), colour(share), 2 * thick, cv2.LINE_AA, 4)
    middle = np.mean(hull, 0)
    for shade in range(SHADES):
        share = shade / SHADES
        ring = np.array([sixteenths(middle + (one - middle) * (1 - 0.7 * share)) for one in hull])
        ring = cv2.convexHull(ring.astype(np.int32))
        cv2.fillPoly(picture, [ring], colour(share), cv2.LINE_AA, 4)
        cv2.polylines(picture, [ring], True, colour(share), max(1, round(30 * (1 - share))), cv2.LINE_AA, 4)
    for first, second in pairwise((points[5], points[9], points[13], points[17])):
        crease = [first + (points[0] - first) * 0.25, second + (points[0] - second) * 0.25]
        cv2.line(picture, sixteenths(crease[0]), sixteenths(crease[1]), colour(-0.1), 2, cv2.LINE_AA, 4)


def draw_bone(picture: RgbImage, begin: NDArray[np.float64], end: NDArray[np.float64], wide: float) -> None:
    """Draw a round part of a finger, darker at its edges, with the crease of its joint."""
    for shade in range(SHADES):
        share = shade / SHADES
        thick = max(1, round(wide * (1 - share)))
        cv2.line(picture, sixteenths(begin), sixteenths(end), colour(share), thick, cv2.LINE_AA, 4)
    across = np.array([end[1] - begin[1], begin[0] - end[0]])
    across = across / max(float(np.linalg.norm(across)), 1.0) * wide * 0.32
    crease = (begin[:2] - across, begin[:2] + across)
    cv2.line(picture, sixteenths(crease[0]), sixteenths(crease[1]), colour(0.1), 2, cv2.LINE_AA, 4)


def colour(share: float) -> list[int]:
    """Return the skin's colour, from its edge, 0, to its middle, 1."""
    return [int(value) for value in np.clip(SKIN * (0.6 + 0.45 * share), 0, 255)]


if __name__ == "__main__":
    main()
