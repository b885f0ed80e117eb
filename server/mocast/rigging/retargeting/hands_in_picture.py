"""Hands in the picture: by how much hands near the face are beside where the rig has them, relative to the head.

A rig's hand is at the end of a chain of bones, of which each has an error of its own, and so is its head. The picture
has hands and face within millimetres of each other; how deep they are, the rig has to say.
"""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from mocast.model.camera_rays import focal_length_px
from mocast.model.quaternions import TINY, Matrices, Vector
from mocast.model.topology import HandLandmark as H
from mocast.model.tracked import Tracked
from mocast.rigging.body.body_placement import BodyPlacement
from mocast.rigging.body.pose_frames import Flags
from mocast.rigging.face.head_pose import AVATAR_TO_CAMERA, HeadPlacement
from mocast.rigging.vectors import lerp, mean, sub

EASE_S: Final = 0.3
"""Time constant with which hands are moved: landmarks tremble, and those of a hand that moves are ahead of the rig."""
MOST_M: Final = 0.1
"""A hand that is further beside is badly seen: it is moved by this."""

_TOUCHING: Final = np.array([H.WRIST, H.MIDDLE_MCP, H.THUMB_TIP, H.INDEX_TIP, H.MIDDLE_TIP])
"""In the order of ``TouchPoint``."""
_EVEN: Final = (1.0,) * len(_TOUCHING)
_HEAD_MIDDLE: Final = np.array([0.0, 0.023, 0.01]) * AVATAR_TO_CAMERA
"""Where the middle of ``Anchor.HEAD`` is in head space: as high as the eyes (``face_model``)."""
NEAR_M: Final = 0.4
"""The middle of a hand that is further than this from that of the head has no point near the face."""
_NOWHERE: Final[Vector] = (0.0, 0.0, 0.0)


# In plain numbers: for two hands numpy's calls would cost more than all this.
class _Frame(NamedTuple):
    """What a frame has of a body that is placed before the camera."""

    tracked: Tracked
    placement: BodyPlacement
    head: HeadPlacement
    level: Matrices
    are_hands: Flags

    def beside(self, hands: Sequence[Vector], middle: Vector) -> list[Vector]:
        """Return by how much both hands are beside where the rig has them; see ``HandsInPicture.shifts``."""
        (width, height), focal_px = self.tracked.size_wh, focal_length_px(self.tracked.size_wh)
        # Columns are the axes of ray space in avatar space, whose y is up and whose z is toward the camera.
        (ax, bx, cx), (ay, by, cy), (az, bz, cz) = self.level.tolist()
        to_ray = self.placement.to_ray.tolist()
        head_x, head_y = _ray(to_ray, (self.head.position + self.head.rotation.dot(_HEAD_MIDDLE)).tolist())
        head_m = float(self.placement.position[2]) - middle[0] * cx - middle[1] * cy - middle[2] * cz
        moves = []
        both = zip((self.tracked.left_hand, self.tracked.right_hand), hands, self.are_hands.tolist(), strict=True)
        for seen, hand, is_hand in both:
            x, y, z = sub(hand, middle)
            if seen is None or not is_hand or math.hypot(x, y, z) > NEAR_M:
                moves.append(_NOWHERE)
                continue
            at_x, at_y, _ = mean(seen.image[_TOUCHING].tolist(), _EVEN)
            direction = (at_x - 0.5) * width / focal_px, (at_y - 0.5) * height / focal_px, 1.0
            at_x, at_y = _ray(to_ray, direction)
            deeper_m = -x * cx - y * cy - z * cz
            # Both on their rays, and the hand as much deeper as the rig has it.
            aside = (at_x - head_x) * head_m + at_x * deeper_m - (x * ax + y * ay + z * az)
            up = -(at_y - head_y) * head_m - at_y * deeper_m - (x * bx + y * by + z * bz)
            share = MOST_M / max(math.hypot(aside, up), MOST_M)
            aside, up = share * aside, share * up
            moves.append((aside * ax + up * bx, aside * ay + up * by, aside * az + up * bz))
        return moves


def _ray(to_ray: Sequence[Sequence[float]], direction: Sequence[float]) -> tuple[float, float]:
    """Return x/z and y/z in ray space of a direction in camera space; ``to_ray``: rows of ``BodyPlacement.to_ray``."""
    (ax, bx, cx), (ay, by, cy), (az, bz, cz) = to_ray
    x, y, z = direction
    away = max(az * x + bz * y + cz * z, TINY)
    return (ax * x + bx * y + cx * z) / away, (ay * x + by * y + cy * z) / away


class HandsInPicture:
    """Follows by how much hands are beside where the rig has them, in consecutive frames."""

    def __init__(self) -> None:
        self._shifts: list[Vector] = [_NOWHERE, _NOWHERE]
        self._frame: _Frame | None = None
        self._since_s = 0.0

    def see(
        self,
        tracked: Tracked,
        placement: BodyPlacement | None,
        head: HeadPlacement | None,
        *,
        level: Matrices,
        are_hands: Flags,
        step_s: float,
    ) -> None:
        """Take in the next frame, ``step_s`` seconds after the last.

        ``level``: see ``BodySolver.measure``. ``are_hands``, (2,): which hands count.
        """
        self._since_s += step_s
        self._frame = None
        if placement is not None and head is not None:
            self._frame = _Frame(tracked, placement, head, level, are_hands)

    def shifts(self, hands: Sequence[Vector], middle: Vector) -> list[Vector]:
        """Return by how much the left and the right hand are to be moved relative to the head, metres in avatar space.

        ``hands``, ``middle``: where the rig has the middles of both hands' touch points, and that of the head, from the
        hips.
        """
        wanted = [_NOWHERE, _NOWHERE] if self._frame is None else self._frame.beside(hands, middle)
        share = 1.0 - math.exp(-self._since_s / EASE_S)
        self._since_s = 0.0
        self._shifts = [lerp(shift, to, share) for shift, to in zip(self._shifts, wanted, strict=True)]
        return self._shifts
