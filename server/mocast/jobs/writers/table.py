"""The columns of tables: a frame's landmarks, face shapes, head and joint angles as one row of numbers."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.jobs.file_task import FileTask
from mocast.jobs.writers.result_writer import JoinedFrame
from mocast.model.analysis import ANGLE_NAMES, Analysis
from mocast.model.blendshapes import SHAPE_NAMES
from mocast.model.quaternions import euler_deg_one
from mocast.model.rig import Rig
from mocast.model.topology import HandLandmark, PoseLandmark
from mocast.model.tracked import Hand, Pose
from mocast.pipeline.job_driver import FrameResults

Row = NDArray[np.float64]
"""(c,) float64, in the order of ``COLUMNS``; NaN where there is nothing."""

_AXES: Final = ("x", "y", "z")
_POSE_NAMES: Final = [landmark.name.lower() for landmark in PoseLandmark]
_HAND_NAMES: Final = [landmark.name.lower() for landmark in HandLandmark]

_POSE: Final = (
    *(f"pose_{name}_{value}" for name in _POSE_NAMES for value in (*_AXES, "visibility")),
    *(f"pose_{name}_world_{axis}" for name in _POSE_NAMES for axis in _AXES),
)


def _hand_columns(side: str) -> tuple[str, ...]:
    return (
        f"{side}_hand_score",
        *(f"{side}_hand_{name}_{axis}" for name in _HAND_NAMES for axis in _AXES),
        *(f"{side}_hand_{name}_world_{axis}" for name in _HAND_NAMES for axis in _AXES),
    )


_LEFT_HAND: Final = _hand_columns("left")
_RIGHT_HAND: Final = _hand_columns("right")
_FACE: Final = (
    *(f"shape_{name}" for name in SHAPE_NAMES),
    *("gaze_yaw_deg", "gaze_pitch_deg"),
    *(f"head_{axis}" for axis in _AXES),
    *("head_pitch_deg", "head_yaw_deg", "head_roll_deg"),
)

_ANGLES: Final = (
    *(f"angle_{name}_deg" for name in ANGLE_NAMES),
    *(f"angle_{name}_speed_deg_s" for name in ANGLE_NAMES),
    *(f"angle_{name}_error_deg" for name in ANGLE_NAMES),
)

COLUMNS: Final = ("frame", "time_s", *_POSE, *_LEFT_HAND, *_RIGHT_HAND, *_FACE, *_ANGLES)
"""Names of all columns. Landmarks are in image space (0..1 of the picture), ``world`` ones in metres."""
PERSON: Final = "person"
"""Last column where several people are tracked: whose row it is. Then a frame has a row for each."""

DECIMALS: Final = 5


def columns_of(task: FileTask) -> tuple[str, ...]:
    """Return the names of the columns of a file's table."""
    return (*COLUMNS, PERSON) if task.options.people > 1 else COLUMNS


def rows(frame: JoinedFrame, *, with_person: bool) -> list[Row]:
    """Return a frame's rows, one for each person."""
    return [_row(results, frame.time_s, with_person) for results in frame.people]


def _row(results: FrameResults, time_s: float, with_person: bool) -> Row:
    tracked = results.tracked
    parts = [
        np.array([tracked.frame, round(time_s, 6)]),
        _pose(tracked.pose),
        _hand(tracked.left_hand),
        _hand(tracked.right_hand),
        _face(results.rig),
        _angles(results.analysis),
        np.array([tracked.person] if with_person else [], np.float64),
    ]
    return np.concatenate(parts)


def _pose(pose: Pose | None) -> Row:
    if pose is None:
        return np.full(len(_POSE), np.nan)
    image = np.column_stack([pose.image, pose.visibility])
    return np.concatenate([image.ravel(), pose.world.ravel()], dtype=np.float64).round(DECIMALS)


def _hand(hand: Hand | None) -> Row:
    if hand is None:
        return np.full(len(_LEFT_HAND), np.nan)
    return np.concatenate([[hand.score], hand.image.ravel(), hand.world.ravel()], dtype=np.float64).round(DECIMALS)


def _face(rig: Rig | None) -> Row:
    """Return shapes, gaze and head, where a face is seen: the rig holds and rests them elsewhere."""
    if rig is None or not rig.found.face or rig.head is None:
        return np.full(len(_FACE), np.nan)
    x, y, z, w = rig.head.rotation.tolist()
    angles = euler_deg_one((x, y, z, w))
    return np.concatenate([rig.shapes, rig.gaze_deg, rig.head.position, angles]).round(DECIMALS)


def _angles(analysis: Analysis | None) -> Row:
    if analysis is None or analysis.angles is None:
        return np.full(len(_ANGLES), np.nan)
    angles = analysis.angles
    return np.concatenate([angles.degrees, angles.speed_deg_s, angles.error_deg]).astype(np.float64).round(2)
