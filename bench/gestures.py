"""Gestures, of synthetic hands and in real clips: ``python -m bench.gestures [CLIP ...] [--minutes 10]``.

Synthetic hands: of many builds and shown a little differently by each person, turned by up to 40° about each axis, with
and without noise. Clips: each is tracked once, and its landmarks are repeated, clip after clip, until so many minutes
are over; all events are counted by clip, and when in it the first of their kind was. Last: what the analysis costs.
"""

import argparse
from collections import Counter
from dataclasses import replace
from pathlib import Path
from time import thread_time_ns

import cv2
import numpy as np
from numpy.typing import NDArray
from tests.hands import GESTURE_POSES, HandBuild, HandPose, hand, random_build, turned, varied

from bench.clips import TICKS, stream
from bench.report import OUT, Figure, percentiles, save, table
from mocast.analysis.analyser import Analyser
from mocast.analysis.hand_features import features_of
from mocast.analysis.hand_gestures import confidences, shown
from mocast.model.gestures import SHAPE_FEATURES, GestureName
from mocast.model.options import AnalysisOptions, Quality, RigOptions
from mocast.model.topology import HAND_BONES
from mocast.model.tracked import Tracked
from mocast.rigging.solver import Solver
from mocast.tracking.engines import AUTO, choose_engine

NOISE_MM = (0.0, 3.0, 5.0)
TURN_DEG = 40.0
FPS = 30


def main() -> None:
    arguments = argparse.ArgumentParser(description="Gestures of synthetic hands and in clips.")
    arguments.add_argument("clips", type=Path, nargs="*", help="videos of people")
    arguments.add_argument("--minutes", type=float, default=10.0, help="of the clips in turns (default: %(default)s)")
    arguments.add_argument("--hands", type=int, default=1000, help="of each gesture (default: %(default)s)")
    arguments.add_argument("--out", type=Path, default=OUT, help="folder for results (default: %(default)s)")
    arguments.add_argument("--picture", type=Path, help="where to draw the ten gestures, and nothing else")
    asked = arguments.parse_args()
    if asked.picture is not None:
        cv2.imwrite(str(asked.picture), picture())
        return
    accuracy = {noise: {pose: right(pose, noise, asked.hands) for pose in GESTURE_POSES} for noise in NOISE_MM}
    figures = [
        Figure(f"gestures right, noise of {noise:g} mm", 100 * float(np.mean([*found.values()])), "%", at_least=98)
        for noise, found in accuracy.items()
        if noise <= 3
    ]
    rows = [[gesture, *(f"{100 * accuracy[noise][gesture]:.1f} %" for noise in NOISE_MM)] for gesture in GESTURE_POSES]
    text = table(["gesture", *(f"{noise:g} mm" for noise in NOISE_MM)], rows)
    again, others = custom_distances(asked.hands // 20)
    text += (
        f"\n\nfrom the mean of a gesture of one's own: 99 of 100 frames that show it again within {again:.2f}, "
        f"all that show others beyond {others:.2f}"
    )
    events: dict[str, dict[str, int]] = {}
    if asked.clips:
        tracked = {clip.name: tracked_clip(clip) for clip in asked.clips}
        events, first_s, costs_ms, rounds = events_in(tracked, asked.minutes)
        figures.append(Figure("all of the analysis, median", percentiles(costs_ms)[0], "ms", at_most=0.5))
        rows = [
            [clip, what, count, f"{count / rounds[clip]:.2f}", f"{first_s[clip, what]:.1f}"]
            for clip, found in events.items()
            for what, count in sorted(found.items())
        ]
        text += "\n\n" + table(["clip", "event", "times", "times a round", "first at s"], rows)
        text += f"\n\nrounds: {rounds}; analysis ms (p50, p95, max): {percentiles(costs_ms)}"
    save(asked.out, "gestures", figures, text, {"accuracy": accuracy, "events": events})


def picture() -> NDArray[np.uint8]:
    """Return a (520, 1050, 3) picture of the hands that show the gestures, in two rows."""
    drawn = np.full((520, 1050, 3), 255, np.uint8)
    bones = np.concatenate([*HAND_BONES.values()]).tolist()
    for number, (gesture, pose) in enumerate(GESTURE_POSES.items()):
        world = hand(pose, left=False, rotation=turned(np.array([-12.0, 14.0, 0.0]))).world
        corner = np.array([210 * (number % 5), 260 * (number // 5)])
        middle = 0.5 * (world[:, :2].min(0) + world[:, :2].max(0))
        points = np.rint(corner + (105, 112) + 1050 * (world[:, :2] - middle)).astype(int).tolist()
        for start, end in sorted(bones, key=lambda bone: -float(world[bone, 2].mean())):
            cv2.line(drawn, points[start], points[end], (150, 110, 60), 5, cv2.LINE_AA)
        for place in np.argsort(-world[:, 2]).tolist():
            cv2.circle(drawn, points[place], 5, (40, 90, 230), -1, cv2.LINE_AA)
        x, y = corner.tolist()
        cv2.putText(drawn, gesture, (x + 18, y + 245), cv2.FONT_HERSHEY_SIMPLEX, 0.62, (40, 40, 40), 1, cv2.LINE_AA)
    return drawn


def right(gesture: GestureName, noise_mm: float, count: int) -> float:
    """Return the share of hands that are taken for the gesture that they show."""
    rng = np.random.default_rng(8)
    hands = []
    for number in range(count):
        left = bool(number % 2)
        shape = hand(
            varied(GESTURE_POSES[gesture], rng),
            left=left,
            build=random_build(rng),
            rotation=turned(rng.uniform(-TURN_DEG, TURN_DEG, 3)),
            noise_m=noise_mm / 1000,
            rng=rng,
        )
        hands.append((shape, 1.0 if left else -1.0))
    found = [shown(confidence, None)[0] for confidence in confidences(features_of(hands)[0])]
    return found.count(gesture) / count


def custom_distances(people: int) -> tuple[float, float]:
    """Return how far from the mean of 60 examples are the hands that show a gesture again, and those that show others.

    The 99th percentile, and the least; root mean square differences of the features of shape. Each person has a build
    and a way to show each gesture, which differs from one time to the next.
    """
    rng = np.random.default_rng(9)
    again: list[float] = []
    others: list[float] = []
    for _ in range(people):
        build = random_build(rng)

        def features(pose: HandPose, count: int, build: HandBuild = build) -> NDArray[np.float64]:
            once = varied(pose, rng, 5.0)
            turns = rng.uniform(-25, 25, (count, 3))
            hands = [
                hand(varied(once, rng, 1.5), build=build, rotation=turned(turn), noise_m=0.002, rng=rng)
                for turn in turns
            ]
            return features_of([(one, 1.0) for one in hands])[0][:, :SHAPE_FEATURES]

        for gesture in ("victory", "rock", "call"):
            mean = features(GESTURE_POSES[gesture], 60).mean(0)
            for other, pose in GESTURE_POSES.items():
                found = again if other == gesture else others
                found += np.sqrt(((features(pose, 4) - mean) ** 2).mean(1)).tolist()
    return float(np.percentile(again, 99)), min(others)


def tracked_clip(clip: Path, quality: Quality = "balanced") -> list[Tracked]:
    """Return what the live tracker finds in each picture of a clip."""
    _, engine = choose_engine(AUTO)
    tracker = engine.build("holistic", quality, still=False)
    try:
        return [tracker.track(frame) for frame in stream(clip, None)]
    finally:
        tracker.close()
        engine.close()


def events_in(
    clips: dict[str, list[Tracked]], minutes: float
) -> tuple[dict[str, dict[str, int]], dict[tuple[str, str], float], list[float], Counter[str]]:
    """Return the events of each clip, when in it the first of each kind was, each frame's cost in ms, and rounds."""
    analyser, rigger = Analyser(AnalysisOptions()), Solver(RigOptions())
    events: dict[str, Counter[str]] = {name: Counter() for name in clips}
    first_s: dict[tuple[str, str], float] = {}
    costs_ms: list[float] = []
    rounds: Counter[str] = Counter()
    number = 0
    while number < 60 * FPS * minutes:
        for name, frames in clips.items():
            rounds[name] += 1
            for place, frame in enumerate(frames):
                tracked = replace(frame, frame=number, pts=number * TICKS)
                rig = rigger.rig(tracked)
                started_ns = thread_time_ns()
                analysis = analyser.analyse(tracked, rig)
                costs_ms.append((thread_time_ns() - started_ns) / 1e6)
                number += 1
                for event in analysis.events:
                    what = " ".join(
                        [event.type, *(str(event.data[key]) for key in ("name", "hand") if key in event.data)]
                    )
                    events[name][what] += 1
                    first_s.setdefault((name, what), place / FPS)
    return {name: dict(found) for name, found in events.items()}, first_s, costs_ms, rounds


if __name__ == "__main__":
    main()
