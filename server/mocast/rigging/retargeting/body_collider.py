"""Body collider: head and trunk of a body as ellipsoids and capsules, out of which arms are pushed."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from mocast.model.quaternions import TINY, Quaternion, Vector, rotate_one
from mocast.rigging.retargeting.arm_kinematics import Trunk, Turns, along, follow
from mocast.rigging.retargeting.proportions import TRUNK_BONES, Proportions
from mocast.rigging.vectors import add, dot, length, lerp, scale, sub


class Ellipsoid(NamedTuple):
    """An ellipsoid in avatar space."""

    middle: Vector
    rotation: Quaternion
    size: Vector
    "Half its width, height and depth."

    @property
    def bounds(self) -> tuple[Vector, float]:
        """The middle and the radius of a ball around it."""
        return self.middle, max(self.size)

    def push(self, point: Vector, margin_m: float) -> Vector:
        """Return how far a point is to be moved to be so far outside, along the surface's normal; 0 where it is.

        Away from the middle it would go upward before a chest, which is taller than deep.
        """
        x, y, z, w = self.rotation
        across, up, front = rotate_one((-x, -y, -z, w), sub(point, self.middle))
        width, height, depth = (size + margin_m for size in self.size)
        at = across / width, up / height, front / depth
        square = dot(at, at)
        if square >= 1.0:
            return NOWHERE
        if square < TINY:
            return rotate_one(self.rotation, (0.0, 0.0, depth))
        normal = at[0] / width, at[1] / height, at[2] / depth
        along_it = normal[0] / width, normal[1] / height, normal[2] / depth
        # Where the line along the normal leaves the unit ball into which the sizes make the ellipsoid.
        steep, slope = dot(along_it, along_it), dot(at, along_it)
        distance = (math.sqrt(slope * slope + steep * (1.0 - square)) - slope) / steep
        return rotate_one(self.rotation, scale(normal, distance))


class Capsule(NamedTuple):
    """A capsule in avatar space; a ball where its ends are one point."""

    start: Vector
    end: Vector
    radius: float
    "Metres."

    @property
    def bounds(self) -> tuple[Vector, float]:
        """The middle and the radius of a ball around it."""
        return lerp(self.start, self.end, 0.5), 0.5 * length(sub(self.end, self.start)) + self.radius

    def push(self, point: Vector, margin_m: float) -> Vector:
        """Return how far a point is to be moved to be so far outside, the shortest way; 0 where it is."""
        axis = sub(self.end, self.start)
        part = dot(sub(point, self.start), axis) / max(dot(axis, axis), TINY)
        nearest = lerp(self.start, self.end, min(max(part, 0.0), 1.0))
        off = sub(point, nearest)
        distance, least = length(off), self.radius + margin_m
        if distance >= least:
            return NOWHERE
        return scale(off, least / distance - 1.0) if distance > TINY else (0.0, 0.0, least)


NOWHERE: Vector = (0.0, 0.0, 0.0)


class BodyCollider:
    """A body's head and trunk in one pose."""

    def __init__(self, turns: Turns, trunk: Trunk, body: Proportions) -> None:
        self._solids: list[Ellipsoid | Capsule] = [
            Ellipsoid(along(joint, middle), joint.rotation, size)
            for joint, middle, size in zip(trunk, body.middles, body.sizes, strict=True)
        ]
        if body.capsules:
            joints = [trunk.hips]
            for bone in TRUNK_BONES[1:]:
                joints.append(follow(joints[-1], (bone,), turns, body))
            self._solids += [
                Capsule(along(joints[at], start), along(joints[at], end), radius)
                for at, start, end, radius in body.capsules
            ]
        self._bounds = [solid.bounds for solid in self._solids]

    def push(self, points: Sequence[Vector], margins_m: Sequence[float]) -> Vector:
        """Return by how much points that move together are to be moved so that each is so far outside."""
        moved = NOWHERE
        mx, my, mz = moved
        for solid, ((x, y, z), radius_m) in zip(self._solids, self._bounds, strict=True):
            for (px, py, pz), margin_m in zip(points, margins_m, strict=True):
                # Most points are far from most solids, and arms that hang are pushed three hundred times.
                dx, dy, dz, least = px + mx - x, py + my - y, pz + mz - z, radius_m + margin_m
                if dx * dx + dy * dy + dz * dz < least * least:
                    mx, my, mz = moved = add(moved, solid.push((px + mx, py + my, pz + mz), margin_m))
        return moved
