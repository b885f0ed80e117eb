"""Bones joined to polylines: drawing few long ones costs less than many single bones."""

from collections import defaultdict
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mocast.model.topology import Bones
from mocast.rendering.joints import Joints

_KEPT = 64
"""Size of the cache from a set of drawn joints to the parts of the lines between them: a set lasts for many frames."""


class Chains:
    """Polylines through joints, which together cover every bone once."""

    def __init__(self, *bones: Bones) -> None:
        """``bones``: any number of (n, 2) pairs of joints."""
        lines = _lines([(int(one), int(other)) for some in bones for one, other in some])
        self._joints = np.array([joint for line in lines for joint in line], np.intp)
        ends = np.cumsum([0, *map(len, lines)]).tolist()
        self._parts = [slice(*part) for part in pairwise(ends)]
        self._cut = lru_cache(_KEPT)(self._drawn_parts)

    def lines(self, joints: Joints) -> list[NDArray[np.int32]]:
        """Return the lines as (n, 2) points, cut at joints that are not drawn."""
        parts = self._parts if joints.all_drawn else self._cut(joints.drawn.take(self._joints).tobytes())
        if not parts:
            return []
        points = joints.points.take(self._joints, axis=0)
        return [points[part] for part in parts]

    def _drawn_parts(self, drawn: bytes) -> list[slice]:
        """Return the parts of the lines between joints that are drawn. ``drawn``: a flag for each joint along them."""
        found = []
        for part in self._parts:
            start = part.start
            for at in range(part.start, part.stop + 1):
                if at == part.stop or not drawn[at]:
                    if at - start > 1:
                        found.append(slice(start, at))
                    start = at + 1
        return found


def _lines(bones: list[tuple[int, int]]) -> list[list[int]]:
    """Return paths that have every bone once: first from joints with an odd number of bones, where a path must end,
    then round the closed paths that are left.
    """
    at: defaultdict[int, list[int]] = defaultdict(list)
    for place, bone in enumerate(bones):
        for joint in bone:
            at[joint].append(place)
    left = set(range(len(bones)))
    lines = []
    odd = [joint for joint, numbers in at.items() if len(numbers) % 2]
    for first in (*odd, *(joint for bone in bones for joint in bone)):
        line = [first]
        while (number := next((place for place in at[line[-1]] if place in left), None)) is not None:
            left.remove(number)
            one, other = bones[number]
            line.append(other if one == line[-1] else one)
        if len(line) > 1:
            lines.append(line)
    return lines
