"""How much of a head's slow motion on a clip is the person's own: what two networks, each with its own crop, agree on.

The face's landmarks give the head's rotation, as in the rig. The pose's nose, eyes and ears, of another network, give
numbers that rise with it: the nose aside and below the middle of the ears, and the slope of the eyes. The errors of two
networks are no kin, so what both show is motion. Where both tremble alike, the square root of the correlation of their
velocities is the share of a step that is; it is more where the pose trembles more, as it does.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, filtfilt

from mocast.model.quaternions import to_vectors
from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Tracked
from mocast.rigging.face.face_observation import observe

SLOW_HZ = 2.0
"""Faster than this a person at rest does not nod."""
AXES = ("pitch", "yaw", "roll")

Series = NDArray[np.float64]


def own_motion_row(frames: list[Tracked], fps: int) -> list[str]:
    """Return the median step of the head below ``SLOW_HZ``, ° a picture, and by axis how the two networks correlate.

    The correlations are those of the places and of the velocities.
    """
    face, pose = (_slow(np.array(seen), fps) for seen in zip(*_seen(frames), strict=True))
    steps = np.linalg.norm(np.diff(face, axis=0), axis=1)
    cells = [f"{np.median(steps):.2f}"]
    for axis in range(len(AXES)):
        place, velocity = (abs(np.corrcoef(of(face[:, axis]), of(pose[:, axis]))[0, 1]) for of in (np.asarray, np.diff))
        cells.append(f"{place:.2f} / {velocity:.2f}")
    return cells


def _seen(frames: list[Tracked]) -> list[tuple[Series, Series]]:
    """Return the head's rotation vector, degrees, and the pose's three numbers, of each frame that has both."""
    found = []
    for frame in frames:
        seen = observe(frame.face, frame.size_wh)
        if seen is not None and frame.pose is not None:
            at = frame.pose.image[:, :2].astype(np.float64) * frame.size_wh
            left, right = at[P.LEFT_EAR], at[P.RIGHT_EAR]
            nose = (at[P.NOSE] - (left + right) / 2) / np.linalg.norm(left - right)
            eyes = at[P.LEFT_EYE] - at[P.RIGHT_EYE]
            found.append(
                (np.degrees(to_vectors(seen.head)), np.array([nose[1], nose[0], np.arctan2(eyes[1], eyes[0])]))
            )
    return found


def _slow(values: Series, fps: int) -> Series:
    low_pass = butter(2, SLOW_HZ / (fps / 2))
    slow: Series = filtfilt(*low_pass, values, axis=0)
    return slow
