"""Landmarks in metres over time, as markers of motion capture: those of the body, and of the hands at its wrists."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.errors import Unprocessable
from mocast.model.names import camel
from mocast.model.pts import PTS_PER_S
from mocast.model.topology import HAND_COUNT, POSE_COUNT, HandLandmark, PoseLandmark
from mocast.model.tracked import Hand, Tracked
from mocast.pipeline.landmark_smoothing import smoothed
from mocast.recordings.export.motion import BRIDGED_S, DEFAULT_FPS, MAX_FRAMES, Times

Positions = NDArray[np.float32]
"""(n, markers, 3) float32, metres, avatar space, the origin between the hips; not a number where there is nothing."""

_TO_AVATAR_SPACE: Final = np.array([1, -1, -1], np.float32)
"""World space has y down and z away from the camera."""

_HANDS: Final = (("left", PoseLandmark.LEFT_WRIST), ("right", PoseLandmark.RIGHT_WRIST))
NAMES: Final[tuple[str, ...]] = (
    *(camel(landmark.name) for landmark in PoseLandmark),
    *(camel(f"{side}_hand_{landmark.name}") for side, _ in _HANDS for landmark in HandLandmark),
)
"""Of the 33 landmarks of a body, and the 21 of each hand: ``leftWrist``, ``leftHandIndexTip``."""


@dataclass(frozen=True, slots=True, eq=False)
class Markers:
    """Markers over time."""

    times_s: Times
    positions: Positions

    def __len__(self) -> int:
        return len(self.times_s)

    @property
    def fps(self) -> float:
        """Frames a second: of the median step."""
        return 1 / float(np.median(np.diff(self.times_s))) if len(self) > 1 else DEFAULT_FPS


def markers_of(frames: Sequence[Tracked], *, smooth: bool = False) -> Markers:
    """Return what was tracked of one person, each frame later than the one before, smoothed without delay or not.

    Raises ``Unprocessable`` where there is no body in it.
    """
    if smooth:
        frames = [tracked for tracked, _ in smoothed((tracked, None) for tracked in frames)]
    if not any(tracked.pose is not None for tracked in frames):
        raise Unprocessable("There are no landmarks of a body in it.")
    times = np.array([tracked.pts - frames[0].pts for tracked in frames]) / PTS_PER_S
    return Markers(times, np.stack([_positions(tracked) for tracked in frames]))


def resampled(markers: Markers, fps: float) -> Markers:
    """Return the markers at a constant rate; none between two frames that are further apart than ``BRIDGED_S``.

    Raises ``Unprocessable`` where that would be more than ``MAX_FRAMES``.
    """
    times = markers.times_s
    count = int((times[-1] - times[0]) * fps + 1e-6) + 1
    if count > MAX_FRAMES:
        raise Unprocessable(f"{times[-1]:.0f} s at {fps:g} fps are more than {MAX_FRAMES} frames; choose a lower fps.")
    at = times[0] + np.arange(count) / fps
    before = np.clip(np.searchsorted(times, at, side="right") - 1, 0, max(len(times) - 2, 0))
    after = np.minimum(before + 1, len(times) - 1)
    span = times[after] - times[before]
    part = np.clip((at - times[before]) / np.where(span > 0, span, 1), 0, 1).astype(np.float32)[:, None, None]
    first, second = markers.positions[before], markers.positions[after]
    between = np.where(part == 0, first, np.where(part == 1, second, first * (1 - part) + second * part))
    gone = (span > BRIDGED_S) & (at - times[before] > 0.5 / fps) & (times[after] - at > 0.5 / fps)
    between[gone] = np.nan
    return replace(markers, times_s=np.arange(count) / fps, positions=between)


def _positions(tracked: Tracked) -> Positions:
    positions = np.full((len(NAMES), 3), np.nan, np.float32)
    if tracked.pose is None:
        return positions
    body = tracked.pose.world * _TO_AVATAR_SPACE
    positions[:POSE_COUNT] = body
    hands: tuple[Hand | None, ...] = (tracked.left_hand, tracked.right_hand)
    for number, (hand, (_, wrist)) in enumerate(zip(hands, _HANDS, strict=True)):
        if hand is not None:
            start = POSE_COUNT + number * HAND_COUNT
            moved = (hand.world - hand.world[HandLandmark.WRIST]) * _TO_AVATAR_SPACE
            positions[start : start + HAND_COUNT] = body[wrist] + moved
    return positions
