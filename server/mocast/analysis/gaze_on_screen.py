"""Gaze off the screen: whether somebody looks past where a screen below the camera would be, as an estimate.

Where one looks is the head's yaw and pitch plus the eyes' in the head. A screen of 24 inches at 60 cm, the camera on
its upper edge, is within 24° to either side and 27° below; the limits leave room for the error of the eyes' angles,
some 5°. Nothing is known of where the screen really is: a camera beside the screen needs limits of its own.
"""

from typing import Final

from mocast.analysis.debounce import Debounced

SIDE_DEG: Final = 30.0
UP_DEG: Final = 17.0
DOWN_DEG: Final = 37.0
HYSTERESIS_DEG: Final = 5.0
OFF_S: Final = 0.8
ON_S: Final = 0.3


class GazeOnScreen:
    """Whether somebody looks at the screen."""

    def __init__(self) -> None:
        self._off = Debounced(False, lambda off: OFF_S if off else ON_S)

    @property
    def is_off(self) -> bool:
        """Whether the gaze has been off the screen for long enough."""
        return self._off.value

    def update(self, gaze_deg: tuple[float, float] | None, now_s: float) -> bool:
        """Take yaw and pitch of the gaze, ``None`` without a face; return whether ``is_off`` has changed."""
        if gaze_deg is None:
            self._off.interrupt()
            return False
        yaw, pitch = gaze_deg
        room = -HYSTERESIS_DEG if self.is_off else 0.0
        past_deg = max(abs(yaw) - SIDE_DEG, pitch - UP_DEG, -pitch - DOWN_DEG)
        return self._off.update(past_deg > room, now_s)
