"""A recorded motion as arrays over time, and its resampling to a constant rate, as animation files need it."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mocast.errors import Unprocessable
from mocast.model.options import HIGHEST_FPS, LOWEST_FPS
from mocast.model.pts import PTS_PER_S
from mocast.model.quaternions import continuous, slerp
from mocast.model.rig import Rig

DEFAULT_FPS: Final = 30.0
"""The rate of a motion that is too short to measure it."""

MAX_FRAMES: Final = 216_000
"""Two hours at 30 fps: a bound on what a sender's arbitrary timestamps can cost."""

BRIDGED_S: Final = 0.5
"""Over a longer gap the pose is held, and interpolated to the next one in the gap's last ``BRIDGED_S`` only, so that a
minute without a person does not become a minute of slow motion."""

Times = NDArray[np.float64]
"""(n,) float64, seconds from the motion's begin, each later than the one before."""


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """A rig over time, in the spaces and orders of ``mocast.model.rig.Rig``."""

    times_s: Times
    hips: NDArray[np.float32]
    "(n, 3) float32, metres, avatar space."
    rotations: NDArray[np.float32]
    "(n, 55, 4) float32: x, y, z, w, relative to the parent."
    shapes: NDArray[np.float32]
    "(n, 52) float32, 0..1."
    expressions: NDArray[np.float32]
    "(n, 12) float32, 0..1."
    gaze_deg: NDArray[np.float32]
    "(n, 2) float32: yaw (positive to the subject's left) and pitch (up)."
    planted: NDArray[np.bool_]
    "(n, 2): whether the left and the right foot stand."
    hand_targets: NDArray[np.float32]
    "(n, 42) float32: ``HandTargets.flat``."

    def __len__(self) -> int:
        return len(self.times_s)

    @property
    def step_s(self) -> float:
        """Seconds from a frame to the next: the median."""
        if len(self) < 2:
            return 1 / DEFAULT_FPS
        return float(np.median(np.diff(self.times_s)))


def motion_of(rigs: Sequence[Rig]) -> Motion:
    """Return one or more rigs, each later than the one before, as arrays."""
    return Motion(
        times_s=np.array([rig.pts - rigs[0].pts for rig in rigs]) / PTS_PER_S,
        hips=np.stack([rig.hips for rig in rigs]),
        rotations=np.stack([rig.rotations for rig in rigs]),
        shapes=np.stack([rig.shapes for rig in rigs]),
        expressions=np.stack([rig.expressions for rig in rigs]),
        gaze_deg=np.stack([rig.gaze_deg for rig in rigs]),
        planted=np.array([rig.planted for rig in rigs]),
        hand_targets=np.stack([rig.hand_targets.flat() for rig in rigs]),
    )


def natural_fps(motion: Motion) -> float:
    """Return the rate of most of the motion, clamped to the rates of exports."""
    return clamped_fps(1 / motion.step_s)


def clamped_fps(fps: float) -> float:
    """Return the nearest rate that exports may have."""
    return min(max(fps, LOWEST_FPS), HIGHEST_FPS)


def resampled(motion: Motion, fps: float) -> Motion:
    """Return the motion at a constant rate, from its first frame to the last that fits before its end.

    Positions and weights are interpolated linearly, rotations along the shortest arc (slerp). Signs of consecutive
    quaternions agree, so that readers who interpolate each component by itself take the same arc.

    Raises ``Unprocessable`` where that would be more than ``MAX_FRAMES``.
    """
    duration_s = float(motion.times_s[-1] - motion.times_s[0])
    count = int(duration_s * fps + 1e-6) + 1
    if count > MAX_FRAMES:
        raise Unprocessable(f"{duration_s:.0f} s at {fps:g} fps are more than {MAX_FRAMES} frames; choose a lower fps.")
    motion = _with_gaps_held(motion)
    times = motion.times_s[0] + np.arange(count) / fps
    before = np.clip(np.searchsorted(motion.times_s, times, side="right") - 1, 0, max(len(motion) - 2, 0))
    after = np.minimum(before + 1, len(motion) - 1)
    span = motion.times_s[after] - motion.times_s[before]
    part = np.clip((times - motion.times_s[before]) / np.where(span > 0, span, 1), 0, 1)

    def straight(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(values[before] * (1 - part)[:, None] + values[after] * part[:, None], np.float32)

    rotations = np.empty((count, *motion.rotations.shape[1:]), np.float32)
    for bone in range(rotations.shape[1]):  # one at a time: what lies between fits the cache, and the memory
        bones = motion.rotations[:, bone]
        rotations[:, bone] = continuous(slerp(bones[before], bones[after], part))
    return Motion(
        times_s=np.arange(count) / fps,
        hips=straight(motion.hips),
        rotations=rotations,
        shapes=straight(motion.shapes),
        expressions=straight(motion.expressions),
        gaze_deg=straight(motion.gaze_deg),
        planted=motion.planted[before] & motion.planted[after],
        hand_targets=straight(motion.hand_targets),
    )


def _with_gaps_held(motion: Motion) -> Motion:
    """Return the motion with the frame before each long gap repeated, ``BRIDGED_S`` before the gap's end."""
    gaps = np.flatnonzero(np.diff(motion.times_s) > BRIDGED_S)
    if not len(gaps):
        return motion
    held: dict[str, NDArray[Any]] = {}
    for field in fields(Motion):
        values = getattr(motion, field.name)
        added = values[gaps + 1] - BRIDGED_S if field.name == "times_s" else values[gaps]
        held[field.name] = np.insert(values, gaps + 1, added, axis=0)
    return Motion(**held)
