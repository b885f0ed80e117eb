"""Measures of a face: 35 distances in head space, in millimetres, each of which one part of the face moves."""

from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.names import other_side
from mocast.rigging.face import face_model
from mocast.rigging.face.head_pose import HeadPlacement


class Measure(IntEnum):
    """The measures in the order of every array of them; left and right are the subject's.

    Heights are along the head's y axis. Those of eyes and brows are relative to the corners of the eye, those of the
    mouth to the base of the nose, so that a slightly wrong pitch of the head moves them little.
    """

    EYE_OPEN_LEFT = 0
    "Between the middles of the lids."
    EYE_OPEN_RIGHT = 1
    LOWER_LID_LEFT = 2
    "Height of the lower lid."
    LOWER_LID_RIGHT = 3
    IRIS_OUT_LEFT = 4
    "From the middle of the eye toward its outer corner."
    IRIS_OUT_RIGHT = 5
    IRIS_UP_LEFT = 6
    IRIS_UP_RIGHT = 7
    BROW_INNER_LEFT = 8
    BROW_INNER_RIGHT = 9
    BROW_MIDDLE_LEFT = 10
    BROW_MIDDLE_RIGHT = 11
    BROW_OUTER_LEFT = 12
    BROW_OUTER_RIGHT = 13
    CHEEK_LEFT = 14
    CHEEK_RIGHT = 15
    NOSE_WING_LEFT = 16
    NOSE_WING_RIGHT = 17
    CORNER_OUT_LEFT = 18
    "Of the mouth, from the head's middle."
    CORNER_OUT_RIGHT = 19
    CORNER_UP_LEFT = 20
    CORNER_UP_RIGHT = 21
    UPPER_SIDE_LEFT = 22
    "Height of its side, halfway between the middle and the corner."
    UPPER_SIDE_RIGHT = 23
    LOWER_SIDE_LEFT = 24
    LOWER_SIDE_RIGHT = 25
    UPPER_LIP = 26
    "Height of its middle's upper edge."
    LOWER_LIP = 27
    "Height of its middle's lower edge."
    UPPER_LIP_THICK = 28
    LOWER_LIP_THICK = 29
    LIPS_APART = 30
    LOWER_TEETH = 31
    "Height of the lower lip's upper edge."
    CHIN = 32
    CHIN_ASIDE = 33
    "Toward the subject's left."
    MOUTH_ASIDE = 34


MEASURE_COUNT: Final = len(Measure)

# Landmarks of the subject's right side; those of the left are their mirror images.
_EYE_CORNERS: Final = (33, 133)
_UPPER_LID: Final = (158, 159, 160)
_LOWER_LID: Final = (144, 145, 153)
_IRIS: Final = (468,)
_BROWS: Final = {
    Measure.BROW_INNER_RIGHT: (55, 107),
    Measure.BROW_MIDDLE_RIGHT: (52, 65, 105),
    Measure.BROW_OUTER_RIGHT: (46, 63, 70),
    Measure.CHEEK_RIGHT: (50, 101, 117, 118),
    Measure.NOSE_WING_RIGHT: (48, 64, 129),
}
_CORNER: Final = (61,)
_UPPER_SIDE: Final = (39, 40, 80, 81)
_LOWER_SIDE: Final = (88, 91, 178, 181)

_LOWER_LEFT: Final = tuple(int(face_model.mirror_of()[point]) for point in _LOWER_SIDE)

# Landmarks around the middle.
_NOSE_BASE: Final = (2, 94, 97, 326)
_UPPER_EDGE: Final = (0, 37, 267)
_UPPER_INNER: Final = (13, 82, 312)
_LOWER_INNER: Final = (14, 87, 317)
_LOWER_EDGE: Final = (17, 84, 314)
_CHIN: Final = (148, 152, 176, 377, 400)
_MOUTH: Final = (0, 13, 14, 17, 61, 291)

_X, _Y = 0, 1
Term = tuple[float, int, tuple[int, ...]]
"""A weight times the mean x (0) or y (1) of landmarks."""


def terms() -> dict[Measure, list[Term]]:
    """Return the sum that each measure is: terms of head space's coordinates."""
    sums: dict[Measure, list[Term]] = {
        Measure.UPPER_LIP: [(1, _Y, _UPPER_EDGE), (-1, _Y, _NOSE_BASE)],
        Measure.LOWER_LIP: [(1, _Y, _LOWER_EDGE), (-1, _Y, _NOSE_BASE)],
        Measure.UPPER_LIP_THICK: [(1, _Y, _UPPER_EDGE), (-1, _Y, _UPPER_INNER)],
        Measure.LOWER_LIP_THICK: [(1, _Y, _LOWER_INNER), (-1, _Y, _LOWER_EDGE)],
        Measure.LIPS_APART: [(1, _Y, _UPPER_INNER), (-1, _Y, _LOWER_INNER)],
        Measure.LOWER_TEETH: [(1, _Y, _LOWER_INNER), (-1, _Y, _NOSE_BASE)],
        Measure.CHIN: [(1, _Y, _CHIN), (-1, _Y, _NOSE_BASE)],
        Measure.CHIN_ASIDE: [(1, _X, _CHIN)],
        Measure.MOUTH_ASIDE: [(1, _X, _MOUTH)],
    }
    right: dict[Measure, list[Term]] = {
        Measure.EYE_OPEN_RIGHT: [(1, _Y, _UPPER_LID), (-1, _Y, _LOWER_LID)],
        Measure.LOWER_LID_RIGHT: [(1, _Y, _LOWER_LID), (-1, _Y, _EYE_CORNERS)],
        Measure.IRIS_OUT_RIGHT: [(-1, _X, _IRIS), (1, _X, _EYE_CORNERS)],
        Measure.IRIS_UP_RIGHT: [(1, _Y, _IRIS), (-1, _Y, _EYE_CORNERS)],
        Measure.CORNER_OUT_RIGHT: [(-1, _X, _CORNER)],
        Measure.CORNER_UP_RIGHT: [(1, _Y, _CORNER), (-1, _Y, _NOSE_BASE)],
        Measure.UPPER_SIDE_RIGHT: [(1, _Y, _UPPER_SIDE), (-1, _Y, _NOSE_BASE)],
        Measure.LOWER_SIDE_RIGHT: [(1, _Y, _LOWER_SIDE), (-1, _Y, _NOSE_BASE)],
    }
    right |= {measure: [(1, _Y, points), (-1, _Y, _EYE_CORNERS)] for measure, points in _BROWS.items()}
    mirror_of = face_model.mirror_of()
    for measure, sum_ in right.items():
        left = Measure[other_side(measure.name)]
        sums[measure] = sum_
        sums[left] = [
            (weight if axis == _Y else -weight, axis, tuple(int(mirror_of[point]) for point in points))
            for weight, axis, points in sum_
        ]
    return sums


def _linear() -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return the landmarks that any measure needs, (n,), and the (2n, 35) table that takes their x, y to measures."""
    sums = terms()
    used = sorted({point for sum_ in sums.values() for _, _, points in sum_ for point in points})
    table = np.zeros((len(used), 2, MEASURE_COUNT))
    for measure, sum_ in sums.items():
        for weight, axis, points in sum_:
            for point in points:
                table[used.index(point), axis, measure] += 1000.0 * weight / len(points)
    return np.array(used), table.reshape(-1, MEASURE_COUNT)


_USED, _TABLE = _linear()
_USED_MODEL: Final = face_model.points()[_USED]

JAW_CENTRE_YZ: Final = (-0.035, 0.01)
"""The axis about which the opening jaw turns, in head space, metres: not its joint, which slides forward, but a point
in the middle of the jaw's ramus."""


def _receding() -> NDArray[np.float64]:
    """Return dz/dy of each used landmark, (n,): those of the jaw turn with it."""
    apart_y, apart_z = (_USED_MODEL[:, 1:] - JAW_CENTRE_YZ).T
    return np.where(
        np.isin(_USED, [*_LOWER_SIDE, *_LOWER_LEFT, *_LOWER_INNER, *_LOWER_EDGE, *_CHIN]), -apart_y / apart_z, 0.0
    )


_RECEDE: Final = _receding()

AVERAGE_MM: Final[NDArray[np.float64]] = _USED_MODEL[:, :2].reshape(-1) @ _TABLE
"""(35,) millimetres: the measures of the average face."""


def measure(points_px: NDArray[np.float64], placement: HeadPlacement) -> NDArray[np.float64]:
    """Return the (35,) measures of a face, millimetres, by its (478, 2) landmarks in pixels and the head's placement.

    They are millimetres of a head scaled to the size of the average one, so a child's are those of an adult.
    """
    # Each measure is a weighted sum of coordinates, so all are one matrix product.
    inside = placement.into_head(points_px[_USED], _USED_MODEL, _RECEDE)
    measures: NDArray[np.float64] = inside.reshape(-1).dot(_TABLE)
    return measures
