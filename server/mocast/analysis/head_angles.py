"""A head's yaw and pitch, from the rig's rotation of it."""

import math
from collections.abc import Sequence


def yaw_pitch_deg(rotation: Sequence[float]) -> tuple[float, float]:
    """Return where a head faces, degrees: yaw to the subject's left and pitch up; (0, 0) is into the camera.

    ``rotation``: a unit quaternion x, y, z, w in avatar space, as ``HeadPose.rotation``. It takes the axis (0, 0, 1),
    which looks out of the face, to (2(xz + wy), 2(yz - wx), 1 - 2(x² + y²)).
    """
    x, y, z, w = (float(component) for component in rotation)
    left, up, forward = 2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)
    return math.degrees(math.atan2(left, forward)), math.degrees(math.asin(min(max(up, -1.0), 1.0)))
