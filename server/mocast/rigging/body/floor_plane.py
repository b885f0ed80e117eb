"""The floor below a person: the camera's tilt and its height over the floor, learnt from feet that stand.

*Room space* is camera space with its tilt taken out: x to the picture's right, y up, z toward the camera, the origin in
the camera. Its axes are those of avatar space.
"""

import math
from typing import Final

from mocast.model.quaternions import Vector

MAX_TILT_RAD: Final = math.radians(50.0)
"""Of the camera, up or down."""
TILT_S: Final = 4.0
"""Time constant with which the tilt follows the body's own up: the line from the feet to the shoulders of somebody who
stands upright."""
FIRST_TILT_S: Final = 0.3
"""For so long the camera is taken to look straight ahead, as most do."""
FORGET_S: Final = 60.0
"""Time constant with which places where feet stood are forgotten."""
BODY_WEIGHT_M2_S: Final = 0.15
"""What the body's own up weighs against the slope between places where feet stood, square metres of spread times
seconds: as much as a second of standing spread by 40 cm in depth."""
FLOOR_S: Final = 0.1
"""Time constant with which the floor's height follows the feet that stand."""


class FloorPlane:
    """The floor, as far as it is known; it is level, and may be at another height where the person goes."""

    def __init__(self) -> None:
        self.tilt_rad = 0.0
        "By how much the camera looks down."
        self.y_m: float | None = None
        "The floor in room space, metres; minus the camera's height over it. ``None`` before feet stood."
        self.hips = (0.0, 0.0)
        "Where the hips are, y and z in camera space, metres: another tilt does not move them."
        self._told_tilt_rad: float | None = None
        self._told_y_m: float | None = None
        self._nearer_m = 0.0
        self._body_tilt = 0.0
        self._upright_s = FIRST_TILT_S
        self._weight = 0.0
        self._mean_y = self._mean_z = self._zz = self._zy = 0.0

    def tell(self, tilt_rad: float | None, height_m: float) -> None:
        """Take the camera's tilt for known, and its height until feet stood; ``None``: learn both by the feet.

        The height is not held: bodies are measured in metres of an average one, not of the room.
        """
        y_m = None if tilt_rad is None else -height_m
        if (tilt_rad, y_m) == (self._told_tilt_rad, self._told_y_m):
            return
        if self.y_m in {None, self._told_y_m}:  # no foot has changed it
            self.y_m = y_m
        self._told_tilt_rad, self._told_y_m = tilt_rad, y_m
        if tilt_rad is not None:
            self._turn(tilt_rad)

    def to_room(self, x: float, y: float, z: float) -> Vector:
        """Return a point of camera space, metres, in room space."""
        cosine, sine = math.cos(self.tilt_rad), math.sin(self.tilt_rad)
        return x, -y * cosine - z * sine, y * sine - z * cosine + self._nearer_m

    def learn_up(self, up: Vector, step_s: float) -> None:
        """Take in the direction from the feet to the shoulders, camera space, of somebody who stands upright."""
        tilt = min(max(math.atan2(-up[2], -up[1]), -MAX_TILT_RAD), MAX_TILT_RAD)
        self._upright_s = min(self._upright_s + step_s, TILT_S)
        self._body_tilt += step_s / self._upright_s * (tilt - self._body_tilt)
        self._solve()

    def learn_place(self, y: float, z: float, step_s: float) -> None:
        """Take in where a foot stands, camera space, metres."""
        kept = math.exp(-step_s / FORGET_S)
        self._weight = kept * self._weight + step_s
        off_y, off_z = y - self._mean_y, z - self._mean_z
        share = step_s / self._weight
        self._mean_y += share * off_y
        self._mean_z += share * off_z
        self._zz = kept * self._zz + step_s * off_z * (z - self._mean_z)
        self._zy = kept * self._zy + step_s * off_z * (y - self._mean_y)
        self._solve()

    def learn_height(self, height_m: float, step_s: float) -> None:
        """Take in how high over the floor a foot is that stands, metres."""
        if self.y_m is not None:
            self.y_m += (1.0 - math.exp(-step_s / FLOOR_S)) * height_m

    def _solve(self) -> None:
        if self._told_tilt_rad is not None:
            return
        # The line y = c - tan(tilt)·z through the places, and the body's tilt as if it were more of them.
        slope = (BODY_WEIGHT_M2_S * math.tan(self._body_tilt) - self._zy) / (self._zz + BODY_WEIGHT_M2_S)
        self._turn(min(max(math.atan(slope), -MAX_TILT_RAD), MAX_TILT_RAD))

    def _turn(self, tilt_rad: float) -> None:
        """Take another tilt; the floor stays where the feet stood, and the hips as near as they are."""
        y, z = self._mean_y, self._mean_z
        if self.y_m is not None:
            before = y * math.cos(self.tilt_rad) + z * math.sin(self.tilt_rad)
            self.y_m += before - y * math.cos(tilt_rad) - z * math.sin(tilt_rad)
        y, z = self.hips
        before = y * math.sin(self.tilt_rad) - z * math.cos(self.tilt_rad)
        self._nearer_m += before - y * math.sin(tilt_rad) + z * math.cos(tilt_rad)
        self.tilt_rad = tilt_rad
