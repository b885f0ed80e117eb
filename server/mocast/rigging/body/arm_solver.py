"""The two bones of an arm on two rays: how deep elbow and wrist are, by the lengths of upper arm and forearm.

A ray meets the sphere of a bone's length about the joint before it in two points, or in none. The pose's own depth says
which: elbow and wrist are where the squared errors of lengths and depths, each relative to its standard deviation, have
their nearest minimum (Gauss-Newton). A bone across the ray keeps its depth, as that hardly changes its length; of one
along the ray the length decides.
"""

import math
from collections.abc import Sequence
from typing import Final

from mocast.model.quaternions import TINY, Vector

LENGTH_SIGMA_M: Final = 0.015
"""Standard deviation of a bone's length, and of the picture's part of it. All three deviations are of the size that
clips show."""
DEPTH_SIGMA_M: Final = (0.035, 0.06)
"""Standard deviations of the pose network's depths: where it has the wrist in x and y where the picture has it (of
generated people: docs/avatar-accuracy.md), and where it does not."""
TOUCH_SIGMA_M: Final = 0.02
"""Standard deviation of the depth of a wrist whose hand touches the body."""
STEPS: Final = 4
"""Gauss-Newton steps at most: the last one moves a joint by less than 1 mm."""
DONE_M: Final = 1e-4
"""After a step that moves both joints by less than this, none follows."""
MAX_STEP_M: Final = 0.15

QUANTILE: Final = 0.65
"""Share of the frames in which a bone is shorter than the length that is learnt: networks shorten it, noise lengthens
it."""
LEARNS_M_PER_S: Final = 0.015
FIRST_LEARNS_M_PER_S: Final = 0.2
FIRST_S: Final = 1.0
"""How fast a length is learnt, in the end, in the beginning, and for how long that lasts."""
SOFT_M: Final = 0.01
"""Nearer than this to a frame's length, less fast."""


class BoneLength:
    """The length of a person's bone, learnt from frame to frame."""

    def __init__(self) -> None:
        self.metres: float | None = None
        self._age_s = 0.0

    def update(self, seen_m: float, step_s: float) -> float:
        """Take in a frame's length; return what is known now."""
        if self.metres is None:
            self.metres = seen_m
        rate = LEARNS_M_PER_S + FIRST_LEARNS_M_PER_S * math.exp(-self._age_s / FIRST_S)
        off = min(max((seen_m - self.metres) / SOFT_M, -1.0), 1.0)
        self.metres += rate * step_s * off * (QUANTILE if off > 0 else 1 - QUANTILE)
        self._age_s += step_s
        return self.metres


class ArmOnRays:
    """An arm in one frame. Depths are metres from the camera, along the axis of ray space."""

    def __init__(self, world: Sequence[Vector], rays: Sequence[Sequence[float]], position: Vector) -> None:
        """Take shoulder, elbow and wrist in world space, and their rays: x/z and y/z in ray space.

        ``position``: of the origin of world space.
        """
        (su, sv), (self._eu, self._ev), (self._wu, self._wv) = rays
        self._position = ox, oy, oz = position
        (sx, sy, sz), (ex, ey, ez), (wx, wy, wz) = world
        self._sz, self._e, self._w = sz + oz, ez + oz, wz + oz
        self._sx, self._sy = su * self._sz, sv * self._sz
        self.shoulder: Vector = (self._sx - ox, self._sy - oy, self._sz - oz)
        "Where the picture has it, world space."
        self.off_m = math.hypot(self._wu * self._w - self._sx - wx + sx, self._wv * self._w - self._sy - wy + sy)
        "How far the pose has the wrist from where the picture has it, both from the shoulder."
        self._in_pose_m = math.hypot(ex - sx, ey - sy, ez - sz), math.hypot(wx - ex, wy - ey, wz - ez)
        self._upper, self._lower = self._in_pose_m

    def learn(self, bones: tuple[BoneLength, BoneLength], doubt: float, step_s: float) -> None:
        """Learn the lengths of upper arm and forearm from this frame; they are what is known of them from now on.

        Across the rays the picture tells it, with less noise than the pose, and along them the pose. ``doubt``, 0..1,
        about the pose's depths: there it is as long as the pose has it, or the picture across the rays.
        """
        across_m = (
            math.hypot(self._eu * self._e - self._sx, self._ev * self._e - self._sy),
            math.hypot(self._wu * self._w - self._eu * self._e, self._wv * self._w - self._ev * self._e),
        )
        along_m = self._e - self._sz, self._w - self._e
        lengths = []
        for bone, across, along, in_pose in zip(bones, across_m, along_m, self._in_pose_m, strict=True):
            seen = math.hypot(across, along)
            lengths.append(bone.update(seen + doubt * (max(in_pose, across) - seen), step_s))
        self._upper, self._lower = lengths

    def by_pose(self, doubt: float) -> tuple[float, float]:
        """Return the depths of elbow and wrist that agree with lengths and pose; ``doubt``, 0..1: about the pose's."""
        sigma_m = DEPTH_SIGMA_M[0] + doubt * (DEPTH_SIGMA_M[1] - DEPTH_SIGMA_M[0])
        return self._solved((self._e, self._w), (self._e, self._w), sigma_m, sigma_m)

    def touching(self, e: float, w: float, start: float) -> tuple[float, float]:
        """Return the depths with a wrist at ``w``, and an elbow near ``e``: the solution that is next to ``start``."""
        return self._solved((start, w), (e, w), DEPTH_SIGMA_M[1], TOUCH_SIGMA_M)

    def other_wrist(self, e: float, w: float) -> float:
        """Return the wrist's other depth at which the forearm is as long as at ``w``, with the elbow at ``e``."""
        u, v = self._wu, self._wv
        # On the ray, where it is nearest to the elbow: both depths are as far from there.
        middle = (u * self._eu * e + v * self._ev * e + e) / (u * u + v * v + 1.0)
        return 2 * middle - w

    def points(self, e: float, w: float) -> tuple[Vector, Vector]:
        """Return elbow and wrist at these depths, world space."""
        ox, oy, oz = self._position
        return (self._eu * e - ox, self._ev * e - oy, e - oz), (self._wu * w - ox, self._wv * w - oy, w - oz)

    def _solved(
        self, start: tuple[float, float], wanted: tuple[float, float], elbow_sigma_m: float, wrist_sigma_m: float
    ) -> tuple[float, float]:
        """Return the depths with the least squared errors, ``wanted`` among them, that are next to ``start``."""
        eu, ev, wu, wv = self._eu, self._ev, self._wu, self._wv
        (e, w), (e_wanted, w_wanted) = start, wanted
        per_length, per_e, per_w = LENGTH_SIGMA_M**-2, elbow_sigma_m**-2, wrist_sigma_m**-2
        for _ in range(STEPS):
            ex, ey, ez = eu * e - self._sx, ev * e - self._sy, e - self._sz
            fx, fy, fz = wu * w - eu * e, wv * w - ev * e, w - e
            upper, lower = math.hypot(ex, ey, ez) + TINY, math.hypot(fx, fy, fz) + TINY
            upper_off, lower_off = upper - self._upper, lower - self._lower
            # How the lengths grow with the depths.
            upper_e = (ex * eu + ey * ev + ez) / upper
            lower_e = -(fx * eu + fy * ev + fz) / lower
            lower_w = (fx * wu + fy * wv + fz) / lower
            a = per_length * (upper_e * upper_e + lower_e * lower_e) + per_e
            b = per_length * lower_e * lower_w
            c = per_length * lower_w * lower_w + per_w
            p = per_length * (upper_e * upper_off + lower_e * lower_off) + per_e * (e - e_wanted)
            q = per_length * lower_w * lower_off + per_w * (w - w_wanted)
            determinant = max(a * c - b * b, TINY)
            e_step, w_step = (c * p - b * q) / determinant, (a * q - b * p) / determinant
            e -= min(max(e_step, -MAX_STEP_M), MAX_STEP_M)
            w -= min(max(w_step, -MAX_STEP_M), MAX_STEP_M)
            if max(abs(e_step), abs(w_step)) < DONE_M:
                break
        return e, w
