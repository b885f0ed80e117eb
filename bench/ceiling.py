"""How fast MediaPipe is by itself: its published solutions in a loop, no network, no drawing.

``python -m bench.ceiling TRACKER QUALITY [--clip FILE] [--seconds 8] [--still]`` prints milliseconds per frame as JSON.
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import mediapipe as mp

from bench.clips import rgb_pictures, there_and_back
from bench.report import parser

PICTURES = 300
WARM_FRAMES = 5
Process = Callable[[Any], Any]


def solution(tracker: str, quality: str, *, still: bool) -> Process:
    """Return the published solution that does the same work; for pose and holistic there is no lite hand alone."""
    solutions = mp.solutions
    match tracker:
        case "holistic":
            made = solutions.holistic.Holistic(static_image_mode=still, refine_face_landmarks=True)
        case "pose":
            made = solutions.pose.Pose(static_image_mode=still)
        case "hands":
            made = solutions.hands.Hands(static_image_mode=still, model_complexity=0 if quality == "fast" else 1)
        case "face":
            made = solutions.face_mesh.FaceMesh(static_image_mode=still, refine_landmarks=True)
        case unknown:
            raise ValueError(f"no tracker {unknown}")
    process: Process = made.process
    return process


def main() -> None:
    arguments = parser(__doc__, seconds=8)
    arguments.add_argument("tracker")
    arguments.add_argument("quality")
    arguments.add_argument("--still", action="store_true", help="unrelated pictures in place of a stream")
    given = arguments.parse_args()
    pictures = rgb_pictures(given.clip, PICTURES)
    process = solution(given.tracker, given.quality, still=given.still)
    for picture in pictures[:WARM_FRAMES]:
        process(picture)
    times_ms: list[float] = []
    found = 0
    end_s = time.monotonic() + given.seconds
    while (began_s := time.monotonic()) < end_s:
        result = process(pictures[there_and_back(len(times_ms), len(pictures))])
        times_ms.append(1e3 * (time.monotonic() - began_s))
        found += any(getattr(result, name) for name in result._fields)
    print(f"somebody found in {found} of {len(times_ms)} pictures", file=sys.stderr)
    print(json.dumps(times_ms))


if __name__ == "__main__":
    main()
